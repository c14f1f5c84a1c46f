"""The entry point ``grade``: a worker is started before anything else is imported, because it takes as long to be ready."""

import gc
import os
import signal
import sys
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.runner.forkserver import ForkServer


def main() -> None:
    """Run the command line."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # until there is something to say of it: no traceback out of an import
    _open_standard_streams()
    gc.disable()  # one run is over before the collector has paid for itself: 30 ms
    server = _started(sys.argv[1:])
    from grader import cli  # noqa: PLC0415 - typer, and all that it imports

    cli.main(server)


def _open_standard_streams() -> None:
    """What is opened next would else be taken for a stream that the caller has closed, and be printed into: a library by ctypes, too."""
    while (lowest := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(lowest)


def _is_for_a_class(words: "Sequence[str]") -> bool:
    """Whether these words look like a class, which starts workers of its own: they say so, or name a folder of many parts."""
    named = [word for before, word in pairwise(("", *words)) if not before.startswith("--")]  # the others may be values of options
    return ("--as", "many") in pairwise(words) or "--as=many" in words or any(_parts(word) > _OF_ONE for word in named)


_OF_ONE = 12  # files and folders in the folder of one submission, at most: few have more, and few classes have less


def _parts(path: str) -> int:
    try:
        with os.scandir(path) as parts:
            return sum(1 for _ in parts)
    except OSError:  # a file, or a folder that may not be looked into, which is told when it is graded
        return 0


def _started(words: "Sequence[str]") -> "ForkServer | None":
    """A worker, if these words look like a submission to grade; None leaves it to whoever has parsed them."""
    is_path = os.path.exists  # Path's raises if it may not look
    if "--rejudge" in words or not any(map(is_path, words)) or _is_for_a_class(words):
        return None
    if not (words[0] == "run" or words[0].startswith("-") or is_path(words[0])):  # another command, which takes a path too
        return None
    from grader.core.errors import GraderError  # noqa: PLC0415 - as all imports here: the streams come first
    from grader.runner import levels  # noqa: PLC0415
    from grader.runner.forkserver import ForkServer  # noqa: PLC0415

    demand = next((b for a, b in pairwise(words) if a == "--isolation"), "required")
    for known in levels.DEMANDS:
        if demand == known and not any(word.startswith(("--isolation=", "--rejudge=")) for word in words):
            try:
                return ForkServer(demand=known)
            except GraderError:
                return None  # the same again, when it can be said properly
    return None
