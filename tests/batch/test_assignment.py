"""Which assignment a class is of, where a course has several."""

from pathlib import Path

import pytest

from grader.batch.folder import opened
from grader.batch.run import Wish, grade_class

ROOT = Path(__file__).parents[2]
A1, A2 = "def softmax(x): raise NotImplementedError\n", "def naiveSoftmaxLossAndGradient(*a): raise NotImplementedError\n"


@pytest.mark.parametrize(("texts", "slug"), [
    ((A1, A2, A2), "cs224n_a2"), ((A2, A1, A1), "cs224n_a1"), (("", "def sgd(f): pass\n", A2), "cs224n_a2"), (("", "import os\nos._exit(3)\n"), "cs224n_a1"),
], ids=["one is of another", "the first is of another", "one tells", "none tells"])
def test_most_of_the_first_submissions_tell_and_the_course_where_none_does(tmp_path: Path, texts: tuple[str, ...], slug: str) -> None:
    """Not the first alone: somebody may have handed in another homework, or nothing."""
    (tmp_path / "class").mkdir()
    for number, text in enumerate(texts):
        (tmp_path / f"class/s{number}.py").write_text(text)
    grade_class(tmp_path / "class", tmp_path / "out", Wish(ROOT, jobs=1, reports=False, quiet=True))
    with opened(tmp_path / "out") as folder:
        assert folder.store.get("assignment") == slug
