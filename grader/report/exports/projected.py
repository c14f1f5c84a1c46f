"""The class page without names, beside the one with them."""

from pathlib import Path

from grader.core.classbook import ClassBook
from grader.report import write_atomically
from grader.report.classpage import to_class_page
from grader.report.exports import Options, Written, interrupted


def to_page(book: ClassBook, folder: Path, options: Options) -> Written:
    """Write ``index-anonymous.html``."""
    path = folder / "index-anonymous.html"
    write_atomically(path, to_class_page(book, anonymous=True))
    return Written((path,), notes=interrupted(book))
