"""The class as one self-contained HTML page: no request, everything escaped, at most 6 MB; all of it is there without its script."""

from grader.core.classbook import ClassBook
from grader.report.anonymous import anonymous as without_names
from grader.report.class_views import ClassBounds, class_view
from grader.report.page import digest, fitted

LARGEST_CLASS = 6_000_000
"""Bytes of a page: four times what 2000 ordinary rows of 32 items take."""

_BOUNDS = (ClassBounds(), ClassBounds(name=60, remark=100, remarks=1, listed=50), ClassBounds(20, 40, 0, 20, cells=70_000))


def to_class_page(book: ClassBook, *, anonymous: bool = False) -> str:
    """The class as a page; one that would be too large is written again with less of each text, and says so.

    Parameters
    ----------
    book : ClassBook
    anonymous : bool
        Numbers in place of names; nothing on the page tells who is who. The links to reports go with the names.
    """
    shown = without_names(book) if anonymous else book
    pages = (class_view(shown, bounds, anonymous=anonymous) for bounds in _BOUNDS)
    return fitted("class.html.j2", pages, LARGEST_CLASS, style_hash=digest("base.css", "class.css"), script_hash=digest("class.js"))
