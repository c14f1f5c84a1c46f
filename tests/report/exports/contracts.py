"""What Canvas and Moodle do with a file, written from the description of their formats alone: shares nothing with the exporters.

Each reader returns what the system would store, and raises `RefusedError` where it would refuse the file or take it for another.
"""

import csv
import io
import re
from dataclasses import dataclass

NUMBER = re.compile(r"[0-9]+(\.[0-9]{1,2})?")


class RefusedError(Exception):
    """The system does not take this file."""


@dataclass
class Enrolled:
    """A student whom the system knows."""

    number: str
    name: str
    sis: str = ""
    login: str = ""
    email: str = ""


def records(text: str) -> list[list[str]]:
    """RFC 4180, strictly; all records of one length, no line break or control character in a cell."""
    found = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    for record in found:
        if len(record) != len(found[0]):
            raise RefusedError(f"{len(record)} cells, the header has {len(found[0])}")
        if any(re.search(r"[\x00-\x1f\x7f]", cell) for cell in record):
            raise RefusedError("control character")
    return found


@dataclass
class CanvasImport:
    """What an import into Canvas would do."""

    assignment: str | None
    title: str
    possible: str
    grades: dict[str, str]
    strangers: list[str]


def canvas(text: str, enrolled: list[Enrolled]) -> CanvasImport:
    """Read as Canvas: header, points row, then a student per line, looked up by ID, SIS User ID, SIS Login ID, name."""
    header, *rest = records(text)
    if header[:2] != ["Student", "ID"] or "Section" not in header:
        raise RefusedError("invalid header row")
    section = header.index("Section")
    known = {"Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account", "Section"}
    if not set(header[:section]) <= known or len(header) != section + 2:
        raise RefusedError("one column of grades after Section")
    titled = re.fullmatch(r"(.*)\s\((\d+)\)", header[-1])
    grades: dict[str, str] = {}
    strangers, possible = [], ""
    if not rest or not rest[0][0].startswith("    Points Possible"):
        raise RefusedError("the second row is not Points Possible")
    for row in rest:
        if "Points Possible" in row[0]:
            if possible:
                raise RefusedError(f"a second row of points: {row}")
            possible = row[-1]
            continue
        cells = dict(zip(header, row, strict=True))
        student = lookup(cells, enrolled)
        if student is None:
            strangers.append(cells["Student"])
        elif student.number in grades:
            raise RefusedError(f"two lines for {student.number}")
        else:
            if row[-1] and not NUMBER.fullmatch(row[-1]):
                raise RefusedError(f"grade {row[-1]!r}")
            grades[student.number] = row[-1]
    return CanvasImport(titled[2] if titled else None, titled[1] if titled else header[-1], possible, grades, strangers)


def lookup(cells: dict[str, str], enrolled: list[Enrolled]) -> Enrolled | None:
    """The student of a line. Ruby's to_i reads leading digits."""
    digits = re.match(r"\s*\d+", cells["ID"])
    for student in enrolled:
        if digits and int(digits[0]) == int(student.number):
            return student
    for column, field in (("SIS User ID", "sis"), ("SIS Login ID", "login"), ("Student", "name")):
        for student in enrolled:
            if cells.get(column) and cells[column] == getattr(student, field):
                return student
    return None


def worksheet(data: bytes, word: str = "Participant ") -> dict[str, dict[str, str]]:
    """Read as Moodle: needed headers, then by participant's number what each line holds."""
    header, *rest = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    for needed in ("Identifier", "Grade", "Last modified (grade)"):
        if needed not in header:
            raise RefusedError(f"no column {needed}")
    lines = [dict(zip(header, row, strict=True)) for row in rest]
    for line in lines:
        if not line["Identifier"].startswith(word):
            raise RefusedError(line["Identifier"])
        if line["Grade"] and not 0 <= float(line["Grade"].replace(",", ".")) <= float(line["Maximum grade"].replace(",", ".")):
            raise RefusedError("out of range: Moodle skips it in silence")
    return {line["Identifier"].removeprefix(word): line for line in lines}


def gradebook(text: str, enrolled: list[Enrolled]) -> dict[str, tuple[str, str]]:
    """Read as Moodle's gradebook import by e-mail address: grade and feedback by number; the case of an address counts."""
    header, *rest = records(text)
    lines = [dict(zip(header, row, strict=True)) for row in rest]
    found = {}
    for line in lines:
        student = next((s for s in enrolled if s.email == line["Email address"]), None)
        if student is None:
            raise RefusedError(f"no such user: {line['Email address']!r}")
        if not NUMBER.fullmatch(line[header[3]]):
            raise RefusedError(f"grade {line[header[3]]!r}")
        found[student.number] = (line[header[3]], line["Feedback"])
    return found


def canvas_reply(name: str) -> tuple[str, str] | None:
    """Person's and attachment's number of a file in an upload: the first two parts that are all digits; None if it is ignored."""
    parts = name.rpartition("/")[2].split("_")
    numbers = [p for p in parts if re.fullmatch(r"[0-9]+", p)]
    return (numbers[0], numbers[1]) if len(numbers) >= 2 and not parts[-1].startswith("link") and not name.startswith("._") else None


def moodle_reply(path: str) -> tuple[str, str, str] | None:
    """Participant's number, plugin and file name of a file in a feedback archive."""
    parts = path.split("/")
    while parts:
        info = parts.pop(0).split("_", 4)
        if len(info) >= 4 and info[1].isdigit():
            return info[1], f"{info[2]}_{info[3]}", "/".join([*info[4:], *parts]).lstrip("/")
    return None


def as_written(cell: str) -> str:
    """A cell without the quotes that keep spreadsheets from running it."""
    return ";".join(part.removeprefix("'") if runs(part.removeprefix("'")) else part for part in cell.split(";"))


def runs(cell: str) -> bool:
    """Whether a spreadsheet could run the cell: OWASP's characters, in both widths, after spaces and quotes."""
    return bool(re.match(r"[\s\"'`´‘’“”„«»]*[=+\-@＝＋－＠]", cell)) or cell[:1] in {"\t", "\r", "\n"}
