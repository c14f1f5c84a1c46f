"""Pure checks: one file per kind, registered here."""

from collections.abc import Mapping

from grader.checks.base import Check
from grader.checks.values import ValuesCheck

KINDS: Mapping[str, type[Check]] = {
    "values": ValuesCheck,
}
"""Every check kind by the name that a rubric uses."""
