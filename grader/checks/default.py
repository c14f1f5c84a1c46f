"""A last argument that is left out: the function is to answer as with the default that the handout gives it."""

from collections.abc import Sequence
from fractions import Fraction

from grader.checks.answers import contrast, inputs
from grader.checks.guard import read
from grader.core.observation import Observation
from grader.core.probe import Probe
from grader.core.reason import Reason
from grader.core.verdict import Verdict, partly
from grader.numerics.compare import Tolerance, agrees, compare
from grader.trial import Case, Trial


def without_last(case: Case) -> Probe:
    """The call of a case without its last argument."""
    return Probe(case.function.name, case.args[:-1])


def told_of_default(
    trial: Trial, verdict: Verdict, case: Case, given: Observation, left_out: Observation, outputs: Sequence[str], tolerance: Tolerance,
    share: Fraction,
) -> Verdict:
    """The same verdict; a share of the points for a function that is right, but takes another default than the one in the case.

    It is compared with its own answer to the default, and asked nothing where it has none, as where it takes matrices alone.
    """
    own, found = (read([case], [o], outputs) for o in (given, left_out))
    if verdict.credit != 1 or isinstance(own, Verdict):
        return verdict
    name, param, value = case.function.name, case.function.param_names[-1], case.args[-1]
    hint = f"Write {param}={value} in the line that begins with def."
    if isinstance(found, Verdict):
        lost = partly(share, found.reason or Reason.VALUE, f"Without {param}: {found.message}", *found.evidence, hint=hint)
        return found if found.credit is None else lost
    got, want, allowed = found[0].results, own[0].results, found[0].allowed(tolerance)
    output = next((n for n in outputs if not agrees(got[n], want[n], allowed)), "")
    if not output:
        return verdict
    taken = next((n for n, other in _others(trial, case) if agrees(got[output], trial.answer(other)[output], allowed)), None)
    said = f"takes {param} = {taken}" if taken else "answers otherwise"
    evidence = contrast(name, inputs(case)[:-1], got[output], want[output], compare(got[output], want[output], allowed),
                        f"your own for {param} = {value}")
    return partly(share, Reason.VALUE, f"Without {param}, {name} {said}; the default is {value}.", evidence, hint=hint)


def _others(trial: Trial, case: Case) -> tuple[tuple[int, Case], ...]:
    """The case with every other size in the default's place, to three times as much."""
    param, value = case.function.param_names[-1], case.args[-1]
    assert isinstance(value, int)
    return trial.once(("other sizes", id(case)), lambda: tuple(
        (n, case.replaced(**{param: n})) for n in range(1, 3 * value + 1) if n != value))
