"""check50's JSON, as ``check50 -o json`` prints it: for tools that read that. It has no points: a check is passed, failed or not asked."""

import grader
from grader.core.report import ItemResult
from grader.core.verdict import Outcome
from grader.report.platforms import Circumstances, Graded, State
from grader.report.platforms.wording import as_json, explained, line, texts
from grader.report.views import hint, message

FILE = "check50.json"


def to_result(graded: Graded, circumstances: Circumstances) -> dict[str, str]:
    """The result of a submission that was graded: its public items."""
    report = graded.student
    told = texts(report)
    results = [_check(i, told[i.id]) for i in report.items]
    return {FILE: as_json({"slug": report.assignment, "results": results, "version": grader.__version__})}


def without_verdicts(state: State, detail: str, circumstances: Circumstances) -> dict[str, str]:
    """check50's way to say that nothing was checked."""
    error: dict[str, object] = {"type": state.value, "value": explained(state, detail), "traceback": [], "data": {}}
    return {FILE: as_json({"slug": "", "error": error, "version": grader.__version__})}


def _check(item: ItemResult, told: str) -> dict[str, object]:
    """One item; *partly* is not passed, and what was blocked or could not be judged was not asked."""
    verdict = item.verdict
    passed = None if verdict.outcome in (Outcome.BLOCKED, Outcome.UNGRADED) else verdict.outcome is Outcome.MET
    cause = None if passed else {"rationale": line(message(verdict)), "help": line(hint(verdict)) or None}
    return {
        "name": item.id,
        "description": line(item.title),
        "passed": passed,
        "log": [] if passed else told.split("\n"),
        "cause": cause,
        "data": {},
        "dependency": verdict.see or None,
    }
