"""Which known mistake explains the answers on every trial: the author's misconceptions first, then the usual slips."""

from grader.diagnosis.diagnose import Diagnosis, diagnose, diagnose_not_finite, diagnose_output

__all__ = ["Diagnosis", "diagnose", "diagnose_not_finite", "diagnose_output"]
