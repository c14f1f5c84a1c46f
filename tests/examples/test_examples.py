"""The examples keep their promises: right ones lose nothing, planted faults lose exactly what their headers declare.

``GRADE_SEEDS=100 pytest tests/examples`` tries more seeds than the two of every day.
"""

import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from grader.core.reason import Reason
from grader.core.verdict import Outcome
from grader.course import Assignment, load_assignment
from grader.grading import grade
from grader.runner.forkserver import ForkServer
from grader.submission import open_submission
from grader.trial import Trial
from tests.examples.test_headers import ROOT, SLUGS, examples, read_header

SEEDS = int(os.environ.get("GRADE_SEEDS", "2"))
SLOW = ("hostile_loop", "hostile_memory", "hostile_recursion", "hostile_flood")  # seconds each, whatever the seed: tried on one


@pytest.fixture(scope="module")
def runner() -> Iterator[ForkServer]:
    """One zygote for all."""
    with ForkServer() as server:
        yield server


@pytest.fixture(scope="module")
def assignments() -> dict[str, Assignment]:
    """Every assignment that has examples."""
    return {slug: load_assignment(ROOT, slug) for slug in SLUGS}


@pytest.fixture(scope="module")
def trials(assignments: dict[str, Assignment]) -> dict[tuple[str, int], Trial]:
    """One trial for each assignment and seed, shared by all submissions, as in a batch."""
    return {(slug, seed): Trial(seed, a.interface, a.oracle) for slug, a in assignments.items() for seed in range(SEEDS)}


@pytest.mark.parametrize(("slug", "example"), [pytest.param(s, e, id=f"{s}/{e.stem}") for s in SLUGS for e in examples(s)])
def test_an_example_loses_exactly_what_it_declares(
    slug: str, example: Path, runner: ForkServer, assignments: dict[str, Assignment], trials: dict[tuple[str, int], Trial]
) -> None:
    """On every seed: the items lost, and the shares that are kept."""
    header, submission, assignment = read_header(example), open_submission(example), assignments[slug]
    everything = {i.id for i in assignment.rubric.items}
    declared = everything if header.loses is None else set(header.loses)
    for seed in range(1 if example.stem in SLOW else SEEDS):
        report, _ = grade(assignment, submission, runner, trial=trials[slug, seed])
        lost = {i.id: i.verdict.credit for i in report.items if i.verdict.credit != 1}
        assert set(lost) == declared, f"seed {seed}"
        shares = {item: credit for item, credit in lost.items() if credit}
        assert shares == header.partly, f"seed {seed}"
        if header.loses is not None and not declared:
            assert report.earned == report.possible == Fraction(100)


DIAGNOSES = [
    ("wrong_neural_mean", "neural.gradient", "averaged over the N examples"),
    ("wrong_neural_sigmoid_output", "neural.gradient", "sigmoid"),
    ("wrong_negsampling_repeats_dropped", "negsampling.repeats", "once"),
    ("wrong_cbow_mean", "cbow.sum", "mean"),
    ("wrong_negsampling_target_kept", "negsampling.target", "target"),
    ("wrong_neural_derivative_of_z", "neural.gradient", "pre-activation z"),
    ("wrong_softmaxcost_overwritten", "softmaxcost.cost", "changed in place before"),
    ("wrong_softmaxcost_rows_only", "softmaxcost.cost", "a matrix of one row"),
    ("wrong_negsampling_rows_only", "negsampling.cost", "a matrix of one row"),
]


@pytest.mark.parametrize(("example", "item", "says"), DIAGNOSES, ids=[d[0] for d in DIAGNOSES])
def test_a_known_mistake_is_named(example: str, item: str, says: str, runner: ForkServer, assignments: dict[str, Assignment]) -> None:
    """Not "wrong gradient": what was done."""
    submission = open_submission(ROOT / "submissions_example" / "cs224n_a1" / f"{example}.py")
    report, _ = grade(assignments["cs224n_a1"], submission, runner, items=[item])
    (result,) = report.items
    assert result.verdict.reason is Reason.MISCONCEPTION
    assert says in result.verdict.message


@pytest.mark.parametrize(("example", "reason"), [
    ("hostile_loop", Reason.TIMED_OUT), ("hostile_exit", Reason.DIED), ("hostile_sysexit", Reason.RAISED),
    ("hostile_segfault", Reason.DIED), ("hostile_memory", Reason.MEMORY), ("wrong_python_2", Reason.PYTHON_2),
    ("wrong_syntax_error", Reason.SYNTAX), ("stub_2016", Reason.NOT_ATTEMPTED), ("stub_2017", Reason.NOT_ATTEMPTED),
])
def test_how_a_call_ended_is_said(example: str, reason: Reason, runner: ForkServer, assignments: dict[str, Assignment]) -> None:
    """The first item that is lost says how its call ended."""
    submission = open_submission(ROOT / "submissions_example" / "cs224n_a1" / f"{example}.py")
    report, _ = grade(assignments["cs224n_a1"], submission, runner)
    first = next(i for i in report.items if i.verdict.credit != 1)
    assert first.verdict.reason is reason
    assert first.verdict.outcome is not Outcome.UNGRADED
