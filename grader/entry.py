"""The entry point ``grade``: a worker is started before anything else is imported, because it takes as long to be ready."""

import gc
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from grader.core.errors import GraderError
from grader.runner import levels
from grader.runner.forkserver import ForkServer

if TYPE_CHECKING:
    from collections.abc import Sequence


def main() -> None:
    """Run the command line."""
    gc.disable()  # one run is over before the collector has paid for itself: 30 ms
    server = _started(sys.argv[1:])
    from grader import cli  # noqa: PLC0415 - typer, and all that it imports

    cli.main(server)


def _started(words: "Sequence[str]") -> ForkServer | None:
    """A worker, if these words look like a submission to grade; None leaves it to whoever has parsed them."""
    if "--rejudge" in words or not any(Path(word).exists() for word in words):
        return None
    demand = next((b for a, b in pairwise(words) if a == "--isolation"), "required")
    for known in levels.DEMANDS:
        if demand == known and not any(word.startswith(("--isolation=", "--rejudge=")) for word in words):
            try:
                return ForkServer(demand=known)
            except GraderError:
                return None  # the same again, when it can be said properly
    return None
