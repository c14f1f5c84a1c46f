"""The report for GitHub Actions: annotations at the student's functions, a table in the step's summary, outputs for later steps.

Three channels obey text: a line of the log that starts with ``::`` or has ``##[`` in it is a command, the summary is Markdown
with HTML in it, and outputs are lines. Student text goes into each escaped for it.

References
----------
GitHub, *Workflow commands for GitHub Actions*; ``ActionCommand.cs`` of github.com/actions/runner, which parses them.
"""

import os
import re
import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

from grader.core.evidence import Traceback
from grader.core.report import GradeReport, ItemResult, SourceText, points
from grader.core.verdict import Outcome
from grader.report import Written
from grader.report.text import clean
from grader.report.views import GLYPHS, hint, in_points, message, of, scope, tally

Kind = Literal["error", "warning", "notice"]

MOST = 10
"""Annotations of one kind that GitHub keeps of a step."""

STEP = 1 << 20
"""Bytes of summary that GitHub takes of a step; a larger one is refused as a whole."""

LARGEST = 200_000
"""Bytes of ours."""

_TOLD_AS: dict[Outcome, Kind] = {
    Outcome.NOT_MET: "error",
    Outcome.PARTLY: "warning",
    Outcome.UNGRADED: "warning",
    Outcome.NOT_ATTEMPTED: "notice",
    Outcome.BLOCKED: "notice",
}
_SENTENCES = 800  # characters of an annotation: what its box shows without scrolling
_CELL = 400  # characters of message and hint in the table
_CLOSING = 60  # bytes: how many items are left out


def tell(written: Written, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Append summary and outputs to the files that the runner names; the annotations, to be printed."""
    workspace = Path(environ.get("GITHUB_WORKSPACE") or Path.cwd())
    root = next((p for p in written.submission.absolute().parents if (p / ".git").exists()), workspace)
    append("GITHUB_STEP_SUMMARY", environ, _summed_up(written.report, environ.get("GITHUB_STEP_SUMMARY")))
    append("GITHUB_OUTPUT", environ, outputs(written.report, written.files, secrets.token_hex(16)))
    return annotations(written.report, written.submission, root)


def append(name: str, environ: Mapping[str, str], text: str) -> None:
    """Append to the file that this variable names, if it is set. Where that fails it is said, and the grade stands."""
    if file := environ.get(name):
        try:
            with Path(file).open("a", encoding="utf-8", errors="surrogateescape", newline="\n") as stream:  # a path may be no UTF-8
                stream.write(text)
        except OSError as error:
            _warn(f"{name}: {file} could not be written: {error.strerror}.")


def _summed_up(report: GradeReport, file: str | None) -> str:
    """The summary, as far as there is room for it behind what the step has written already."""
    try:
        room = STEP - (os.stat(file).st_size if file else 0)  # noqa: PTH116 - an empty name is not the current folder
    except OSError:  # not there yet, or soon to be told
        room = STEP
    text = summary(report, min(room, LARGEST))
    if not text:
        _warn("GITHUB_STEP_SUMMARY: the step's summary is full, and has nothing of this report.")
    return text


def _warn(text: str) -> None:
    print(f"grade: {text}", file=sys.stderr)  # noqa: T201 - no reason to end the run


# ---- annotations -----------------------------------------------------------------------------------------------------


@contextmanager
def commands_stopped(environ: Mapping[str, str], words: Sequence[str] = ()) -> Iterator[None]:
    """Where GitHub listens, nothing that is printed meanwhile is obeyed: no student knows the word that ends it.

    Parameters
    ----------
    words : sequence of str
        Of the command line. ``--format github`` is for a log that GitHub reads, also where its variables did not get to.
    """
    asked = ("--format", "github") in pairwise(words) or "--format=github" in words
    if not asked and environ.get("GITHUB_ACTIONS") != "true":
        yield
        return
    token = secrets.token_hex(16)
    print(f"::stop-commands::{token}", flush=True)  # noqa: T201 - the runner listens here
    try:
        yield
    finally:
        print(f"\n::{token}::", flush=True)  # noqa: T201


def annotations(report: GradeReport, submission: Path, root: Path) -> tuple[str, ...]:
    """Workflow commands: for each lost item one at the function that it asks, worst first, and the points last.

    Parameters
    ----------
    submission : Path
        What was graded: a file, a folder, or anything that has no lines to point at.
    root : Path
        The repository, to which the paths in annotations are relative.
    """
    lost = sorted((i for i in report.items if i.verdict.outcome in _TOLD_AS), key=_loss, reverse=True)
    found = [(_TOLD_AS[i.verdict.outcome], _annotation(i, report, submission, root)) for i in lost]
    total = _command("notice", {"title": "Points"}, f"{_score(report)}: {tally(report)}")
    kinds: tuple[tuple[Kind, int], ...] = (("error", MOST), ("warning", MOST), ("notice", MOST - 1))
    return (*(a for kind, most in kinds for a in [a for k, a in found if k == kind][:most]), total)


def _loss(item: ItemResult) -> Fraction:
    return item.points - (item.earned or 0)


def _score(report: GradeReport) -> str:
    return f"{in_points(of(report.earned, report.possible))}{scope(report)}"


def _annotation(item: ItemResult, report: GradeReport, submission: Path, root: Path) -> str:
    earned = "ungraded" if item.earned is None else in_points(of(item.earned, item.points))
    place = _place(item, report.submission.files)
    where = _where(place, submission, root) if place else {}
    said = [message(item.verdict), hint(item.verdict), item.repeat and f"repeat: {item.repeat}"]
    text = clean("\n".join(s for s in said if s), _SENTENCES)
    return _command(_TOLD_AS[item.verdict.outcome], {**where, "title": f"{item.id}: {earned}"}, text)


class _Place(NamedTuple):
    """A line that exists; 0 for the file as a whole."""

    file: SourceText
    line: int


def _place(item: ItemResult, files: Sequence[SourceText]) -> _Place | None:
    """Where the function is defined; else the line at which its file broke; else the first file."""
    defined = [_Place(f, f.functions[item.function]) for f in files if item.function in f.functions]
    raised = [_Place(f, at.line) for e in item.verdict.evidence if isinstance(e, Traceback)
              for at in reversed(e.lines) for f in files if f.path == at.file]
    first = [_Place(f, 1) for f in files]
    return next((p for p in (*defined, *raised, *first) if _exists(p)), None)


def _exists(place: _Place) -> bool:
    return 1 <= place.line <= len(place.file.lines) and bool(place.file.text)


def _where(place: _Place, submission: Path, root: Path) -> dict[str, str]:
    """The properties that put an annotation there; none for what is no file of the repository, as in an archive."""
    path = (submission if submission.is_dir() else submission.parent) / place.file.path  # in an archive: a path that is not there
    relative = os.path.relpath(path.absolute(), root.absolute())
    is_file = os.path.isfile(path)  # noqa: PTH113 - pathlib raises for a name that is too long
    if not is_file or relative.startswith("..") or clean(relative, lines=False) != relative:
        return {}
    line = 1 if place.file.cells else place.line  # a notebook's file has other lines than its cells
    return {"file": Path(relative).as_posix(), "line": str(line), "endLine": str(line)}


def _command(kind: Kind, properties: Mapping[str, str], data: str) -> str:
    """``::error file=submit.py,line=4::message``, one line whatever is in it."""
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {listed}::{_data(data)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(clean(text)).replace(":", "%3A").replace(",", "%2C")


# ---- the summary -----------------------------------------------------------------------------------------------------


def summary(report: GradeReport, room: int = LARGEST) -> str:
    """Markdown: the points and a table of the items, as many of them as there is room for; empty if there is none for the points.

    Parameters
    ----------
    room : int
        Bytes.
    """
    lines = [
        f"### {markdown(report.submission.name)}: {_score(report)}", "", f"{markdown(report.title)}. {tally(report)}.", "",
        *(f"- {markdown(remark, _CELL)}" for remark in report.submission.remarks[:MOST]), "",
        "| | Item | Points | What there is to say |", "| --- | --- | ---: | --- |",
    ]
    room -= sum(len(line.encode()) + 1 for line in lines) + _CLOSING
    if room < 0:
        return ""
    rows = list(_fitting(map(_row, report.items), room))
    left = len(report.items) - len(rows)
    return "\n".join([*lines, *rows, *([f"\n{left} more items are in the report."] if left else []), "", ""])


def _row(item: ItemResult) -> str:
    verdict = item.verdict
    parts = (message(verdict), "" if verdict.see else hint(verdict))  # of what refers to another item the hint says no more
    said = markdown(" ".join(filter(None, parts)), _CELL)
    return (f"| {GLYPHS[verdict.outcome]} {verdict.outcome.value} | {markdown(item.id)}: {markdown(item.title)} "
            f"| {of(item.earned, item.points)} | {said} |")


def _fitting(rows: Iterable[str], room: int) -> Iterator[str]:
    for row in rows:
        room -= len(row.encode()) + 1
        if room < 0:
            return
        yield row


_MARKUP = re.compile(r"[!-/:-@\[-`{-~]")
_REFERRING = re.compile(r"(?<=[@#])(?=\w)")


def markdown(text: str, limit: int = 200) -> str:
    """Text that Markdown, HTML and GitHub's own references leave as it is: one line, every sign as a character reference.

    Examples
    --------
    >>> markdown("a|b <b> @ann `x`")
    'a&#124;b &#60;b&#62; &#64;&#8203;ann &#96;x&#96;'
    """
    # a mention is found in the rendered text, where a character reference is no help: something has to stand behind the @
    split = _REFERRING.sub("\u200b", clean(text, limit, lines=False).strip())
    return _MARKUP.sub(lambda sign: f"&#{ord(sign[0])};", split).replace("\u200b", "&#8203;").replace("\t", " ")


# ---- outputs ---------------------------------------------------------------------------------------------------------


def outputs(report: GradeReport, files: Mapping[str, Path], fence: str) -> str:
    """Lines for ``GITHUB_OUTPUT``: score, possible, percent, items, met, withheld, and a path for each file written.

    Parameters
    ----------
    fence : str
        A word that nobody can guess, so that no value can end before its end.
    """
    percent = points(100 * report.earned / report.possible) if report.possible else "0"
    values = {
        "score": points(report.earned), "possible": points(report.possible), "percent": percent,
        "items": str(len(report.items)), "met": str(sum(i.verdict.outcome is Outcome.MET for i in report.items)),
        "withheld": str(sum(w.items for w in report.withheld)),
        **{name: str(path) for name, path in files.items()},
    }
    return "".join(f"{name}<<{fence}\n{value}\n{fence}\n" for name, value in values.items())
