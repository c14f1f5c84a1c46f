"""How far a run is: a bar on a terminal, a line now and then where there is none, nothing if quiet."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

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
        with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeElapsedColumn(), TextColumn("left"),
                      TimeRemainingColumn(), console=Console(file=stream)) as bar:
            task = bar.add_task(what, total=total)
            yield lambda: bar.advance(task)
    else:
        yield _lines(what, total, stream)


class _Rate(ProgressColumn):
    """Submissions per minute."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{60 * speed:.0f}/min" if speed else "")


def _lines(what: str, total: int, stream: TextIO) -> Advance:
    """A line at every tenth of the way."""
    started, done = time.monotonic(), 0

    def advance() -> None:
        nonlocal done
        done += 1
        if done * LINES // total > (done - 1) * LINES // total:
            spent = max(time.monotonic() - started, 1e-9)
            left = spent / done * (total - done)
            print(f"{what}: {done} of {total}, {60 * done / spent:.0f} a minute, {left:.0f} s left", file=stream, flush=True)

    return advance
