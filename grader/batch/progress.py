"""How far a run is: a bar on a terminal, a line now and then where there is none, nothing if quiet."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, TextIO

LINES: Final = 10
"""Lines that a run without a terminal prints, however large the class."""

Advance = Callable[[], None]


@contextmanager
def progress(what: str, total: int, *, quiet: bool, stream: TextIO | None = None) -> Iterator[Advance]:
    """Show how far it is; what is yielded is to be called after each step.

    Parameters
    ----------
    what : str
        A word for what is going on: ``grading``.
    stream : TextIO or None
        Standard error if None.
    """
    stream = stream or sys.stderr
    if quiet or not total:
        yield lambda: None
    elif stream.isatty():
        with _bar(what, total, stream) as advance:
            yield advance
    else:
        yield _lines(what, total, stream)


@contextmanager
def _bar(what: str, total: int, stream: TextIO) -> Iterator[Advance]:
    """A bar with submissions per minute."""
    from rich import progress as rich  # noqa: PLC0415 - 30 ms, for those who sit before it
    from rich.console import Console  # noqa: PLC0415

    columns = (rich.TextColumn("{task.description}"), rich.BarColumn(), rich.MofNCompleteColumn(), rich.TextColumn("{task.fields[rate]}"),
               rich.TimeElapsedColumn(), rich.TextColumn("left"), rich.TimeRemainingColumn())
    with rich.Progress(*columns, console=Console(file=stream)) as bar:
        bar.add_task(what, total=total, rate="")
        (task,) = bar.tasks

        def advance() -> None:
            speed = task.finished_speed or task.speed
            bar.update(task.id, advance=1, rate=f"{60 * speed:.0f}/min" if speed else "")

        yield advance


def _lines(what: str, total: int, stream: TextIO) -> Advance:
    """A line at every tenth of the way."""
    started, done = time.monotonic(), 0

    def advance() -> None:
        nonlocal done
        done += 1
        if done * LINES // total > (done - 1) * LINES // total:
            spent = max(time.monotonic() - started, 1e-9)
            left = spent / done * (total - done)
            with suppress(OSError):  # a reader who has gone, a log on a full disk: no reason to end the run
                print(f"{what}: {done} of {total}, {60 * done / spent:.0f} a minute, {left:.0f} s left", file=stream, flush=True)

    return advance
