"""Who handed in what: the one type that every layout of a class is read into."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from grader.core.classbook import Person


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
        When it came, with its time zone; None if neither name nor metadata say.
    late : bool or None
        Whether the system calls it late; None if it does not say.
    told_by : str
        Where `when` and `late` were read: ``submission_metadata.yml``, ``the file's name``. Empty if both are None.
    set_aside : tuple of str
        Earlier attempts of the same owners, which are not graded.
    remarks : tuple of str
        What else there is to say of how it was found.
    """

    owners: tuple[Person, ...]
    paths: tuple[Path, ...]
    name: str
    when: datetime | None = None
    late: bool | None = None
    told_by: str = ""
    set_aside: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


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
