"""What one submission costs, once the grader is running: judged against the bare loop that forks, calls the same probes and returns.

Run with ``python tests/benchmarks/submission.py [EXAMPLE]``. The bare loop has no limits, no loader, no isolation, no
judging; its child pickles what the functions returned. Both alternate in one run.
"""

import gc
import os
import pickle
import statistics
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from grader.core.observation import Observation
from grader.core.probe import Group, Probe
from grader.course import Assignment, load_assignment
from grader.grading import grade
from grader.runner.forkserver import ForkServer
from grader.runner.protocol import Answered, Patience, Program
from grader.submission import open_submission
from grader.submission.source import Submission
from grader.trial import Trial, materialise
from grader.worker.missing import LOADING

ROOT = Path(__file__).parents[2]
ROUNDS = 40


def bare(source: str, probes: list[Probe]) -> None:
    """Fork, load the file, call everything, return the pickled answers, and wait."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        space: dict[str, Any] = {"__name__": "submit"}
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - the child ends with it
        answers: list[object] = []
        try:
            exec(compile(source, "submit.py", "exec"), space)
        except Exception as error:  # noqa: BLE001 - its submission is a wrong one
            answers.append(repr(error))
        for p in probes if not answers else ():
            try:
                answers.append(space[p.function](*(materialise(a, {}) for a in p.args)))
            except Exception as error:  # noqa: BLE001 - as above
                answers.append(repr(error))
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(pickle.dumps(answers))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        pickle.loads(pipe.read())
    os.waitpid(pid, 0)


class Noting(ForkServer):
    """Notes what is put to a submission, but for the second child's sample."""

    probes: list[Probe]

    def observe(
        self, program: Program, groups: Iterable[Group], answered: Answered, doubted: Any = (), patience: Patience | None = None
    ) -> list[tuple[Observation, ...]]:
        def noted(groups: Iterable[Group]) -> Iterator[Group]:
            for group in groups:
                self.probes += [p for p in group.probes if not p.function.startswith(LOADING)]
                yield group

        return super().observe(program, noted(groups), lambda *given: [*noted(answered(*given))], doubted, patience)


def asked(assignment: Assignment, submission: Submission, runner: Noting, trial: Trial) -> list[Probe]:
    """All that the grader puts to it, what explains a wrong answer too."""
    runner.probes = []
    grade(assignment, submission, runner, trial=trial)
    return runner.probes


def main() -> None:
    """Print the median ratio, wall and CPU."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "submissions_example/cs224n_a1/right_vectorised.py"
    assignment, submission = load_assignment(ROOT, "cs224n_a1"), open_submission(path)
    trial = Trial(assignment.default_seed, assignment.interface, assignment.oracle)
    probes = [p for item in assignment.rubric.items for p in item.check.plan(trial)]
    source = submission.files[0].text
    gc.collect()
    gc.freeze()
    with ForkServer() as runner:
        grade(assignment, submission, runner, trial=trial)
        bare(source, probes)
        times: list[tuple[float, float]] = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            grade(assignment, submission, runner, trial=trial)
            middle = time.perf_counter()
            bare(source, probes)
            times.append((middle - start, time.perf_counter() - middle))
        level = runner.isolation.level
    ratios = sorted(g / b for g, b in times)
    print(f"{path.name}, level {level}, {len(probes)} probes: graded / bare loop: median {statistics.median(ratios):.2f}, "
          f"{ratios[0]:.2f} to {ratios[-1]:.2f}   ({1000 * statistics.median(g for g, _ in times):.1f} ms "
          f"against {1000 * statistics.median(b for _, b in times):.1f} ms, {ROUNDS} pairs)")


if __name__ == "__main__":
    main()
