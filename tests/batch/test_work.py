"""The unit of work, in this process: an answer always, and never an exception."""

import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.batch import work as batch_work
from grader.batch.job import Done, Halt, Job, Setup, halt
from grader.batch.packing import pack, unpack
from grader.batch.work import Bench
from grader.core.classbook import Status
from grader.core.errors import CourseError, GraderError
from grader.report import FORMATS
from grader.submission.source import submission
from tests.grading.conftest import InProcess

from .conftest import RIGHT


class Runner(InProcess):
    """In place of the fork server: trusted code only."""

    def __init__(self, demand: str = "") -> None:
        super().__init__()

    def keep_from(self, *secrets: Path) -> None:
        """Nothing to keep."""


@pytest.fixture
def bench(course: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A worker's, without processes."""
    monkeypatch.setattr(batch_work, "ForkServer", Runner)
    return Bench(Setup(course, "demo", 7, "required", formats=tuple(FORMATS)))


def job(text: str = RIGHT, **more: object) -> Job:
    """A submission by content."""
    return Job("ada", "hw.py", submission=pack(submission("hw.py", {"hw.py": text.encode()})), **more)  # type: ignore[arg-type]


def test_content_in_and_plain_data_out(bench: Bench) -> None:
    """No path is needed; all that comes back can travel."""
    done = bench.work(job())
    assert isinstance(done, Done)
    assert done.status is Status.GRADED
    assert set(done.reports) == set(FORMATS)
    assert {v.item for v in done.verdicts} == set(done.stored.answers) == {"double.values", "double.more", "square.values", "trap"}
    assert pickle.loads(pickle.dumps(done)) == done
    assert unpack(done.submission).files[0].text == RIGHT


def test_judging_what_is_stored_asks_nothing(bench: Bench) -> None:
    """The same verdicts and, byte for byte, the same reports; no runner is started."""
    first = bench.work(job())
    assert isinstance(first, Done)
    del bench.runner
    again = bench.work(job(ask=(), stored=first.stored))
    assert isinstance(again, Done)
    assert "runner" not in bench.__dict__
    assert (again.reports, again.verdicts) == (first.reports, first.verdicts)


@pytest.mark.parametrize(("heavy", "kept"), [(1 << 10, False), (1 << 30, True)])
def test_large_answers_are_not_kept_for_the_next_submission(bench: Bench, monkeypatch: pytest.MonkeyPatch, heavy: int, kept: bool) -> None:
    """Others will not answer the same, and two thousand verdicts of some megabytes are too much for any machine."""
    monkeypatch.setattr(batch_work, "_HEAVY", heavy)
    done = bench.work(job())
    assert isinstance(done, Done)
    assert bool(bench.trial._lately) == kept


def test_one_item_asked_again_joins_the_others(bench: Bench) -> None:
    """Only that item's functions are called; the others' answers stay."""
    first = bench.work(job())
    assert isinstance(first, Done)
    again = bench.work(job(ask=("square.values",), stored=first.stored))
    assert isinstance(again, Done)
    assert {v.item: v.credit for v in again.verdicts} == {v.item: v.credit for v in first.verdicts}


def test_a_runner_that_cannot_start_stops_the_run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no submission's fault: halting beats a class of failed rows."""

    def exposed(self: Runner, *secrets: Path) -> None:
        raise GraderError("reference lies in a folder that student code may read")

    monkeypatch.setattr(Runner, "keep_from", exposed)
    assert bench.work(job()) == Halt("GraderError", ("reference lies in a folder that student code may read",))


def test_damaged_content_is_one_failed_row(bench: Bench) -> None:
    """With what to do."""
    done = bench.work(Job("ada", "hw.py", submission=b"no zlib"))
    assert isinstance(done, Done)
    assert done.status is Status.FAILED
    assert "a stored submission is damaged" in done.remarks[0]
    assert "Traceback" in done.trouble


def test_a_mistake_of_ours_keeps_the_submission(bench: Bench) -> None:
    """So that it can be run again from the store."""
    done = bench.work(job(RIGHT.replace("return x * x", "return 'fail'")))
    assert isinstance(done, Done)
    assert (done.status, done.remarks) == (Status.FAILED, ("the grader failed on it (RuntimeError: a mistake of ours).",))
    assert unpack(done.submission).files


def test_errors_survive_the_way_to_the_parent() -> None:
    """A course's fault stays one, with file, place, problem and remedy."""
    error = CourseError("rubrics/demo.toml", "item a", "it is wrong.", "Mend it.")
    assert pickle.loads(pickle.dumps(halt(error))).error == error
    assert str(halt(GraderError("no disk")).error) == "no disk"
    assert str(halt(ZeroDivisionError("x")).error) == "a worker could not be started: ZeroDivisionError: x"
