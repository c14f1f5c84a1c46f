"""What the commands about a class do and print; the command line itself only parses."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Final

from grader.batch.folder import RunFolder, opened
from grader.batch.handback import agreed, hand_back, unsaid
from grader.batch.publish import final_book, warnings
from grader.batch.rejudge import Change, regrading, rejudge, restored, stale_reports
from grader.batch.run import Graded, Wish, grade_class, worked
from grader.core.classbook import ClassBook, Row, Status
from grader.core.errors import UsageError
from grader.core.reason import Reason
from grader.core.report import points
from grader.report.class_stats import item_statistics, totals
from grader.report.exports import EXPORTS, Options, Written
from grader.report.text import shortened
from grader.submission.roster import read_roster

_NO_MISTAKES: Final = (Reason.NOT_ATTEMPTED.sentence, Reason.BLOCKED.sentence)
_SHOWN: Final = 3  # mistakes at the end of a run: the class page has them all
_LONGEST: Final = 100  # characters of a student-made text on a line
_LISTED: Final = 20  # persons that an export leaves out, by name; beyond that their number

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells have it."""

def grade_folder(path: Path, out: Path, wish: Wish) -> int:
    """``grade CLASS``: the exit code."""
    graded = grade_class(path, out, wish)
    missed = (f"--roster {wish.roster.name}: {why}" for why in nobody_of(wish.roster, graded.book)) if wish.roster else ()
    return _ended(replace(graded, notes=(*graded.notes, *missed)), out, quiet=wish.quiet)


def nobody_of(roster: Path, book: ClassBook) -> tuple[str, ...]:
    """What there is to say of a roster if nobody on it handed in: it may be another class's."""
    known, absent = len(read_roster(roster).students), sum(row.status is Status.ABSENT for row in book.rows)
    if absent < known:
        return ()
    came = len(book.rows) - absent + book.waiting
    return (f"none of the submissions ({came}) is by anybody on it ({known}). Is it the roster of this class?",)


def regrade_run(out: Path, wish: Wish, only: Sequence[str]) -> int:
    """``grade regrade RUN``: the exit code."""
    with opened(out) as folder:
        run = restored(folder, wish)
        notes = warnings(folder, run.assignment)
        return _ended(replace(worked(run, regrading(run, only)), notes=notes), out, quiet=wish.quiet)


def rejudge_run(out: Path, wish: Wish, *, reports: bool) -> int:
    """``grade rejudge RUN``: print who changed, write the reports anew unless they are to wait; the exit code."""
    with opened(out) as folder:
        run = restored(folder, wish)
        _warn(warnings(folder, run.assignment))
        book, changes = rejudge(run)
        if not wish.quiet:
            for line in told(changes):
                print(line)
        print(_changed(book, changes))
        sys.stdout.flush()
        stale = stale_reports(run)
        if not reports:
            print(f"{len(stale)} reports still say what they said before; the next grade or rejudge of this run writes them.")
            return 0
        return _written_anew(worked(run, stale))


def _warn(notes: Iterable[str]) -> None:
    for note in notes:
        print(f"grade: {shortened(note, 2 * _LONGEST)}", file=sys.stderr)


def _written_anew(graded: Graded) -> int:
    _warn(graded.troubles)
    return INTERRUPTED if graded.interrupted else 4 if graded.troubles else 0


def export_run(out: Path, wanted: str, to: Path | None, column: str, template: Path | None, wish: Callable[[], Wish]) -> None:
    """``grade export RUN --to NAME``: write it and say who is not in it; `wish` names the course, if it is for students."""
    if wanted not in EXPORTS:
        raise UsageError(f"--to {wanted}: there is no such export. Write one of: {', '.join(EXPORTS)}.")
    export = EXPORTS[wanted]
    with opened(out) as folder:
        run = agreed(restored(folder, wish())) if export.for_students else None
        book = final_book(folder)
        options = Options(column, template, sources=_sources(folder))
        if run and export.hands_back:
            options = replace(options, feedback=hand_back(run, book, datetime.now(UTC)).report)
        written = export.write(book, to or out, options)
    notes = unsaid(book) if export.for_students else ()
    for line in _written(replace(written, notes=(*written.notes, *notes))):
        print(line)


def _sources(folder: RunFolder) -> Callable[[Row], dict[str, bytes]]:
    def sources(row: Row) -> dict[str, bytes]:
        from grader.batch.packing import unpack  # noqa: PLC0415 - most exports need none

        packed = folder.store.submission(row.key)
        return {f.path: f.text.encode("utf-8", "replace") for f in unpack(packed).files} if packed else {}

    return sources


def _written(written: Written) -> list[str]:
    left = [f"not in it: {shortened(one.who, _LONGEST)} {one.reason}" for one in written.left[:_LISTED]]
    more = [f"not in it: {len(written.left) - _LISTED} more"] if len(written.left) > _LISTED else []
    return [*left, *more, *written.notes, *(f"written: {path}" for path in written.paths)]


# ---- what a run prints at its end ------------------------------------------------------------------------------------


def _ended(graded: Graded, out: Path, *, quiet: bool) -> int:
    book = graded.book
    for line in ([] if quiet else summary(book, graded.done)):
        print(line)
    _warn(graded.notes)
    print(f"class page: {out / 'index.html'}")
    if not graded.interrupted:
        return _written_anew(graded)
    print(f"grade: interrupted; {book.waiting} submissions wait. Nothing is lost: the same command goes on from here.", file=sys.stderr)
    return INTERRUPTED


def summary(book: ClassBook, done: int) -> list[str]:
    """How a run ended, in a few lines."""
    by_status = Counter(row.status for row in book.rows)
    counted = ", ".join(f"{by_status[s]} {s.value}" for s in Status if by_status[s])
    lines = [f"{book.assignment}: {len(book.rows)} rows: {counted or 'none'}" + (f" ({done} graded now)" if done < len(book.rows) else "")]
    found = totals(book)
    if found.mean is not None and found.median is not None:
        middle = f"mean {points(found.mean)}, median {points(found.median)}"
        lines.append(f"{middle} of {points(book.possible)} points, over the {found.final} whose points are final")
    if book.unrecognised:
        count, verb = ("1 entry", "belongs") if len(book.unrecognised) == 1 else (f"{len(book.unrecognised)} entries", "belong")
        lines.append(f"{count} of the folder {verb} to nobody; the class page says why")
    return [*lines, *_mistakes(book), *_failures(book)]


def _failures(book: ClassBook) -> list[str]:
    """Where the grader or the machine failed, and at what; the commonest first."""
    whys = Counter(row.remarks[-1] for row in book.rows if row.status is Status.FAILED)
    return [f"{count} not graded: {shortened(why, 2 * _LONGEST)}" for why, count in whys.most_common(_SHOWN)]


def _mistakes(book: ClassBook) -> list[str]:
    found = [(m.share, s.item.id, m.text) for s in item_statistics(book) for m in s.mistakes if m.text not in _NO_MISTAKES]
    found.sort(key=lambda m: -m[0])
    return [f"{_percent(share)} {item}: {shortened(text, _LONGEST)}" for share, item, text in found[:_SHOWN]]


def _percent(share: Fraction) -> str:
    return f"{float(100 * share):3.0f} %"


# ---- what judging again prints ---------------------------------------------------------------------------------------


def told(changes: Sequence[Change]) -> list[str]:
    """Who changed, from what to what, why: a line for each item of each row, items together."""
    order = {item: place for place, item in enumerate(dict.fromkeys(c.item for c in changes))}
    return [_line(c) for c in sorted(changes, key=lambda c: order[c.item])]


def _line(change: Change) -> str:
    who = shortened(", ".join(p.name for p in change.persons), _LONGEST)
    kept = "" if change.counts else " (an override decides, and stays)"
    why = shortened(change.why, 2 * _LONGEST)
    return f"{who}: {change.item}  {_or_none(change.before)} -> {_or_none(change.after)}{kept}  {why}"


def _or_none(value: Fraction | None) -> str:
    return "–" if value is None else points(value)


def _changed(book: ClassBook, changes: Sequence[Change]) -> str:
    rows = len({c.row for c in changes})
    return f"{rows} of {len(book.rows)} rows changed" if rows else "nobody's points changed"
