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
    handed = [f for f in folder.files if _is_submission(f)]
    entries = [Entry((person(stem(f)),), (folder.path / f,), readable_file(f)) for f in handed]
    return Found(entries, {**folder.odd, **{folder.place + spoken(f): why_not(f) for f in folder.files if f not in handed}})


def others(folder: Listing) -> list[Entry]:
    """The files that are no submission by their kind, as if each were somebody's: ``alice.pdf``."""
    return [Entry((person(stem(f)),), (folder.path / f,), readable_file(f)) for f in folder.files if not _is_submission(f)]


def _is_submission(file: str) -> bool:
    return is_candidate(file) or file.lower().endswith(UNREAD_ARCHIVES)


LAYOUT = Layout("folder of submissions", lambda _folder, _assignment: True, read)
