"""Cells of a CSV file that nobody's spreadsheet runs, and what all gradebooks share.

Students choose names, file names and what their code says. A spreadsheet runs a cell that begins with ``= + - @`` as a formula, also
after spaces or quotes, and in some languages their full-width forms; a cell that holds a semicolon begins anew after it where the
spreadsheet splits at semicolons. So every such beginning gets a single quote before it (the remedy of OWASP's "CSV injection"), and a cell
is always one line. Nothing else is changed, so taking one quote off again gives the cleaned text; cells that are numbers are not touched.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from grader.core.classbook import SCHOOL_NUMBERS, ClassBook, Person, Row, Status
from grader.core.report import points
from grader.report.exports import Left
from grader.report.text import clean

_LEAD = r"""\s"'`´‘’“”„«»\u00ad\u034f\u180e\u200c\u200d"""  # what a spreadsheet, or its user, may drop before a formula
_SIGNS = r"=+\-@＝＋－＠﹦﹢﹣﹫"
_FORMULA = re.compile(f"[{_LEAD}]*[{_SIGNS}]")
_AFTER_SEMICOLON = re.compile(f"(?<=;)[{_LEAD}{_SIGNS}]+")
_UNDECIDED = "not final: a person has to decide what being late costs, see its remarks"
_LONGEST = 2000  # characters of a cell: Excel takes 32,767, and a page of remarks is no gradebook


def safe(text: str) -> str:
    """The text as a cell that is read as text.

    Examples
    --------
    >>> safe("=HYPERLINK(1)"), safe(" ＝1"), safe("Zoë; @x"), safe("O'Brien-Smith, J.")
    ("'=HYPERLINK(1)", "' ＝1", "Zoë;' @x", "O'Brien-Smith, J.")
    """
    line = clean(text, _LONGEST, lines=False).replace("\t", " ")
    return ";".join(f"'{part}" if _FORMULA.match(part) else part for part in line.split(";"))


def safe_html(html: str) -> str:
    """Escaped HTML as a cell: escapes end in semicolons, so the signs after one are escaped too, and read the same.

    Examples
    --------
    >>> safe_html("10 &gt; = x; -1")
    '10 &gt; &#61; x; &#45;1'
    """
    return _AFTER_SEMICOLON.sub(lambda found: re.sub(f"[{_SIGNS}]", lambda sign: f"&#{ord(sign[0])};", found[0]), html)


def is_safe(text: str) -> bool:
    """Whether the text can be written as it is, and so be matched by whoever imports it."""
    return bool(text.strip()) and safe(text) == text


def table(rows: Iterable[Sequence[str]]) -> str:
    """The cells as CSV of RFC 4180: commas, quotes where they are needed, CR LF."""
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue()


def people(book: ClassBook) -> Iterator[tuple[Row, Person]]:
    """A line for each person: the members of a group have one each."""
    return ((row, person) for row in book.rows for person in row.persons)


def school_number(person: Person, meant: str) -> str:
    """The school's own number of a person: as the system calls it that is meant, else what a roster has of another; empty if unknown."""
    return next((person.ids[kind] for kind in (meant, *SCHOOL_NUMBERS) if kind in person.ids), "")


def spoken(person: Person) -> str:
    """A person in a message."""
    name, key = clean(person.name, 200, lines=False), clean(person.key, 200, lines=False)
    return name if name == key else f"{name} ({key})"


def grade(book: ClassBook, row: Row) -> Fraction | str:
    """Points after adjustments; or half a sentence on why there are none, which is neither zero nor a part of the sum."""
    missing = [i.id for i in book.items if (score := row.scores.get(i.id)) is None or score.counted is None]
    if row.total is not None and not missing:
        return _UNDECIDED if row.undecided else row.total
    match row.status:
        case Status.ABSENT:
            return "handed in nothing"
        case Status.UNREADABLE:
            return "the submission could not be read: a person has to look"
        case Status.FAILED:
            return "the grader failed on it: grade it again"
        case _:
            return f"not final: {', '.join(missing) or 'every item'} ungraded, a person has to look"


def grades(book: ClassBook) -> Iterator[tuple[Row, Person, Fraction | str]]:
    """Each person once, with points or why there are none: a person in two submissions has no single grade."""
    count = Counter(person.key for _, person in people(book))
    for row, person in people(book):
        yield row, person, grade(book, row) if count[person.key] == 1 else "is in more than one submission"


def number(value: Fraction | str) -> str:
    """A cell for `grade`: empty if there are no points."""
    return points(value) if isinstance(value, Fraction) else ""


def without(found: Iterable[tuple[Row, Person, Fraction | str]]) -> list[Left]:
    """Who has no points, and why."""
    return [Left(spoken(person), value) for _, person, value in found if isinstance(value, str)]
