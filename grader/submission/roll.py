"""Who handed in what: the one type that every layout of a class is read into."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from grader.core.classbook import Person

_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
"""Names that mean a device on Windows, with or without an extension."""
_LONGEST = 80
"""Bytes of a file name before its digest and extension: file systems take 255."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One submission of a class, as a layout found it; nothing of it has been read yet.

    Parameters
    ----------
    owners : tuple of Person
        Several for a group; never empty.
    paths : tuple of Path
        What was handed in: one file, archive or folder, or several files that belong together.
    name : str
        As the students named it, for reports: ``softmax.py``, without what the system put around it.
    when : datetime or None
        When it came, None if neither name nor metadata nor roster say; without a time zone if a roster tells none.
    late : bool or None
        Whether the system calls it late; None if it does not say.
    told_by : str
        Where `when` and `late` were read: ``submission_metadata.yml``, ``the file's name``. Empty if both are None.
    set_aside : tuple of str
        Earlier attempts of the same owners, which are not graded.
    remarks : tuple of str
        What else there is to say of how it was found.
    names : tuple of str
        What the students named each of `paths`, where a system put something around it: modules import each other by these names.
        Empty if `paths` have their own names.
    """

    owners: tuple[Person, ...]
    paths: tuple[Path, ...]
    name: str
    when: datetime | None = None
    late: bool | None = None
    told_by: str = ""
    set_aside: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Roll:
    """A class, as one layout and perhaps a roster tell it.

    Parameters
    ----------
    layout : str
        As messages call it: ``Canvas download``.
    entries : tuple of Entry
        In an order that does not change from run to run.
    absent : tuple of Person
        On the roster, and handed in nothing.
    unrecognised : mapping of str to str
        What was found and belongs to nobody, by its path relative to the class, with the reason in a sentence.
    """

    layout: str
    entries: tuple[Entry, ...]
    absent: tuple[Person, ...] = ()
    unrecognised: Mapping[str, str] = field(default_factory=dict)


def file_name(key: str) -> str:
    """A name for files about a person or row: letters of any script, digits and ``.-_@+`` are kept.

    Where anything had to be changed, and where a file system that ignores case would see no difference, a digest is appended,
    so that different keys have different names. Never hidden, never a device, never longer than 93 bytes, and without extension.

    Examples
    --------
    >>> file_name("jane.doe"), file_name("../Jane Doe"), file_name("con")
    ('jane.doe', 'Jane-Doe-30a44e24c653', 'con-1143da2bc54c')
    """
    composed = unicodedata.normalize("NFC", key)
    letters = "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" or c in ".-_@+" else "-" for c in composed)
    short = letters.encode()[:_LONGEST].decode(errors="ignore").strip(".-")
    is_taken = _RESERVED.fullmatch(short) or re.search(r"-[0-9a-f]{12}$", short)  # the latter could be another key's digest
    if short == key == key.casefold() and short and not is_taken:
        return short
    plain = short.replace(".", "-") if is_taken else short
    return f"{plain or 'x'}-{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
