"""The student's files as modules, and nothing else that a file system has.

One module object serves all the names by which a file can be imported: ``q1_softmax``, ``assignment1.q1_softmax``. Besides
the student's and the course's support modules, only the standard library, numpy and the packages that the course names can
be imported.
"""

import ast
import builtins
import contextlib
import importlib
import linecache
import re
import sys
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.machinery import BuiltinImporter, FrozenImporter, ModuleSpec, PathFinder, all_suffixes
from importlib.util import spec_from_file_location
from itertools import combinations
from os.path import isfile, splitext
from traceback import walk_tb
from types import CodeType, MethodType, ModuleType
from typing import Any, Final

from .missing import DEFINITIONS, LOADING, UNIMPORTABLE, Missing, PackageNotAvailable, Placeholder

_ROOT = "this submission"  # the package of files in no folder, for relative imports; no other import can say it
_REPEATABLE = (ast.FunctionDef, ast.ClassDef, ast.Assign)  # what raises NameError before it has done anything
_DEFINING = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Pass)
_QUICK = frozenset({"dict", "float", "frozenset", "int", "len", "list", "namedtuple", "partial", "range", "set", "tuple", "TypeVar"})
_QUICK_OF = frozenset({"collections", "functools", "math", "np", "numpy", "typing"})
_NUMPY = ("numpy", "numpy.linalg", "numpy.random", "numpy.lib.stride_tricks")  # whose names differ from version to version
_WORKING = (ast.Call, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)  # expressions that may take any time


@dataclass(frozen=True, slots=True)
class File:
    """One source file, the student's or (`support`) the course's."""

    name: str
    path: str
    text: str
    support: bool = False

    @property
    def cells(self) -> list[tuple[str, str]]:
        """Of a notebook, the name and the code of each cell; each follows a form feed and its number."""
        if not self.path.endswith(".ipynb"):
            return []
        split = (cell.partition("\n") for cell in self.text.split("\f")[1:])
        return [(f"{self.path}, cell {number}", code) for number, _, code in split]

    @property
    def alone(self) -> "File":
        """The same as the module of its definitions alone."""
        return replace(self, name=self.name + DEFINITIONS)

    @property
    def stands_in(self) -> bool:
        """Whether its definitions alone are to be run."""
        return self.name.endswith(DEFINITIONS)

    @property
    def is_package(self) -> bool:
        """Whether it is the ``__init__.py`` of a folder."""
        return self.path.rpartition("/")[2] == "__init__.py"

    @property
    def folder(self) -> str:
        """Dotted name of its folder; empty at the root."""
        return self.path.rpartition("/")[0].replace("/", ".")

    @property
    def names(self) -> list[str]:
        """Every name that a neighbour may import it by, its own first."""
        if self.name.endswith(UNIMPORTABLE):
            return [self.name]
        parts = splitext(self.path)[0].split("/")  # noqa: PTH122 - every child would copy the pages of pathlib
        parts = parts[:-1] if self.is_package else parts
        suffixes = [".".join(parts[i:]) for i in range(len(parts))]
        return list(dict.fromkeys([self.name] if self.support else [self.name, *suffixes]))


@dataclass(frozen=True, slots=True)
class Plan:
    """What can be imported.

    Parameters
    ----------
    files : sequence of File
        The student's before the course's: the student's own file wins.
    functions : mapping of str to sequence of str
        Names that the grader may ask for, and the modules in which it will look for each.
    substitutes : mapping of str to str
        Function name to the support module whose function takes its place everywhere.
    packages : mapping of str to str
        Package to the folder that it is installed in.
    placeholders : sequence of str
        Packages that are not here but may be imported, as long as nobody uses them.
    """

    files: Sequence[File]
    functions: Mapping[str, Sequence[str]]
    substitutes: Mapping[str, str] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=dict)
    placeholders: Sequence[str] = ()


class Modules:
    """Finds, loads and remembers the modules of one submission.

    Parameters
    ----------
    plan : Plan
        What can be imported.
    there : dict of str to module
        What was imported before the submission, as `sys.modules` has it; to be kept.
    """

    def __init__(self, plan: Plan, there: dict[str, ModuleType]) -> None:
        self.plan = plan = replace(plan, files=[f for f in plan.files if not f.stands_in])
        self.files: dict[str, File] = {}
        for file in sorted(plan.files, key=lambda f: (f.support, not f.is_package)):  # a package hides a module, as anywhere
            self.files.setdefault(file.name, file)
        self.names = dict(self._names())
        self.folders = {parent for name in self.names for parent in _parents(name)} - self.names.keys()
        self.loaded: dict[str, ModuleType] = {}
        self.placeholders = list(plan.placeholders)
        self.failed: dict[str, BaseException] = {}  # files that want a package, or that cannot be parsed, by path
        self.stopped: dict[str, tuple[ModuleType, int]] = {}  # modules that raised, as they stood then, and the line, by path
        self.lacking: dict[str, str] = {}  # the package that a file used while it was loaded, and that is not here, by path
        self.lines = {p: text.split("\n") for f in plan.files if not f.support for p, text in f.cells or [(f.path, f.text)]}
        self._course: dict[str, ModuleType] = {}
        self._there = there
        self._begun = False  # whether any file was loaded
        self._wanted = ""
        self._passing: list[str] = []  # names by which definitions alone are imported, while others are
        self.neighbours = set(self._neighbours()) if plan.substitutes else set()

    def _names(self) -> Iterator[tuple[str, File]]:
        """Names to files: a file's own name before another's path, the student's before the course's.

        A file in a folder does not hide a module from those who are not in it.
        """
        taken, elsewhere = set(self.files), {"numpy", *self.plan.packages}
        yield from self.files.items()
        for file in self.files.values():
            for name in file.names:
                top = name.partition(".")[0]
                if name not in taken and top not in elsewhere and top not in sys.stdlib_module_names:
                    taken.add(name)
                    yield name, file

    def install(self) -> None:
        """Make this the way to import in this process."""
        for name in [*self.names, *self.folders]:
            if name not in ("sys", "builtins"):
                for modules in (sys.modules, self._there):
                    modules.pop(name, None)  # a student's copy.py hides the standard one, as it does anywhere
        sys.modules["builtins"] = self._there["builtins"] = _BUILTINS
        sys.meta_path[:] = [self, BuiltinImporter, FrozenImporter, PathFinder, _Elsewhere(self)]
        for file in self.plan.files:
            for path, text in file.cells or [(file.path, file.text)]:
                linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """The import system's question.

        What definitions alone import is loaded likewise, unless all of it is there: who knows which of them does not end?
        """
        if name.startswith(_ROOT):
            self._passing += [name] if self._wanted.endswith(DEFINITIONS) else []
            beside: Any = _Alias(name.removeprefix(f"{_ROOT}."))
            return ModuleSpec(name, beside if beside.name != _ROOT else None, is_package=True)
        file = self.names.get(name.removesuffix(DEFINITIONS))
        if file is not None:
            if self._wanted.endswith(DEFINITIONS) and not file.support:
                file = file.alone
                self._passing += [name] if name != file.name else []
            loader: Any = _Source(self, file) if file.name == name else _Alias(file.name)
            return ModuleSpec(name, loader, origin=file.path, is_package=file.is_package)
        if name in self.folders:
            return ModuleSpec(name, None, is_package=True)
        return None

    def adopt(self, folder: str) -> bool:
        """Take a package that is not there for a folder around the submission, if the student imports own files from it or below.

        Further below only those that no library has: in a folder of their own, or where the grader looks for functions.
        """
        imported = re.compile(rf"\b{re.escape(folder)}((?:\.\w+)*)(?:\s+import\s+(\w+))?")
        looked_in = {module for modules in self.plan.functions.values() for module in modules}
        for f in self.plan.files:
            for match in imported.finditer("" if f.support else f.text):
                parts = [part for part in (*match[1].split("."), match[2]) if part]
                for n, end in combinations(range(len(parts) + 1), 2):
                    file = self.names.get(".".join(parts[n:end]))
                    if file and file is not f and not file.cells and (n == 0 or end > n + 1 or parts[n] in looked_in):
                        self._adopt([folder, *parts[:n]])
                        return True
        return False

    def _adopt(self, folders: Sequence[str]) -> None:
        around = ".".join(folders)
        for name, file in tuple(self.names.items()):
            self.names.setdefault(f"{around}.{name}", file)
        self.folders |= {f"{around}.{name}" for name in self.folders} | {around, *_parents(around)}

    def load(self, name: str) -> list[str]:
        """Load one of the student's modules; the names of the grader's functions that it has.

        Raises whatever the module raises.
        """
        self._wanted = name
        for module in self._there.keys() - sys.modules.keys() if self._begun else ():
            sys.modules[module] = self._there[module]  # an earlier file may have taken it away
        self._begun = True
        try:
            importlib.import_module(name)
        finally:
            self._wanted = ""
            while self._passing:
                sys.modules.pop(self._passing.pop(), None)  # whoever is loaded later gets all of it
        if self.plan.substitutes:
            self._substitute()
        return [f for f in self.plan.functions if self._own(vars(self.loaded[name]).get(f))]

    def function(self, module: str, name: str) -> Callable[..., Any]:
        """A function of a loaded module, as it is bound there now."""
        found: Callable[..., Any] = vars(self.loaded[module])[name]
        return found

    def _own(self, value: object) -> bool:
        """Whether it can be called and is no support module's."""
        home = getattr(value, "__module__", None)
        return callable(value) and not (isinstance(home, str) and home in self.files and self.files[home].support)

    def execute(self, file: File, module: ModuleType) -> None:
        """Run a file's code in its module."""
        module.__name__, module.__file__ = file.name, file.path
        vars(module)["__builtins__"] = vars(_BUILTINS)
        if "." not in file.name:
            named = self.names.get(file.folder)
            is_known = named.is_package and named.name != "__init__" if named else file.folder in self.folders
            module.__package__ = file.folder if is_known else _ROOT  # so that `from .q1_softmax import softmax` works
        if not file.support:
            self.loaded[file.name] = module
        try:
            if file.cells or file.stands_in:
                self._run_statements(file, module)
            else:
                _run(file.text, file.path, module)
        except BaseException as error:
            if _is_unparsable(error, self.lines) or _absent(error):
                self.failed[file.path] = error
            elif isinstance(error, PackageNotAvailable):
                self.lacking[file.path] = str(error.name)
            if not self.plan.substitutes or file.support or file.name == self._wanted:
                self.loaded.pop(file.name, None)  # by this name nobody finds what was defined before the error
                self._stop(file, module, error)
                raise
            self.fill(module)  # a neighbour that cannot be loaded does not stand in the way of the function asked

    def _stop(self, file: File, module: ModuleType, error: BaseException) -> None:
        """Keep what there is of a file that raised; not if it may be what fills the memory."""
        lines = [line for frame, line in walk_tb(error.__traceback__) if frame.f_globals is vars(module) and _is_top(frame.f_code, file)]
        if lines and not (file.cells or file.stands_in or isinstance(error, MemoryError)):
            self.stopped[file.path] = module, lines[0]

    def begun(self, file: File) -> ModuleType | None:
        """The module that definitions are to be added to: all that a file did before it raised has been done."""
        return self.stopped[file.path][0] if file.stands_in and file.path in self.stopped else None

    def _run_statements(self, file: File, module: ModuleType) -> None:
        """Run a notebook, or definitions alone: a statement that raises costs no other; a function that it was to bind raises the same.

        Of a file that raised, what stands before that statement is not run again.
        """
        if file.stands_in and file.path in self.failed:
            raise self.failed[file.path]  # the grader is to hear of it, and to ask for the whole again
        if file.cells:
            module.display = _nothing  # type: ignore[attr-defined]
        done = self.stopped[file.path][1] if self.begun(file) else 0
        future: list[ast.stmt] = []
        raised: dict[ast.stmt, BaseException] = {}
        early: list[tuple[str, ast.Module, dict[str, int]]] = []
        for path, code in file.cells or [(file.path, file.text)]:
            try:
                statements = ast.parse(code, path).body
            except (SyntaxError, ValueError, MemoryError, RecursionError) as unparsable:
                self._excuse(unparsable, re.findall(r"^def\s+(\w+)", code, re.MULTILINE), module)
                statements = list(_imports(code))  # what other cells lean on
            for node in statements:
                is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
                if (node.end_lineno or 0) < done and not is_future:
                    continue
                if file.stands_in and not _defines(node):
                    self._leave_out(node, file, module)
                    continue
                part = ast.Module([*future, node], [])
                future += [node] if is_future else []
                if error := self._run_statement(part, path, file, module):
                    raised[node] = error
                    early += [(path, part, _values(node, module))] if isinstance(error, NameError) and isinstance(node, _REPEATABLE) else []
        for path, part, left in early:  # cells that were run in another order than they stand in
            node = part.body[-1]
            if _values(node, module) == left and not self._run_statement(part, path, file, module):
                del raised[node]
        for error in list(raised.values())[:1]:
            self._excuse(error, [f for f, where in self.plan.functions.items() if f.startswith(LOADING) and file.name in where], module)

    def _leave_out(self, node: ast.stmt, file: File, module: ModuleType) -> None:
        """Of a statement that is not run, nobody knows what it would have bound: that is the missing package's fault, if there is one."""
        if package := self.lacking.get(file.path):
            for name in [n for part in ast.walk(node) for n in _bound(part)]:
                vars(module).setdefault(name, Missing(package))

    def _run_statement(self, code: ast.Module, path: str, file: File, module: ModuleType) -> BaseException | None:
        """What it raised.

        A package that is not here ends the loading: the grader says what takes its place. It has no say where definitions stand in.
        """
        try:
            _run(code, path, module)
        except BaseException as error:
            absent = _absent(error)
            if absent and not file.stands_in:
                raise
            if absent and absent not in self.placeholders:
                self.placeholders.append(absent)
                return self._run_statement(code, path, file, module)
            self._excuse(error, [n for part in ast.walk(code) for n in _bound(part)], module)
            self._import_one_by_one(code.body[-1], module)
            return error
        return None

    def _import_one_by_one(self, node: ast.stmt, module: ModuleType) -> None:
        """Of the names that a statement wanted of numpy, bind those that are there; the others, of another version, fail when used."""
        if isinstance(node, ast.ImportFrom) and node.module in _NUMPY and not node.level:
            source = importlib.import_module(node.module)
            for alias in node.names:
                found = getattr(source, alias.name, Missing(f"{node.module}.{alias.name}"))
                vars(module).setdefault(alias.asname or alias.name, found)

    def _excuse(self, error: BaseException, names: Sequence[str], module: ModuleType) -> None:
        """Let the grader's functions among the names raise what kept them from being bound."""
        trace = error.__traceback__

        def excuse(*_args: object, **_named: object) -> None:
            raise error.with_traceback(trace)

        vars(module).update(dict.fromkeys((n for n in names if n in self.plan.functions), excuse))

    # ---- the course's functions in the place of the student's -------------------------------------------------------

    def substitute(self, function: str) -> Any:
        """The support module's function of that name; a file of the student's that is called the same does not hide it."""
        name = self.plan.substitutes[function]
        if name not in self._course:
            file = next(f for f in self.plan.files if f.support and f.name == name)
            self._course[name] = ModuleType(name)
            self.execute(file, self._course[name])
        return vars(self._course[name])[function]

    def fill(self, module: ModuleType) -> None:
        """Give a module that is missing or broken the substitutes, and nothing else."""
        for name in [n for n in vars(module) if not n.startswith("__")]:
            delattr(module, name)
        for function in self.plan.substitutes:
            setattr(module, function, self.substitute(function))

    def _substitute(self) -> None:
        """Rebind, in all the student's modules and classes, each name that means one of the student's functions to be replaced."""
        spaces = [vars(m) for m in self.loaded.values()]
        classes = [v for space in spaces for v in space.values() if isinstance(v, type)]
        for function in self.plan.substitutes:
            own = {id(_bare(space[function])) for space in spaces if callable(space.get(function))}
            for space in spaces:
                for name in [function, *(n for n, v in space.items() if id(_bare(v)) in own)]:
                    space[name] = self.substitute(function)
            for cls, name in [(c, n) for c in classes for n, v in vars(c).items() if id(_bare(v)) in own]:
                setattr(cls, name, staticmethod(self.substitute(function)))

    def _neighbours(self) -> Iterator[str]:
        """Modules that are not there, from which the student imports what is to be replaced."""
        yield from (m for f in self.plan.substitutes for m in self.plan.functions.get(f, ()))
        for file in self.plan.files:
            for node in _nodes(file):
                if isinstance(node, ast.ImportFrom) and node.module and {a.name for a in node.names} & self.plan.substitutes.keys():
                    yield ".".join([*([file.folder] if node.level and file.folder else []), node.module])


def _bare(value: Any) -> Any:
    """The function in a method."""
    return value.__func__ if isinstance(value, MethodType | classmethod | staticmethod) else value


def _is_unparsable(error: BaseException, files: Container[str]) -> bool:
    """Whether a file of the submission cannot be parsed, and not what it evaluates."""
    return isinstance(error, SyntaxError) and type(error.filename) is str and error.filename in files


def _run(code: str | ast.Module, path: str, module: ModuleType) -> None:
    exec(compile(code, path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - what this room is for


def _is_top(code: CodeType, file: File) -> bool:
    """Whether it is a file's own statements, and no function of it."""
    return code.co_filename == file.path and code.co_name == "<module>"


def _absent(error: BaseException) -> str:
    """The package for want of which an import failed; empty if it is something else."""
    return str(error.name).partition(".")[0] if isinstance(error, ModuleNotFoundError) and error.name else ""


def _defines(node: ast.stmt) -> bool:
    """Whether a statement belongs to the definitions: it imports, defines a function or class, or binds names and calls nothing."""
    match node:
        case ast.Assign(value=ast.Lambda()) | ast.AnnAssign(value=ast.Lambda()):
            return True
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return not any(isinstance(part, _WORKING) and not _is_quick(part) for part in ast.walk(value))
        case ast.Expr(value=ast.Name() | ast.Attribute(value=ast.Name())):  # try: xrange
            return True
        case ast.If(test=test):
            return not any(isinstance(part, _WORKING) for part in ast.walk(test)) and all(map(_defines, (*node.body, *node.orelse)))
        case ast.Try():
            handled = (inner for handler in node.handlers for inner in handler.body)
            return all(map(_defines, (*node.body, *handled, *node.orelse, *node.finalbody)))
        case _:
            return isinstance(node, _DEFINING)


def _is_quick(part: ast.AST) -> bool:
    """Whether an expression calls what makes a constant or a function, and nothing of the student's: ``np.eye(3)``, ``np.vectorize(f)``."""
    match part:
        case ast.Call(func=ast.Name(id=name)):
            return name in _QUICK
        case ast.Call(func=ast.Attribute() as function):
            names = [n.id for n in ast.walk(function) if isinstance(n, ast.Name)]
            return len(names) == 1 and names[0] in _QUICK_OF
        case _:
            return False


def _imports(code: str) -> Iterator[ast.stmt]:
    """The imports, a line each, of what cannot be parsed as a whole."""
    for number, line in enumerate(code.split("\n")):
        if line.startswith(("import ", "from ")):
            with contextlib.suppress(SyntaxError, ValueError):
                yield from (ast.increment_lineno(node, number) for node in ast.parse(line).body)


def _leave(*code: object) -> None:
    """``exit`` and ``quit``."""
    raise SystemExit(*code)


_BUILTINS: Final = ModuleType("builtins")  # of the submission's own: `builtins.any = ...` changes nothing for numpy or for us
vars(_BUILTINS).update(vars(builtins), exit=_leave, quit=_leave)  # before the fork: a child would copy each one's page of memory


def _nothing(*_args: object, **_named: object) -> None:
    """What a notebook's ``display`` does here."""


def _values(node: ast.stmt, module: ModuleType) -> dict[str, int]:
    """Which objects the names that a statement binds are bound to now."""
    parts = node.targets if isinstance(node, ast.Assign) else [node]
    return {name: id(vars(module).get(name)) for part in parts for name in _bound(part)}


def _bound(node: ast.AST) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name) | ast.Name(id=name, ctx=ast.Store()):
            return [name]
        case _:
            return []


def _nodes(file: File) -> Iterator[ast.AST]:
    """All syntax of a file; none of what does not parse: it says so itself when it is loaded."""
    for _, text in file.cells or [(file.path, file.text)]:
        with contextlib.suppress(SyntaxError, ValueError, MemoryError, RecursionError):
            yield from ast.walk(ast.parse(text))


@dataclass(frozen=True, slots=True)
class _Source:
    modules: Modules
    file: File

    def create_module(self, _spec: ModuleSpec) -> ModuleType | None:
        return self.modules.begun(self.file)

    def exec_module(self, module: ModuleType) -> None:
        self.modules.execute(self.file, module)

    def get_source(self, _name: str) -> str:
        return self.file.text


@dataclass(frozen=True, slots=True)
class _Alias:
    name: str

    def create_module(self, _spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        sys.modules[module.__name__] = importlib.import_module(self.name)


@dataclass(frozen=True, slots=True)
class _Substitutes:
    modules: Modules

    def create_module(self, _spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        self.modules.fill(module)


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """The last to be asked: the course's packages, placeholders, and a clear refusal."""

    modules: Modules

    def find_spec(self, name: str, path: object = None, _target: object = None) -> ModuleSpec | None:
        plan, top = self.modules.plan, name.partition(".")[0]
        if top in self.modules.placeholders:
            return ModuleSpec(name, Placeholder(top), is_package=True)  # type: ignore[arg-type]
        if name in self.modules.neighbours:
            return ModuleSpec(name, _Substitutes(self.modules))  # type: ignore[arg-type]
        if path is not None:
            return None
        if top in plan.packages:
            return _installed(name, plan.packages[top])
        if self.modules.adopt(top):
            return ModuleSpec(name, None, is_package=True)
        here = ", ".join(["numpy", *plan.packages])
        raise ModuleNotFoundError(
            f"the package {name!r} is not available here; the standard library, {here} and the submission's own files are", name=name
        )


def _installed(name: str, folder: str) -> ModuleSpec | None:
    """A package in a folder that cannot be listed: who else is installed there is nobody's business."""
    for path in (f"{folder}/{name}/__init__.py", *(f"{folder}/{name}{suffix}" for suffix in all_suffixes())):
        if isfile(path):  # noqa: PTH113 - before `pathlib` could be a student's file
            return spec_from_file_location(name, path)
    return None


def _parents(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name
