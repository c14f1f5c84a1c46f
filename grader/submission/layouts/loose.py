"""A folder of ``<student>.py``, ``.ipynb`` and archives, and of ``<student>/``: what an instructor collects by hand."""

from grader.submission.bounds import SKIPPED, UNREAD_ARCHIVES
from grader.submission.layouts.base import NO_HOMEWORK, Found, Layout, handed_in, stem, why_not
from grader.submission.layouts.listing import Listing, is_candidate, spoken
from grader.submission.names import person, readable_file
from grader.submission.roll import Entry


def read(folder: Listing, assignment: str | None) -> Found:
    """Each file and each folder is somebody's."""
    found = read_files(folder)
    for name in folder.folders:
        if name in SKIPPED:
            found.unrecognised[folder.place + spoken(name)] = NO_HOMEWORK
            continue
        handed = handed_in(folder.child(name))
        found.entries.append(Entry((person(name),), handed.paths, handed.name))
        found.unrecognised.update(handed.beside)
    return found


def read_files(folder: Listing) -> Found:
    """The files only; an archive that is not read is somebody's, too."""
    handed = [f for f in folder.files if is_candidate(f) or f.lower().endswith(UNREAD_ARCHIVES)]
    entries = [Entry((person(stem(f)),), (folder.path / f,), readable_file(f)) for f in handed]
    return Found(entries, {**folder.odd, **{folder.place + spoken(f): why_not(f) for f in folder.files if f not in handed}})


LAYOUT = Layout("folder of submissions", lambda _folder, _assignment: True, read)
