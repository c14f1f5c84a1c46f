"""``grade start``: the files that students start from, made from what the course declares."""

import ast
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

import numpy as np

from grader.authoring.skeleton import PLAIN_NUMBER, Surroundings, function_source, module_source, wrapped
from grader.core import dims
from grader.core.audience import Visibility
from grader.core.interface import ArraySpec, FunctionSpec
from grader.core.probe import Probe, Value
from grader.core.report import points
from grader.core.wording import listed
from grader.course import Assignment
from grader.rubric import RubricItem
from grader.runner.protocol import Source
from grader.trial import Trial

_TODO: Final = "Write each function where it raises NotImplementedError now."


def starter(assignment: Assignment, form: str) -> dict[str, str]:
    """The text of each file of a starter, by its relative path.

    Parameters
    ----------
    form : str
        A name of `FORMS`.
    """
    files = FORMS[form](assignment)
    support = {s.path.removeprefix("support/"): s.text for s in handed_out(assignment)}
    declared = f'[tool.grade]\nassignment = "{assignment.slug}"\n'
    return {**files, **support, "pyproject.toml": declared, "README.md": readme(assignment, form, list(files))}


# ---- the three forms -------------------------------------------------------------------------------------------------


def _as_file(assignment: Assignment) -> dict[str, str]:
    text = "\n".join(wrapped(f"{assignment.interface.title}.")) + f"\n\n{_TODO}"
    return {"submit.py": module_source(text, assignment.interface.functions, Surroundings(forms=forms(assignment)))}


def _as_folder(assignment: Assignment) -> dict[str, str]:
    functions, also = assignment.interface.functions, forms(assignment)
    files: dict[str, str] = {}
    for module in dict.fromkeys(f.module for f in functions):
        inside = [f for f in functions if f.module == module]
        elsewhere = {f.name: f"{f.module}.py" for f in functions if f.module != module}
        text = [*wrapped(f"{assignment.interface.title}."), "", *wrapped(f"Here: {listed(f.name for f in inside)}. {_TODO}")]
        files[f"{module}.py"] = module_source("\n".join(text), inside, Surroundings(elsewhere, also))
    return files


def _as_notebook(assignment: Assignment) -> dict[str, str]:
    around = Surroundings(forms=forms(assignment))
    cells = [
        _cell("title", "markdown", f"# {assignment.interface.title}\n\n{_TODO}"), _cell("imports", "code", "import numpy as np"),
        *(_cell(f"{number:02}-{f.name}"[:_LONGEST_ID], "code", function_source(f, around).rstrip("\n"))
          for number, f in enumerate(assignment.interface.functions, 1)),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return {"submit.ipynb": json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"}


_LONGEST_ID: Final = 64  # characters of a cell's id, by nbformat 4.5


def _cell(name: str, kind: str, source: str) -> dict[str, Any]:
    of_code: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "id": name, "metadata": {}, "source": source.splitlines(keepends=True), **of_code}


FORMS: Final[Mapping[str, Callable[[Assignment], dict[str, str]]]] = {"file": _as_file, "folder": _as_folder, "notebook": _as_notebook}
"""What ``--form`` takes: the files that students write into."""


# ---- what the docstrings say beyond the interface -----------------------------------------------------------------------


def forms(assignment: Assignment) -> dict[tuple[str, str], tuple[str, ...]]:
    """What the questions of public items hand over where an array is declared, by function and parameter.

    Read off the questions themselves: so it holds for every kind of check, and nothing is said of hidden items.
    """
    trial = Trial(assignment.default_seed, assignment.interface, assignment.oracle)
    found: dict[tuple[str, str], dict[str, None]] = {}
    for item in public(assignment.rubric.items):
        for probe in item.questions(trial):
            for key, form in _other_forms(probe, assignment.interface.function(probe.function)):
                found.setdefault(key, {})[form] = None
    return {key: tuple(said) for key, said in found.items()}


def _other_forms(probe: Probe, function: FunctionSpec) -> Iterator[tuple[tuple[str, str], str]]:
    for param, value in zip(function.params, probe.args, strict=False):  # a question may leave out what has a default
        if isinstance(param.spec, ArraySpec) and param.spec.shape and (form := _form(param.spec, value)):
            yield (function.name, param.name), form


def _form(spec: ArraySpec, value: Value) -> str:
    """In words, how an array differs from the declared one; empty if it does not."""
    declared = dims.parse_shape(spec.shape)
    if not isinstance(value, np.ndarray):
        return PLAIN_NUMBER
    if value.ndim < len(declared):
        last = dims.spelled(spec.shape)[1:-1].split(", ")[-1]
        return f"a vector ({last},)" if value.ndim == 1 else PLAIN_NUMBER
    if value.ndim > len(declared):
        return "a matrix" if value.ndim == 2 else "an array of more dimensions"
    return "an array of ints" if spec.dtype == "float" and value.dtype.kind == "i" else ""


def public(items: Iterable[RubricItem]) -> list[RubricItem]:
    """The items that students see from the first day."""
    return [i for i in items if i.visibility is Visibility.VISIBLE]


def handed_out(assignment: Assignment) -> tuple[Source, ...]:
    """The support modules that students may import, without those that hold what students are to write."""
    asked = {f.name for f in assignment.interface.functions}
    answers = {_package(s) for s in assignment.support if asked & _defined(s.text)}
    return tuple(s for s in assignment.support if _package(s) in assignment.interface.support and _package(s) not in answers)


def _package(source: Source) -> str:
    return source.name.partition(".")[0]


def _defined(text: str) -> set[str]:
    return {n.name for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef)}


# ---- the README ------------------------------------------------------------------------------------------------------


def readme(assignment: Assignment, form: str, files: Sequence[str]) -> str:
    """What is asked for, how to try it, and what each public item is worth."""
    items = public(assignment.rubric.items)
    title, supplied = f"# {assignment.interface.title}", (_paragraph(s) for s in _supplied(assignment))
    parts = [title, _how_to_write(files), *supplied, _how_to_run(form, files, items), _table(items)]
    if hidden := len(assignment.rubric.items) - len(items):
        parts.append(f"{hidden} further item{'s are' if hidden > 1 else ' is'} graded later, and not listed here.")
    return "\n\n".join(parts) + "\n"


def _how_to_write(files: Sequence[str]) -> str:
    return _paragraph(
        f"Hand in {_code(files)}. {_TODO} The docstrings say what goes in and what comes out. Keep the functions' "
        "names and the order of their arguments; other functions, classes and imports of numpy and the standard library are yours to "
        "add. Change an argument in place only where its docstring allows it.")


def _supplied(assignment: Assignment) -> list[str]:
    supplied = list(dict.fromkeys(_package(s) for s in handed_out(assignment)))
    allowed = assignment.interface.packages
    said = [f"The folder holds {_code(supplied)} for you to import; you need not hand it in."] if supplied else []
    return [*said, f"You may also import {_code(allowed)}."] if allowed else said


def _how_to_run(form: str, files: Sequence[str], items: Sequence[RubricItem]) -> str:
    path = "." if form == "folder" else files[0]
    one = [f"    grade {path} --item {items[0].id}"] if items else []
    asked = "The first line grades the items below, the second one of them. " if items else ""
    said = (f"{asked}What is lost is explained in the terminal and, in full, in the page in `grade-report/`. If `grade` finds no "
            "course, say where yours is with `--course FOLDER`.")
    return "\n".join(["## Try it", "", "In this folder:", "", f"    grade {path}", *one, "", _paragraph(said)])


def _table(items: Sequence[RubricItem]) -> str:
    total = sum((i.points for i in items), Fraction(0))
    rows = [f"| {_cell_text(i.section)} | {_cell_text(i.title)} | {points(i.points)} | `{i.id}` |" for i in items]
    head = ["| section | what must hold | points | item |", "| --- | --- | ---: | --- |"]
    counted = f"{len(items)} item{'s' if len(items) != 1 else ''}, {points(total)} points."
    return "\n".join(["## What is graded", "", counted, "", *head, *rows])


def _cell_text(text: str) -> str:
    """Text of an author in a cell: no bar ends it, and signs of mathematics stay signs."""
    return "".join(f"\\{c}" if c in "\\|*<`" else c for c in " ".join(text.split()))


def _code(names: Iterable[str]) -> str:
    return listed(f"`{name}`" for name in names)


def _paragraph(text: str) -> str:
    return "\n".join(wrapped(text))
