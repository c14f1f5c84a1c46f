"""A course is a folder with ``reference/<slug>/`` and ``rubrics/<slug>.toml``; an assignment is one slug of it.

The course's Python is trusted: it is imported here, on the grader side, and never travels to the worker. Only its
``support/`` modules do.
"""

import ast
import hashlib
import importlib
import re
import sys
import tomllib
import traceback
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Final, TypeVar

from pydantic import ValidationError

import grader
from grader.checks import KINDS
from grader.checks.base import Check
from grader.core import interface as declarations
from grader.core.errors import CourseError, UsageError
from grader.core.interface import Interface, Model
from grader.core.wording import foremost, on_one_line, worded
from grader.rubric import Rubric, check_conventions, load_rubric
from grader.runner.protocol import Source
from grader.submission.source import Body, Submission
from grader.trial import Misconception, Oracle

HELPERS: Final = "helpers"
"""The support module with the course's own versions of functions: no student may import it."""
_T = TypeVar("_T")
_FUNCTION: Final = re.compile(r"^def\s+(\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """Everything that an author declares about one assignment.

    Parameters
    ----------
    support : tuple of Source
        Modules that the course supplies to students; they travel to the worker.
    helpers : frozenset of str
        Functions that ``support/helpers.py`` has: the course's own versions, to stand in for a wrong neighbour.
    starter : Path
        The folder of the handout's starter files; see `starters`.
    reference_sha256, rubric_sha256 : str
        Which reference it was, with what assignments share in ``reference/``; which rubric.
    """

    interface: Interface
    rubric: Rubric
    oracle: Oracle
    support: tuple[Source, ...]
    helpers: frozenset[str]
    starter: Path
    reference_sha256: str
    rubric_sha256: str

    @property
    def slug(self) -> str:
        """Its short name."""
        return self.interface.slug

    @property
    def asked(self) -> Mapping[str, str]:
        """The functions that the rubric asks for, and the module of each."""
        modules = {f.name: f.module for f in self.interface.functions}
        return {name: modules[name] for name in dict.fromkeys(item.check.function for item in self.rubric.items)}

    @property
    def default_seed(self) -> int:
        """The seed of a run that names none: the same for all students of an assignment and rubric."""
        return int(hashlib.sha256(f"{self.slug}\0{self.rubric_sha256}".encode()).hexdigest()[:8], 16)


def find_course(given: Path | None = None) -> Path:
    """The course's folder: the one given, else the current folder or one above it, else the checkout that this package is in.

    Raises
    ------
    UsageError
        If none of them is a course.
    """
    if given is not None:
        if not _is_course(given):
            raise UsageError(f"--course {given}: this is no course. A course has the folders reference/ and rubrics/.")
        return given.resolve()
    here = Path.cwd()
    for folder in (here, *here.parents, Path(grader.__file__).parent.parent):
        if _is_course(folder):
            return folder
    raise UsageError(f"{here}: neither this nor a folder above it is a course. "
                     "Name one with --course; it has the folders reference/ and rubrics/.")


def _is_course(folder: Path) -> bool:
    return (folder / "reference").is_dir() and (folder / "rubrics").is_dir()


def slugs(course: Path) -> tuple[str, ...]:
    """The assignments that a course has.

    Raises
    ------
    CourseError
        If its rubrics may not be listed.
    """
    try:
        return tuple(sorted(p.stem for p in (course / "rubrics").iterdir() if p.suffix == ".toml"))
    except OSError as error:
        raise CourseError("rubrics/", "", f"it cannot be read ({error.strerror}).", f"Check the permissions of {course}.") from error


def choose(course: Path, wanted: str | None, path: Path, submission: Submission, *, guess: bool = True) -> tuple[str, str]:
    """Which assignment a submission is of, and why: by name, by ``[tool.grade]`` beside it, or by the names that it defines.

    Where nothing tells, and if there is to be a `guess`, it is the course's default.

    Raises
    ------
    UsageError
        If the assignment is unknown, or none or several fit, or the table is wrong.
    CourseError
        If the course has none.
    """
    known = slugs(course)
    if not known:
        raise CourseError("rubrics/", "", "there is no rubric in this folder.", f"Write rubrics/SLUG.toml in {course}.")
    if wanted is not None:
        return known_slug(wanted, known, "--assignment"), "as asked for"
    file = _beside(path)
    if (table := _configured(file)) and table.assignment is not None:
        return known_slug(table.assignment, known, f"[tool.grade] in {file}"), f"named in {file}"
    if len(known) == 1:
        return known[0], "the only one of this course"
    scores = {slug: _overlap(load_interface(course, slug), submission) for slug in known}
    best = max(scores.values())
    fitting = [slug for slug, score in scores.items() if score == best]
    if not any(best) or len(fitting) > 1:
        own = _configured(course / "pyproject.toml") if guess else None
        if isinstance(own, _TableOfCourse) and known_slug(own.default, known, f"[tool.grade] in {course / 'pyproject.toml'}") in fitting:
            return own.default, "nothing in it tells another; --assignment would"
        raise UsageError(f"{path}: it fits {' and '.join(fitting) if any(best) else 'no assignment'}. "
                         f"Say which with --assignment; this course has {', '.join(known)}.")
    return fitting[0], f"it defines {best[1]} of its functions"


def known_slug(slug: str, known: tuple[str, ...], where: str) -> str:
    """The slug, if the course has it.

    Parameters
    ----------
    where : str
        Who named it, for the message.

    Raises
    ------
    UsageError
        If the course has no such assignment.
    """
    if slug not in known:
        raise UsageError(f"{where}: there is no assignment {slug!r}. This course has: {', '.join(known) or 'none'}.")
    return slug


class _Table(Model):
    """``[tool.grade]`` in a ``pyproject.toml`` beside a submission.

    Parameters
    ----------
    assignment : str
        Write the name of an assignment of the course, in quotes.
    """

    assignment: str


class _TableOfCourse(Model):
    """The same in the course's own folder: also of which assignment a submission is that does not tell.

    Parameters
    ----------
    assignment : str or None
        Of what lies beside it. Write the name of an assignment of the course, in quotes.
    default : str
        Write the name of an assignment of the course, in quotes.
    """

    assignment: str | None = None
    default: str


def warning_beside(path: Path) -> str:
    """That the ``pyproject.toml`` beside a submission cannot be read; empty if it can, or if there is none.

    It may be another program's, so this is no error.
    """
    try:
        _read(_beside(path))
    except OSError as error:
        why = error.strerror
    except ValueError as error:
        why = f"it is no TOML: {error}"
    else:
        return ""
    return f"{_beside(path)}: it cannot be read ({why}), so a [tool.grade] table in it has no effect. Mend it, or say --assignment."


def _beside(path: Path) -> Path:
    return (path if path.is_dir() else path.parent) / "pyproject.toml"


def _read(file: Path) -> dict[str, object]:
    """What the file says; nothing if there is none."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


def _configured(file: Path) -> _Table | _TableOfCourse | None:
    """The file's table; None if it has none, or cannot be read: see `warning_beside`."""
    try:
        tool = _read(file).get("tool")
    except (OSError, ValueError):
        return None
    if not isinstance(tool, dict) or "grade" not in tool:
        return None
    if not isinstance(tool["grade"], dict):
        raise UsageError(f"{file}, field tool.grade: it is {tool['grade']!r}. "
                         'Write a table: [tool.grade], and below it assignment = "...".')
    model: type[_Table | _TableOfCourse] = _TableOfCourse if "default" in tool["grade"] else _Table
    try:
        return model.model_validate(tool["grade"])
    except ValidationError as error:
        first = foremost(error)
        problem, remedy = worded(first, model)
        raise UsageError(f"{file}, [tool.grade], field {first['loc'][0]}: {problem} {remedy}") from error


def _overlap(interface: Interface, submission: Submission) -> tuple[int, int]:
    """How many of its functions a submission defines: in files that are called as declared, and in any.

    What the course supplies is no sign of it: a later handout may give what an earlier one asked for. A file that cannot be parsed
    is of the assignment that the lines say which begin with ``def``.
    """
    files = [
        (f.stem, {*f.definitions, *(_FUNCTION.findall(f.text) if f.unparsable else ())})
        for f in submission.files if {*f.folder.parts, f.stem}.isdisjoint(interface.support)
    ]
    found = [[stem for stem, names in files if function.name in names] for function in interface.functions]
    in_place = sum(function.module in stems for function, stems in zip(interface.functions, found, strict=True))
    return in_place, sum(map(bool, found))


def load_interface(course: Path, slug: str) -> Interface:
    """The declared interface of an assignment.

    Raises
    ------
    CourseError
        If the file is missing or its declarations do not hold together.
    """
    interface = _attribute(course, slug, "interface", "INTERFACE", Interface, "INTERFACE = Interface(...)")
    if interface.slug != slug:
        raise CourseError(f"reference/{slug}/interface.py", "field slug", f"it is {interface.slug!r}.",
                          f"Write slug={slug!r}, the folder's name.")
    return interface


def load_assignment(course: Path, slug: str) -> Assignment:
    """Interface, reference, known mistakes, support modules and rubric of an assignment, cross-checked.

    Raises
    ------
    CourseError
        For the first mistake found.
    """
    interface = load_interface(course, slug)
    folder = course / "reference" / slug
    functions = _attribute(course, slug, "solutions", "FUNCTIONS", dict, "FUNCTIONS = {'softmax': softmax, ...}")
    for function in interface.functions:
        if not callable(functions.get(function.name)):
            raise CourseError(f"reference/{slug}/solutions.py", "FUNCTIONS", f"there is no reference for {function.name}.",
                              f"Add '{function.name}': {function.name}.")
    misconceptions: tuple[Misconception, ...] = ()
    if (folder / "misconceptions.py").exists():
        misconceptions = _attribute(course, slug, "misconceptions", "MISCONCEPTIONS", tuple, "MISCONCEPTIONS = (Misconception(...), ...)")
        _check_misconceptions(f"reference/{slug}/misconceptions.py", misconceptions, interface)
    rubric_file = course / "rubrics" / f"{slug}.toml"
    rubric = load_rubric(rubric_file, interface, {**KINDS, **_own_kinds(course, slug)})
    known = {f.name: [m.id for m in misconceptions if m.function == f.name] for f in interface.functions}
    check_conventions(rubric_file, rubric, known)
    support = _support(folder / "support")
    modules = dict.fromkeys(s.name.partition(".")[0] for s in support if s.name != HELPERS)
    for name in (n for n in interface.support if n not in modules):
        raise CourseError(f"reference/{slug}/interface.py", "field support", f"there is no module {name!r} in reference/{slug}/support.",
                          f"Write one of: {', '.join(modules) or 'none'}.")
    return Assignment(
        interface, rubric, Oracle(functions, misconceptions), support, _helpers(support), folder / "starter",
        _digest(*sorted(folder.parent.glob("*.py")), *sorted(folder.rglob("*.py"))), _rubric_digest(rubric_file),
    )


def _check_misconceptions(file: str, misconceptions: tuple[object, ...], interface: Interface) -> None:
    """Refuse what could explain nothing."""
    functions = [f.name for f in interface.functions]
    seen: set[tuple[str, str]] = set()
    for m in misconceptions:
        if not isinstance(m, Misconception):
            raise CourseError(file, "MISCONCEPTIONS", f"{m!r} is no misconception.",
                              "Write Misconception(id, function, sentence, hint, answer).")
        if m.function not in functions:
            raise CourseError(file, f"misconception {m.id}", f"the interface declares no function {m.function!r}.",
                              f"Write one of: {', '.join(functions)}.")
        if (m.id, m.function) in seen:
            raise CourseError(file, f"misconception {m.id}", f"there are two of this id for {m.function}.", "Give each an id of its own.")
        for field in ("id", "sentence", "hint"):
            if not isinstance(value := getattr(m, field), str):
                raise CourseError(file, f"misconception {m.id}", f"its {field} is {value!r}.", "Write text, in quotes.")
        if not callable(m.answer):
            raise CourseError(file, f"misconception {m.id}", f"its answer is {m.answer!r}.",
                              f"Write a function with the arguments and results of {m.function}.")
        seen.add((m.id, m.function))


def _attribute(course: Path, slug: str, stem: str, name: str, kind: type[_T], example: str) -> _T:
    """A module's declaration, checked for its type."""
    value = getattr(_module(course, slug, stem), name, None)
    if not isinstance(value, kind):
        raise CourseError(f"reference/{slug}/{stem}.py", "", f"it declares no {name}.", f"Write {example}.")
    return value


def _module(course: Path, slug: str, stem: str) -> ModuleType:
    """``reference.<slug>.<stem>`` of this course, and of no other that was loaded before."""
    file = f"reference/{slug}/{stem}.py"
    if not (course / file).exists():
        raise CourseError(file, "", "there is no such file.", f"An assignment has interface.py and solutions.py in reference/{slug}/.")
    root = str(course.resolve())
    package = sys.modules.get("reference")
    if package is not None and root + "/reference" not in [str(Path(p).resolve()) for p in package.__path__][:1]:
        for name in [n for n in sys.modules if n == "reference" or n.startswith("reference.")]:
            del sys.modules[name]
    sys.path.insert(0, root)
    try:
        return importlib.import_module(f"reference.{slug}.{stem}")
    except ValidationError as error:
        first = foremost(error)
        file, line = _place(error, course, file)
        field = ".".join(str(p) for p in first["loc"])
        says = (f"{first['msg'].removeprefix('Value error, ')}.",)
        told = says if first["type"] == "value_error" else worded(first, getattr(declarations, error.title, Interface))
        raise CourseError(file, ", ".join(filter(None, (line, field and f"field {field}"))), *told) from error
    except (Exception, SystemExit) as error:
        raise CourseError(*_place(error, course, file), f"importing it raises {on_one_line(error)}.",
                          f"Run `python -c 'import reference.{slug}.{stem}'` in the course's folder.") from error
    finally:
        sys.path.remove(root)


def _place(error: BaseException, course: Path, file: str) -> tuple[str, str]:
    """The file of the course and the line at which it went wrong, deepest first; the file that was imported if it was none."""
    frames = [(f.filename, f.lineno) for f in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        frames.append((error.filename or "", error.lineno))
    root = course.resolve()
    found = next(((name, line) for name, line in reversed(frames) if Path(name).is_relative_to(root / "reference")), None)
    return (Path(found[0]).relative_to(root).as_posix(), f"line {found[1]}") if found else (file, "")


def _own_kinds(course: Path, slug: str) -> dict[str, type[Check]]:
    """Check kinds that the course adds: every `Check` subclass of ``reference/<slug>/checks.py``, by its ``kind``."""
    if not (course / "reference" / slug / "checks.py").exists():
        return {}
    module = _module(course, slug, "checks")
    found: list[type[Check]] = [
        c for c in vars(module).values()
        if isinstance(c, type) and issubclass(c, Check) and c.__module__ == module.__name__ and not c.__abstractmethods__
    ]
    return {str(c.model_fields["kind"].default): c for c in found}


def _support(folder: Path) -> tuple[Source, ...]:
    return tuple(
        Source(_dotted(file.relative_to(folder)), f"support/{file.relative_to(folder).as_posix()}", _parsed(file, folder.parents[2])[0])
        for file in sorted(folder.rglob("*.py"))
    )


def _parsed(file: Path, course: Path) -> tuple[str, ast.Module]:
    """A file that students get, which has to be Python: a mistake in it is not to be met by them."""
    name = file.relative_to(course).as_posix()
    try:
        text = file.read_text(encoding="utf-8")
        with warnings.catch_warnings(action="ignore"):
            return text, ast.parse(text)
    except OSError as error:
        raise CourseError(name, "", f"it cannot be read ({error.strerror}).", "Check its permissions.") from error
    except UnicodeDecodeError as error:
        raise CourseError(name, "", "it is not UTF-8.", "Save it in that encoding.") from error
    except SyntaxError as error:
        raise CourseError(name, f"line {error.lineno}", f"this is not Python: {error.msg}.", "Mend it: students get this file.") from error
    except ValueError as error:
        raise CourseError(name, "", f"this is not Python: {error}.", "Mend it: students get this file.") from error


def _dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _helpers(support: tuple[Source, ...]) -> frozenset[str]:
    helpers = next((s.text for s in support if s.name == HELPERS), "")
    return frozenset(n.name for n in ast.parse(helpers).body if isinstance(n, ast.FunctionDef))


@lru_cache(maxsize=16)
def starters(folder: Path) -> Mapping[str, Sequence[Body]]:
    """For each function, the starter's versions of its body; read when a function earns nothing."""
    bodies: dict[str, list[Body]] = {}
    for file in sorted(folder.rglob("*.py")):
        for node in _parsed(file, folder.parents[2])[1].body:
            if isinstance(node, ast.FunctionDef):
                bodies.setdefault(node.name, []).append(Body(node))
    return bodies


def _digest(*files: Path) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _rubric_digest(file: Path) -> str:
    """Of all but late policy, feedback and visibility: what is decided later changes neither the seed nor what was observed."""
    kept, policy = [], False
    for line in file.read_bytes().splitlines(keepends=True):
        if line.lstrip().startswith(b"["):
            policy = re.match(rb"\s*\[\s*(late|feedback)\s*[].]", line) is not None
        if not policy and not re.match(rb"\s*visibility\s*=", line):
            kept.append(line)
    return hashlib.sha256(file.name.encode() + b"\0" + b"".join(kept).rstrip() + b"\n").hexdigest()
