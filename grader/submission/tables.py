"""Tables as people hand them over: CSV, in whatever way systems and spreadsheet programs save it."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from grader.core.errors import UsageError
from grader.submission.source import decode

_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .ods; .xls
_TOLD: Final = re.compile(r'"?sep=([,;\t])"?[,;\t]*', re.IGNORECASE)
"""A first line that tells spreadsheet programs the delimiter, and is none of the table."""


def read_table(file: Path, data: bytes, what: str) -> tuple[str, list[tuple[int, list[str]]]]:
    """The delimiter of a table, and its lines that are not blank: where each begins, 1-based, and its cells.

    UTF-8, UTF-16 and Windows' code for Western Europe; commas, semicolons or tabs between cells.

    Parameters
    ----------
    what : str
        What messages call it: "the roster".

    Raises
    ------
    UsageError
        If it is no CSV file; with the line.
    """
    if data.startswith(_WORKBOOKS):
        raise UsageError(f"{file}: {what} is a workbook of a spreadsheet program. Save its sheet as CSV, and use that file.")
    text = _text(data)
    first = text.lstrip("\n").split("\n", 1)[0]
    told = _TOLD.fullmatch(first)
    delimiter = told[1] if told else max(",;\t", key=first.count)
    return delimiter, list(_rows(file, text, delimiter))[1 if told else 0 :]


def _text(data: bytes) -> str:
    """Decoded; what Latin-1 takes for control characters are the dashes, quotation marks and some letters of Windows."""
    text, _ = decode(data)
    return re.sub("[\x80-\x9f]", lambda found: found[0].encode("latin-1").decode("cp1252", "ignore"), text)


def _rows(file: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(c.strip() for c in cells):
                yield line, [c.strip() for c in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        remedy = "Close every quotation mark, and save it as CSV."
        raise UsageError(f"{file}, line {line}: this is no line of a CSV file ({error}). {remedy}") from error
