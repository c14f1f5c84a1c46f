"""What of a submission travels to the worker: which modules, under which names, and where to look for each function."""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import PurePosixPath

from grader.core.interface import FunctionSpec, Interface
from grader.course import HELPERS, Assignment
from grader.runner.protocol import Program, Source
from grader.submission.source import SourceFile, Submission
from grader.worker.missing import DEFINITIONS, LOADING, UNIMPORTABLE


def program_of(
    assignment: Assignment, submission: Submission, helpers: Sequence[str] = (), placeholders: Sequence[str] = (),
    alone: Sequence[str] = (), stopped: Sequence[str] = (),
) -> Program:
    """What of a submission travels to the worker: its modules, where to look for each function, the course's support.

    Parameters
    ----------
    helpers : sequence of str
        Functions for which the course's own stand in.
    placeholders : sequence of str
        Packages that are not here, and whose import is to go well all the same.
    alone : sequence of str
        Modules of which only the definitions are looked in.
    stopped : sequence of str
        Modules that raise while they are loaded: what there is of them then, with their definitions, is looked in for everything.
    """
    names = module_names(submission.files, assignment.interface)
    functions = [f.name for f in assignment.interface.functions]
    modules = tuple(m for f in submission.files for m in _modules(names[f.path], f, submission, functions))
    lookup = {f.name: lookup_of(f, submission, names) for f in assignment.interface.functions}
    lookup = {f: (*found, *(stand_in(m) for m in found if m in stopped)) for f, found in lookup.items()}
    lookup = {f: tuple(dict.fromkeys(stand_in(m) if m in alone else m for m in found)) for f, found in lookup.items()}
    lookup |= {loading_of(found[0]): found[:1] for found in lookup.values() if found and not found[0].endswith(DEFINITIONS)}
    return Program(
        modules, lookup, tuple(_support(assignment.support, helpers)), dict.fromkeys(helpers, HELPERS), assignment.interface.packages,
        tuple(placeholders))


def _support(support: Iterable[Source], helpers: Sequence[str]) -> Iterator[Source]:
    """The course's modules; of its own versions of functions those that are to stand in and no other: students could hand them in."""
    for source in support:
        if source.name != HELPERS:
            yield source
        elif helpers:
            yield replace(source, text=_only(source.text, frozenset(helpers)))


@lru_cache(maxsize=64)
def _only(text: str, functions: frozenset[str]) -> str:
    """A module's text with no functions but these and those that they call, line for line."""
    lines, body = text.split("\n"), ast.parse(text).body
    defined = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
    kept, waiting = set[str](), [*functions, *(name for node in body if node not in defined.values() for name in _names(node))]
    while waiting:
        name = waiting.pop()
        if name in defined and name not in kept:
            kept.add(name)
            waiting += _names(defined[name])
    for node in (node for name, node in defined.items() if name not in kept):
        first = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
        lines[first : node.end_lineno] = [""] * ((node.end_lineno or first) - first)
    return "\n".join(lines)


def _names(node: ast.stmt) -> list[str]:
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]


def _modules(name: str, file: SourceFile, submission: Submission, functions: Sequence[str]) -> list[Source]:
    """A file as the worker loads it, and the name of a second module: its definitions alone, which the worker makes if it has to."""
    text = file.text
    if file.cells:
        from grader.submission.needed import program_text  # noqa: PLC0415 - whoever hands in .py does not wait for it

        text = program_text(file, submission, functions)
    return [Source(name, file.path, text), Source(stand_in(name), file.path, "")]


def stand_in(name: str) -> str:
    """What the module of a module's definitions alone is called."""
    return name + DEFINITIONS


def lookup_of(function: FunctionSpec, submission: Submission, names: Mapping[str, str]) -> tuple[str, ...]:
    """Modules to look in: the declared one first, then those whose text defines the name, shallow before deep; stubs at last.

    Modules that do not define it are left alone: importing a training script would run it.
    """
    def order(file: SourceFile) -> tuple[bool, bool, int, bool, str]:
        return file.rank(function.name, function.module)

    defining = sorted(submission.defining(function.name), key=order)
    declared = sorted((f for f in submission.files if f.stem == function.module or len(submission.files) == 1), key=order)
    found = tuple(dict.fromkeys(names[f.path] for f in (*defining, *declared)))
    return (*found, *dict.fromkeys(stand_in(names[f.path]) for f in defining))


def loading_of(module: str) -> str:
    """What is asked for to learn how the loading of a module went; text, whatever the file is called."""
    return LOADING + ascii(module)


def module_names(files: Sequence[SourceFile], interface: Interface) -> dict[str, str]:
    """Dotted module name of each file, relative to the folder that holds the assignment's modules.

    The ``__init__.py`` of that folder has the folder's name, unless that means something else. Names that no import statement can
    say are given to notebooks that would take the place of a script or a package, and to what lies in a folder that is no package
    and is called like one.
    """
    wanted = {f.name for f in interface.functions}
    weight: Counter[PurePosixPath] = Counter()
    for file in files:
        weight[file.folder] += len(wanted & set(file.definitions))
    root = min(weight, key=lambda folder: (-weight[folder], len(folder.parts), str(folder)), default=PurePosixPath())
    names: dict[str, str] = {}
    scripts = {f.path for f in files if not f.is_notebook}
    package = root.name if root.name not in {"", *_elsewhere(interface), *(f.stem for f in files)} and "." not in root.name else "__init__"
    for file in files:
        path = PurePosixPath(file.path)
        inside = path.relative_to(root) if path.is_relative_to(root) else path
        top, *below = inside.with_suffix("").parts
        if below and top in _elsewhere(interface) and str(path.parents[len(below) - 1] / "__init__.py") not in scripts:
            top += "-folder"
        parts = [top, *below]
        name = ".".join(parts[:-1] if below and parts[-1] == "__init__" else parts)
        name = package if name == "__init__" else name
        is_hidden = file.is_notebook and (
            str(path.with_suffix(".py")) in scripts or name in _elsewhere(interface) or _is_package(file, files))
        names[file.path] = name + UNIMPORTABLE if is_hidden else name
    return names


def _elsewhere(interface: Interface) -> frozenset[str]:
    """Modules that are there without any submission."""
    return sys.stdlib_module_names | {"numpy", *interface.packages}


def _is_package(notebook: SourceFile, files: Iterable[SourceFile]) -> bool:
    """Whether the notebook's name is that of a package: the notebook imports it, or somebody something in it."""
    imported = re.compile(rf"^[ \t]*(?:from|import)[ \t]+{re.escape(notebook.stem)}\b([ \t]*\.)?", re.MULTILINE)
    return any(found[1] or file is notebook for file in files for found in imported.finditer(file.text))
