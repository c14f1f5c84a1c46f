"""One submission of several files, or many submissions? Told by what is in a folder.

The question is whether its parts (files and folders) share the assignment's functions out among them, as the modules of one
submission do, or whether each has them all, as the members of a class do.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from grader.submission.archive import is_archive
from grader.submission.bounds import SKIPPED
from grader.submission.layouts.base import together
from grader.submission.layouts.listing import Listing, is_source
from grader.submission.names import readable_file

_ENOUGH: Final = 40
"""Parts that are looked into: a class says what it is by then."""
_ENOUGH_FILES: Final = 20
"""Files of one part that are looked into."""
_COMMON: Final = frozenset({"main", "test", "setup", "run", "__init__"})
"""Functions that modules of one submission have each for itself."""
_OVERRULE: Final = "Overrule it with --as {}."


@dataclass(frozen=True, slots=True)
class Declared:
    """What the interfaces of a course declare.

    Parameters
    ----------
    modules, functions : frozenset of str
        Names.
    """

    modules: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()


NOTHING_DECLARED: Final = Declared()


@dataclass(frozen=True, slots=True)
class _Part:
    """A file or folder, and the functions that it defines: those of the assignment, or all where none of these is defined."""

    name: str
    defined: frozenset[str]


def is_one_submission(folder: Listing, declared: Declared) -> tuple[bool, str]:
    """Whether a folder without any system's marks is one submission, and the reason in a sentence."""
    archives = [f for f in folder.files if is_archive(f)]
    sources = [f for f in folder.files if is_source(f)]
    folders = [f for f in folder.folders if f not in SKIPPED and any(True for _ in folder.child(f).sources())]
    packed = [f for f in folder.folders if f not in SKIPPED and f not in folders and _holds_archive(folder.child(f))]
    if not sources and not folders:
        return _without_sources(len(archives), len(packed))
    modules = [f for f in sources if PurePath(f).stem in declared.modules]
    if modules and 2 * len(modules) >= len(sources):
        return True, f"{_listed(modules)} {'is a module' if len(modules) == 1 else 'are modules'} of the assignment."
    if "__init__.py" in sources:
        return True, "It is a package: it holds __init__.py."
    if len(archives) + len(packed) > 1:
        return False, f"It holds {len(archives) + len(packed)} archives, as a class does."
    parts = _parts(folder, [*sources, *folders], declared)
    return _by_functions(folder, parts) if len(parts) > 1 else (True, _alone(parts[0].name, archives))


def _holds_archive(folder: Listing) -> bool:
    return any(is_archive(f) for f in folder.files)


def _without_sources(archives: int, packed: int) -> tuple[bool, str]:
    if archives + packed:
        return False, f"It holds no Python file, but {archives + packed} archive{'s' if archives + packed > 1 else ''}."
    return True, "It holds neither Python files nor archives of a class."


def _alone(name: str, archives: Sequence[str]) -> str:
    beside = f" beside {_listed(archives)}" if archives else ""
    return f"{_listed([name])} is all the Python that it holds{beside}. " + _OVERRULE.format("many")


def _parts(folder: Listing, names: Sequence[str], declared: Declared) -> list[_Part]:
    """Files of one stem are one part: a notebook and what was exported from it."""
    alike: dict[str, list[str]] = defaultdict(list)
    for name in names:
        alike[name if name in folder.folders else PurePath(name).stem].append(name)
    everything = [_Part(same[0], frozenset().union(*(_defined(folder, n) for n in same))) for same in [*alike.values()][:_ENOUGH]]
    asked = [_Part(p.name, p.defined & declared.functions) for p in everything]
    return asked if any(p.defined for p in asked) else everything


def _defined(folder: Listing, name: str) -> frozenset[str]:
    if name in folder.files:
        return folder.defined(name) - _COMMON
    sources = zip(range(_ENOUGH_FILES), folder.child(name).sources(), strict=False)
    return frozenset(d for _, (inner, file) in sources for d in inner.defined(file)) - _COMMON


def _by_functions(folder: Listing, parts: Sequence[_Part]) -> tuple[bool, str]:
    defining = [p for p in parts if p.defined]
    if len(defining) > 1:
        return _by_sharing(defining)
    if len(defining) == 1 and len(parts) < 5:
        only = _listed([defining[0].name])
        return True, f"Only {only} defines functions; what lies beside it seems to help it. " + _OVERRULE.format("many")
    if not defining and any(p.name in folder.folders for p in parts) and any(p.name in folder.files for p in parts):
        return True, "It holds files and folders, none of which defines a function. " + _OVERRULE.format("many")
    return False, f"It holds {len(parts)} files or folders of Python that do not build on each other. " + _OVERRULE.format("one")


def _by_sharing(parts: Sequence[_Part]) -> tuple[bool, str]:
    """In one submission each function is defined about once; in a class by about every part.

    Half-way between counts as a class only beyond it; and a class in which most have only begun is told by one function that
    more than half of the parts, and more than three, define.
    """
    times = Counter(function for p in parts for function in p.defined)
    mean = times.total() / len(times)
    function, most = max(times.items(), key=lambda pair: (pair[1], pair[0]))
    is_clear = mean > (1 + len(parts)) / 2
    if is_clear or most > max(3, len(parts) / 2):
        doubt = "" if is_clear and len(parts) > 3 else " " + _OVERRULE.format("one")
        return False, f"{most} of its files and folders define {function}, so each is a submission of its own.{doubt}"
    names = _listed([p.name for p in parts])
    doubt = " " + _OVERRULE.format("many") if most > 1 else ""
    return True, f"{names} define different functions, so they belong together.{doubt}"


def _listed(names: Sequence[str]) -> str:
    """File names in a few words, fit for a terminal."""
    return " and ".join(readable_file(n) for n in names) if len(names) == 2 else together(names)
