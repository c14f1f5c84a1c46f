"""What the commands about a class do and print; the command line itself only parses."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from grader.batch.folder import RunFolder, opened
from grader.batch.handback import agreed, hand_back, unsaid
from grader.batch.publish import CHANGES, final_book, warnings
from grader.batch.rejudge import counted, regrading, rejudge, restored, stale_reports, told
from grader.batch.run import Graded, Run, Wish, grade_class, worked
from grader.core.classbook import ClassBook, Row, Status
from grader.core.errors import UsageError
from grader.core.reason import Reason
from grader.core.report import percent, points
from grader.options import say
from grader.report.class_stats import NO_MISTAKES, item_statistics, totals
from grader.report.exports import EXPORTS, Options, Written
from grader.report.text import shortened

_SHOWN: Final = 3  # mistakes at the end of a run: the class page has them all
_LONGEST: Final = 100  # characters of a student-made text on a line
_LISTED: Final = 20  # persons that an export leaves out, by name; beyond that their number

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells have it."""

def grade_folder(path: Path, out: Path, wish: Wish) -> int:
    """``grade CLASS``: the exit code."""
    return ended(grade_class(path, out, wish), out, quiet=wish.quiet)


def regrade_run(out: Path, wish: Wish, only: Sequence[str]) -> int:
    """``grade regrade RUN``: the exit code."""
    with opened(out) as folder:
        run = _restored(folder, wish, "regrade")
        notes = warnings(folder, run.assignment)
        return ended(replace(worked(run, regrading(run, only)), notes=notes), out, quiet=wish.quiet)


def rejudge_run(out: Path, wish: Wish, *, reports: bool) -> int:
    """``grade rejudge RUN``: print who changed, write the reports anew unless they are to wait; the exit code."""
    with opened(out) as folder:
        run = _restored(folder, wish, "rejudge")
        _warn(warnings(folder, run.assignment))
        book, changes, kept = rejudge(run)
        if not wish.quiet:
            for line in told(changes):
                say(line)
        say(counted(book, changes))
        for line in _doubts(book):
            say(line)
        if (out / CHANGES).exists():
            say("all changes so far:", out / CHANGES)
        sys.stdout.flush()
        stale = stale_reports(run, kept)
        if not reports:
            print(_left_for_later(len(stale)), end="")
            return 0
        return _written_anew(worked(run, stale))


def _left_for_later(reports: int) -> str:
    if not reports:
        return ""
    say, them = ("1 report still says what it", "it") if reports == 1 else (f"{reports} reports still say what they", "them")
    return f"{say} said before; the next grade or rejudge of this run writes {them}.\n"


def _restored(folder: RunFolder, wish: Wish, command: str) -> Run:
    """The run; which course it is judged by is told, where nobody named one or is in one."""
    run = restored(folder, wish, command)
    here, course = Path.cwd(), run.setup.course
    if wish.course is None and not wish.quiet and course not in (here, *here.parents):
        say("course:", course, aside=True)
    return run


def _warn(notes: Iterable[str]) -> None:
    for note in notes:
        say("grade:", shortened(note, 2 * _LONGEST), aside=True)


def _written_anew(graded: Graded) -> int:
    _warn(graded.troubles)
    return INTERRUPTED if graded.interrupted else 4 if graded.troubles else 0


def export_run(out: Path, wanted: str, to: Path | None, column: str, template: Path | None, wish: Wish) -> None:
    """``grade export RUN --to NAME``: write it and say whom it has nothing for; some are made with the course."""
    if wanted not in EXPORTS:
        known = (f"  {name:<16}  {export.writes}" for name, export in EXPORTS.items())
        raise UsageError(f"--to {wanted}: there is no such export. Write one of:", *known)
    export = EXPORTS[wanted]
    _refuse_idle(wanted, {"--column": column, "--template": template})
    with opened(out) as folder:
        run = _restored(folder, wish, f"export --to {wanted}") if export.for_students or export.with_starter else None
        if run and export.for_students:
            agreed(run)
        book = final_book(folder)
        options = Options(column, template, sources=_sources(folder))
        if run and export.with_starter:
            options = replace(options, starter=_starter(run.assignment.starter))
        if run and export.hands_back:
            options = replace(options, feedback=hand_back(run, book, datetime.now(UTC)).report)
        written = export.write(book, to or out, options)
    notes = unsaid(book) if export.for_students else ()
    for line in _written(replace(written, notes=(*written.notes, *notes))):
        say(line)


def _refuse_idle(wanted: str, given: Mapping[str, object]) -> None:
    """An option that would do nothing is a mistake of the caller's."""
    for name in (n for n, value in given.items() if value and n not in EXPORTS[wanted].takes):
        takers = " and ".join(to for to, export in EXPORTS.items() if name in export.takes)
        raise UsageError(f"{name} does nothing with --to {wanted}: it is for {takers}. Leave it out.")


def _sources(folder: RunFolder) -> Callable[[Row], dict[str, bytes]]:
    def sources(row: Row) -> dict[str, bytes]:
        from grader.batch.packing import unpack  # noqa: PLC0415 - most exports need none

        packed = folder.store.submission(row.key)
        files = unpack(packed).files if packed else ()
        return {f"{f.path}.py" if f.cells else f.path: f.text.encode("utf-8", "replace") for f in files}

    return sources


def _starter(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*.py")}


def _written(written: Written) -> list[str]:
    left = [f"nothing for {shortened(one.who, _LONGEST)}: {one.reason}" for one in written.left[:_LISTED]]
    more = [f"nothing for {len(written.left) - _LISTED} more"] if len(written.left) > _LISTED else []
    return [*left, *more, *written.notes, *(f"written: {path}" for path in written.paths)]


# ---- what a run prints at its end ------------------------------------------------------------------------------------


def ended(graded: Graded, out: Path, *, quiet: bool) -> int:
    """Say how a run ended; the exit code."""
    book = graded.book
    for line in ([] if quiet else summary(book, graded.done)):
        say(line)
    _warn(graded.notes)
    say("class page:", out / "index.html")
    if not graded.interrupted:
        return _written_anew(graded) or max(map(_fault, book.rows), default=0)
    print(f"grade: interrupted; {book.waiting} submissions wait. Nothing is lost: the same command goes on from here.", file=sys.stderr)
    return INTERRUPTED


def _fault(row: Row) -> int:
    """4 if the grader or the machine failed at it or at one of its items, 3 if a check of the course's own did, else 0."""
    open_ = {s.reason for s in row.scores.values() if s.counted is None}
    return 4 if row.status is Status.FAILED or Reason.HOST.code in open_ else 3 if Reason.OWN_CHECK.code in open_ else 0


def summary(book: ClassBook, done: int) -> list[str]:
    """How a run ended, in a few lines."""
    by_status = Counter(row.status for row in book.rows)
    counted = ", ".join(f"{by_status[s]} {s.value}" for s in Status if by_status[s])
    rows = f"{len(book.rows)} {'row' if len(book.rows) == 1 else 'rows'}"
    lines = [f"{book.assignment}: {rows}: {counted or 'none'}" + (f" ({done} graded now)" if done < len(book.rows) else "")]
    found = totals(book)
    if found.mean is not None and found.median is not None:
        middle = f"mean {points(found.mean)}, median {points(found.median)}"
        lines.append(f"{middle} of {points(book.possible)} points, over the {found.final} whose points are final")
    if book.unrecognised:
        count, were = ("1 entry", "was") if len(book.unrecognised) == 1 else (f"{len(book.unrecognised)} entries", "were")
        lines.append(f"{count} of the folder {were} not graded; the class page says why")
    return [*lines, *_doubts(book), *_mistakes(book), *_failures(book)]


def _doubts(book: ClassBook) -> Iterator[str]:
    """How many have no final total yet, for nobody knows what being late costs them."""
    if count := sum(bool(row.undecided) for row in book.rows):
        some, they_were = ("1 submission", "it was") if count == 1 else (f"{count} submissions", "they were")
        yield f"{some}: a person has to decide whether {they_were} late; the class page says how"


def _failures(book: ClassBook) -> list[str]:
    """Where the grader or the machine failed, and at what; the commonest first."""
    whys = Counter(row.remarks[-1] for row in book.rows if row.status is Status.FAILED)
    return [f"{count} not graded: {shortened(why, 2 * _LONGEST)}" for why, count in whys.most_common(_SHOWN)]


def _mistakes(book: ClassBook) -> list[str]:
    found = [(m.share, s.item.id, m.text) for s in item_statistics(book) for m in s.mistakes if m.text not in NO_MISTAKES]
    found.sort(key=lambda m: -m[0])
    return [f"{percent(share):>5} {item}: {shortened(text, _LONGEST)}" for share, item, text in found[:_SHOWN]]
