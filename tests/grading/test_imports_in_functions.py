"""A package that is missing here costs only what uses it, wherever it is imported."""

from pathlib import Path

import pytest

from grader.core.verdict import Outcome
from grader.course import load_assignment
from grader.grading import grade
from grader.runner.forkserver import ForkServer
from grader.submission import open_submission

ROOT = Path(__file__).parents[2]
RIGHT = (ROOT / "submissions_example" / "cs224n_a1" / "right_vectorised.py").read_text()
FIRST = "def sigmoid_grad(s):\n"


@pytest.mark.parametrize(("before", "inside", "outcome"), [
    ("import torch", "pass", Outcome.MET),
    ("try:\n    import torch\nexcept ImportError:\n    torch = None", "pass", Outcome.MET),
    ("if __name__ == '__main__':\n    import torch", "pass", Outcome.MET),
    ("", "import torch", Outcome.MET),
    ("", "import torch.nn.functional as F; layer = F.relu", Outcome.MET),
    ("", "import torch; torch.tensor(s)", Outcome.UNGRADED),
    ("", "import q1_softmax", Outcome.UNGRADED),
])
def test_a_missing_package_costs_what_uses_it(before: str, inside: str, outcome: Outcome, tmp_path: Path) -> None:
    """An import alone uses nothing."""
    assert RIGHT.count(FIRST) == 1
    file = tmp_path / "submit.py"
    head, _, body = RIGHT.partition(FIRST)
    file.write_text(f"{head}\n{before}\n{FIRST}    {inside}\n{body}")
    with ForkServer() as runner:
        report, _ = grade(load_assignment(ROOT, "cs224n_a1"), open_submission(file), runner, items=["sigmoid_grad.values", "softmax.rows"])
    assert [i.verdict.outcome for i in report.items] == [Outcome.MET, outcome]
