"""Clones, a folder each: ``<assignment>-<username>/``.

Also inside ``<assignment>-submissions/`` (GitHub Classroom) and as ``<classroom>-<assignment>-<username>/`` (Classroom 50).
A user's name may hold hyphens, too: what most of the folders begin with is the assignment.
"""

from collections import Counter
from collections.abc import Sequence

from grader.submission.bounds import SKIPPED
from grader.submission.layouts import loose
from grader.submission.layouts.base import NO_HOMEWORK, Found, Layout, contents
from grader.submission.layouts.listing import Listing, spoken
from grader.submission.names import person, readable
from grader.submission.roll import Entry


def fits(folder: Listing, assignment: str | None) -> bool:
    """Two clones, or three folders that begin alike; fewer where the folder or the assignment names the beginning."""
    prefix = _prefix(folder, assignment)
    alike = [f for f in folder.folders if _begins(f, prefix)]
    if not prefix:
        return False
    return len(alike) > 2 or prefix in _announced(folder, assignment) or all(folder.child(f).is_clone for f in alike)


def is_certain(folder: Listing) -> bool:
    """Whether more than beginnings says so: the name of GitHub Classroom's folder, or git in several."""
    return folder.path.name.endswith("-submissions") or sum(folder.child(f).is_clone for f in folder.folders) > 1


def read(folder: Listing, assignment: str | None) -> Found:
    """Each clone is its user's."""
    prefix = _prefix(folder, assignment)
    found = loose.read_files(folder)
    for name in folder.folders:
        if name in SKIPPED:
            found.unrecognised[folder.place + spoken(name)] = NO_HOMEWORK
        else:
            found.entries.append(_entry(folder.child(name), name, prefix))
    return found


def _entry(clone: Listing, name: str, prefix: str) -> Entry:
    shown = contents(clone)
    if not _begins(name, prefix):
        remark = f"Its folder's name does not begin with {readable(prefix)}, as the others do."
        return Entry((person(name),), (clone.path,), shown, remarks=(remark,))
    username = name.removeprefix(prefix)
    return Entry((person(username, username=username),), (clone.path,), shown)


def _prefix(folder: Listing, assignment: str | None) -> str:
    announced = next((p for p in _announced(folder, assignment) if any(_begins(f, p) for f in folder.folders)), "")
    return announced or _shared(folder.folders)


def _begins(name: str, prefix: str) -> bool:
    return len(name) > len(prefix) and name.startswith(prefix)


def _announced(folder: Listing, assignment: str | None) -> list[str]:
    """Beginnings that the folder's own name and the assignment's give."""
    own = [folder.path.name.removesuffix("submissions")] if folder.path.name.endswith("-submissions") else []
    return own + ([f"{assignment}-", f"{assignment.replace('_', '-')}-"] if assignment else [])


def _shared(names: Sequence[str]) -> str:
    """The longest beginning, up to a hyphen, that four of five folders have; empty if there is none or only one folder."""
    beginnings = Counter(n[: at + 1] for n in names for at in range(1, len(n) - 1) if n[at] == "-")
    common = [b for b, count in beginnings.items() if count >= max(2, 0.8 * len(names))]
    return max(common, key=len, default="")


LAYOUT = Layout("clones of <assignment>-<username>", fits, read)
