"""One fork server for all tests of a room, and programs written as text."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest

from grader.core.observation import Observation
from grader.core.probe import Group, Probe
from grader.runner.forkserver import ForkServer
from grader.runner.levels import bubblewrap
from grader.runner.protocol import Limits, Program, Source
from tests.runner.macos import standing_in


@pytest.fixture(scope="session")
def quick() -> Limits:
    """Small enough that a test which runs into one of them is quick; much time by the clock, for machines that stand still at times."""
    return Limits(load_seconds=0.3, repeat_seconds=0.1, wall_factor=60.0, memory=1 << 29, reply=1 << 22)


LEVELS = ("F", "B", "C", *(["A"] if bubblewrap() else []))
ALSO_AT_E = (
    "test_an_array_comes_back_as_it_was_returned", "test_changed_arguments_are_named", "test_printed_text_is_captured_and_bounded",
    "test_a_flood_from_c_is_cut_off", "test_an_exception_quotes_the_students_own_line", "test_endless_recursion_is_an_exception",
    "test_closing_the_descriptor_for_text_costs_nobody_else", "test_an_endless_loop_is_stopped_by_its_cpu_time",
    "test_sleeping_is_stopped_by_the_clock", "test_a_process_that_ends_costs_its_call_only", "test_the_rest_of_a_group_is_not_asked",
    "test_groups_share_a_process_while_it_lives", "test_bytes_that_are_no_answer", "test_an_answer_whose_pipe_is_closed_counts",
    "test_more_answers_than_questions", "test_a_thread_that_never_ends_holds_nothing_up", "test_random_streams_are_the_same_in_every_call",
    "test_state_that_a_call_leaves_is_reset_before_the_next", "test_scipy_works_where_the_course_allows_it",
    "test_the_process_has_nothing_of_the_graders", "test_no_frame_object_or_module_holds_what_the_grader_knows",
    "test_the_memory_of_the_process_holds_no_secret", "test_nothing_of_the_graders_can_be_imported", "test_the_standard_library_and_numpy_can_be_imported",
)  # fmt: skip
"""Where nothing is forked each child takes 0.15 s: a part of the contract, with something in the place of macOS's sandbox."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that uses the server runs at every level; ``levels("F")`` names those where its question has a meaning."""
    if "level" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("levels")
        names = [x for x in (mark.args if mark else LEVELS) if x in LEVELS]
        also = ["E"] if metafunc.function.__name__ in ALSO_AT_E else []
        metafunc.parametrize("level", [*names, *also], scope="session")


@pytest.fixture(scope="session")
def server(quick: Limits, level: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServer]:
    around = standing_in(tmp_path_factory.mktemp("macos")) if level == "E" else nullcontext()
    limits = replace(quick, load_seconds=2.0) if level == "E" else quick  # an interpreter that has just started is slower by far
    with around, ForkServer(limits, level=level) as server:
        yield server


@pytest.fixture(scope="session")
def program() -> Callable[[str], Program]:
    """One file, in which every function is looked for."""

    def make(text: str) -> Program:
        return Program((Source("submit", "submit.py", text),), dict.fromkeys(("f", "g", "h", "ok"), ("submit",)))

    return make


X = np.arange(6.0).reshape(2, 3)
OK = "def ok(x):\n    return x * 2\n"


@pytest.fixture
def run(server: ForkServer, program: Callable[[str], Program]) -> Callable[..., Observation]:
    """What comes of ``f(x)`` in a file; every time it is checked that the next item is not touched by it."""

    def ask(text: str, *args: object, seconds: float = 0.5) -> Observation:
        probe = Probe("f", args or (X,))
        group = Group((probe,), seconds)
        (answer,), (after,) = server.observe(program(OK + text), [group, Group((Probe("ok", (X,)),))])
        np.testing.assert_array_equal(after.value, X * 2)
        return answer

    return ask
