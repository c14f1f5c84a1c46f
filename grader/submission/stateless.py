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
from collections.abc import Collection, Iterable, Iterator
from pathlib import PurePosixPath
from typing import Final, TypeAlias

from grader.submission.source import SourceFile, is_elsewhere

_NODES: Final = frozenset({
    ast.FunctionDef, ast.arguments, ast.arg, ast.Lambda, ast.Return, ast.Yield, ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign,
    ast.Delete, ast.Pass, ast.Break, ast.Continue, ast.For, ast.While, ast.If, ast.IfExp, ast.With, ast.withitem, ast.Raise, ast.Try,
    ast.ExceptHandler, ast.Assert, ast.Import, ast.ImportFrom, ast.alias, ast.BoolOp, ast.NamedExpr, ast.BinOp, ast.UnaryOp, ast.Compare,
    ast.Call, ast.keyword, ast.Dict, ast.Set, ast.List, ast.Tuple, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
    ast.comprehension, ast.JoinedStr, ast.FormattedValue, ast.Constant, ast.Attribute, ast.Subscript, ast.Slice, ast.Starred, ast.Name,
    ast.Load, ast.Store, ast.Del, *ast.boolop.__subclasses__(), *ast.operator.__subclasses__(), *ast.unaryop.__subclasses__(),
    *ast.cmpop.__subclasses__(),
})
"""Syntax that keeps nothing by itself: no ``global``, no class, no pattern, nothing asynchronous."""
_LIBRARIES: Final = frozenset({"cPickle", "copy", "glob", "math", "numpy", "numpy.linalg", "numpy.random", "os.path", "pickle", "random"})
_NAMES_ONLY: Final = frozenset({"__future__", "typing"})
_ATTRIBUTES: Final = frozenset("""
    T abs absolute add all allclose amax amin any append apply_along_axis arange argmax argmin argsort around array array_equal
    array_split asarray asmatrix astype at atleast_1d atleast_2d average axis basename bincount bool_ broadcast_to ceil choice clip
    column_stack concatenate copy copyto cos cosh count count_nonzero cumprod cumsum deepcopy delete diag diagonal diff discard divide
    dot double dstack dtype dump e einsum endswith equal errstate exp exp2 expand_dims expm1 extend eye fabs fill find finished flat
    flatten float float32 float64 floor floor_divide format fromkeys full full_like get get_state getRandomContext getstate glob greater
    greater_equal heaviside hsplit hstack identity index inf inner insert int32 int64 integer inv isclose isfinite isinf isnan isscalar
    items iternext join keys kron less less_equal linalg linspace load log log10 log1p log2 logaddexp logical_and logical_not logical_or
    lower mat matmul matrix max maximum mean meshgrid min minimum mod multi_index multiply nan nan_to_num ndenumerate ndim ndindex
    nditer negative newaxis nonzero norm normal not_equal ones ones_like outer permutation pi pop pow power prod put rand randint randn
    random random_sample ravel reciprocal reduce remove repeat replace reshape reverse round row_stack sample sampleTokenIdx save
    set_state setdefault setstate shape shuffle sign sin sinh size solve sort split splitext sqrt square squeeze stack startswith std
    strip subtract sum swapaxes take tan tanh tensordot tile tolist trace transpose tril triu true_divide uniform union unique upper
    values var vdot vectorize vsplit vstack where zeros zeros_like
""".split())  # noqa: SIM905 - a list to be read
"""Of numpy, math, random, of arrays, lists, dictionaries and texts, and of the handouts' objects: what computes and keeps nothing;
and what the handout's ``sgd`` saves its parameters with, where no file can be written.

Left out on purpose: ``empty`` and ``ndarray``, which hold what was there before; ``seed``, which takes the clock if it is given
nothing; ``view``, ``base``, ``data`` and their like. What draws random numbers starts from the same state in every call.
"""
_BUILTINS: Final = frozenset("""
    ArithmeticError AssertionError AttributeError Exception False FloatingPointError ImportError IndexError KeyError LookupError
    NameError None NotImplementedError OverflowError RuntimeError StopIteration True TypeError ValueError ZeroDivisionError __name__ abs
    all any bool complex dict divmod enumerate filter float frozenset int isinstance issubclass iter len list map max min next open pow
    print range repr reversed round set slice sorted str sum tuple zip
""".split())  # noqa: SIM905 - a list to be read
_FORBIDDEN: Final = frozenset(dir(builtins)) - _BUILTINS

Imports: TypeAlias = ast.Import | ast.ImportFrom


def is_stateless(files: Iterable[SourceFile], functions: Collection[str], modules: Collection[str]) -> bool:
    """Whether functions keep nothing between calls, and draw on nothing in which two processes differ, if no file can be written.

    Parameters
    ----------
    files : iterable of SourceFile
        All that can be imported: the submission's, and what the course adds to it.
    functions : collection of str
        Those that are called.
    modules : collection of str
        Names of files in which they are looked for besides those that define them.

    Returns
    -------
    bool
        False if there is no proof.
    """
    proof = _Proof(files)
    try:
        for name, found in proof.files.items():
            if name in modules or any(not file.definitions.keys().isdisjoint(functions) for file in found):
                proof.load(name)
        return proof.holds(functions)
    except (_Unproven, RecursionError):
        return False


class _Unproven(Exception):  # noqa: N818 - not an error
    """There may be something that outlives a call."""


class _Proof:
    """What was read so far. Files of one name are one to it, and so is what they define."""

    def __init__(self, files: Iterable[SourceFile]) -> None:
        self.files: dict[str, list[SourceFile]] = {}
        for file in files:
            path = PurePosixPath(file.path)
            self.files.setdefault(path.parent.name if path.stem == "__init__" else path.stem, []).append(file)
        self._loaded: set[str] = set()
        self._functions: dict[str, list[ast.FunctionDef]] = {}
        self._changeable: set[str] = set()  # globals that are not known to be a function, a module, a number or a text
        self._names: set[str] = set()  # of the functions reached, and attributes: none of them may be changeable
        self._found: set[str] = set()  # these, and those of top-level statements
        self._attributes: set[str] = set()

    def load(self, name: str) -> None:
        """Read the files of that name as far as they run when they are imported."""
        if name in self._loaded:
            return
        self._loaded.add(name)
        for file in self.files[name]:
            if file.stem == "__main__" or (file.tree is None and file.text.strip()):
                raise _Unproven  # a notebook, or no Python
            if file.tree is not None:
                self._run(file.tree.body)

    def holds(self, functions: Collection[str]) -> bool:
        """Read all that these reach, and conclude."""
        self._names.update(functions)
        self._found.update(functions)
        reached: set[str] = set()
        while further := self._found & self._functions.keys() - reached:
            reached |= further
            for function in (f for name in further for f in self._functions[name]):
                defaults = [*function.args.defaults, *filter(None, function.args.kw_defaults)]
                if function.decorator_list or not all(map(_is_fixed, defaults)):
                    raise _Unproven
                for part in (*defaults, *function.body):
                    self._names |= self._read(part)
        return self._names.isdisjoint(self._changeable) and self._attributes <= _ATTRIBUTES | reached

    def _run(self, statements: Iterable[ast.stmt]) -> None:
        """Top-level statements: what they bind outlives every call, unless it cannot be changed."""
        for statement in statements:
            match statement:
                case ast.FunctionDef(name=name, args=args):
                    self._functions.setdefault(name, []).append(statement)
                    for part in (args, *statement.decorator_list, statement.returns):
                        if part is not None and not _is_array_type(part):
                            self._read(part)
                case ast.Assign(targets=[ast.Name()], value=value) if _is_fixed(value):
                    self._names |= self._read(value)
                case ast.If(test=ast.Compare(ast.Name("__name__"), [ast.Eq()], [ast.Constant("__main__")])):
                    self._run(statement.orelse)
                case ast.If():
                    self._read(statement.test)
                    self._run((*statement.body, *statement.orelse))
                case ast.Try():
                    for handler in statement.handlers:
                        self._read(handler.type or ast.Pass())
                        self._changeable |= {handler.name} if handler.name else set()
                        self._run(handler.body)
                    self._run((*statement.body, *statement.orelse, *statement.finalbody))
                case _:
                    self._changeable |= {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
                    self._read(statement)

    def _read(self, code: ast.AST) -> set[str]:
        """The names in it; `_Unproven` if there is what keeps something."""
        names: set[str] = set()
        attributes: set[str] = set()
        for node in _walk(code):
            kind = type(node)
            if kind is ast.Name:
                names.add(node.id)  # type: ignore[attr-defined]
            elif kind is ast.Attribute:
                if type(node.ctx) is not ast.Load:  # type: ignore[attr-defined]
                    raise _Unproven
                attributes.add(node.attr)  # type: ignore[attr-defined]
            elif kind not in _NODES or (kind is ast.keyword and node.arg == "where"):  # type: ignore[attr-defined]
                raise _Unproven  # what is not there is left as it was
            elif isinstance(node, Imports):
                self._import(node)
        if not names.isdisjoint(_FORBIDDEN) or any(n.startswith("__") and n not in _BUILTINS for n in names):
            raise _Unproven
        self._attributes |= attributes
        self._found |= names | attributes
        return names | attributes

    def _import(self, node: Imports) -> None:
        """Read the submission's own files that it may mean; what other modules have to offer is changeable."""
        module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        for alias in node.names:
            path = [part for part in (*module.split("."), *alias.name.split(".")) if part in self.files]
            for part in path:
                self.load(part)
            is_own = bool(path) and not is_elsewhere((module or alias.name).partition(".")[0])
            if alias.name == "*":
                if not is_own:
                    raise _Unproven
            elif isinstance(node, ast.Import):
                if not is_own and alias.name not in _LIBRARIES:
                    self._changeable.add(alias.asname or alias.name.partition(".")[0])
            elif module in _LIBRARIES:
                self._attributes.add(alias.name)
                self._found.add(alias.name)
            elif is_own and alias.name not in _FORBIDDEN and not alias.name.startswith("__"):
                self._names.add(alias.name)
                self._found.add(alias.name)
            elif module not in _NAMES_ONLY:
                self._changeable.add(alias.asname or alias.name)


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


def _walk(code: ast.AST) -> Iterator[ast.AST]:
    """All syntax of it, but for ``np.ndarray`` where that only says of which type something is."""
    waiting = [code]
    while waiting:
        node = waiting.pop()
        yield node
        if type(node) is ast.Call and type(node.func) is ast.Name and node.func.id == "isinstance" and len(node.args) > 1:
            types = node.args[1].elts if isinstance(node.args[1], ast.Tuple) else node.args[1:2]
            waiting += [node.func, node.args[0], *(t for t in types if not _is_array_type(t)), *node.args[2:], *node.keywords]
        elif type(node) is ast.arg or type(node) is ast.FunctionDef:
            waiting += [part for part in ast.iter_child_nodes(node) if not _is_array_type(part)]
        else:
            waiting += ast.iter_child_nodes(node)


def _is_array_type(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "ndarray" and isinstance(node.value, ast.Name)

