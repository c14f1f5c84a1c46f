"""Classroom 50's ``result.json`` (``classroom50/result/v1``), and the text of its release.

Both are published in the student's own repository, so they have the public items alone. Scores are integers there: each point
is `FACTOR` of theirs, so that the two decimals of our points survive; the total is the sum of the tests, as the format wants it.
An ungraded item scores 0, has ``"ungraded": true`` and says so in its name: the format has no third state.
"""

from collections.abc import Mapping
from datetime import UTC
from fractions import Fraction

from grader.core.errors import UsageError
from grader.core.report import ItemResult, points
from grader.core.verdict import Outcome
from grader.report.platforms import Circumstances, Graded, State
from grader.report.platforms.wording import as_json, explained, named, overall, texts

FACTOR = 100
"""Classroom 50's points for one of ours."""
FILE = "result.json"
RELEASE = "release-body.md"
_NEEDED = (("CLASSROOM",), ("ASSIGNMENT",), ("OWNER", "USERNAME"), ("SUBMISSION_TAG",), ("COMMIT_URL",), ("RELEASE_URL",))
_TAG = "submit/"
_LONGEST = 120_000  # characters; GitHub refuses a release with more than 125 000, and the result lies in it


def to_result(graded: Graded, circumstances: Circumstances) -> dict[str, str]:
    """The result of a submission that was graded: its public items."""
    report = graded.student
    told = texts(report)
    total = f"{points(report.earned)} of {points(report.possible)} points"
    body = "\n\n".join((total, overall(report), *(told[i.id] for i in report.items if i.verdict.outcome is not Outcome.MET)))
    return {
        FILE: as_json({**_identity(circumstances), **_tests([_test(i) for i in report.items])}),
        RELEASE: _verbatim(f"{body}\n\n{FACTOR} points of Classroom 50 are one point of the rubric."),
    }


def without_verdicts(state: State, detail: str, circumstances: Circumstances) -> dict[str, str]:
    """One test that is not passed: a result without tests would be a pass."""
    test = {"test-name": f"not graded ({state.value})", "passed": False, "score": 0, "max-score": FACTOR, "ungraded": True}
    return {FILE: as_json({**_identity(circumstances), **_tests([test])}), RELEASE: _verbatim(explained(state, detail))}


def outputs(graded: Graded) -> Mapping[str, str]:
    """What goes to ``GITHUB_OUTPUT``: numbers and our own words only."""
    report = graded.student
    if not report.items:
        return {"status": "failure", "summary": "not graded: no item is public"}
    complete = all(i.verdict.outcome is Outcome.MET for i in report.items)
    return {"status": "success" if complete else "failure", "summary": f"{points(report.earned)}/{points(report.possible)} points"}


def _identity(circumstances: Circumstances) -> dict[str, object]:
    """Whose result it is, from the variables that the runner sets.

    Raises
    ------
    UsageError
        If one of them is missing: the format wants them all, and none can be guessed.
    """
    def variable(*names: str) -> str:
        return next((v for n in names if (v := circumstances.environment.get(n))), "")

    if missing := [" or ".join(names) for names in _NEEDED if not variable(*names)]:
        raise UsageError(f"{FILE} cannot be written without these variables: {', '.join(missing)}. Classroom 50's runner sets them.")
    if not variable("SUBMISSION_TAG").startswith(_TAG):
        raise UsageError(f"SUBMISSION_TAG={variable('SUBMISSION_TAG')}: a submission's tag begins with {_TAG}")
    return {
        "schema": "classroom50/result/v1",
        "classroom": variable("CLASSROOM"),
        "assignment": variable("ASSIGNMENT"),
        "assignment_type": "group" if variable("ASSIGNMENT_TYPE", "MODE") == "group" else "individual",
        "owner": variable("OWNER", "USERNAME"),
        "submission": variable("SUBMISSION_TAG"),
        "commit": variable("COMMIT_URL"),
        "release": variable("RELEASE_URL"),
        "review": variable("REVIEW_URL", "COMMIT_URL"),
        "datetime": f"{circumstances.now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


def _tests(tests: list[dict[str, object]]) -> dict[str, object]:
    def total(name: str) -> int:
        return sum(int(str(test[name])) for test in tests)

    return {"score": total("score"), "max-score": total("max-score"), "tests": tests}


def _test(item: ItemResult) -> dict[str, object]:
    ungraded = {"ungraded": True} if item.earned is None else {}
    return {
        "test-name": named(item),
        "passed": item.verdict.outcome is Outcome.MET,
        "score": _scaled(item.earned or Fraction(0)),
        "max-score": _scaled(item.points),
        "outcome": item.verdict.outcome.value,
        **ungraded,
    }


def _scaled(value: Fraction) -> int:
    return int(Fraction(points(value)) * FACTOR)


def _verbatim(text: str) -> str:
    """Markdown that shows the text as it is: an indented block, which nothing in the text can end."""
    block = "".join(f"    {row}\n" for row in text.split("\n"))
    if len(block) <= _LONGEST:
        return block
    whole, end, _ = block[:_LONGEST].rpartition("\n")
    return f"{whole}{end}    … (there is no room for more)\n"
