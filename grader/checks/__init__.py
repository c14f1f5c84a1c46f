"""Pure checks: one file per kind, registered here."""

from collections.abc import Mapping

from grader.checks.base import Check
from grader.checks.count import CountCheck
from grader.checks.gradcheck import GradcheckCheck
from grader.checks.gradient import GradientCheck
from grader.checks.probability import ProbabilityCheck
from grader.checks.purity import PurityCheck
from grader.checks.relation import RelationCheck
from grader.checks.shape import ShapeCheck
from grader.checks.stability import StabilityCheck
from grader.checks.steps import StepsCheck
from grader.checks.values import ValuesCheck

KINDS: Mapping[str, type[Check]] = {
    "values": ValuesCheck,
    "relation": RelationCheck,
    "shape": ShapeCheck,
    "stability": StabilityCheck,
    "probability": ProbabilityCheck,
    "purity": PurityCheck,
    "count": CountCheck,
    "gradient": GradientCheck,
    "gradcheck": GradcheckCheck,
    "steps": StepsCheck,
}
"""Every check kind by the name that a rubric uses."""
