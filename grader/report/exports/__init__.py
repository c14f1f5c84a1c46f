"""Exports of a graded class: gradebooks, feedback archives, folders for other tools.

To add one, write ``exports/<name>.py`` and one entry in `EXPORTS`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import cast

from grader.core.classbook import ClassBook, Row
from grader.core.errors import UsageError


def _no_sources(row: Row) -> Mapping[str, bytes]:
    raise UsageError("This export needs the submissions' source files, and the run has kept none: repeat it with the submissions at hand.")


def _no_feedback(row: Row) -> bytes | str:
    raise UsageError("This export hands reports back to students, and none were made for them.")


@dataclass(frozen=True, slots=True)
class Options:
    """What an export may need besides the class.

    Parameters
    ----------
    column : str
        Title of the gradebook's column, with Canvas' ``(assignment_id)``; the assignment's own title if empty.
    template : Path or None
        The worksheet that the instructor downloaded from Moodle.
    feedback : callable
        The report of a row that its students may read; or half a sentence on why there is none.
    sources : callable
        The files of a row's submission, by path relative to it.
    starter : mapping of str to bytes
        What the students were given, by relative path.
    """

    column: str = ""
    template: Path | None = None
    feedback: Callable[[Row], bytes | str] = _no_feedback
    sources: Callable[[Row], Mapping[str, bytes]] = _no_sources
    starter: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Left:
    """A person for whom an export says less than a grade; to be printed.

    Parameters
    ----------
    who : str
        The person, as `Person.name` and `Person.key` say; student-made text.
    reason : str
        Half a sentence: ``handed in nothing``.
    """

    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class Written:
    """What an export wrote.

    Parameters
    ----------
    paths : tuple of Path
        Files and folders.
    left : tuple of Left
        Who has no grade or no report in them, and why.
    notes : tuple of str
        Sentences that the instructor has to read before using them.
    """

    paths: tuple[Path, ...]
    left: tuple[Left, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """One way to hand a class on.

    Parameters
    ----------
    writes : str
        What it writes, for whoever asks for one that there is not.
    module, function : str
        Where the writer is; imported when first used.
    hands_back : bool
        Whether it needs `Options.feedback`.
    for_students : bool
        Whether students read it.
    with_starter : bool
        Whether it needs `Options.starter`.
    takes : tuple of str
        Options of the command line that it takes, of those that not every export does.
    """

    writes: str
    module: str
    function: str
    hands_back: bool = False
    for_students: bool = False
    with_starter: bool = False
    takes: tuple[str, ...] = ()

    def write(self, book: ClassBook, folder: Path, options: Options | None = None) -> Written:
        """Write the class below a folder, which is made if it is missing.

        Raises
        ------
        UsageError
            If an option is missing or does not fit, or the folder cannot be written to.
        GraderError
            If the machine fails at it.
        """
        writer = cast("Callable[[ClassBook, Path, Options], Written]", getattr(import_module(self.module), self.function))
        return writer(book, folder, options or Options())


EXPORTS: Mapping[str, Export] = {
    "csv": Export("gradebook.csv: a line per person, a column per item", "grader.report.exports.gradebook", "to_csv"),
    "jsonl": Export("gradebook.jsonl: an object per submission, with everything", "grader.report.exports.lines", "to_jsonl"),
    "canvas": Export("canvas.csv: for the import into Canvas' gradebook", "grader.report.exports.canvas", "to_canvas",
                     takes=("--column",)),
    "moodle": Export("moodle-worksheet.csv: the offline grading worksheet, filled in", "grader.report.exports.moodle", "to_worksheet",
                     for_students=True, takes=("--template",)),
    "moodle-gradebook": Export("moodle-gradebook.csv: for Moodle's gradebook import", "grader.report.exports.moodle", "to_gradebook",
                               for_students=True, takes=("--column",)),
    "canvas-feedback": Export("canvas-feedback.zip: reports, for Canvas to take back", "grader.report.exports.feedback", "to_canvas",
                              hands_back=True, for_students=True),
    "moodle-feedback": Export("moodle-feedback.zip: reports, for Moodle to take back", "grader.report.exports.feedback", "to_moodle",
                              hands_back=True, for_students=True),
    "jplag": Export("similarity/: clean sources for JPlag or copydetect", "grader.report.exports.similarity", "to_similarity",
                    with_starter=True),
    "anonymous": Export("index-anonymous.html: the class page without names, for projecting", "grader.report.exports.projected", "to_page"),
}
"""Exports by name."""


def interrupted(book: ClassBook) -> tuple[str, ...]:
    """What to say of a class that is not graded to its end; nothing if it is."""
    if book.complete:
        return ()
    return (f"The run was interrupted. Submissions that are not graded yet, and not in this export: {book.waiting}.",)
