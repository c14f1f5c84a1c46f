"""Parts of one submission put together: files that came one by one, and archives that lie beside Python files."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from grader.core.errors import UsageError
from grader.core.wording import listed
from grader.submission import bounds
from grader.submission.source import Contents, submission

_FUNCTION: Final = re.compile(r"^def[ \t]+(\w+)", re.MULTILINE)
_SHOWN: Final = 3  # files, in one remark


def together(parts: Iterable[Contents]) -> Contents:
    """Parts of one submission, each within bounds, as far as they all are; no more are read than that."""
    whole = Contents()
    room = bounds.MAX_TOTAL
    for part in parts:
        whole.remarks += part.remarks
        whole.unread += part.unread
        whole.others += part.others
        for name, packed in part.packed.items():
            room -= packed.size
            if why := no_room(name, {}, room):
                leave_out(whole, why)
                return whole
            whole.packed[name] = packed
        for name, data in part.files.items():
            room -= len(data)
            if why := no_room(name, whole.files, room):
                leave_out(whole, why)
                return whole
            if whole.files.get(name, data) != data:
                whole.remarks.append(f"{name}: handed in twice; the last was taken.")
            whole.files[name] = data
    return whole


def leave_out(found: Contents, why: str, place: str = "") -> None:
    """Say what is not read and may hold what is asked for; `place` is put before it where nothing else is told."""
    found.remarks.append(why)
    found.unread.append(UsageError(f"{place}{why}"))


def no_room(name: str, contents: Mapping[str, bytes], room: int) -> str:
    """Why this file and those after it are left out; empty if there is room for it."""
    if name not in contents and len(contents) >= bounds.MAX_FILES:
        return f"more than {bounds.MAX_FILES} Python files; {name} and those after it were left out."
    return f"more than {bounds.MAX_TOTAL:,} bytes in all; {name} and those after it were left out." if room < 0 else ""


def unpacked(found: Contents, asked: Collection[str] | None) -> Contents:
    """What lies beside archives, and of these what adds to it: a backup or the starter is not to take the place of what is in use.

    A file of an archive is left out, and named, if it is called like a file beside the archive and brings nothing new, or if
    functions that it has are written there: all of those that are asked for; any, as long as nobody knows which are.
    """
    loose = replace(found, packed={})
    beside, parts = _functions(loose.files, asked), [loose]
    for name, packed in found.packed.items():
        inner = unpacked(packed, asked) if packed.packed else packed
        own = {path: _functions({path: data}, asked) for path, data in inner.files.items()}
        new = {path for path, one in own.items() if _adds(one, beside, asked) and (path not in loose.files or one.written)}
        again = [path for path, data in inner.files.items() if path not in new and data not in loose.files.values()]
        kept = {path: data for path, data in inner.files.items() if path in new}
        parts.append(replace(inner, files=kept, remarks=[*inner.remarks, *([_left_out(name, again)] if again else [])]))
    return together(parts)


def _left_out(archive: str, files: Sequence[str]) -> str:
    were = "was" if len(files) == 1 else "were"
    return (f"{archive}: {few(files)} {were} left out; what is called or defined the same lies beside this archive. "
            "If the archive is what counts, hand it in alone.")


@dataclass(frozen=True, slots=True)
class _Functions:
    """Those that files define, and those of them that are more than stubs, or cannot be parsed."""

    named: frozenset[str]
    written: frozenset[str]


def _functions(files: Mapping[str, bytes], asked: Collection[str] | None) -> _Functions:
    """Those that are asked for; all, as long as nobody knows which are."""
    read = submission("", files).files
    lost = {match[1] for f in read if f.unparsable for match in _FUNCTION.finditer(f.text)}
    found = {n: d for f in read for n, d in f.definitions.items() if (d.body and n != "main" if asked is None else n in asked)}
    lost = lost if asked is None else lost & {*asked}
    return _Functions(frozenset((*lost, *found)), frozenset((*lost, *(n for n, d in found.items() if not d.stub))))


def _adds(own: _Functions, beside: _Functions, asked: Collection[str] | None) -> bool:
    return own.named.isdisjoint(beside.written) or (asked is not None and not own.written <= beside.written)


def few(names: Sequence[str]) -> str:
    """Files in a few words."""
    return f"{', '.join(names[:_SHOWN])} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else listed(names)
