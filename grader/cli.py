"""The command line: parse, print, exit codes; no logic.

Exit codes: 0 graded; 1 below ``--fail-under``; 2 usage; 3 the course is at fault; 4 the grader or the machine is.
"""

import importlib
import io
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TextIO

import typer
from typer.core import TyperGroup

import grader
from grader.authoring.commands import course_of_examples
from grader.authoring.commands import register as register_authoring
from grader.core.errors import CourseError, GraderError, UsageError
from grader.options import COURSE, say
from grader.packaging.commands import register as register_platforms

if TYPE_CHECKING:
    from grader.batch.run import Wish
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
        with _exit_codes():
            _refuse_empty(args)
        if args and args[0] not in self.commands and args[0] not in ("--help", "--version"):
            with _exit_codes():
                _refuse_misspelt(args[0], self.commands)
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        with _exit_codes():  # here, because Typer has exit codes of its own for some of these
            return super().invoke(ctx)


def _refuse_empty(words: list[str]) -> None:
    """An empty word is a shell variable that is not set; as a path it would mean the current folder, and all that lies in it."""
    for before, word in pairwise(("grade", *words)):
        if not word or (word.startswith("--") and word.endswith("=")):
            raise UsageError(f"there is nothing after {word or before}: is a variable of the shell not set? "
                             "For the current folder, write a dot.")


def _refuse_misspelt(word: str, commands: Iterable[str]) -> None:
    """A word that is neither a path nor an option, and nearly a command, is a command: else its own options would be unknown ones."""
    if word.startswith("-") or os.path.lexists(word):
        return
    from grader.core.wording import instead  # noqa: PLC0415 - a command that is typed right does without

    if meant := instead(word, commands, " ").strip():
        raise UsageError(f"{word}: there is no such command, file or folder. {meant}")


app = typer.Typer(cls=_PathFirst, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)


_last_words: list[str] = []  # what is printed when nothing else will be
_closing: list[threading.Thread] = []
_servers: "list[ForkServer]" = []  # started early, and not in use yet


def main(server: "ForkServer | None" = None) -> None:
    """Parse, run, exit; `server` is a worker that was started early, as the words seemed to ask for one."""
    _servers[:] = [server] if server else []
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _interrupted)
    sys.stdout, sys.stderr = _heard(sys.stdout, 1), _heard(sys.stderr, 2)
    code: object = 0
    with _workflow_commands_stopped():
        try:
            app()
        except SystemExit as end:
            code = end.code
        except Exception:  # noqa: BLE001 - Python's own exit code for it is 1, and says that a grade is below the threshold
            traceback.print_exc()
            code = 4
    for unused in _servers:
        unused.close()
    for thread in _closing:
        thread.join()
    code = _all_is_said(code)
    os._exit(code if isinstance(code, int) else int(bool(code)))  # everything is written and closed; tearing modules down takes 30 ms


class _Unheard(io.FileIO):
    """An output whose reader may go, as in ``grade ... | head``, or whose disk may be full: no reason to end the run."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            if not isinstance(error, BrokenPipeError):  # else what is left to print is for nobody
                _unsaid.append(error)
            return len(data)


_unsaid: list[OSError] = []  # why what there was to say could not be printed


def _heard(stream: TextIO | None, descriptor: int) -> TextIO:
    """A standard stream that any text can be printed to: names of files, too, that it has no letters for. None if it is closed."""
    encoding, errors = (stream.encoding, stream.errors) if stream else ("utf-8", "strict")
    lossless = "backslashreplace" if errors == "strict" else errors
    raw = io.BufferedWriter(_Unheard(descriptor, "w", closefd=False))
    return io.TextIOWrapper(raw, encoding, lossless, line_buffering=descriptor == 2 or raw.isatty())


def _all_is_said(code: object) -> object:
    """Print the last words; the exit code, which is another one if not all could be printed."""
    try:
        for line in _last_words:
            print(line)
        sys.stdout.flush()
    except OSError as error:  # a pipe that is full, and does not wait
        _unsaid.append(error)
    if not _unsaid:
        return code
    with suppress(OSError):
        print(f"grade: not all of the output could be written ({_unsaid[0].strerror}). Send it elsewhere, or make room.", file=sys.stderr)
    return code or 4


def _workflow_commands_stopped() -> AbstractContextManager[None]:
    if os.environ.get("GITHUB_ACTIONS") != "true" and not any("github" in word for word in sys.argv[1:]):
        return nullcontext()
    from grader.report.github import commands_stopped  # noqa: PLC0415 - nobody else needs it

    return commands_stopped(os.environ, sys.argv[1:])


@contextmanager
def _exit_codes() -> Iterator[None]:
    """One message and the right exit code for each kind of fault; never a traceback for what we foresaw."""
    try:
        yield
    except typer.Exit:
        raise
    except (KeyboardInterrupt, Exception) as error:
        if isinstance(error, KeyboardInterrupt) or _interrupts:
            print("grade: interrupted; nothing is half written. Give the same command again.", file=sys.stderr)
            raise SystemExit(130) from None
        code = next((code for kind, code in _CODES.items() if isinstance(error, kind)), None)
        if code is None:
            raise
        first, *more = error.args if isinstance(error, UsageError) else (error,)
        say("grade:", first, aside=True)
        for line in more:
            say(line, aside=True)
        raise SystemExit(code) from None


_CODES = {UsageError: 2, CourseError: 3, GraderError: 4, OSError: 4}
_interrupts: list[int] = []


def _interrupted(number: int, _: object) -> NoReturn:
    """Ctrl-C, taken down: where a library swallows the exception, another may come of it and blame the course."""
    _interrupts.append(number)
    raise KeyboardInterrupt


def _version(wanted: bool) -> None:
    if wanted:
        print(f"grade {grader.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")] = False,
) -> None:
    """Grade numerical and machine-learning assignments.

    grade PATH grades a submission or a class; `grade run --help` tells its options.
    """


_COURSE_AGAIN = Annotated[Path | None, typer.Option(help="The folder with reference/ and rubrics/; if left out the current one, one above "
                                                        "it, or the one that this run was judged by last.")]
_JOBS = Annotated[int, typer.Option(min=0, help="A class: submissions at a time; 0 is one on each core.")]
_QUIET = Annotated[bool, typer.Option("--quiet", "-q", help="Only the result and where it is.")]
_RUN = Annotated[Path, typer.Argument(help="The folder that grading a class has written.")]


@app.command(short_help="Grade a submission or a class; the word run may be left out.")
def run(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(help="A submission: a .py file, a notebook, a folder of modules, a .zip or .tar.gz of any. "
                                                  "Or a class: a folder of submissions, or a .zip of it.")],
    assignment: Annotated[str | None, typer.Option(help="Which assignment; found by itself if left out.")] = None,
    course: COURSE = None,
    item: Annotated[list[str] | None, typer.Option(help="Only this rubric item; may be repeated. The report on all items is kept.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**32 - 1, help="Of the random inputs; the assignment's own if left out.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the reports; grade-report if left out.")] = None,
    fail_under: Annotated[str | None, typer.Option(help="Exit with 1 below this: 80% or 40 (points).")] = None,
    formats: Annotated[list[str] | None, typer.Option("--format", help="Beside HTML and JSON: junit or github; may be repeated.")] = None,
    audience: Annotated[str | None, typer.Option(help="Whom the report is for: staff sees everything, student what the rubric "
                                                      "shows. If left out, staff; with --format junit or github, student.")] = None,
    rejudge: Annotated[Path | None, typer.Option(help="Judge NAME.observations of an earlier run again; no student code runs.")] = None,
    isolation: Annotated[str, typer.Option(help="How student code is kept apart. required: confined or not run; best-effort: as "
                                                "well as this machine can; none: not at all, for your own file.")] = "required",
    form: Annotated[str | None, typer.Option("--as", help="one submission or many (a class); by what PATH holds if left out.")] = None,
    roster: Annotated[Path | None, typer.Option(help="A class: a CSV file that names everybody.")] = None,
    jobs: _JOBS = 0,
    executor: Annotated[str, typer.Option(help="A class: where submissions are worked on: local or dask.")] = "local",
    scheduler: Annotated[str, typer.Option(help="With --executor dask: its address, tcp://HOST:8786 or tls://HOST:8786.")] = "",
    reports: Annotated[bool, typer.Option(help="A class: whether to write the reports now, or with the next run.")] = True,
    quiet: _QUIET = False,
) -> None:
    """Grade one submission: a table here, an HTML and a JSON report in --out. Or a class: reports, a class page, a gradebook.

    The word run may be left out: grade PATH.
    """
    _refuse_absent(path)
    from grader.core.replay import repeatable, typed_names  # noqa: PLC0415 - a worker has been started by now

    named, course = course, course or course_of_examples(path)
    is_class = _is_class(path, assignment, course, form, quiet=quiet)
    _refuse_idle(_typed(ctx), path, is_class=is_class, executor=executor)
    if is_class:
        wish = replace(_wish(course, jobs, quiet=quiet), assignment=assignment, roster=roster, seed=seed, demand=_demand(isolation),
                       executor=executor, address=scheduler, reports=reports, names=typed_names(named, assignment))
        _grade_class(path, out, wish)
    if out is not None and _holds_a_run(out):
        raise UsageError(f"--out {out}: this folder holds the run of a class, and {path} is one submission. Name another one, or say "
                         "--as many.")
    threshold, further, student = _threshold(fail_under), formats or [], _is_for_student(audience, formats or [])
    items = item or []
    stem = _place(_prepared(out or _REPORTS), path, items)
    if rejudge is None:
        report, recorded = _graded(path, assignment, course, items, seed, isolation, student=student)
        if not student:  # they name every item, and what was asked for it
            _keep(recorded, report, stem)
    else:
        report = _rejudged(path, rejudge, assignment, course, items, student=student)
    report = repeatable(report, typed_names(None if student else named, assignment))  # where a course lies is no student's business
    files = _written(report, stem, further)
    _print(report, files["html"], quiet=quiet)
    _tell(report, path, files, further)
    if rejudge is None:
        _refuse_failed(report)
    if threshold is not None and _below(report, threshold):
        raise typer.Exit(1)


_REPORTS = Path("grade-report")


def _refuse_failed(report: "GradeReport") -> None:
    """Items that are ungraded by no fault of the student's: the machine's, else the course's."""
    from grader.core.reason import Reason  # noqa: PLC0415 - loaded by now

    for reason, why, code in (
        (Reason.HOST, "The grader or the machine failed at them; run it again.", 4),
        (Reason.OWN_CHECK, "The course's own check fails at them; the report says where.", 3),
    ):
        if failed := sum(i.verdict.reason is reason for i in report.items):
            print(f"grade: not graded: {failed} of {len(report.items)} items. {why}", file=sys.stderr)
            raise typer.Exit(code)


def _refuse_absent(path: Path) -> None:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(f"{path}: there is no such file or folder.") from error
    except OSError as error:
        raise UsageError(f"{path}: it cannot be read ({error.strerror}).") from error


def _is_class(path: Path, assignment: str | None, course: Path | None, form: str | None, *, quiet: bool) -> bool:
    if form not in (None, "one", "many"):
        raise UsageError(f"--as {form}: write one or many.")
    if form or path.suffix in (".py", ".ipynb"):
        return form == "many"
    from grader.batch.run import declared  # noqa: PLC0415 - one submission does without
    from grader.course import find_course  # noqa: PLC0415
    from grader.submission.layouts import looks_like_a_class  # noqa: PLC0415

    is_class, why = looks_like_a_class(path, declared(find_course(course), assignment), assignment)
    if not is_class and _holds_a_run(_REPORTS / _stem(path)):  # of which all but one have left, perhaps
        is_class, why = True, f"It was graded as one: {_REPORTS / _stem(path)} holds its run. Overrule it with --as one."
    if not quiet:
        say(f"{path}: {'a class' if is_class else 'one submission'}. {why}", aside=True)
    return is_class


def _holds_a_run(folder: Path) -> bool:
    """One that got as far as a gradebook; as `grader.batch` names its files, which one submission does not wait for."""
    return all((folder / name).is_file() for name in ("run.sqlite", "gradebook.csv"))


_OF_ONE = ("--item", "--fail-under", "--format", "--audience", "--rejudge")
_OF_MANY = ("--roster", "--jobs", "--executor", "--scheduler", "--reports", "--no-reports")
_NOT_WHEN_REJUDGING = {
    "--seed": "the stored observations were asked with a seed of their own",
    "--isolation": "no student code runs",
}


def _typed(ctx: typer.Context) -> frozenset[str]:
    """The options that were typed, by their long names."""
    given = [p for p in ctx.command.params if (source := ctx.get_parameter_source(str(p.name))) and source.name == "COMMANDLINE"]
    return frozenset((p.secondary_opts or p.opts)[0] if ctx.params[str(p.name)] is False else p.opts[0] for p in given)


def _refuse_idle(typed: frozenset[str], path: Path, *, is_class: bool, executor: str) -> None:
    """An option that would do nothing is a mistake of the caller's, who is told what to write instead."""
    one, many = "one submission", "a class"
    if is_class and (foreign := [n for n in _OF_ONE if n in typed]):
        raise UsageError(f"{foreign[0]} is for {one}, and {path} is {many}. Leave it out, or say --as one.")
    if not is_class and (foreign := [n for n in _OF_MANY if n in typed]):
        remedy = "name the folder of a class" if path.suffix in (".py", ".ipynb") else "say --as many"
        raise UsageError(f"{foreign[0]} is for {many}, and {path} is {one}. Leave it out, or {remedy}.")
    for name in (n for n in _NOT_WHEN_REJUDGING if n in typed and "--rejudge" in typed):
        raise UsageError(f"{name} does nothing with --rejudge: {_NOT_WHEN_REJUDGING[name]}. Leave one of the two out.")
    if "--scheduler" in typed and executor != "dask":
        raise UsageError(f"--scheduler does nothing with --executor {executor}. Write --executor dask, or leave --scheduler out.")
    if "--jobs" in typed and executor == "dask":
        raise UsageError("--jobs does nothing with --executor dask: all workers of the cluster are used. Leave it out.")


def _grade_class(path: Path, out: Path | None, wish: "Wish") -> NoReturn:
    for unused in _servers:  # started early, for one submission
        unused.close()
    _servers.clear()
    from grader.batch.commands import grade_folder  # noqa: PLC0415
    from grader.batch.executors import EXECUTORS  # noqa: PLC0415
    from grader.course import find_course, warning_beside  # noqa: PLC0415

    if wish.executor not in EXECUTORS:
        raise UsageError(f"--executor {wish.executor}: write one of: {', '.join(EXECUTORS)}.")
    wish = replace(wish, course=find_course(wish.course))  # before a folder is made for nothing
    if wish.assignment is None:
        _warn_of(warning_beside(path))
    raise typer.Exit(grade_folder(path, _prepared(out or _REPORTS / _stem(path)), wish))


def _wish(course: Path | None, jobs: int, *, quiet: bool) -> "Wish":
    from grader.batch.run import Wish  # noqa: PLC0415

    return Wish(course, jobs=jobs, quiet=quiet)


@app.command("rejudge", short_help="A class: apply a changed rubric; no student code runs.")
def rejudge_run(
    run: _RUN,
    course: _COURSE_AGAIN = None,
    reports: Annotated[bool, typer.Option(help="Whether to write the reports that changed now, or at the next run.")] = True,
    jobs: _JOBS = 0,
    quiet: _QUIET = False,
) -> None:
    """A class: apply the rubric, and overrides.toml in the run's folder, as they are now to what is stored; say who changed.

    No student code runs.
    """
    from grader.batch import commands  # noqa: PLC0415

    raise typer.Exit(commands.rejudge_run(run, _wish(course, jobs, quiet=quiet), reports=reports))


@app.command("regrade", short_help="A class: run student code again.")
def regrade_run(
    run: _RUN,
    only: Annotated[list[str] | None, typer.Option(help="Only this item, or only this student; may be repeated.")] = None,
    course: _COURSE_AGAIN = None,
    jobs: _JOBS = 0,
    quiet: _QUIET = False,
) -> None:
    """A class: run the submissions again, as they are stored."""
    from grader.batch import commands  # noqa: PLC0415

    raise typer.Exit(commands.regrade_run(run, _wish(course, jobs, quiet=quiet), only or []))


def _no_package(word: Any) -> Any:
    """What was typed for a run or a kind of export, unless it is a platform's name: what that needs is no export."""
    if str(word) in ("gradescope", "prairielearn") and not (isinstance(word, Path) and word.exists()):
        raise UsageError(f"grade export writes what gradebooks import. What {word} needs to grade is built by `grade package {word}`.")
    return word


@app.command("export", short_help="A class: write what gradebooks import.")
def export_run(
    run: Annotated[Path, typer.Argument(callback=_no_package, help="The folder that grading a class has written.")],
    to: Annotated[str, typer.Option(callback=_no_package, help="csv, jsonl, canvas, moodle, moodle-gradebook, canvas-feedback, "
                                                                       "moodle-feedback, jplag or anonymous.")],
    out: Annotated[Path | None, typer.Option(help="Folder to write to; the run's own if left out.")] = None,
    column: Annotated[str, typer.Option(help="Title of the gradebook's column; Canvas': 'Homework 1 (4711)'.")] = "",
    template: Annotated[Path | None, typer.Option(help="The worksheet that Moodle offers for download.")] = None,
    course: _COURSE_AGAIN = None,
    jobs: _JOBS = 0,
    quiet: _QUIET = False,
) -> None:
    """A class: write a gradebook, feedback to hand back, or sources for another tool."""
    from grader.batch import commands  # noqa: PLC0415

    commands.export_run(run, to, out, column, template, _wish(course, jobs, quiet=quiet))


def _graded(
    path: Path, assignment: str | None, course: Path | None, items: list[str], seed: int | None, isolation: str, *, student: bool
) -> "tuple[GradeReport, Recorded]":
    from grader.runner.forkserver import ForkServer  # noqa: PLC0415 - starts while the rest is being imported

    demand = _demand(isolation)
    runner = _servers.pop() if _servers else ForkServer(demand=demand)
    try:
        loaded, submission = _opened(path, assignment, course)
        from grader.core.replay import as_argument  # noqa: PLC0415
        from grader.course import find_course  # noqa: PLC0415
        from grader.grading import grade  # noqa: PLC0415

        runner.keep_from(find_course(course) / "reference", path)

        runner.spare = [partial(importlib.import_module, module) for module in _RENDERING]
        asked, seen = _for_audience(loaded, student=student)
        report, recorded = grade(asked, submission, runner, seed=seed, items=items, path=as_argument(str(path)))
        return seen(report), recorded
    finally:
        _closing.append(threading.Thread(target=runner.close))  # takes 15 ms of waiting, in which the report can be written
        _closing[-1].start()


def _for_audience(loaded: "Assignment", *, student: bool) -> "tuple[Assignment, Callable[[GradeReport], GradeReport]]":
    """What is asked, and what becomes of the report: a student's run asks the public items alone."""
    if not student:
        return loaded, lambda report: report
    from datetime import UTC, datetime  # noqa: PLC0415

    from grader.audience import for_student, public  # noqa: PLC0415

    now = datetime.now(UTC)
    return replace(loaded, rubric=public(loaded.rubric, now)), lambda report: for_student(report, loaded.rubric, now)


def _is_for_student(audience: str | None, formats: list[str]) -> bool:
    """Whose report it is: a CI service shows it to the student, unless told otherwise."""
    from grader.report import FORMATS, ON_REQUEST, SERVICES  # noqa: PLC0415

    for name in formats:
        if name not in {**FORMATS, **ON_REQUEST, **SERVICES}:
            raise UsageError(f"--format {name}: write one of: {', '.join([*FORMATS, *ON_REQUEST, *SERVICES])}.")
    if audience not in (None, "staff", "student"):
        raise UsageError(f"--audience {audience}: write staff or student.")
    return audience == "student" or (audience is None and any(name not in FORMATS for name in formats))


def _demand(text: str) -> "Demand":
    from grader.runner.levels import DEMANDS  # noqa: PLC0415

    for demand in DEMANDS:
        if text == demand:
            return demand
    raise UsageError(f"--isolation {text}: write one of: {', '.join(DEMANDS)}.")


_RENDERING = ("grader.report.terminal", "rich.console", "grader.report.html", "jinja2", "grader.report.json", "grader.recording")
"""What is imported while the submission is at work."""


def _rejudged(
    path: Path, stored: Path, assignment: str | None, course: Path | None, items: list[str], *, student: bool
) -> "GradeReport":
    from grader.core.replay import as_argument  # noqa: PLC0415
    from grader.grading import judge  # noqa: PLC0415
    from grader.recording import load  # noqa: PLC0415

    loaded, submission = _opened(path, assignment, course)
    asked, seen = _for_audience(loaded, student=student)
    return seen(judge(asked, submission, load(stored, loaded, submission), items=items, path=as_argument(str(path))))


def _written(report: "GradeReport", stem: Path, further: list[str]) -> dict[str, Path]:
    """Write what every submission gets, and the further formats; the paths, by format."""
    from grader.report import FORMATS, ON_REQUEST, write_atomically  # noqa: PLC0415

    formats = {**FORMATS, **{name: ON_REQUEST[name] for name in further if name in ON_REQUEST}}
    paths = {name: stem.with_name(stem.name + f.suffix) for name, f in formats.items()}
    for name, path in paths.items():
        write_atomically(path, formats[name].render(report))
    return paths


def _tell(report: "GradeReport", path: Path, files: dict[str, Path], further: list[str]) -> None:
    from grader.report import SERVICES, Written  # noqa: PLC0415

    for name in dict.fromkeys(further):
        if name in SERVICES:
            _last_words.extend(SERVICES[name].tell(Written(report, path, files), os.environ))


def _keep(recorded: "Recorded", report: "GradeReport", stem: Path) -> None:
    from grader.recording import dumps  # noqa: PLC0415
    from grader.report import write_atomically  # noqa: PLC0415

    write_atomically(stem.with_name(stem.name + ".observations"), dumps(recorded, report))


def _opened(path: Path, assignment: str | None, course: Path | None) -> "tuple[Assignment, Submission]":
    from grader.submission import open_submission  # noqa: PLC0415

    submission = open_submission(path)
    from grader.course import choose, find_course, load_assignment, warning_beside  # noqa: PLC0415

    folder = find_course(course)
    if folder.is_relative_to(path.resolve()):
        raise UsageError(f"{path}: the course {folder} lies inside it, and would be handed in with it. Put one of them elsewhere.")
    slug, why = choose(folder, assignment, path, submission)
    if assignment is None:
        _warn_of(warning_beside(path))
        say(f"assignment {slug} ({why})", aside=True)
    loaded = load_assignment(folder, slug)
    # what is left out of archives, and which of several files is graded, hangs on what is asked for, which is known by now
    return loaded, open_submission(path, loaded.asked) if submission.remarks or len(submission.files) > 1 else submission


def _warn_of(problem: str) -> None:
    if problem:
        say("grade:", problem, aside=True)


def _print(report: "GradeReport", html: Path, *, quiet: bool) -> None:
    if quiet:
        from grader.core.report import points  # noqa: PLC0415
        from grader.report.views import scope  # noqa: PLC0415

        ungraded = f", {points(report.ungraded)} ungraded" if report.ungraded else ""
        print(f"{points(report.earned)} of {points(report.possible)} points{scope(report)}{ungraded}")
    else:
        from rich.console import Console  # noqa: PLC0415

        from grader.report.terminal import print_report  # noqa: PLC0415

        print_report(report, Console(highlight=False))
    say("report:", html)


def _stem(path: Path) -> str:
    """The submission's name without what says its kind, also where that is two suffixes: ``hw.tar.gz`` is ``hw``."""
    resolved = path.resolve()
    if not resolved.is_file() or resolved.suffix in (".py", ".ipynb"):
        return resolved.name if resolved.is_dir() else resolved.stem
    from grader.submission.layouts.base import stem  # noqa: PLC0415 - most submissions do without

    return stem(resolved.name)


def _place(out: Path, path: Path, items: list[str]) -> Path:
    """Where a submission's report goes, without suffixes: by its stem, or by its whole name where the stem's report is another's.

    A report on some items alone lies beside the one on all.
    """
    resolved, kind = path.resolve(), ".items" if items else ""
    usual = out / f"{_short(_stem(path))}{kind}"
    if _reported(usual.with_name(f"{usual.name}.json")) in ("", resolved.name):
        return usual
    return out / f"{_short(f'{resolved.name}.folder' if resolved.is_dir() else resolved.name)}{kind}"


def _short(name: str) -> str:
    """The name, or one that leaves room for what is appended to it: file systems take 255 bytes."""
    if len(os.fsencode(name)) <= _LONGEST_NAME:
        return name
    from grader.submission.roll import file_name  # noqa: PLC0415 - names are short

    return file_name(name)


_LONGEST_NAME = 200  # bytes, of 255: `.items`, `.observations`, and what `write_atomically` adds for as long as it writes


def _reported(file: Path) -> str:
    """The name of the submission that a report in JSON is about; empty if it is no report."""
    try:
        return str(json.loads(file.read_bytes())["submission"]["name"])
    except (OSError, ValueError, TypeError, KeyError):
        return ""


def _prepared(out: Path) -> Path:
    """The report folder, made and found writable before anything runs."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {out}: this folder cannot be made ({error.strerror}). Name another one.") from error
    if not os.access(out, os.W_OK | os.X_OK):
        raise UsageError(f"--out {out}: nothing can be written to this folder. Name another one.")
    return out


def _threshold(text: str | None) -> tuple[Fraction, bool] | None:
    """``80%`` or ``40`` as (number, is it a percentage)."""
    if text is None:
        return None
    percent = text.endswith("%")
    try:
        value = Fraction(text.removesuffix("%"))
    except (ValueError, ZeroDivisionError):
        value = Fraction(-1)
    if value < 0 or (percent and value > 100):
        raise UsageError(f"--fail-under {text}: write a percentage from 0% to 100%, such as 80%, or points such as 40.")
    return value, percent


def _below(report: "GradeReport", threshold: tuple[Fraction, bool]) -> bool:
    """Where no points are to be had, nothing was passed."""
    value, percent = threshold
    return not report.possible or report.earned < (report.possible * value / 100 if percent else value)


@app.command("trace-denied", short_help="For authors: what importing a package is refused.")
def trace_denied(
    module: Annotated[str, typer.Argument(help="What to import, such as scipy.stats.")],
    package: Annotated[list[str] | None, typer.Option(help="A package that the course allows; may be repeated.")] = None,
) -> None:
    """For authors of courses: import a module as a submission would, and print every system call that is refused."""
    from grader.runner.tracing import trace_import  # noqa: PLC0415

    print(trace_import(module, [*(package or []), module.partition(".")[0]]))


@app.command(short_help="Print a JSON Schema.")
def schema(which: Annotated[str, typer.Argument(help="Of what: report, interface or rubric.")] = "report") -> None:
    """Print a JSON Schema, for editors and other programs."""
    from grader.schemas import SCHEMAS  # noqa: PLC0415

    if which not in SCHEMAS:
        raise UsageError(f"there is no schema {which!r}; write one of: {', '.join(SCHEMAS)}.")
    print(json.dumps(SCHEMAS[which](), indent=2))


register_authoring(app)  # after the others, as the help lists them
register_platforms(app)


