"""What several modules of commands share: options of the command line, and how a line is printed."""

import sys
from pathlib import Path
from typing import Annotated

import typer

COURSE = Annotated[Path | None, typer.Option(help="The folder with reference/ and rubrics/; if left out the current one, one above, "
                                                  "or the one that grade is installed from.")]
"""``--course``"""


def say(*words: object, aside: bool = False) -> None:
    """Print words as one line, whatever is in the names that they quote: nothing of it moves the cursor or begins a line of its own.

    Parameters
    ----------
    words : object
        With a space between them.
    aside : bool
        To standard error: what is no result.
    """
    from grader.report.text import clean  # noqa: PLC0415 - a worker has been started by now

    text = " ".join(map(str, words))
    print(clean(text, len(text), lines=False), file=sys.stderr if aside else sys.stdout)
