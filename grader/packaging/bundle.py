"""What a platform is given: this package, one assignment of a course, what to install, and a provisional result."""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

import grader
from grader.core.errors import CourseError, UsageError
from grader.course import Assignment
from grader.report.platforms import PLATFORMS, Circumstances, State
from grader.runner.levels import Demand

DISTRIBUTION: Final = "grade-numeric"
_INSTALLED_AS: Final = ("any", "linux_", "manylinux")
_SKIPPED: Final = ("__pycache__", ".pyc")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of an archive.

    Parameters
    ----------
    name : str
        Path in it, with slashes.
    """

    name: str
    content: bytes
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Contents:
    """What is asked for.

    Parameters
    ----------
    course : Path
        Of `assignment`.
    demand : Demand
        The isolation without which nothing is graded there.
    wheels : Path or None
        A folder of wheels to install from; the package index if None.
    options : tuple of str
        Further arguments of ``grade result`` there.
    """

    course: Path
    assignment: Assignment
    demand: Demand = "required"
    wheels: Path | None = None
    options: tuple[str, ...] = ()


def payload(contents: Contents, platform: str) -> Iterator[Entry]:
    """What every platform needs, always in the same order: equal input gives equal bytes."""
    slug = contents.assignment.slug
    yield from _course(contents.course, slug)
    yield from _folder(Path(grader.__file__).parent, "grade/grader")
    yield Entry("options", _lines(("--assignment", slug, "--isolation", contents.demand, *contents.options)))
    (provisional,) = PLATFORMS[platform].without_verdicts(State.UNFINISHED, Circumstances()).values()
    yield Entry("provisional.json", provisional.encode())
    yield from _wheels(contents.wheels)


def requirements() -> tuple[str, ...]:
    """What this package needs to run, and what that needs in turn, pinned to what is installed here: ``numpy==2.4.6``."""
    found: set[str] = set()
    waiting = _needed()
    while waiting:
        wanted = Requirement(waiting.pop())
        name = canonicalize_name(wanted.name)
        if name not in found and (wanted.marker is None or wanted.marker.evaluate({"extra": ""})):
            found.add(name)
            waiting += metadata.requires(name) or ()
    return tuple(f"{name}=={Version(metadata.version(name))}" for name in sorted(found))


def _needed() -> list[str]:
    """The dependencies of the code that is packaged: a checkout's own file knows them better than what was once installed of it."""
    checkout = Path(grader.__file__).parent.parent / "pyproject.toml"
    project = tomllib.loads(checkout.read_text(encoding="utf-8")).get("project", {}) if checkout.exists() else {}
    if project.get("name") == DISTRIBUTION:
        return list(project["dependencies"])
    return metadata.requires(DISTRIBUTION) or []


def script(platform: str, name: str, *, executable: bool = True) -> Entry:
    """One of the files that are written beforehand."""
    return Entry(name, (resources.files("grader.packaging") / "files" / platform / name).read_bytes(), executable)


def _course(course: Path, slug: str) -> Iterator[Entry]:
    """One assignment, and what its modules may import from the folder above; no other assignment travels with it."""
    rubric, reference = f"rubrics/{slug}.toml", course / "reference"
    for shared in sorted(reference.glob("*.py")):
        yield Entry(f"course/reference/{shared.name}", shared.read_bytes())
    yield from _folder(reference / slug, f"course/reference/{slug}")
    yield Entry(f"course/{rubric}", (course / rubric).read_bytes())


def _folder(folder: Path, prefix: str) -> Iterator[Entry]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
            raise CourseError(str(path), "", "this link leads out of the folder that is packaged.", "Put the file itself there.")
        if path.is_file() and not any(part.startswith(".") or part.endswith(_SKIPPED) for part in Path(name).parts):
            yield Entry(f"{prefix}/{name}", path.read_bytes())


def _wheels(folder: Path | None) -> Iterator[Entry]:
    """``requirements.txt``, and the wheels, among which each requirement has to be."""
    needed = requirements()
    yield Entry("requirements.txt", _lines(needed))
    if folder is None:
        return
    found = sorted(folder.glob("*.whl"))
    have = {_wheel(f.name) for f in found}
    if missing := [r for r in needed if r not in have]:
        raise UsageError(f"--wheels {folder}: there is no wheel for Linux of {', '.join(missing)}. "
                         f"Get them, on Linux, with: {download(needed)} -d {folder}")
    for wheel in found:
        yield Entry(f"wheels/{wheel.name}", wheel.read_bytes())


def _wheel(name: str) -> str:
    """What a wheel's file name says that it is, ``numpy==2.4.6``; empty if the platforms' images, Linux with glibc, cannot install it."""
    try:
        distribution, version, _, tags = parse_wheel_filename(name)
    except InvalidWheelFilename:
        return ""
    return f"{distribution}=={version}" if any(tag.platform.startswith(_INSTALLED_AS) for tag in tags) else ""


def download(needed: Iterable[str]) -> str:
    """The command that fetches wheels."""
    return f"pip download --only-binary :all: {' '.join(needed)}"


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
