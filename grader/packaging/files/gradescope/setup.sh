#!/usr/bin/env bash
# Runs once, as root, when Gradescope builds the image: a Python of 3.11 or newer, and what the grader needs, in an environment of
# its own. Nothing else has to be installed: student code is confined by the kernel (Landlock, seccomp), without helper programs.
set -euo pipefail
umask 022

root="${AUTOGRADER_ROOT:-/autograder}"
source="$root/source"

suitable_python() {
    for name in python3.14 python3.13 python3.12 python3.11 python3; do
        if "$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then
            command -v "$name"
            return
        fi
    done
    return 1
}

if ! python="$(suitable_python)"; then
    apt-get update
    # The first is what Ubuntu 22.04 has, the second Ubuntu 24.04 and later.
    apt-get install -y python3.11-venv || apt-get install -y python3-venv
    python="$(suitable_python)"
fi

if [ -d "$source/wheels" ]; then
    from=(--no-index --find-links "$source/wheels")
else
    from=()
fi
"$python" -m venv "$root/venv"
"$root/venv/bin/python" -m pip install --disable-pip-version-check --quiet "${from[@]}" -r "$source/requirements.txt"
"$root/venv/bin/python" -m compileall -q "$source/grade"
chmod -R go= "$source"
