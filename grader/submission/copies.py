"""What to tell of functions that a submission has in several files: copies of a download, earlier attempts, a notebook's export."""

from collections import defaultdict
from collections.abc import Mapping

from grader.submission.gather import few
from grader.submission.source import Submission


def remarks_on_copies(handed: Submission, asked: Mapping[str, str]) -> tuple[str, ...]:
    """A line for each set of files that have the same functions, written differently, and in which of them they are looked for first.

    Stubs are none, and neither are copies that are alike: which of them is graded makes no difference.

    Parameters
    ----------
    asked : mapping of str to str
        The module of each function that is asked for.
    """
    told: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for function, module in asked.items():
        defining = (f for f in handed.defining(function) if not f.definitions[function].stub)
        written = sorted(defining, key=lambda f: f.rank(function, module))
        bodies = [f.definitions[function].body for f in written]
        if any(body != bodies[0] for body in bodies):
            told[tuple(f.path for f in written)].append(function)
    return tuple(_told(paths, functions) for paths, functions in told.items())


def _told(paths: tuple[str, ...], functions: list[str]) -> str:
    if len(functions) == 1:
        return (f"{functions[0]} is written differently in {few(paths)}. It is looked for in {paths[0]} first. "
                "If another one counts, leave only that one in.")
    return (f"{few(functions)} are written differently in {few(paths)}. They are looked for in {paths[0]} first. "
            "If others count, leave only those in.")
