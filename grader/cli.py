"""The command line: parse, print, exit codes; no logic.

Exit codes: 0 graded; 1 below ``--fail-under``; 2 usage; 3 the course is at fault; 4 the grader or the machine is.
"""

import importlib
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

import grader
from grader.core.errors import CourseError, GraderError, UsageError

if TYPE_CHECKING:
    from grader.core.report import GradeReport
    from grader.course import Assignment
    from grader.grading import Recorded
    from grader.runner.forkserver import ForkServer
    from grader.runner.levels import Demand
    from grader.submission import Submission

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the reference's matrices are tiny, and starting threads takes longer than they do
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # there are none, and looking for them reads every package's metadata


class _PathFirst(TyperGroup):
    """``grade submit.py`` means ``grade run submit.py``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("--help", "--version"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_PathFirst, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)


def main(server: "ForkServer | None" = None) -> None:
    """Parse, run, exit; `server` is a worker that was started early, as the words seemed to ask for one."""
    _servers[:] = [server] if server else []
    code: object = 0
    try:
        with _exit_codes():
            app()
    except SystemExit as end:
        code = end.code
    for unused in _servers:
        unused.close()
    for thread in _closing:
        thread.join()
    with suppress(OSError):  # a reader that has gone, as in `grade ... | head`
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(bool(code)))  # everything is written and closed; tearing modules down takes 30 ms


@contextmanager
def _exit_codes() -> Iterator[None]:
    """One message and the right exit code for each kind of fault; never a traceback for what we foresaw."""
    try:
        yield
    except (UsageError, CourseError, GraderError) as error:
        code = 2 if isinstance(error, UsageError) else 3 if isinstance(error, CourseError) else 4
        print(f"grade: {error}", file=sys.stderr)
        raise SystemExit(code) from None
    except KeyboardInterrupt:
        print("grade: interrupted; nothing was written.", file=sys.stderr)
        raise SystemExit(130) from None


def _version(wanted: bool) -> None:
    if wanted:
        print(f"grade {grader.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")] = False,
) -> None:
    """Grade numerical and machine-learning assignments: grade PATH."""


@app.command()
def run(
    path: Annotated[Path, typer.Argument(help="A submission: a .py file, or a folder of modules.")],
    assignment: Annotated[str | None, typer.Option(help="Which assignment; found by itself if left out.")] = None,
    course: Annotated[Path | None, typer.Option(help="The folder with reference/ and rubrics/; the current one if left out.")] = None,
    item: Annotated[list[str] | None, typer.Option(help="Only this rubric item; may be repeated.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**32 - 1, help="Random inputs; the assignment's own if left out.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for the reports.")] = Path("grade-report"),
    fail_under: Annotated[str | None, typer.Option(help="Exit with 1 below this: 80% or 40 (points).")] = None,
    rejudge: Annotated[Path | None, typer.Option(help="Judge these stored observations; no student code runs.")] = None,
    isolation: Annotated[str, typer.Option(help="required: confined or not at all; best-effort: as well as this machine can; "
                                                "none: your own file on your own machine.")] = "required",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only the total and the report's path.")] = False,
) -> None:
    """Grade one submission: a table here, an HTML and a JSON report in --out."""
    threshold = _threshold(fail_under)
    stem = _prepared(out) / _stem(path)
    items = item or []
    if rejudge is None:
        report, recorded = _graded(path, assignment, course, items, seed, isolation)
        _keep(recorded, report, stem)
    else:
        report = _rejudged(path, rejudge, assignment, course, items)
    _print(report, _written(report, stem), quiet=quiet)
    if threshold is not None and _below(report, threshold):
        raise typer.Exit(1)


def _graded(
    path: Path, assignment: str | None, course: Path | None, items: list[str], seed: int | None, isolation: str
) -> "tuple[GradeReport, Recorded]":
    from grader.runner.forkserver import ForkServer  # noqa: PLC0415 - starts while the rest is being imported

    demand = _demand(isolation)
    runner = _servers.pop() if _servers else ForkServer(demand=demand)
    try:
        loaded, submission = _opened(path, assignment, course)
        from grader.course import find_course  # noqa: PLC0415
        from grader.grading import grade  # noqa: PLC0415

        runner.keep_from(find_course(course) / "reference", path)

        runner.spare = [partial(importlib.import_module, module) for module in _RENDERING]
        return grade(loaded, submission, runner, seed=seed, items=items, path=str(path))
    finally:
        _closing.append(threading.Thread(target=runner.close))  # takes 15 ms of waiting, in which the report can be written
        _closing[-1].start()


_closing: list[threading.Thread] = []
_servers: "list[ForkServer]" = []  # started early, and not in use yet


def _demand(text: str) -> "Demand":
    from grader.runner.levels import DEMANDS  # noqa: PLC0415

    for demand in DEMANDS:
        if text == demand:
            return demand
    raise UsageError(f"--isolation {text}: write one of: {', '.join(DEMANDS)}.")


_RENDERING = ("grader.report.terminal", "rich.console", "grader.report.html", "jinja2", "grader.report.json", "grader.recording")
"""What is imported while the submission is at work."""


def _rejudged(path: Path, stored: Path, assignment: str | None, course: Path | None, items: list[str]) -> "GradeReport":
    from grader.grading import judge  # noqa: PLC0415
    from grader.recording import load  # noqa: PLC0415

    loaded, submission = _opened(path, assignment, course)
    return judge(loaded, submission, load(stored, loaded, submission), items=items, path=str(path))


def _written(report: "GradeReport", stem: Path) -> Path:
    """Write every format; the path of the page that people open."""
    from grader.report import FORMATS, write_atomically  # noqa: PLC0415

    paths = {name: stem.with_name(stem.name + f.suffix) for name, f in FORMATS.items()}
    for name, path in paths.items():
        write_atomically(path, FORMATS[name].render(report))
    return paths["html"]


def _keep(recorded: "Recorded", report: "GradeReport", stem: Path) -> None:
    from grader.recording import dumps  # noqa: PLC0415
    from grader.report import write_atomically  # noqa: PLC0415

    write_atomically(stem.with_name(stem.name + ".observations"), dumps(recorded, report))


def _opened(path: Path, assignment: str | None, course: Path | None) -> "tuple[Assignment, Submission]":
    from grader.submission import open_submission  # noqa: PLC0415

    submission = open_submission(path)
    from grader.course import choose, find_course, load_assignment  # noqa: PLC0415

    folder = find_course(course)
    slug, why = choose(folder, assignment, path, submission)
    if assignment is None:
        print(f"assignment {slug} ({why})", file=sys.stderr)
    return load_assignment(folder, slug), submission


def _print(report: "GradeReport", html: Path, *, quiet: bool) -> None:
    if quiet:
        from grader.core.report import points  # noqa: PLC0415

        print(f"{points(report.earned)} of {points(report.possible)} points")
    else:
        from rich.console import Console  # noqa: PLC0415

        from grader.report.terminal import print_report  # noqa: PLC0415

        print_report(report, Console(highlight=False))
    print(f"report: {html}")


def _stem(path: Path) -> str:
    resolved = path.resolve()
    return resolved.stem if resolved.is_file() else resolved.name


def _prepared(out: Path) -> Path:
    """The report folder, made and found writable before anything runs."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {out}: this folder cannot be made ({error.strerror}).") from error
    if not os.access(out, os.W_OK | os.X_OK):
        raise UsageError(f"--out {out}: nothing can be written to this folder. Name another one.")
    return out


def _threshold(text: str | None) -> tuple[Fraction, bool] | None:
    """``80%`` or ``40`` as (number, is it a percentage)."""
    if text is None:
        return None
    try:
        value = Fraction(text.removesuffix("%"))
    except (ValueError, ZeroDivisionError) as error:
        raise UsageError(f"--fail-under {text}: write a percentage such as 80%, or points such as 40.") from error
    return value, text.endswith("%")


def _below(report: "GradeReport", threshold: tuple[Fraction, bool]) -> bool:
    value, percent = threshold
    return report.earned < (report.possible * value / 100 if percent else value)


@app.command("trace-denied")
def trace_denied(
    module: Annotated[str, typer.Argument(help="What to import, such as scipy.stats.")],
    package: Annotated[list[str] | None, typer.Option(help="A package that the course allows; may be repeated.")] = None,
) -> None:
    """For authors of courses: import a module as a submission would, and print every system call that is refused."""
    from grader.runner.tracing import trace_import  # noqa: PLC0415

    print(trace_import(module, [*(package or []), module.partition(".")[0]]))


@app.command()
def schema(which: Annotated[str, typer.Argument(help="report, interface or rubric.")] = "report") -> None:
    """Print a published JSON Schema."""
    from grader.schemas import SCHEMAS  # noqa: PLC0415

    if which not in SCHEMAS:
        raise UsageError(f"there is no schema {which!r}; write one of: {', '.join(SCHEMAS)}.")
    print(json.dumps(SCHEMAS[which](), indent=2))


