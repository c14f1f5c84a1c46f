"""Two files for Moodle: the offline grading worksheet of the assignment, filled in, and a table for the gradebook's import.

Moodle takes feedback as HTML, so what students can influence is escaped, and lines are divided by ``<br>``: a cell is one line.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from fractions import Fraction
from html import escape
from pathlib import Path

from grader.audience import names, sentence, withheld
from grader.core.classbook import ClassBook, Item, Person, Row, Score
from grader.core.errors import UsageError
from grader.core.reason import REASONS
from grader.core.report import points
from grader.core.verdict import Outcome
from grader.report import write_atomically
from grader.report.exports import Left, Options, Written, interrupted
from grader.report.exports.cells import grades, is_safe, number, safe, safe_html, school_number, spoken, table, without
from grader.report.exports.worksheet import Line, Worksheet, is_locked, participant, read
from grader.report.text import clean
from grader.report.views import further, without_points

_SENTENCE = 400  # characters of what is said of one item


def to_worksheet(book: ClassBook, folder: Path, options: Options) -> Written:
    """Write ``moodle-worksheet.csv``: the instructor's worksheet with grades and feedback, and nothing else changed.

    Raises
    ------
    UsageError
        If there is no worksheet, or none that can be understood.
    """
    if options.template is None:
        raise UsageError("--template: the worksheet is missing. Download it from the assignment's page in Moodle, and name that file.")
    sheet = read(options.template)
    everyone = list(grades(book))
    lines = _Lines(sheet, {person.key: person for _, person, _ in everyone}.values())
    left: list[Left] = []
    for row, person, value in everyone:
        reason = value if isinstance(value, str) else _fill(sheet, lines.of(person), person, value, feedback(book, row, value))
        if reason:
            left.append(Left(spoken(person), reason))
    path = folder / "moodle-worksheet.csv"
    write_atomically(path, sheet.encoded())
    return Written((path,), tuple(left), (*_notes(book, sheet), *interrupted(book)))


class _Lines:
    """The worksheet's lines by whom they are of."""

    def __init__(self, sheet: Worksheet, persons: Iterable[Person]) -> None:
        columns = sheet.columns
        self._by_number = {participant(line[columns.identifier]): line for line in sheet.usable}
        self._by_email = {_folded(line[columns.email]): line for line in sheet.usable if line[columns.email].strip()}
        self._claims = Counter(id(self._found(person)) for person in persons)

    def of(self, person: Person) -> Line | None:
        """The person's line, unless another person of the class would have the same."""
        found = self._found(person)
        return found if self._claims[id(found)] == 1 else None

    def _found(self, person: Person) -> Line | None:
        """By Moodle's number for the participant, else by e-mail address."""
        number = person.ids.get("moodle_participant", "").strip()
        return self._by_number.get(number) if number else self._by_email.get(_folded(person.email))


def _folded(address: str) -> str:
    return address.strip().casefold()


def _fill(sheet: Worksheet, line: Line | None, person: Person, value: Fraction, text: str) -> str:
    """Write grade and feedback; or say why not, and leave the line alone."""
    if line is None:
        return "has no line of their own in the worksheet, by the participant's number or else the e-mail address"
    columns = sheet.columns
    if person.email and line[columns.email] and _folded(line[columns.email]) != _folded(person.email):
        return "the worksheet has another e-mail address for this participant's number: is it this assignment's worksheet?"
    if is_locked(line, columns):
        return "Moodle says that this grade can not be changed"
    limit, shown = sheet.maximum(line), points(value)
    if limit is None or Fraction(shown) > limit:
        most = "no number" if limit is None else points(limit)
        return f"{shown} points are out of range: the worksheet's maximum is {most}, and Moodle would skip them in silence"
    sheet.put(line, columns.grade, shown.replace(".", ",") if "," in line[columns.maximum] else shown)
    if columns.feedback is not None:
        sheet.put(line, columns.feedback, text)
    return ""


def _notes(book: ClassBook, sheet: Worksheet) -> Iterator[str]:
    limits = {limit for line in sheet.usable if (limit := sheet.maximum(line)) is not None}
    if limits - {book.possible}:
        yield (f"The worksheet's maximum is {', '.join(map(points, sorted(limits)))} and the rubric's {points(book.possible)}: points were "
               "written as they are. Set the assignment's maximum grade in Moodle.")
    if sheet.columns.feedback is None:
        yield "The worksheet has no column for feedback comments: only grades were written."
    odd = sum(any(line.cells) for line in sheet.lines) - len(list(sheet.usable))
    if odd:
        yield f"Lines of the worksheet with more or fewer cells than its header, which were left as they were: {odd}."


def to_gradebook(book: ClassBook, folder: Path, options: Options) -> Written:
    """Write ``moodle-gradebook.csv``.

    In Moodle's import, map ``Email address`` or ``ID number`` to the user, the grade to the grade item and feedback to its feedback.
    Who has no final grade has no line: an empty cell could replace a grade that is there.
    """
    everyone = list(grades(book))
    final = [(row, person, value) for row, person, value in everyone if isinstance(value, Fraction)]
    lines = [_imported(book, row, person, value) for row, person, value in final if _is_known(person)]
    reason = "not in the file: neither e-mail address nor ID number is known; give a roster"
    lost = [Left(spoken(person), reason) for _, person, _ in final if not _is_known(person)]
    path = folder / "moodle-gradebook.csv"
    header = ("Full name", "Email address", "ID number", safe(options.column or book.title), "Feedback")
    write_atomically(path, table([header, *lines]))
    return Written((path,), (*without(everyone), *lost), interrupted(book))


def _imported(book: ClassBook, row: Row, person: Person, value: Fraction) -> tuple[str, ...]:
    return safe(person.name), safe(person.email), safe(_id_number(person)), number(value), feedback(book, row, value)


def _is_known(person: Person) -> bool:
    """Whether Moodle finds the person by a cell that is written as it is known."""
    return is_safe(person.email) or is_safe(_id_number(person))


def _id_number(person: Person) -> str:
    """The institution's own number, as Moodle calls it."""
    return school_number(person, "id_number")


def feedback(book: ClassBook, row: Row, value: Fraction) -> str:
    """What the student reads, as HTML on one line: the total, each item that lost points, and what a person said.

    Of items that students do not see nothing is told but their number.
    """
    left_out = {i.id for i in book.items if i.withheld}
    said = _public_points(book, row) if left_out else [f"{points(value)} of {points(book.possible)} points."]
    said += [line for item in book.items if item.id not in left_out and (line := _lost(book, item, row.scores[item.id], left_out))]
    said += [without_points(a.label) if left_out else f"{a.label}: {points(a.points)}" for a in row.adjustments]
    said += [comment.note for comment in row.comments if not names(comment.note, left_out)]
    return safe_html("<br>".join(escape(clean(line, _SENTENCE, lines=False).replace("\t", " ")) for line in said if line))


def _public_points(book: ClassBook, row: Row) -> list[str]:
    shown = [i for i in book.items if not i.withheld]
    earned = sum((row.scores[i.id].counted or Fraction(0) for i in shown), Fraction(0))
    possible = sum((i.points for i in shown), Fraction(0))
    rest = "; ".join(map(further, withheld(i.withheld for i in book.items if i.withheld)))
    return [f"{points(earned)} of {points(possible)} points for the public items; {rest}."]


def _lost(book: ClassBook, item: Item, score: Score, left_out: Collection[str]) -> str:
    """A line for an item with something to say; empty for one that is simply met."""
    if score.outcome is Outcome.MET and score.override is None:
        return ""
    decided = score.override is not None and score.override.points is not None
    told = sentence(score.diagnosis or score.message, REASONS.get(score.reason), book.show, left_out)
    why = "" if decided else told
    note = score.override.note if score.override and not names(score.override.note, left_out) else ""
    return " ".join(text for text in (f"{item.title}: {number(score.counted or Fraction(0))} of {points(item.points)}.", why, note) if text)
