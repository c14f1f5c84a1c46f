"""Arguments that a function changes though the interface does not let it: told where its numbers are compared."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from grader.core.interface import FunctionSpec
from grader.core.observation import Observation, Returned
from grader.core.reason import Reason
from grader.core.verdict import Outcome, Verdict, partly
from grader.core.wording import listed

_NUMBERS: Final = frozenset({Reason.VALUE, Reason.GRADIENT, Reason.OTHER_COST, Reason.INCONSISTENT})


def changed_arguments(function: FunctionSpec, observations: Sequence[Observation]) -> list[str]:
    """The parameters whose arguments some call changed, and that are not in ``may_change``."""
    changed = {i for o in observations if isinstance(o, Returned) for i in o.changed}
    return [n for i, n in enumerate(function.param_names) if i in changed and n not in function.may_change]


def told_of_changes(
    verdict: Verdict, function: FunctionSpec, observations: Sequence[Observation], share: Fraction = Fraction(1)
) -> Verdict:
    """The same verdict with a sentence on the arguments that were changed: first where numbers are wrong for no known reason, else a note.

    What is computed from an argument after it was changed is wrong for that alone. Where all numbers are right, `share` of the points is
    kept: all of them where purity is an item of its own.
    """
    names = changed_arguments(function, observations)
    if not names:
        return verdict
    sentence = f"{function.name} changes its argument{'s' if len(names) > 1 else ''} {listed(names)}: work on a copy."
    if verdict.outcome is Outcome.MET and share < 1:
        return partly(share, Reason.CHANGED_INPUT, sentence, notes=verdict.notes)
    if verdict.reason not in _NUMBERS:
        return verdict.with_notes(sentence)
    return replace(verdict, message=f"{sentence} {verdict.message}", hint=verdict.hint or Reason.CHANGED_INPUT.hint)
