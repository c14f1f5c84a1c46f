"""The profile of ``sandbox-exec`` around a child at level E, as text: a pure function of what Python and numpy need.

Untested on macOS. Everything that is not allowed here is refused: writing, the network, services, further processes, signals to
others. What is allowed follows profiles that are in use: Chromium's for its renderers, Nix's for builds.
"""

import os
from collections.abc import Iterable, Sequence
from typing import Final

_SYSTEM: Final = (
    "/usr/lib", "/System/Library", "/System/Volumes/Preboot/Cryptexes", "/private/var/db/dyld",  # libraries, and the loader's cache
    "/Library/Apple/usr/libexec/oah",  # Rosetta
    "/usr/share/zoneinfo", "/private/var/db/timezone", "/private/etc/localtime", "/dev/null", "/dev/random", "/dev/urandom",
)  # fmt: skip
_LINKS: Final = ("/var", "/etc", "/etc/localtime")  # to time zones under /private, which seatbelt judges when they are followed
_HOMEBREW: Final = r'(allow file-read* (regex #"^/(opt/homebrew|usr/local)/.*\.dylib$"))'  # what Python's own modules link to
_FACTS: Final = (
    "kern.argmax", "kern.maxfilesperproc", "kern.osproductversion", "kern.osrelease", "kern.ostype", "kern.osvariant_status",
    "kern.osversion", "kern.usrstack64", "kern.version", "kern.hostname", "kern.ngroups", "sysctl.proc_cputype", "vm.loadavg",
)  # fmt: skip
"""What may be asked of the kernel besides the hardware; not ``kern.procargs2``, which shows environments, nor ``kern.proc``."""


def profile(readable: Sequence[str], listed: Sequence[str], programs: Sequence[str], output: str) -> str:
    """What one child may do.

    Parameters
    ----------
    readable : sequence of str
        Files, and folders with all that is below them. Like all paths here without symbolic links: seatbelt judges what they
        lead to.
    listed : sequence of str
        Folders whose names may be listed, because Python's imports do so: ``site-packages``, and nothing in it.
    programs : sequence of str
        The interpreter: what ``sandbox-exec`` becomes, and what that becomes in turn.
    output : str
        The file for printed text, which is truncated between calls; all else is written to descriptors.
    """
    paths = tuple(dict.fromkeys([*_SYSTEM, *readable, *programs]))
    return "\n".join([
        "(version 1)",
        "(deny default)",
        "(deny process-info* nvram*)",  # not among what is refused by default
        _allow("process-exec", "literal", programs),
        _allow("file-read*", "subpath", paths),
        _allow("file-read*", "literal", ["/"]),  # the loader reads the root folder itself
        _HOMEBREW,
        _allow("file-read-data", "literal", listed),
        _allow("file-read-metadata", "literal", [*_LINKS, *listed, *_ancestors([*paths, *listed, output])]),
        _allow("file-write-data", "literal", [output, "/dev/null"]),
        _allow("sysctl-read", "sysctl-name", _FACTS),
        _allow("sysctl-read", "sysctl-name-prefix", ["hw.", "machdep.cpu."]),
        "(allow process-info* signal (target self))",
    ])  # fmt: skip


def _allow(operation: str, kind: str, names: Iterable[str]) -> str:
    return f"(allow {operation} {' '.join(f'({kind} {_quoted(name)})' for name in names)})"


def _quoted(text: str) -> str:
    """A string of the profile's language: printable ASCII, other bytes by number."""
    return '"' + "".join(f"\\{c}" if c in '"\\' else c if " " <= c <= "~" else _numbered(c) for c in text) + '"'


def _numbered(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in os.fsencode(character))


def _ancestors(paths: Iterable[str]) -> list[str]:
    """The folders on the way to them."""
    found: dict[str, None] = {}
    for path in paths:
        while (path := os.path.dirname(path)) not in found and path != "/":  # noqa: PTH120 - up to the root
            found[path] = None
    return list(found)
