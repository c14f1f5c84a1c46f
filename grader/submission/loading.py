"""What to tell of files that are graded though something went wrong while they were loaded."""

from collections.abc import Mapping, Sequence
from typing import Final

from grader.core.observation import Died, Observation, Raised, TimedOut, Unavailable
from grader.core.wording import listed
from grader.submission.source import SourceFile, Submission

_LONGEST: Final = 200  # characters of an exception's message
_DEFINITIONS: Final = "imports, functions, classes, constants"


def remarks_on_loading(troubles: Mapping[str, Observation], submission: Submission) -> dict[str, str]:
    """One line for each file, by path; the same for all that one cause has stopped.

    Parameters
    ----------
    troubles : mapping of str to Observation
        What the loading of a file came to, by path: `Raised` for a notebook of which a statement raised.
    """
    files = {f.path: f for f in submission.files if f.path in troubles}
    causes = {path: (_cause(troubles[path], file, submission), bool(file.cells)) for path, file in files.items()}
    return {
        path: " ".join(f"{cause[0]} {_consequence(troubles[path], [p for p in files if causes[p] == cause], files[path])}".split())
        for path, cause in causes.items()}


def _cause(trouble: Observation, file: SourceFile, submission: Submission) -> str:
    match trouble:
        case Raised():
            return _raised(trouble, file, submission)
        case Unavailable(error=Raised() as error):
            return _raised(error, file, submission)
        case TimedOut(seconds=seconds):
            return f"Loading did not end within {seconds:g} s."
        case Died("memory"):
            return "Loading ran out of memory."
        case Died(how, code):
            return f"Loading ended the process ({'exit status' if how == 'exit' else 'signal'} {code})."
        case _:
            return "Loading did not come to an end that can be told."


def _raised(error: Raised, file: SourceFile, submission: Submission) -> str:
    """Place, type and message; of the lines that the worker tells, the last one that there is."""
    places = {place for f in submission.files for place in (f.path, *map(f.place, f.cells))}
    where = next((f"{frame.file}, line {frame.line}" for frame in reversed(error.frames) if frame.file in places), file.path)
    message = error.message[:_LONGEST].strip().rstrip(".")
    return f"{where}: {error.type[:_LONGEST]}{': ' if message else ''}{message}."


def _consequence(trouble: Observation, paths: Sequence[str], file: SourceFile) -> str:
    if isinstance(trouble, Raised):
        return "This statement was passed over; the rest was run."
    if isinstance(trouble, Unavailable) and not file.cells and trouble.error and trouble.error.type != "MemoryError":
        return (f"This statement ends the loading of {listed(paths)}: what stands before it was run, and of what follows only the "
                f"definitions ({_DEFINITIONS}). Mend it, or move it under `if __name__ == '__main__':`.")
    so = f"So only the definitions ({_DEFINITIONS}) of {listed(paths)} were run."
    if file.cells:
        return f"{so} Mend or remove the cell that keeps it from running to its end."
    return f"{so} Move all else that a file runs under `if __name__ == '__main__':`."
