"""What every check kind is: a frozen model with two pure methods."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Annotated

from pydantic import Field

from grader.checks.cases import case_problems
from grader.core.interface import Identifier, Interface, Model
from grader.core.observation import Observation
from grader.core.probe import Probe
from grader.core.verdict import Verdict
from grader.numerics.compare import Tolerance
from grader.trial import Trial

CaseTable = dict[Identifier, int | str]
"""One row of ``cases`` in a rubric: ``{ N = 1, dataset = "repeats" }``."""

Share = Annotated[Fraction, Field(ge=0, le=1)]
BelowOne = Annotated[float, Field(ge=0, lt=1)]


class Check(Model):
    """A question about a function, as the ``check`` table of a rubric item spells it.

    A subclass declares ``kind: Literal["..."]``, its own fields, `plan` and `judge`. Both are pure: `judge` can be run
    again on stored observations, and never raises on any of them.

    Parameters
    ----------
    kind : str
        What is asked.
    function : str
        The function of the interface that is asked.
    """

    kind: str
    function: Identifier

    @abstractmethod
    def plan(self, trial: Trial) -> tuple[Probe, ...]:
        """The questions of the first round, smallest first."""

    @abstractmethod
    def judge(self, trial: Trial, observations: Sequence[Observation], follow_up: Sequence[Observation] = ()) -> Verdict:
        """The verdict on the answers to `plan`, explained with the answers to `follow_up` if there was a second round."""

    def follow_up(self, trial: Trial, observations: Sequence[Observation]) -> tuple[Probe, ...]:
        """Questions that explain a first verdict of *not met*; asked once, and only then."""
        return ()

    def problems(self, interface: Interface) -> Iterator[tuple[str, str, str]]:
        """Mistakes of the rubric's author that the fields alone do not show: (field, problem, what to write instead)."""
        known = [f.name for f in interface.functions]
        if self.function not in known:
            yield "function", f"the interface declares no function {self.function!r}.", f"Write one of: {', '.join(known)}."
            return
        function = interface.function(self.function)
        yield from case_problems(getattr(self, "cases", ()), function)
        returns = [r.name for r in function.returns]
        for name in (n for n in getattr(self, "outputs", ()) if n not in returns):
            yield "outputs", f"{self.function} returns no {name!r}.", f"Write some of: {', '.join(returns) or 'none'}."
        given = self.model_fields_set & {"rtol", "atol"}
        if len(given) == 1:
            (lacking,) = {"rtol", "atol"} - given
            yield lacking, f"it is missing, but {next(iter(given))} is given.", "Write both, or neither."


class ToleranceFields(Model):
    """``rtol`` and ``atol`` of a check, given together or not at all.

    The defaults lie between the noise of right solutions (summation order, ``log(p + 1e-12)``: below 1e-8) and the
    smallest planted fault (one entry wrong by 1e-4).

    Parameters
    ----------
    rtol, atol : float
        Write numbers from 0 to below 1: an entry is right if it is off by at most atol + rtol * abs(what it should be).
    """

    rtol: BelowOne = 1e-6
    atol: BelowOne = 1e-9

    @property
    def tolerance(self) -> Tolerance:
        """As the comparison takes it."""
        return Tolerance(self.rtol, self.atol)
