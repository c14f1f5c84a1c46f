"""From an observation to arrays of the declared shapes, or to the verdict that says why not.

Callable, type, shape and finiteness come before any value: nothing is ever broadcast.
"""

import errno
import math
import re
import signal
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final, assert_never

import numpy as np

from grader.core import dims
from grader.core.evidence import Contrast, Input, Shown, Traceback, TraceLine
from grader.core.interface import ArraySpec, Result
from grader.core.observation import (
    Died,
    HostError,
    Malformed,
    NotAsked,
    Observation,
    Raised,
    Returned,
    TimedOut,
    Unavailable,
)
from grader.core.probe import Opaque, StandIn, Value
from grader.core.reason import Reason
from grader.core.verdict import Outcome, Verdict, not_met, ungraded
from grader.core.wording import listed
from grader.numerics.compare import Comparison, Tolerance
from grader.numerics.show import heat, show
from grader.trial import Case


@dataclass(frozen=True, slots=True, eq=False)
class Conformed:
    """Results by name, each a float array of exactly the declared shape, and the leniencies that this took.

    `single` names what was returned in single precision: whoever does that has computed all of it so. `whole` names the arrays that
    were returned with an integer dtype.
    """

    results: Mapping[str, np.ndarray]
    notes: tuple[str, ...] = ()
    single: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()

    def allowed(self, tolerance: Tolerance, size: float = 1.0) -> Tolerance:
        """The tolerance for these results: single precision has its own; see `Tolerance.single`."""
        return tolerance.single(size) if self.single else tolerance


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An answer of another form than declared, and what to try; the reason's own hint if empty."""

    reason: Reason
    message: str
    hint: str = ""


def host_trouble(observations: Iterable[Observation]) -> Verdict | None:
    """The verdict if our side failed at one of these; None if it did not."""
    host = next((o for o in observations if isinstance(o, HostError)), None)
    return ungraded(Reason.HOST, f"This could not be judged: {host.problem}") if host else None


def trouble(observations: Sequence[Observation], cases: Sequence[Case]) -> Verdict | None:
    """The verdict if a call did not return at all; None if every one did. Cases and observations correspond."""
    if unjudged := host_trouble(observations):
        return unjudged
    for case, observation in zip(cases, observations, strict=False):
        if not isinstance(observation, Returned | NotAsked | HostError):
            return _unreturned(observation, case)
    if len(observations) != len(cases) or any(isinstance(o, NotAsked) for o in observations):
        return ungraded(Reason.HOST, "This could not be judged: a question was not put.")
    return None


def _unreturned(o: Raised | Unavailable | TimedOut | Died | Malformed, case: Case) -> Verdict:
    name = case.function.name
    match o:
        case Raised():
            return raised(o, case)
        case Unavailable(error=None):
            return not_met(Reason.MISSING, f"No module defines a function {name}.")
        case Unavailable(error=error, module=module):
            assert error is not None
            return _unloadable(error, module or "the module", name)
        case TimedOut(clock, seconds):
            what, few = "of computing" if clock == "cpu" else "by the clock", _few_words(case)
            return not_met(Reason.TIMED_OUT, f"{name} did not end within {seconds:g} s {what}, and was stopped.{few}", _inputs_only(case),
                           hint=_REPEATED if few else "")
        case Died(how, code):
            reason, what, hint = _ENDED["forbidden" if (how, code) == ("signal", signal.SIGSYS) else how]
            return not_met(reason, f"{name} {what.format(code)}", _inputs_only(case), hint=hint)
        case Malformed(problem):
            return not_met(Reason.MALFORMED, f"The process that ran {name} answered with something that is no answer: {problem}")
        case _:
            assert_never(o)


_ENDED: Final[Mapping[str, tuple[Reason, str, str]]] = {
    "memory": (Reason.MEMORY, "ran out of memory and ended the process.", ""),
    "forbidden": (Reason.FORBIDDEN, "made a system call that a submission may not make, and was stopped.", ""),
    "signal": (Reason.DIED, "crashed the process (signal {}).",
               "Python's own statements do not crash: look for ctypes, or for a recursion that does not end."),
    "output": (Reason.DIED, "wrote more than a submission may and was stopped.", "Print and write less."),
    "exit": (Reason.DIED, "ended the process (exit status {}) instead of returning.", ""),
}


def _few_words(case: Case) -> str:
    """What a loop may wait for in vain: a sampler has fewer different words than are to be drawn; empty elsewhere."""
    drawn = next((a.data["script"] for a in case.args if isinstance(a, StandIn) and a.name == "sampler"), None)
    count = case.sizes.get("K", 0)
    different = count if drawn is None else len(set(np.ravel(drawn).tolist()))  # type: ignore[arg-type]
    if different >= count:
        return ""
    return f" It was to draw K = {count} words, and only {different} different word{' is' if different == 1 else 's are'} ever drawn here."


_REPEATED: Final = "A negative may be drawn several times: keep it, and draw again only when the target was drawn."


def _traceback(error: Raised, call: str, inputs: tuple[Input, ...] = ()) -> Traceback:
    lines = tuple(TraceLine(f.file, f.line, f.function, f.text) for f in error.frames)
    return Traceback(error.type, error.message, lines, call, inputs)


def raised(error: Raised, case: Case) -> Verdict:
    """The verdict on an exception: a stub's, the environment's, memory's or the student's own."""
    evidence = _traceback(error, case.function.name, inputs(case))
    name = case.function.name
    if error.type == "NotImplementedError":
        return Verdict(Outcome.NOT_ATTEMPTED, Fraction(0), Reason.NOT_ATTEMPTED, "Not attempted: it raises NotImplementedError.")
    numbers_only = _numbers_only(error, case)
    if not numbers_only and (needs := _environment(error)):
        return ungraded(Reason.ENVIRONMENT, f"{name} could not run here: {needs}", evidence)
    if error.type == "MemoryError":
        return not_met(Reason.MEMORY, f"{name} runs out of memory.", evidence)
    if _forbidden(error):
        return not_met(Reason.FORBIDDEN, f"{name} {_TRIED}: {error.message}", evidence)
    if _PYTHON_2.search(error.message):
        return not_met(Reason.PYTHON_2, f"{name} uses a name of Python 2{_place(error)}: {error.message}", evidence)
    hint = _NUMBERS_HINT if numbers_only else _what_to_try(error, case)
    return not_met(Reason.RAISED, f"{name} raises {_told(error)}", evidence, hint=hint)


def _what_to_try(error: Raised, case: Case) -> str:
    if hint := _OF_TYPES.get(error.type) or next((hint for words, hint in _OF_WORDS if words.search(error.message)), ""):
        return hint
    if _ONE_AXIS.search(error.message) and any(isinstance(a, np.ndarray) and a.ndim == 1 for a in case.args):
        return "A vector has one axis: write axis=-1, which is the last one of a vector and of a matrix."
    if error.type == "TypeError" and re.match(rf"(?:\w+\.)*{case.function.name}\(\) (?:takes|missing)", error.message):
        return f"It is called as {case.function.name}({', '.join(case.function.param_names)}), with the arguments in this order."
    like = _like(case)
    if isinstance(like and case.arg(like), float) and _ARRAYS_ONLY.search(error.message):
        return f"It is to take a plain number too: begin with {like} = np.asarray({like}, float)."
    return ""


def _like(case: Case) -> str:
    """The parameter whose shape the answer is to have; empty if there is none."""
    return (case.function.returns[0].spec.like or "") if case.function.returns else ""


_NUMBERS_HINT: Final = "The math module's functions take plain numbers: for arrays there are np.exp and its like."
_ARRAYS_ONLY = re.compile(
    r"'(?:float|numpy\.float64)' object (?:has no attribute '(?:shape|ndim|size|dtype|T|copy|astype|reshape|flatten|ravel|tolist)'|"
    r"is not subscriptable|is not iterable|does not support item assignment)|object of type '(?:float|numpy\.float64)' has no len"
)
_ONE_AXIS = re.compile(r"axis 1 is out of bounds for array of dimension 1")
_OF_TYPES: Final[Mapping[str, str]] = {
    "FileNotFoundError": Reason.FORBIDDEN.hint,
    "SystemExit": Reason.DIED.hint,
    "RecursionError": "A function that calls itself needs a case in which it does not, and has to come nearer to it with every call.",
}
_OF_WORDS: Final = (
    (re.compile(r"\Alist index out of range\Z"),
     "The list is shorter than that: loop over its items themselves, or over range(len(...))."),
    (re.compile(r"broadcast together with shapes (?:\((\d+),\d+\) \(\1,\)|\((\d+),\) \(\2,\d+\))"),
     "One number for each row fits the rows only with an axis of its own: take the sum, maximum or norm with keepdims=True."),
    (re.compile(r"broadcast together with shapes \(\d+,(\d+)\) \(\1,\d+\)"),
     "* multiplies entry by entry; the product of two matrices is np.dot(A, B), or A @ B."),
    (re.compile(r"truth value of an array"),
     "An array is neither true nor false: max, min, if, and, or, not take numbers, and np.max, np.min and np.where take arrays."),
    (re.compile(r"arrays used as indices must be of integer"),
     "There are floats between the brackets: an index is an int, or an array of ints. Of one-hot rows it is the argmax of each."),
    (re.compile(r"ufunc 'bitwise_xor' not supported"), "In Python ^ is no power: write ** or np.exp."),
    (re.compile(r"shapes \((\d+,\d+)\) and \(\1\) not aligned"),
     "np.dot and @ multiply matrices; entry by entry it is *, or np.multiply."),
    (re.compile(r"matmul: Input operand \d has a mismatch in its core dimension|shapes \([\d,]+\) and \([\d,]+\) not aligned"),
     "In a matrix product the left factor has as many columns as the right one has rows: print .shape of both before that line."),
)
"""What to try after an exception of a type, or in numpy's words: the first that fits."""


def _unloadable(error: Raised, module: str, name: str) -> Verdict:
    evidence = _traceback(error, f"import {module}")
    if needs := _environment(error):
        return ungraded(Reason.ENVIRONMENT, f"{module} could not be loaded here: {needs}", evidence)
    if _forbidden(error):
        return not_met(Reason.FORBIDDEN, f"{name} cannot be called: {module}, while it is loaded, {_TRIED}: {error.message}", evidence)
    return not_met(Reason.CANNOT_LOAD, f"{name} cannot be called: loading {module} raises {_told(error)}", evidence)


def _told(error: Raised) -> str:
    return f"{error.type}{_place(error)}" + (f": {error.message}" if error.message else ".")


def raising_line(error: Raised) -> str:
    """The line of the student's that raised, as it is written; empty if none is known."""
    return error.frames[-1].text if error.frames else ""


def _place(error: Raised) -> str:
    return f" at line {error.frames[-1].line} of {error.frames[-1].file}" if error.frames else ""


def _forbidden(error: Raised) -> bool:
    """Whether the walls around a submission said no: EPERM, EACCES; ENOSYS for system calls that few have heard of."""
    return error.type == "PermissionError" or (error.type == "OSError" and error.message.startswith(f"[Errno {errno.ENOSYS}]"))


_TRIED: Final = "tried something that a submission may not do (open a file, start a process, use the network)"


def _environment(error: Raised) -> str:
    """What the code needs that this machine does not have; empty if the fault is the student's."""
    if error.type in ("PackageNotAvailable", "ModuleNotFoundError"):
        return error.message
    if _NO_NAME.match(error.message):
        return f"{error.message}: this one has no such name. The code may be older, or newer."
    if _REMOVED.search(error.message):
        return f"{error.message.splitlines()[0].rstrip('.')}. The code is older than this numpy."
    if _INDEXING.search(error.message) and _LISTED_INDICES.search(raising_line(error)):
        return f"{error.message}. In a[[rows, columns]] an older numpy read a[rows, columns]. The code is older than this one."
    if error.message == _TOO_MANY and _ONE_ENTRY.match(raising_line(error)):
        return f"{error.message} An older numpy took an array of one entry for a number here. The code may be older than this one."
    return ""


def _numbers_only(error: Raised, case: Case) -> bool:
    """Whether ``math.exp`` or its like was given an array of several entries, which no numpy ever took.

    numpy says the same of an array of one entry, which older ones took. It is the whole argument that is handed over in
    ``math.exp(-x)``, where the answer is to be of the argument's shape.
    """
    like = _like(case)
    x = case.arg(like) if like else None
    whole = isinstance(x, np.ndarray) and x.size > 1
    return "converted to Python scalars" in error.message and whole and bool(_MATH.search(raising_line(error)))


_MATH = re.compile(r"(?<![\w.])(?:math\.)?(?:exp|expm1|log|log1p|log2|log10|sqrt|pow|tanh)\([^()\[\]]*\)")
_NO_NAME = re.compile(r"cannot import name '\w+' from 'numpy\b")
_REMOVED = re.compile(
    r"was removed in the NumPy 2\.0 release|was a deprecated alias|np\.sum\(generator\) is deprecated|'newshape'|"
    r"only 0-dimensional arrays can be converted to Python scalars|"
    r"module 'numpy' has no attribute '(asscalar|in1d|trapz|row_stack|product|cumproduct|sometrue|alltrue|rank|msort|alen)'"
)
"""What numpy says to code that an older numpy would have run: names, arguments and conversions that it dropped from 1.20 to 2.4."""

_INDEXING = re.compile(r"out of bounds for axis|indexing result of shape|shape mismatch: indexing arrays")
_LISTED_INDICES = re.compile(r"[\w)\]]\[\[\s*(?:list\(|tuple\()?(?:np\.|numpy\.)?a?range\(")
"""``a[[np.arange(N), y]]``: up to 1.22 numpy took a list that holds sequences for a tuple of indices."""

_TOO_MANY: Final = "setting an array element with a sequence."
_ONE_ENTRY = re.compile(r"\s*\w+(?:\[(?:[^\[\]:]|\[[^\[\]:]*\])+\])+\s*=(?!=).*(?:\bdot\(|@|\bmatmul\()")
"""``a[i] = row.dot(column)``: up to 2.3 numpy took an array of one entry, which is what such a product gives, for a number. It says the
same of longer ones, which none ever took; but who tried the code once has found those."""

_PYTHON_2 = re.compile(
    r"name '(xrange|unicode|raw_input|basestring|long|unichr|reduce|execfile|izip)' is not defined|"
    r"'dict' object has no attribute '(iteritems|iterkeys|itervalues|has_key)'"
)
"""What Python 3 says to names of Python 2 in a file that it can parse."""


def conform(
    value: Value, case: Case, only: Collection[str] = (), *, shaped: bool = True, squeezable: bool = False
) -> Conformed | Mismatch:
    """The results of a call, by name, in the declared shapes; those of `only` if it names any.

    With ``shaped=False`` they are arrays of whatever shape, for what is asked about answers that another item judges; with
    ``squeezable=True`` axes of length 1 alone are left to that item.

    Noted leniencies: lists for arrays, float32, numpy matrices (their numbers count), and axes of length 1 where the
    spec is `squeezable`. Everything else is a `Mismatch` that says ``W1: shape (4, 3), but should be (Dx, H) = (3, 4)``.
    """
    found = parts(value, case)
    if isinstance(found, Mismatch):
        return found
    arrays: dict[str, np.ndarray] = {}
    notes: list[str] = []
    for result, part in found:
        if only and result.name not in only:
            continue
        array = as_array(part, result, case, notes, squeezable=squeezable) if shaped else numbers(part, result, notes)
        if isinstance(array, Mismatch):
            return _in_another_order(found, case) or array
        arrays[result.name] = array
    dtypes = {result.name: part.dtype for result, part in found if isinstance(part, np.ndarray)}
    single = frozenset(name for name, dtype in dtypes.items() if dtype == np.float32)
    whole = frozenset(name for name, dtype in dtypes.items() if dtype.kind in "iu")
    return Conformed(arrays, tuple(notes), single, whole)


def cut(name: str) -> tuple[str, str]:
    """What becomes of fractions in an array of integers, and what to write: sentence and hint."""
    return (f"{name} has an integer dtype: the fraction of every number that is put into it is cut off.",
            f"Make {name} an array of floats: np.zeros(shape), without dtype=int, and no zeros_like of an array of integers.")


def parts(value: Value, case: Case) -> tuple[tuple[Result, Value], ...] | Mismatch:
    """What was returned for each declared result, of whatever form."""
    results = case.function.returns
    if len(results) == 1:
        return ((results[0], value),)
    if isinstance(value, tuple | list) and len(value) == len(results):
        return tuple(zip(results, value, strict=True))
    names = ", ".join(r.name for r in results)
    got = f"{len(value)} results" if isinstance(value, tuple | list) else describe(value)
    message = f"{case.function.name} returned {got}, but should return {len(results)} results: {names}."
    return Mismatch(Reason.TYPE, message, f"End with: return {names}.")


def _in_another_order(found: Sequence[tuple[Result, Value]], case: Case) -> Mismatch | None:
    """What to say of results that have each other's shapes, where all the declared ones differ; None if that is not the matter."""
    came = [numbers(value, result, []) for result, value in found]
    got = [array.shape for array in came if not isinstance(array, Mismatch)]
    names = {case.shape_of(result.name): result.name for result, _ in found}
    if len(names) != len(found) or set(got) != set(names) or got == list(names):
        return None
    returned, due = listed(names[shape] for shape in got), listed(names.values())
    message = f"{case.function.name} returns {returned} in this order, but should return {due}."
    return Mismatch(Reason.SHAPE, message, f"End with: return {', '.join(names.values())}.")


def as_array(value: Value, result: Result, case: Case, notes: list[str], *, squeezable: bool = False) -> np.ndarray | Mismatch:
    """One result as a float array of its declared shape; leniencies are added to `notes`."""
    name, spec = result.name, result.spec
    array = numbers(value, result, notes)
    if isinstance(array, Mismatch):
        return array
    shape = case.shape_of(name)
    if array.shape == shape:
        return array
    if (spec.squeezable or squeezable) and _squeezed(array.shape) == _squeezed(shape):
        notes.append(f"{name}: shape {array.shape} was taken for {shape}")
        return array.reshape(shape)
    if isinstance(value, tuple) and len(case.function.returns) == 1:
        return _unfit(value, result)
    transposed = ": it is transposed" if array.ndim > 1 and array.shape == shape[::-1] else ""
    return Mismatch(Reason.SHAPE, f"{name}: shape {array.shape}, but should be {should_be(result, case)}{transposed}.",
                    _to_reshape(result, array.shape, shape))


def _to_reshape(result: Result, got: tuple[int, ...], want: tuple[int, ...]) -> str:
    """What to write where only axes of length 1 are wrong, or where there are several numbers for one; empty elsewhere."""
    if not want and math.prod(got) > 1:
        return "If these are the terms of a sum, add them up: np.sum, without an axis."
    if _squeezed(got) != _squeezed(want):
        return ""
    if not want:
        return "Return the number itself: end with .item(), or index it."
    like = result.spec.like
    to = f"reshape it to the shape that {like} came in" if like else "flatten it" if len(want) == 1 else f"reshape it to {want}"
    return f"Only axes of length 1 are wrong: {to} before it is returned."


def should_be(result: Result, case: Case) -> str:
    """The shape of a result as a student reads it: ``(N, Dx) = (4, 3)``."""
    spec, shape = result.spec, case.shape_of(result.name)
    if spec.like:
        return f"{shape}, like {spec.like}"
    return f"{dims.spelled(spec.shape)} = {shape}" if spec.shape else "(), a plain number"


def numbers(value: Value, result: Result, notes: list[str]) -> np.ndarray | Mismatch:
    """One result as a float array of whatever shape; leniencies are added to `notes`."""
    name = result.name
    if type(value) not in _NUMBERS:
        return _unfit(value, result)
    try:
        # a list is converted without a dtype: else numpy reads "1.5" and None as numbers
        array = np.asarray(float(value) if isinstance(value, int) else value)
    except OverflowError:
        return _too_large(result)
    except (ValueError, RecursionError):
        return _unfit(value, result)
    if array.dtype.kind not in "iuf":
        return _unfit(value, result)
    if isinstance(value, list | tuple):
        notes.append(f"{name}: a list was taken as an array")
    if array.dtype == np.float32:
        notes.append(f"{name}: float32 was taken for float64")
    return array.astype(float)


_NUMBERS: Final = frozenset({int, float, list, tuple, np.ndarray})  # what crosses the wire is of no subclass


def _too_large(result: Result) -> Mismatch:
    return Mismatch(Reason.TYPE, f"{result.name}: the number is too large: floats end at about 1.8e308.")


def _unfit(value: Value, result: Result) -> Mismatch:
    if isinstance(value, Opaque) and value.type == "int":
        return _too_large(result)
    message = f"{result.name}: {describe(value)}, but should be {_wanted(result.spec)}."
    if isinstance(value, Opaque) and value.type in _LAZY:
        return Mismatch(Reason.TYPE, message, f"In Python 3 a {value.type} is no list: write list(...) around it.")
    return Mismatch(Reason.TYPE, message, _NO_RETURN if value is None else _ALONE if isinstance(value, tuple) else "")


_NO_RETURN: Final = "None is what comes back where no return is reached: end with return, and not with print."
_ALONE: Final = "Return it alone: a comma behind return makes a tuple."
_LAZY: Final = frozenset({"map", "filter", "zip", "range", "generator"})


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(n for n in shape if n != 1)


def _wanted(spec: ArraySpec) -> str:
    if spec.like:
        return f"an array shaped like {spec.like}"
    return f"an array of shape {dims.spelled(spec.shape)}" if spec.shape else "a number"


def describe(value: Value) -> str:
    """A value by its kind, for a sentence: ``None``, ``a str``, ``an array of bool``."""
    match value:
        case None:
            return "None"
        case np.ndarray():
            return f"an array of {value.dtype.name}" if value.ndim else f"a single {value.dtype.name}"
        case Opaque("list" | "tuple" | "dict" as kind):
            return f"a {kind} that holds too much, or something that is no number"
        case Opaque(kind):
            return f"an {kind}" if value.is_array else f"an object of type {kind}"
        case StandIn():
            return "a stand-in"
        case tuple() | list() | dict():
            return f"a {type(value).__name__} of {len(value)}"
        case _:
            return f"a {type(value).__name__}"


def mismatch(wrong: Mismatch, case: Case, returned: Value) -> Verdict:
    """The verdict on an answer of the wrong form."""
    name, results = case.function.name, case.function.returns
    message = wrong.message.replace(f"{results[0].name}:", f"{name}:", 1) if len(results) == 1 else wrong.message
    return not_met(wrong.reason, message, Contrast(name, inputs(case), show(returned), None, _declared(case)), hint=wrong.hint)


def _declared(case: Case) -> str:
    """What a function is to return, in full: ``cost, a number; grad of shape (V, D) = (6, 4)``."""
    results = case.function.returns
    if len(results) == 1:
        return f"an array of shape {should_be(results[0], case)}" if case.shape_of(results[0].name) else "a number"
    return "; ".join(f"{r.name} of shape {should_be(r, case)}" if case.shape_of(r.name) else f"{r.name}, a number" for r in results)


def not_finite(name: str, got: np.ndarray, case: Case) -> Verdict | None:
    """The verdict if an answer, a float array of any shape, has NaN or infinite entries; None if it has not."""
    bad = ~np.isfinite(got)
    if not bad.any():
        return None
    first = tuple(int(i) for i in np.argwhere(bad)[0])
    what, hint = next((what, hint) for kind, what, hint in _NOT_FINITE if kind(got[bad]).all())
    one_hot = [p.name for p in case.function.params if isinstance(p.spec, ArraySpec) and p.spec.domain == "one_hot_rows"]
    if one_hot and np.isinf(got[bad]).all():
        hint += f" {one_hot[0]} are 0 but at one class, and so have no logarithm there."
    many = f"{int(bad.sum())} of {got.size} entries are {what}" if got.size > 1 else f"the number is {what}"
    return not_met(Reason.NOT_FINITE, f"{case.function.whose(name)}: {many}.", Contrast(
        case.function.name, inputs(case), show(got), None, "finite numbers", int(bad.sum()), got.size, first), hint=hint)


_NOT_FINITE: Final = (
    (np.isnan, "NaN",
     "NaN comes from 0/0, from inf/inf or inf - inf after an exp that overflows, or from the log or root of a negative number."),
    (np.isinf, "infinite", "An infinity comes from an exp that overflows, a division by zero, or the log of zero."),
    (lambda bad: ~np.isfinite(bad), "NaN or infinite", ""),
)
"""What entries are that are not finite, and what makes them so."""


def contrast(
    call: str, case_inputs: tuple[Input, ...], got: np.ndarray, want: np.ndarray, found: Comparison, source: str
) -> Contrast:
    """Returned against should-be, from a comparison that found a difference.

    Parameters
    ----------
    got, want : float ndarray
        Of one shape, any.
    found : Comparison
        Of these two.
    """
    return Contrast(
        call, case_inputs, show(got), show(want), source, found.differ, got.size, found.first, found.worst, found.worst_error,
        found.tolerance.rtol, found.tolerance.atol, heat(found.error),
    )


@lru_cache(maxsize=1024)  # a class meets the same cases again and again, and numpy takes 50 us to write an array out
def inputs(case: Case) -> tuple[Input, ...]:
    """The arguments of a case, for the report; stand-ins and absent ones are left out."""
    pairs = zip(case.function.param_names, case.args, strict=True)
    return tuple(Input(n, show(a)) for n, a in pairs if a is not None and not isinstance(a, StandIn))


def _inputs_only(case: Case) -> Contrast:
    """What was asked, where nothing came back."""
    return Contrast(case.function.name, inputs(case), Shown(""), None, "")


def degenerate(cases: Sequence[Case], answers: Sequence[np.ndarray]) -> str:
    """Why these answers would satisfy any relation without being worth a point; empty if they are worth judging.

    Constants, copies of an argument, and one answer for different inputs of one shape.
    """
    sized = [a for a in answers if a.size > 1]
    if sized and all(np.ptp(a) == 0 for a in sized):
        return "every entry of the answer is the same number"
    for name in cases[0].function.param_names:
        if all(_same(c.arg(name), a) for c, a in zip(cases, answers, strict=True)):
            return f"the answer is a copy of the argument {name}"
    if len(answers) > 1 and all(_same(answers[0], a) for a in answers[1:]):
        return "the answer is the same for every input"
    return ""


def _same(value: Value, answer: np.ndarray) -> bool:
    array = np.asarray(value if isinstance(value, np.ndarray | int | float) else None)
    return array.dtype.kind in "iuf" and np.array_equal(array, answer)
