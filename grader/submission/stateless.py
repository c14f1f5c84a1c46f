"""Whether functions can keep anything from one call to the next, as far as their syntax proves that they cannot.

An answer that depends on the calls before it needs something that outlives them: a global or a default argument that can be
changed, an attribute, a class, a file, a clock. Most submissions have none of these, and reading every identifier proves it
at a twentieth of what it takes to ask them in another process and another order. The proof is narrow on purpose: whatever it
does not know of is taken for state.

Every identifier in the code that the functions reach, and in what runs when their files are imported, is one of these,
whatever it stands for in its place: a parameter or local variable; a function of the files, which is reached too; a global
that is bound to numbers and texts alone; a built-in function, a module, or an attribute, of the lists below. No attribute is
ever bound. So all that a call can change is made in that call.
"""

import ast
import builtins
import re
import sys
from collections.abc import Container, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from grader.submission.source import SourceFile, is_elsewhere

_INSIDE: Final = frozenset("""
    annotation args bases body cause comparators context_expr decorator_list defaults elt elts exc finalbody format_spec func generators
    handlers ifs items iter key keys keywords kw_defaults kwarg kwonlyargs left lower msg operand optional_vars orelse posonlyargs returns
    right slice step target targets test type type_params upper value values vararg
""".split())  # noqa: SIM905 - a list to be read
"""Fields of the syntax that hold further syntax, but for operators and what tells a load from a store."""
_PARTS: Final[dict[type[ast.AST], tuple[str, ...]]] = {kind: tuple(part for part in kind._fields if part in _INSIDE) for kind in (
    ast.FunctionDef, ast.arguments, ast.arg, ast.Lambda, ast.Return, ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete,
    ast.Pass, ast.Break, ast.Continue, ast.For, ast.While, ast.If, ast.IfExp, ast.With, ast.withitem, ast.Raise, ast.Try,
    ast.ExceptHandler, ast.Assert, ast.Import, ast.ImportFrom, ast.BoolOp, ast.NamedExpr, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call,
    ast.keyword, ast.Dict, ast.Set, ast.List, ast.Tuple, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.comprehension,
    ast.JoinedStr, ast.FormattedValue, ast.Attribute, ast.Subscript, ast.Slice, ast.Starred,
)} | {ast.Constant: ()}
"""Syntax that keeps nothing by itself: no ``global``, no class, no pattern, nothing asynchronous; and no generator, whose ``finally``
may run in another call.
"""
_LIBRARIES: Final = frozenset({"cPickle", "copy", "glob", "math", "numpy", "numpy.linalg", "numpy.random", "os.path", "pickle", "random"})
_TYPES: Final = frozenset({
    "Any", "ArrayLike", "Callable", "Dict", "Iterable", "Iterator", "List", "NDArray", "Optional", "Sequence", "Set", "Tuple", "Union"})
_OF_TYPES: Final = frozenset({"collections.abc", "numpy.typing", "typing"})
_ATTRIBUTES: Final = frozenset("""
    T abs absolute add all allclose amax amin any append apply_along_axis arange argmax argmin argsort around array array_equal
    array_split asarray asmatrix astype at atleast_1d atleast_2d average axis basename bincount bool_ broadcast_to ceil choice clip
    column_stack concatenate copy copyto cos cosh count count_nonzero cumprod cumsum deepcopy delete diag diagonal diff discard divide
    dot double dstack dtype dump e einsum endswith equal errstate exp exp2 expand_dims expm1 extend eye fabs fill find finished flat
    flatten float float32 float64 floor floor_divide fromkeys full full_like get get_state getRandomContext getstate greater
    greater_equal heaviside hsplit hstack identity index inf inner insert int32 int64 integer inv isclose isfinite isinf isnan isscalar
    items iternext join keys kron less less_equal linalg linspace log log10 log1p log2 logaddexp logical_and logical_not logical_or
    lower mat matmul matrix max maximum mean meshgrid min minimum mod multi_index multiply nan nan_to_num ndenumerate ndim ndindex
    negative newaxis nonzero norm normal not_equal ones ones_like outer permutation pi pop pow power prod put rand randint randn
    random random_sample ravel reciprocal reduce remove repeat replace reshape reverse round row_stack sample sampleTokenIdx save
    setdefault setstate shape shuffle sign sin sinh size solve sort split splitext sqrt square squeeze stack startswith std
    strip subtract sum swapaxes take tan tanh tensordot tile tolist trace transpose tril triu true_divide uniform union unique upper
    values var vdot vectorize vsplit vstack where zeros zeros_like
""".split())  # noqa: SIM905 - a list to be read
"""Of numpy, math, random, of arrays, lists, dictionaries and texts, and of the handouts' objects: what computes and keeps nothing;
and what the handout's ``sgd`` saves its parameters with, where no file can be written.

Left out on purpose: ``empty`` and ``ndarray``, which hold what was there before; ``seed``, which takes the clock if it is given
nothing; ``set_state``, by which numpy draws from wherever in memory it is told; ``view``, ``base``, ``data`` and their like. What
draws random numbers starts from the same state in every call. For others it depends on what they are given: see `_is_harmless`.
"""
_BUILTINS: Final = frozenset("""
    ArithmeticError AssertionError AttributeError Exception False FloatingPointError ImportError IndexError KeyError LookupError
    NameError None NotImplementedError OverflowError RuntimeError StopIteration True TypeError ValueError ZeroDivisionError __name__ abs
    all any bool complex dict divmod enumerate filter float frozenset int isinstance issubclass iter len list map max min next pow
    print range repr reversed round set slice sorted str sum tuple zip
""".split())  # noqa: SIM905 - a list to be read
_FORBIDDEN: Final = frozenset(dir(builtins)) - _BUILTINS
_BINDING: Final = frozenset({ast.arg, ast.FunctionDef, ast.ExceptHandler})
_UNBOUND: Final = frozenset({"glob", "isinstance", "open"})
"""What is told by its name, as those with underscores are: nothing else may be called so."""
_DEPENDS: Final = frozenset({"format", "glob", "load", "nditer", "open"})
_CLOCKS: Final = frozenset({"now", "today", b"now", b"today"})  # as numpy reads dates
_PATH: Final = re.compile(r"\w")  # does not exist: the working directory is empty
_INTO: Final = re.compile(r"\{[^{}:!]*[.\[]")  # a field of a format that looks into what it shows

_IMPORTS: Final = frozenset({ast.Import, ast.ImportFrom})


def stateless_functions(files: Iterable[SourceFile], functions: Iterable[str], modules: Container[str]) -> frozenset[str]:
    """The functions that keep nothing between calls, and draw on nothing in which two processes differ, if no file can be written.

    Nor does any of them leave anything to the others, whichever these are: they are only told from those of which nothing is proven.

    Parameters
    ----------
    files : iterable of SourceFile
        All that can be imported: the submission's, and what the course adds to it.
    functions : iterable of str
        Those that are called.
    modules : container of str
        Names of files in which they are looked for besides those that define them.

    Returns
    -------
    frozenset of str
        Those for which there is a proof; none if importing the files may leave something behind.
    """
    wanted, proof = frozenset(functions), _Proof(files)
    if not proof.files.keys().isdisjoint(sys.stdlib_module_names):
        return frozenset()  # Python's own modules may import it, in a call too
    try:
        for name, found in proof.files.items():
            if name in modules or any(not file.definitions.keys().isdisjoint(wanted) for file in found):
                proof.load(name)
    except (_Unproven, RecursionError):
        return frozenset()
    return frozenset(filter(proof.holds, sorted(wanted)))  # in order: what was read before may count


class _Unproven(Exception):  # noqa: N818 - not an error
    """There may be something that outlives a call."""


@dataclass(slots=True)
class _Reading:
    """What is in the code of a function, or at the top level of the files.

    Parameters
    ----------
    found : set of str
        Names and attributes: if they are functions of the files, these are reached.
    names : set of str
        Those of them that must not be changeable.
    of_modules : set of (str, str)
        Attributes that only functions of the files may have, after the name that they are of; that is empty if it is none.
    """

    found: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    of_modules: set[tuple[str, str]] = field(default_factory=set)


class _Proof:
    """What was read so far. Files of one name are one to it, and so is what they define."""

    def __init__(self, files: Iterable[SourceFile]) -> None:
        self.files: dict[str, list[SourceFile]] = {}
        for file in files:
            folder, _, name = file.path.rpartition("/")
            self.files.setdefault(folder.rpartition("/")[2] if name == "__init__.py" else file.stem, []).append(file)
        self._loaded: set[str] = set()
        self._refused: set[str] = set()
        self._functions: dict[str, list[ast.FunctionDef]] = {}
        self._readings: dict[str, _Reading | None] = {}
        self._top = _Reading()
        self._changeable: set[str] = set()  # globals that are not known to be a function, a module, a number or a text
        self._foreign: set[str] = set()  # those of them that other modules have to offer: using one may change anything
        self._modules: dict[str, set[str]] = {}  # names for the files as modules, and those by which they were imported
        self._bound: set[str] = set()  # names that are bound to anything else, anywhere

    def load(self, name: str) -> None:
        """Read the files of that name as far as they run when they are imported."""
        if name in self._refused:
            raise _Unproven
        if name in self._loaded:
            return
        self._loaded.add(name)
        try:
            self._run_all(name)
        except (_Unproven, RecursionError):
            self._refused.add(name)
            raise

    def _run_all(self, name: str) -> None:
        for file in self.files[name]:
            if name == "__main__" or (file.tree is None and file.text.strip()):
                raise _Unproven  # a notebook, or no Python
            for package in sorted({"", *file.path.split("/")[:-1]} & self.files.keys() - {name}):
                self.load(package)
            if file.tree is not None:
                self._run(file.tree.body)

    def holds(self, function: str) -> bool:
        """Read all that it reaches, and conclude."""
        found, names, of_modules = {function} | self._top.found, {function} | self._top.names, set(self._top.of_modules)
        reached: set[str] = set()
        while further := found & self._functions.keys() - reached:
            reached |= further
            for reading in map(self._reading, sorted(further)):
                if reading is None:
                    return False
                found |= reading.found
                names |= reading.names
                of_modules |= reading.of_modules
        modules = {name for name, through in self._modules.items() if self._bound.isdisjoint({name, *through})}
        return (names.isdisjoint(self._changeable) and self._top.found.isdisjoint(self._foreign)
                and all(n in modules and a in reached for n, a in of_modules))

    def _reading(self, name: str) -> _Reading | None:
        """Of all functions of that name; None if there is what keeps something."""
        if name not in self._readings:
            self._readings[name] = None
            with suppress(_Unproven, RecursionError):
                self._readings[name] = self._read_functions(self._functions[name])
        return self._readings[name]

    def _read_functions(self, functions: Iterable[ast.FunctionDef]) -> _Reading:
        words: set[str] = set()
        reading = _Reading(words, words)
        for function in functions:
            defaults = [*function.args.defaults, *filter(None, function.args.kw_defaults)]
            if function.decorator_list or not all(map(_is_fixed, defaults)):
                raise _Unproven
            for part in (*defaults, *function.body):
                self._read(part, reading, function)
        return reading

    def _run(self, statements: Iterable[ast.stmt]) -> None:
        """Top-level statements: what they bind outlives every call, unless it cannot be changed."""
        for statement in statements:
            match statement:
                case ast.FunctionDef(name=name, args=args, returns=returns):
                    self._functions.setdefault(name, []).append(statement)
                    self._add_bound(name)
                    for part in (args, *statement.decorator_list, ast.arg("", returns)):
                        self._evaluate(part)
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_fixed(value):
                    self._add_bound(name)
                    self._read(value, self._top)
                    words = (getattr(n, "id", getattr(n, "attr", None)) for n in ast.walk(value))
                    self._top.names.update(filter(None, words))
                case ast.If(test=ast.Compare(ast.Name("__name__"), [ast.Eq()], [ast.Constant("__main__")])):
                    self._run(statement.orelse)
                case ast.If():
                    self._evaluate(statement.test)
                    self._run((*statement.body, *statement.orelse))
                case ast.Try():
                    for handler in statement.handlers:
                        self._evaluate(ast.ExceptHandler(handler.type, handler.name, []))
                        self._run(handler.body)
                    self._run((*statement.body, *statement.orelse, *statement.finalbody))
                case _:
                    self._evaluate(statement)

    def _evaluate(self, code: ast.AST) -> None:
        """What runs at the top level, and may bind anything."""
        self._changeable.update(name for node in ast.walk(code) if type(node) not in (ast.arg, ast.alias) and (name := _bound_name(node)))
        self._read(code, self._top)

    def _add_bound(self, name: str) -> None:
        if name in _UNBOUND or (name.startswith("__") and name != "__author__"):
            raise _Unproven
        self._bound.add(name)

    def _read(self, code: ast.AST, reading: _Reading, function: ast.FunctionDef | None = None) -> None:
        """Add what is in a statement or expression; `_Unproven` if there is what keeps something.

        Parameters
        ----------
        reading : _Reading
            That it belongs to.
        function : FunctionDef or None
            In whose calls it runs, if it does.
        """
        harmless: set[ast.AST] = set()  # what is called in a way that keeps nothing
        waiting: list[Any] = [code]
        while waiting:
            node = waiting.pop()
            kind = type(node)
            if kind is ast.Name:
                self._name(node, reading, is_harmless=node in harmless)
                continue
            if kind not in _PARTS or _is_refused(kind, node):
                raise _Unproven
            if kind is ast.Attribute:
                reading.found.add(node.attr)
                if node.attr not in _ATTRIBUTES and node not in harmless:
                    reading.of_modules.add((node.value.id if type(node.value) is ast.Name else "", node.attr))
            elif kind is ast.Call and _is_harmless(node, function):
                harmless.add(node.func)
            elif kind in _BINDING and (name := _bound_name(node)):
                self._add_bound(name)
            elif kind in _IMPORTS:
                self._import(node, reading, is_first=function is None)
            waiting += _parts(kind, node, is_local=function is not None)

    def _name(self, node: ast.Name, reading: _Reading, *, is_harmless: bool) -> None:
        if type(node.ctx) is not ast.Load:
            self._add_bound(node.id)
        elif not is_harmless and (node.id in _FORBIDDEN or (node.id.startswith("__") and node.id not in _BUILTINS)):
            raise _Unproven
        reading.found.add(node.id)

    def _import(self, node: ast.Import | ast.ImportFrom, reading: _Reading, *, is_first: bool) -> None:
        """Read the submission's own files that it may mean; what other modules have to offer is changeable.

        In a call it must not be the first import of what may draw random numbers or print when it is loaded.
        """
        module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        for alias in node.names:
            name = alias.asname or (alias.name.partition(".")[0] if isinstance(node, ast.Import) else alias.name)
            around = module.split(".") if isinstance(node, ast.ImportFrom) else ()
            path = [part for part in (*around, *alias.name.split(".")) if part in self.files]
            for part in path:
                self.load(part)
            is_own, top = bool(path), module or alias.name
            if (is_own and is_elsewhere(top.partition(".")[0])) or not (is_own or alias.name != "*"):
                raise _Unproven  # it may be the one or the other; nobody knows what it brings
            if alias.asname in _UNBOUND or name.startswith("__") or not (is_first or (top in _LIBRARIES and not is_own)):
                raise _Unproven
            if is_own:
                self._modules.setdefault(name, set()).update(path[1:], alias.name.split(".")[1:])
            if not is_own or (isinstance(node, ast.ImportFrom) and alias.name not in self.files):
                self._bound.add(name)
            if alias.name == "*":
                continue
            if isinstance(node, ast.Import):
                if not is_own and alias.name not in _LIBRARIES:
                    self._add_foreign(name)
            elif module in _LIBRARIES and alias.name in _ATTRIBUTES:
                continue
            elif is_own and alias.name not in _FORBIDDEN and not alias.name.startswith("__"):
                reading.names.add(alias.name)
                reading.found.add(alias.name)
            elif module != "__future__":
                self._add_foreign(name, is_type=module in _OF_TYPES and alias.name in _TYPES)

    def _add_foreign(self, name: str, *, is_type: bool = False) -> None:
        self._changeable.add(name)  # a type remembers what was made of it: `List[1]` is `List[1.0]` if that came first
        if not is_type:
            self._foreign.add(name)


def _bound_name(node: ast.AST) -> str:
    """The name that it binds, for itself; empty if none."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
            return name
        case ast.FunctionDef(name=name) | ast.ExceptHandler(name=str(name)):
            return name
        case ast.alias():
            return node.asname or node.name.partition(".")[0]
        case _:
            return ""


def _parts(kind: type[ast.AST], node: Any, *, is_local: bool) -> list[Any]:
    """The syntax that it consists of, but for ``np.ndarray`` where that only says of which type something is."""
    if kind is ast.AnnAssign and is_local:  # its annotation is never evaluated; a `yield` in it counts all the same
        yields = [n for n in ast.walk(node.annotation) if isinstance(n, ast.Yield | ast.YieldFrom | ast.Await)]
        return [node.target, *filter(None, [node.value]), *yields]
    if kind is ast.arg:
        return _but_array_types([node.annotation])
    if kind is ast.Call and type(node.func) is ast.Name and node.func.id == "isinstance":
        return [node.func, *_but_array_types(node.args), *node.keywords]
    found: list[Any] = []
    for part in _PARTS[kind]:
        inside = getattr(node, part)
        if inside.__class__ is list:
            found += [i for i in inside if i is not None]
        elif inside is not None:
            found.append(inside)
    return found


def _is_refused(kind: type[ast.AST], node: Any) -> bool:
    """Whether it binds an attribute, is a keyword that leaves what is not there as it was, or may be that, or the time, as a text."""
    if kind is ast.Constant:
        return isinstance(node.value, str | bytes) and node.value.strip().lower() in _CLOCKS
    if kind is ast.keyword:
        return node.arg in ("where", None)
    return kind is ast.Attribute and type(node.ctx) is not ast.Load


def _is_harmless(call: ast.Call, function: ast.FunctionDef | None) -> bool:
    """Whether it calls one of `_DEPENDS` with what shows, keeps and opens nothing."""
    if getattr(call.func, "attr", getattr(call.func, "id", "")) not in _DEPENDS or any(isinstance(a, ast.Starred) for a in call.args):
        return False
    first = call.args[0] if call.args else None
    named = {k.arg: k.value for k in call.keywords}
    match call.func:
        case ast.Name("open"):
            return _is_path(first) and len(call.args) <= 2 and named.keys() <= {"mode", "encoding"}
        case ast.Attribute(attr="glob"):
            return _is_path(first) and len(call.args) == 1 and not named
        case ast.Attribute(attr="load"):
            is_file = isinstance(first, ast.Name) and function is not None and first.id in _files(function)
            return (is_file or _is_path(first)) and len(call.args) == 1 and named.keys() <= {"allow_pickle", "encoding"}
        case ast.Attribute(attr="nditer"):  # neither makes memory nor leaves it as it was
            said = named.get("op_flags")
            return said is not None and len(call.args) == 1 and named.keys() <= {"flags", "op_flags"} and all(
                isinstance(part, ast.List | ast.Load) or (isinstance(part, ast.Constant) and part.value in ("readonly", "readwrite"))
                for part in ast.walk(said))
        case ast.Attribute(value=ast.Constant(str(text)), attr="format"):
            return not _INTO.search(text)
        case _:
            return False


def _is_path(node: ast.AST | None) -> bool:
    """Whether it is the name of a file that is not there, however it goes on."""
    match node:
        case ast.Constant(str(text)):
            return _PATH.match(text) is not None
        case ast.BinOp(left=left, op=ast.Mod()) | ast.Call(func=ast.Attribute(value=left, attr="format")):
            return isinstance(left, ast.Constant) and _is_path(left)
        case _:
            return False


def _files(function: ast.FunctionDef) -> set[str]:
    """Names in it that stand for open files, or for found ones, alone; none if a function in it may be what they stand in."""
    if any(isinstance(node, ast.FunctionDef) for node in ast.walk(function) if node is not function):
        return set()
    found: set[ast.AST] = set()
    for node in ast.walk(function):
        match node:
            case ast.withitem(ast.Call(ast.Name("open")), ast.Name() as name):
                found.add(name)
            case ast.For(ast.Name() as name, ast.Call(ast.Attribute(attr="glob"))):
                found.add(name)
    return {_bound_name(node) for node in found} - {_bound_name(node) for node in ast.walk(function) if node not in found}


def _is_fixed(value: ast.AST) -> bool:
    """Whether it is an expression for what cannot be changed, if the names in it are such."""
    match value:
        case ast.Constant() | ast.Name():
            return True
        case ast.UnaryOp(operand=inner) | ast.Attribute(value=inner):
            return _is_fixed(inner)
        case ast.BinOp(left=left, right=right):
            return _is_fixed(left) and _is_fixed(right)
        case ast.Tuple(elts=parts):
            return all(map(_is_fixed, parts))
        case _:
            return False


def _but_array_types(nodes: Iterable[ast.AST | None]) -> list[ast.AST]:
    """Without ``np.ndarray``, which here only says of which type something is, in a tuple of types too."""
    flat = [part for node in nodes if node for part in (node.elts if isinstance(node, ast.Tuple) else [node])]
    return [n for n in flat if not (isinstance(n, ast.Attribute) and n.attr == "ndarray" and isinstance(n.value, ast.Name))]
