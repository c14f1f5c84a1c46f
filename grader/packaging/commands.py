"""What the commands about other platforms do and print."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.core.errors import UsageError
from grader.options import COURSE, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.packaging.bundle import Contents
    from grader.report.platforms import Graded
    from grader.runner.levels import Demand

_ASSIGNMENT = Annotated[str | None, typer.Option(help="Which assignment; may be left out where the course has one.")]
_ISOLATION = Annotated[str, typer.Option(help="How student code is kept apart. required: confined or not run; best-effort: as well as the "
                                              "container can.")]


def register(app: typer.Typer) -> None:
    """Add ``grade package``, ``grade result`` and ``grade import``."""
    app.command("package", short_help="Build what a platform needs to grade an assignment.")(package)
    app.command("result", short_help="Grade one submission into a platform's result file.")(result)
    app.command("import", short_help="Begin a rubric from another grader's assignment.")(import_rubric)


def package(
    platform: Annotated[str, typer.Argument(help="For which: gradescope or prairielearn.")],
    course: COURSE = None,
    assignment: _ASSIGNMENT = None,
    out: Annotated[Path | None, typer.Option(help="Gradescope: the file, autograder.zip if left out. PrairieLearn: a new folder.")] = None,
    wheels: Annotated[Path | None, typer.Option(help="Bundle the wheels in this folder; the package index is then not asked.")] = None,
    isolation: _ISOLATION = "required",
    leaderboard: Annotated[bool, typer.Option("--leaderboard", help="Gradescope: the points of public items on its leaderboard.")] = False,
    image: Annotated[str | None, typer.Option(help="PrairieLearn: the name of the Docker image; grade-numeric if left out.")] = None,
) -> None:
    """Build what a platform needs to grade an assignment."""
    _refuse_idle(platform, {"--image": image, "--leaderboard": leaderboard})
    from grader.packaging import gradescope, prairielearn  # noqa: PLC0415

    contents = _contents(course, assignment, wheels, isolation)
    match platform:
        case "gradescope":
            to = out or Path("autograder.zip")
            notes = gradescope.write(contents, to, leaderboard=leaderboard)
        case "prairielearn":
            to = out or Path("prairielearn")
            notes = prairielearn.write(contents, to, image or "grade-numeric")
        case _:
            raise UsageError(f"grade package {platform}: write gradescope or prairielearn.")
    for line in (*notes, f"written: {to}"):
        say(line)


def result(
    platform: Annotated[str, typer.Argument(help="For which: gradescope, prairielearn, classroom50 or check50.")],
    path: Annotated[Path, typer.Argument(help="A submission: a file, or the folder with its files.")],
    course: COURSE = None,
    assignment: _ASSIGNMENT = None,
    out: Annotated[Path, typer.Option(help="Folder for the result.")] = Path(),
    metadata: Annotated[Path | None, typer.Option(help="Gradescope: submission_metadata.json.")] = None,
    isolation: _ISOLATION = "required",
    leaderboard: Annotated[bool, typer.Option("--leaderboard", help="Gradescope: the points of public items on its leaderboard.")] = False,
) -> None:
    """Grade one submission and write a platform's result file, a provisional one first: what the packages of `grade package` run."""
    from grader.packaging import inside  # noqa: PLC0415
    from grader.report.platforms import PLATFORMS, Circumstances  # noqa: PLC0415

    if platform not in PLATFORMS:
        raise UsageError(f"grade result {platform}: there is no such platform. Write one of: {', '.join(PLATFORMS)}.")
    _refuse_idle(platform, {"--metadata": metadata, "--leaderboard": leaderboard})
    folder, slug = _assignment(course, assignment)
    errand = inside.Errand(path, out, folder, slug, _demand(isolation))
    circumstances = Circumstances(inside.metadata(metadata), dict(os.environ), leaderboard=leaderboard)
    graded = inside.carry_out(errand, PLATFORMS[platform], circumstances)
    if platform == "classroom50" and graded:
        _tell_runner(graded)
    say("written:", out)


def import_rubric(
    source: Annotated[str, typer.Argument(help="Which grader: otter.")],
    path: Annotated[Path, typer.Argument(help="The assignment's folder, its folder tests/, or its autograder zip.")],
    slug: Annotated[str, typer.Option(help="The name of the assignment here.")],
    out: Annotated[Path | None, typer.Option(help="File to write; printed if left out.")] = None,
) -> None:
    """Begin a rubric with the names and points of another grader's assignment."""
    from grader.packaging.otter import to_rubric  # noqa: PLC0415
    from grader.report import write_atomically  # noqa: PLC0415

    if source != "otter":
        raise UsageError(f"grade import {source}: write otter.")
    text = to_rubric(path, slug)
    if out is None:
        sys.stdout.write(text)
        return
    if out.exists():
        raise UsageError(f"--out {out}: this file exists. Name a new one.")
    write_atomically(out, text)
    say("written:", out)


_OF_ONE = {"--image": "prairielearn", "--leaderboard": "gradescope", "--metadata": "gradescope"}


def _refuse_idle(platform: str, given: "Mapping[str, object]") -> None:
    """An option that would do nothing is a mistake of the caller's."""
    for name in (n for n, value in given.items() if value and platform != _OF_ONE[n]):
        raise UsageError(f"{name} does nothing for {platform}: it is for {_OF_ONE[name]}. Leave it out.")


def _contents(course: Path | None, assignment: str | None, wheels: Path | None, isolation: str) -> "Contents":
    from grader.course import load_assignment  # noqa: PLC0415
    from grader.packaging.bundle import Contents  # noqa: PLC0415

    folder, slug = _assignment(course, assignment)
    if wheels is not None and not wheels.is_dir():
        raise UsageError(f"--wheels {wheels}: there is no such folder.")
    return Contents(folder, load_assignment(folder, slug), _demand(isolation), wheels)


def _assignment(course: Path | None, assignment: str | None) -> tuple[Path, str]:
    """The course's folder, and the assignment asked for or its only one."""
    from grader.course import find_course, known_slug, slugs  # noqa: PLC0415

    folder = find_course(course)
    known = slugs(folder)
    if assignment is not None:
        return folder, known_slug(assignment, known, "--assignment")
    if len(known) != 1:
        raise UsageError(f"--assignment: say which. This course has: {', '.join(known) or 'none'}.")
    return folder, known[0]


def _demand(text: str) -> "Demand":
    match text:
        case "required" | "best-effort":
            return text
        case _:
            raise UsageError(f"--isolation {text}: write required or best-effort.")


def _tell_runner(graded: "Graded") -> None:
    """To ``GITHUB_OUTPUT``, where there is one."""
    from grader.report.github import append  # noqa: PLC0415
    from grader.report.platforms.classroom50 import outputs  # noqa: PLC0415

    append("GITHUB_OUTPUT", os.environ, "".join(f"{name}={value}\n" for name, value in outputs(graded).items()))
