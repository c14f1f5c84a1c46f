"""``python -m tests.attacks.table``: how many attacks each isolation level contains here, and which it does not.

As root it says the same for an unprivileged user, and calls itself by ``setpriv`` for that.
"""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from tests.attacks.catalogue import ATTACKS
from tests.attacks.harness import Scene, attempt, told
from tests.attacks.levels import levels, server_at

_NOBODY = "65534"
_LEVELS = "ABCDF"


def main() -> None:
    """Print the rows for this user, and for nobody."""
    user = "root" if os.geteuid() == 0 else f"user {os.geteuid()}"
    print(f"{platform.system()} {platform.release()}, {user}")
    for level in _LEVELS:
        print(row(level) if level in levels(_LEVELS) else f"  {level}  cannot be had here", flush=True)
    if os.geteuid() == 0 and shutil.which("setpriv") and not _reachable():
        print(f"user {_NOBODY}\n  cannot enter the folder of {sys.executable}: use a copy of interpreter and checkout that others can read")
    elif os.geteuid() == 0 and shutil.which("setpriv"):
        sys.stdout.flush()
        subprocess.run(
            ["setpriv", "--reuid", _NOBODY, "--regid", _NOBODY, "--clear-groups", sys.executable, "-B", "-m", "tests.attacks.table"],
            check=False, env={**os.environ, "HOME": "/tmp"},
        )  # fmt: skip


def _reachable() -> bool:
    """Whether other users can enter all folders above the interpreter."""
    return all(p.stat().st_mode & 0o001 for p in Path(sys.executable).resolve().parents)


def row(level: str) -> str:
    """Contained, of how many, and what was not; attacks that could succeed nowhere are not counted."""
    tried = [a for a in ATTACKS if not a.lacking()]
    failed = []
    with Scene() as scene:
        os.environ["CANARY"] = scene.secret
        with server_at(level) as server:
            for attack in tried:
                outcome = attempt(server, scene, attack)
                if not outcome.contained:
                    failed.append(attack.name)
                elif level in "ABC" and told(outcome.observation) not in attack.outcomes(level):
                    failed.append(f"{attack.name} (contained, but {told(outcome.observation)})")
    which = f": {', '.join(failed)}" if failed else ""
    return f"  {level}  {len(tried) - len(failed)} of {len(tried)}{' contained, not' if failed else ''}{which}"


if __name__ == "__main__":
    main()
