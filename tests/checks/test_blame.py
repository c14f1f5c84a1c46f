"""Whose fault an exception is: the student's, an older numpy's, Python 2's, or that of a package that is not here."""

import numpy as np
import pytest

from grader.checks.answers import not_finite
from grader.checks.values import ValuesCheck
from grader.core.evidence import Contrast
from grader.core.observation import Died, Frame, Observation, Raised, Returned, TimedOut, Unavailable
from grader.core.probe import Opaque, Value
from grader.core.reason import Reason
from grader.core.verdict import Outcome
from grader.trial import Trial


def _removed(name: str) -> str:
    """What this numpy says of a name that it has dropped."""
    try:
        getattr(np, name)
    except AttributeError as error:
        return str(error)
    pytest.skip(f"this numpy still has {name}")


NAMES = ("mat", "float", "int", "product", "asscalar", "NaN", "alltrue", "in1d", "trapz")


@pytest.mark.parametrize("name", NAMES)
def test_names_that_numpy_has_dropped_are_the_environments(name: str, trial: Trial) -> None:
    """As this numpy words it: ungraded, not zero."""
    verdict = _verdict(trial, Raised("AttributeError", _removed(name)))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNGRADED, Reason.ENVIRONMENT)


@pytest.mark.parametrize(("type_", "message", "reason"), [
    ("AttributeError", "module 'numpy' has no attribute 'sofmax'", Reason.RAISED),
    ("NameError", "name 'xrange' is not defined", Reason.PYTHON_2),
    ("AttributeError", "'dict' object has no attribute 'iteritems'", Reason.PYTHON_2),
    ("NameError", "name 'y_hat' is not defined", Reason.RAISED),
    ("TypeError", "reshape() got an unexpected keyword argument 'newshape'", Reason.ENVIRONMENT),
    ("PackageNotAvailable", "needs the package 'sklearn', which is not available here", Reason.ENVIRONMENT),
    ("MemoryError", "", Reason.MEMORY),
    ("NotImplementedError", "", Reason.NOT_ATTEMPTED),
    ("PermissionError", "[Errno 13] Permission denied: '/etc/passwd'", Reason.FORBIDDEN),
    ("ValueError", "setting an array element with a sequence.", Reason.RAISED),
])
def test_who_is_blamed(type_: str, message: str, reason: Reason, trial: Trial) -> None:
    """By what the exception says."""
    assert _verdict(trial, Raised(type_, message)).reason is reason


@pytest.mark.parametrize(("dataset", "K", "told"), [("one_word", 10, True), ("repeats", 9, True), ("distinct", 3, False)])
def test_a_loop_that_waits_for_other_words_in_vain_is_told_of(dataset: str, K: int, told: bool, trial: Trial) -> None:
    """Where fewer different words can be drawn than K; elsewhere something else does not end."""
    check = ValuesCheck(function="negSamplingCostAndGradient", cases=({"K": K, "V": 6, "dataset": dataset},))
    verdict = check.judge(trial, [TimedOut("cpu", 5.0)])
    assert (verdict.reason, "ever drawn here" in verdict.message, "several times" in verdict.hint) == (Reason.TIMED_OUT, told, told)


def _verdict(trial: Trial, observation: Observation):
    check = ValuesCheck(function="sigmoid")
    return check.judge(trial, [observation] * len(check.plan(trial)))


ONE_NUMBER = "only 0-dimensional arrays can be converted to Python scalars"


@pytest.mark.parametrize(("function", "line", "reason"), [
    ("sigmoid", "    return 1 / (1 + math.exp(-x))", Reason.RAISED),
    ("sigmoid", "    return 1 / (1 + exp(-1.0 * x))", Reason.RAISED),
    ("softmax", "    e = math.exp(x - m)", Reason.RAISED),
    ("sigmoid", "    return float(z) / np.exp(-x)", Reason.ENVIRONMENT),
    ("softmax", "    total = math.log(np.sum(np.exp(x), keepdims=True))", Reason.ENVIRONMENT),
    ("softmaxCostAndGradient", "    cost = -math.log(p)", Reason.ENVIRONMENT),
])
def test_arrays_of_several_entries_were_never_numbers(function: str, line: str, reason: Reason, trial: Trial) -> None:
    """This numpy says so of those of one entry as well, which older ones took."""
    check = ValuesCheck(function=function)
    error = Raised("TypeError", ONE_NUMBER, (Frame("hw.py", 3, function, line),))
    verdict = check.judge(trial, [error] * len(check.plan(trial)))
    assert verdict.reason is reason
    assert ("np.exp" in verdict.hint) is (reason is Reason.RAISED)


@pytest.mark.parametrize(("type_", "message", "line", "reason"), [
    ("IndexError", "index 1 is out of bounds for axis 0 with size 1", "    d[[np.arange(len(Y)), y]] -= 1", Reason.ENVIRONMENT),
    ("ValueError", "shape mismatch: value array of shape (3,) could not be broadcast to indexing result of shape (2,3,5)",
     "    d[[range(N), y]] = p[range(N), y] - 1", Reason.ENVIRONMENT),
    ("IndexError", "index 9 is out of bounds for axis 0 with size 5", "    d[np.arange(len(Y)), y] -= 1", Reason.RAISED),
    ("IndexError", "index 9 is out of bounds for axis 0 with size 5", "    vectors = U[[target, k]]", Reason.RAISED),
    ("TypeError", "unsupported operand type(s)", "    d[[np.arange(len(Y)), y]] -= 1", Reason.RAISED),
])
def test_a_list_of_indices_was_a_tuple_once(type_: str, message: str, line: str, reason: Reason, trial: Trial) -> None:
    """Until numpy 1.23 ``a[[rows, columns]]`` was ``a[rows, columns]``; a list of numbers never was."""
    verdict = _verdict(trial, Raised(type_, message, (Frame("hw.py", 3, "f", line),)))
    assert verdict.reason is reason
    assert ("[rows, columns]" in verdict.message) is (reason is Reason.ENVIRONMENT)


@pytest.mark.parametrize(("line", "reason"), [
    ("    y[0] = sigmoid(row.dot(column))", Reason.ENVIRONMENT), ("    losses[idx[k], 0] = u @ v", Reason.ENVIRONMENT),
    ("    gradPred[0] += label * (s - 1) * U[k].dot(v)", Reason.RAISED), ("    x[ix] = old + h", Reason.RAISED),
    ("    y[1:] = sigmoid(row.dot(column))", Reason.RAISED), ("    y = np.array([1.0, z])", Reason.RAISED),
    ("    return y[0] == np.array([z])", Reason.RAISED),
])
def test_an_array_of_one_entry_was_a_number_once(line: str, reason: Reason, trial: Trial) -> None:
    """Until numpy 2.4 it could be put into one entry of an array: a person is to see which it is."""
    verdict = _verdict(trial, Raised("ValueError", _of_one_entry(), (Frame("hw.py", 3, "f", line),)))
    assert verdict.reason is reason
    assert ("an array of one entry" in verdict.message) is (reason is Reason.ENVIRONMENT)


def _of_one_entry() -> str:
    """What this numpy says of it."""
    y = np.zeros(2)
    try:
        y[0] = np.ones((1, 1))
    except ValueError as error:
        return str(error)
    pytest.skip("this numpy takes it")


@pytest.mark.parametrize(("shapes", "hinted"), [
    ("(3,5) (3,) ", True), ("(3,) (3,5) ", True), ("(2,3) (2,) (2,3) ", True), ("(3,5) (4,) ", False), ("(3,5) (5,3) ", False),
])
def test_sums_of_rows_that_do_not_fit_are_told_of_keepdims(shapes: str, hinted: bool, trial: Trial) -> None:
    """One number for each row, without an axis for it: the most common mistake of a first softmax."""
    verdict = _verdict(trial, Raised("ValueError", f"operands could not be broadcast together with shapes {shapes}"))
    assert ("keepdims=True" in verdict.hint) is hinted


@pytest.mark.parametrize(("message", "hint"), [
    ("operands could not be broadcast together with shapes (3,4) (4,2) ", "np.dot(A, B), or A @ B"),
    ("operands could not be broadcast together with shapes (3,4) (2,4) ", ""),
    ("The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()", "np.max, np.min and np.where take arrays"),
    ("arrays used as indices must be of integer (or boolean) type", "an index is an int"),
    ("ufunc 'bitwise_xor' not supported for the input types", "** or np.exp"),
    ("ufunc 'add' not supported for the input types", ""),
])
def test_what_numpy_says_is_told_in_terms_of_the_code(message: str, hint: str, trial: Trial) -> None:
    """What is known of its words; nothing of others."""
    verdict = _verdict(trial, Raised("ValueError", message))
    assert (verdict.reason, hint in verdict.hint, bool(verdict.hint)) == (Reason.RAISED, True, bool(hint))


@pytest.mark.parametrize(("message", "hinted"), [("list index out of range", True), ("tuple index out of range", False)])
def test_a_list_that_ends_before_the_loop_is_told_of(message: str, hinted: bool, trial: Trial) -> None:
    """A window of 2C words that has fewer of them, at the edge of a text."""
    assert ("range(len(...))" in _verdict(trial, Raised("IndexError", message)).hint) is hinted


@pytest.mark.parametrize(("message", "variant", "hinted"), [
    ("'float' object has no attribute 'shape'", "scalar", True), ("'float' object is not subscriptable", "scalar", True),
    ("'numpy.float64' object does not support item assignment", "scalar", True), ("object of type 'float' has no len()", "scalar", True),
    ("'float' object has no attribute 'shape'", "vector", False), ("'float' object has no attribute 'shap'", "scalar", False),
])
def test_code_for_arrays_alone_is_told_how_to_take_a_plain_number(message: str, variant: str, hinted: bool, trial: Trial) -> None:
    """Where it was given one, that is."""
    check = ValuesCheck(function="sigmoid", cases=({"x": variant},))
    verdict = check.judge(trial, [Raised("AttributeError", message)])
    assert (verdict.reason, verdict.hint == "It is to take a plain number too: begin with x = np.asarray(x, float).") == (Reason.RAISED, hinted)


FACTORS = "In a matrix product the left factor has as many columns as the right one has rows: print .shape of both before that line."


@pytest.mark.parametrize(("type_", "message", "hint"), [
    ("ValueError", "shapes (2,4) and (2,4) not aligned: 4 (dim 1) != 2 (dim 0)", "np.dot and @ multiply matrices; entry by entry it is *, or np.multiply."),
    ("ValueError", "shapes (2,4) and (3,4) not aligned: 4 (dim 1) != 3 (dim 0)", FACTORS),
    ("ValueError", "shapes (4,) and (3,4) not aligned: 4 (dim 0) != 3 (dim 0)", FACTORS),
    ("ValueError", "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature (n?,k),(k,m?)->(n?,m?)", FACTORS),
    ("ValueError", "the shapes are not aligned", ""),
    ("SystemExit", "0", Reason.DIED.hint), ("FileNotFoundError", "[Errno 2] No such file or directory: 'x'", Reason.FORBIDDEN.hint),
    ("RecursionError", "maximum recursion depth exceeded",
     "A function that calls itself needs a case in which it does not, and has to come nearer to it with every call."),
    ("TypeError", "sigmoid() takes 0 positional arguments but 1 was given", "It is called as sigmoid(x), with the arguments in this order."),
    ("TypeError", "Net.sigmoid() missing 1 required positional argument: 'x'", "It is called as sigmoid(x), with the arguments in this order."),
    ("TypeError", "sigmoid_grad() missing 1 required positional argument: 's'", ""),
])
def test_products_and_calls_that_do_not_fit_are_told_what_would(type_: str, message: str, hint: str, trial: Trial) -> None:
    """Of the function's own call alone: another's is the student's to look up."""
    assert _verdict(trial, Raised(type_, message)).hint == hint


@pytest.mark.parametrize(("message", "told"), [("no", " at line 3 of a.py: no"), ("", " at line 3 of a.py.")])
def test_an_exception_that_says_nothing_ends_the_sentence(message: str, told: str, trial: Trial) -> None:
    """While the function runs, and while its module is loaded."""
    error = Raised("ValueError", message, (Frame("a.py", 3, "f", "raise ValueError"),))
    assert _verdict(trial, error).message == f"sigmoid raises ValueError{told}"
    loading = ValuesCheck(function="sigmoid").judge(trial, [Unavailable("sigmoid", error, "a")])
    assert loading.message == f"sigmoid cannot be called: loading a raises ValueError{told}"


def test_what_numpy_says_ends_with_a_full_stop(trial: Trial) -> None:
    """Before the grader's own sentence begins."""
    assert _verdict(trial, Raised("TypeError", ONE_NUMBER)).message.endswith(f"{ONE_NUMBER}. The code is older than this numpy.")


@pytest.mark.parametrize(("ended", "message", "hint"), [
    (TimedOut("cpu", 5.0), "sigmoid did not end within 5 s of computing, and was stopped.", ""),
    (TimedOut("wall", 7.5), "sigmoid did not end within 7.5 s by the clock, and was stopped.", ""),
    (Died("signal", 11), "sigmoid crashed the process (signal 11).",
     "Python's own statements do not crash: look for ctypes, or for a recursion that does not end."),
    (Died("output", 0), "sigmoid wrote more than a submission may and was stopped.", "Print and write less."),
    (Died("exit", 3), "sigmoid ended the process (exit status 3) instead of returning.", ""),
])
def test_a_call_that_did_not_return_is_shown_with_its_arguments_alone(ended: Observation, message: str, hint: str, trial: Trial) -> None:
    """No answer, and none that should be: only what it was called with, and what to look for."""
    verdict = ValuesCheck(function="sigmoid").judge(trial, [ended])
    (shown,) = verdict.evidence
    assert isinstance(shown, Contrast)
    assert (verdict.message, verdict.hint) == (message, hint)
    assert (shown.call, [i.name for i in shown.inputs], shown.returned.text, shown.expected, shown.source) == ("sigmoid", ["x"], "", None, "")


@pytest.mark.parametrize(("values", "message", "possible", "impossible"), [
    ([np.nan, 1, np.nan], "2 of 3 entries are NaN.", "log or root of a negative number", "log of zero"),
    ([np.inf, -np.inf, 0], "2 of 3 entries are infinite.", "log of zero", "negative"),
    ([np.inf, np.nan, 0], "2 of 3 entries are NaN or infinite.", "", "?"),
])
def test_what_makes_entries_not_finite_is_told_by_what_they_are(
    values: list[float], message: str, possible: str, impossible: str, trial: Trial
) -> None:
    """NaN is no log of zero, and an infinity no log of a negative number; of both together the reason's own hint tells."""
    (case,) = trial.cases("softmaxCostAndGradient", [{}])
    verdict = not_finite("gradPred", np.array(values), case)
    assert verdict is not None
    assert verdict.message == f"gradPred of softmaxCostAndGradient: {message}"
    assert possible in verdict.hint
    assert impossible not in verdict.hint
    assert bool(verdict.hint) is bool(possible)


def test_a_number_that_is_not_finite_has_no_entries(trial: Trial) -> None:
    """Nobody counts one of one."""
    (case,) = trial.cases("softmaxCostAndGradient", [{}])
    verdict = not_finite("cost", np.array(-np.inf), case)
    assert verdict is not None
    assert verdict.message == "cost of softmaxCostAndGradient: the number is infinite."


def test_an_answer_of_the_wrong_form_is_told_the_form_that_is_declared(trial: Trial) -> None:
    """In full; the only result is called by the function's name, of several each by its own."""
    one = ValuesCheck(function="normalizeRows", cases=({},)).judge(trial, [Returned("no")])
    assert one.message == "normalizeRows: a str, but should be an array shaped like x."
    none = ValuesCheck(function="softmaxCostAndGradient", cases=({},)).judge(trial, [Returned(None)])
    assert none.message == "softmaxCostAndGradient returned None, but should return 3 results: cost, gradPred, grad."
    assert none.hint == "End with: return cost, gradPred, grad."
    several = ValuesCheck(function="softmaxCostAndGradient", cases=({},)).judge(trial, [Returned((1.0, None, 2.0))])
    assert several.message == "gradPred: None, but should be an array of shape (D,)."
    (shown,) = several.evidence
    (case,) = trial.cases("softmaxCostAndGradient", [{}])
    assert isinstance(shown, Contrast)
    V, D = case.sizes["V"], case.sizes["D"]
    assert shown.source == f"cost, a number; gradPred of shape (D,) = ({D},); grad of shape (V, D) = ({V}, {D})"


@pytest.mark.parametrize(("value", "says"), [
    (Opaque("int", "(an integer of 16610 bits)"), "the number is too large: floats end at about 1.8e308."),
    (10**400, "the number is too large: floats end at about 1.8e308."),
    (Opaque("array of dtype object", "array([None], dtype=object)"), "an array of dtype object, but should be an array shaped like x."),
    (Opaque("array of shape (3000, 3000), too large to be returned", "(...)"),
     "an array of shape (3000, 3000), too large to be returned, but should be an array shaped like x."),
    (Opaque("Net", "<Net>"), "an object of type Net, but should be an array shaped like x."),
    (np.array(True), "a single bool, but should be an array shaped like x."),
    (np.array([True]), "an array of bool, but should be an array shaped like x."),
])
def test_what_is_wrong_with_an_answer_that_is_no_array_of_floats(value: Value, says: str, trial: Trial) -> None:
    """Too large a number, an array's dtype or shape, an object's type."""
    verdict = _verdict(trial, Returned(value))
    assert verdict.reason is Reason.TYPE
    assert verdict.message == f"sigmoid: {says}"
