"""A Gradescope export: ``submission_<id>/`` folders and ``submission_metadata.yml``, which says whose they are.

The metadata are written by Ruby, with symbols (``:submitters:``) and at times with tags. PyYAML parses them, and every scalar is
taken as the text that it is: keys keep their colon, student numbers their leading zeros, and a tag constructs nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from grader.core.classbook import Person
from grader.core.errors import UsageError
from grader.submission.layouts.base import Found, Layout, handed_in
from grader.submission.layouts.listing import Listing, spoken
from grader.submission.moments import instant
from grader.submission.names import person, readable, readable_file
from grader.submission.roll import Entry

METADATA: Final = "submission_metadata.yml"


def fits(folder: Listing, assignment: str | None) -> bool:
    """The metadata are there."""
    return METADATA in folder.files


def read(folder: Listing, assignment: str | None) -> Found:
    """Each folder that the metadata name is its submitters'.

    Raises
    ------
    UsageError
        If the metadata cannot be read.
    """
    metadata = _metadata(folder)
    found = Found([], dict(folder.odd))
    for name in (*folder.folders, *folder.files):
        if name in metadata:
            _add(found, folder, name, metadata[name])
        elif name != METADATA:
            found.unrecognised[folder.place + spoken(name)] = f"{METADATA} does not name it."
    for name in sorted(metadata.keys() - {*folder.folders, *folder.files}):
        owners = " and ".join(p.name for p in _submitters(metadata[name])) or "nobody"
        why = f"{METADATA} names it as of {owners}, but it is not there. Export again."
        found.unrecognised.setdefault(folder.place + readable(name), why)
    return found


def _metadata(folder: Listing) -> Mapping[str, Any]:
    import yaml  # noqa: PLC0415 - for this layout only

    file = folder.path / METADATA
    try:
        read = _plain(file.read_bytes())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UsageError(f"{file}, line {mark.line + 1 if mark else 1}: this is no YAML. Export the submissions again.") from error
    except OSError as error:
        raise UsageError(f"{file}: it cannot be read ({error.strerror}). Check its permissions.") from error
    if not isinstance(read, dict):
        raise UsageError(f"{file}, line 1: it names no submissions. Export them again.")
    return {key: value if isinstance(value, dict) else {} for key, value in read.items()}


def _plain(text: bytes) -> Any:
    """The first document as text, lists and mappings with text for keys. No recursion, as PyYAML's own loaders have in C."""
    import yaml  # noqa: PLC0415

    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # the same in C, where libyaml is there: 2000 results are megabytes
    stack: list[list[Any]] = [[]]
    anchored: dict[str, Any] = {}
    anchors: list[str | None] = []
    for event in yaml.parse(text, Loader=loader):
        match event:
            case yaml.ScalarEvent():
                anchors.append(event.anchor)
                made: Any = event.value
            case yaml.AliasEvent():
                anchors.append(None)
                made = anchored.get(event.anchor or "", "")
            case yaml.CollectionStartEvent():
                anchors.append(event.anchor)
                stack.append([])
                continue
            case yaml.CollectionEndEvent():
                items = stack.pop()
                made = items if isinstance(event, yaml.SequenceEndEvent) else _mapping(items)
            case _:
                continue
        stack[-1].append(made)
        if anchor := anchors.pop():
            anchored[anchor] = made
    return stack[0][0] if stack[0] else None


def _mapping(items: list[Any]) -> dict[str, Any]:
    """A mapping from keys and values by turns; of equal keys the last counts, and what is no text is no key."""
    return {key: value for key, value in zip(items[::2], items[1::2], strict=True) if isinstance(key, str)}


def _add(found: Found, folder: Listing, name: str, told: Mapping[str, Any]) -> None:
    owners = tuple(_submitters(told))
    is_file = name in folder.files
    handed = None if is_file else handed_in(folder.child(name))
    when = instant(_text(told.get(":created_at")))
    found.entries.append(Entry(
        owners or (person(name),),
        handed.paths if handed else (folder.path / name,),
        handed.name if handed else readable_file(name),
        when=when, told_by=METADATA if when else "",
        set_aside=tuple(_earlier(told)),
        remarks=() if owners else (f"{METADATA} names no submitter of it.",),
    ))
    found.unrecognised.update(handed.beside if handed else {})


def _submitters(told: Mapping[str, Any]) -> Iterator[Person]:
    listed = told.get(":submitters")
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict):
            name, sid, email = (_text(one.get(k)) for k in (":name", ":sid", ":email"))
            if name or sid or email:
                yield person(sid or email or name, name, email, gradescope_sid=sid)


def _earlier(told: Mapping[str, Any]) -> Iterator[str]:
    """Earlier attempts; the export has not their files."""
    listed = told.get(":history")
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict):
            number, when = readable(_text(one.get(":id"))), readable(_text(one.get(":created_at")))
            yield f"attempt{' ' + number if number else ''}{' of ' + when if when else ''}, which is not in the export"


def _text(value: object) -> str:
    """A scalar as text; YAML's nothing is nothing."""
    return "" if not isinstance(value, str) or value in ("~", "null") else value.strip()


LAYOUT = Layout("Gradescope export", fits, read)
