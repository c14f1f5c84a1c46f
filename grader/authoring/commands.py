"""What the commands for authors do and print."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from grader.core.errors import UsageError
from grader.options import COURSE, say

_FORM = Annotated[str, typer.Option(help="What students write into: file (submit.py), folder (the handout's modules) or notebook.")]


def register(app: typer.Typer) -> None:
    """Add ``grade start`` and ``grade new``."""
    app.command("start", short_help="Write the files that students start from.")(start)
    app.command("new", short_help="Write a small course that works, to change into yours.")(new)


def start(
    assignment: Annotated[str, typer.Argument(help="Which assignment of the course.")],
    form: _FORM = "file",
    out: Annotated[Path | None, typer.Option(help="Folder to write to; one of the assignment's name if left out.")] = None,
    course: COURSE = None,
) -> None:
    """Write the files that students start from: functions without bodies, and a README with what is graded."""
    from grader.authoring.files import write_new  # noqa: PLC0415
    from grader.authoring.start import FORMS, starter  # noqa: PLC0415
    from grader.course import find_course, known_slug, load_assignment, slugs  # noqa: PLC0415

    if form not in FORMS:
        raise UsageError(f"--form {form}: write one of: {', '.join(FORMS)}.")
    found, folder = find_course(course), out or Path(assignment)
    files = starter(load_assignment(found, known_slug(assignment, slugs(found), "start")), form)
    write_new(folder, files)
    for name in files:
        say("written:", folder / name)
    tried = ["grade", str(folder if form == "folder" else folder / next(iter(files))), *(["--course", str(course)] if course else [])]
    say("try it:", shlex.join(tried))


def new(
    slug: Annotated[str, typer.Argument(help="Name of the course's assignment: a name of a Python module.")],
    out: Annotated[Path | None, typer.Option(help="The course's folder, which must not exist; the slug if left out.")] = None,
) -> None:
    """Write a small course that works, with a reference, a rubric and examples: to be changed into your own."""
    from grader.authoring.new import new_course  # noqa: PLC0415

    folder = out or Path(slug)
    for name in new_course(slug, folder):
        say("written:", folder / name)
    say("try it:", shlex.join(["grade", str(folder / EXAMPLES)]))


EXAMPLES = "submissions_example"


def course_of_examples(path: Path) -> Path | None:
    """The course to which a path says that it belongs, by leading through the folder of its examples.

    A path is what the caller typed: nothing inside a submission can make itself a course, whose Python is trusted.
    """
    for folder in (path, *path.parents):
        if folder.name == EXAMPLES and all((folder.parent / part).is_dir() for part in ("reference", "rubrics")):
            return folder.parent
    return None
