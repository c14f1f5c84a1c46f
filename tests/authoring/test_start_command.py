"""``grade start`` and ``grade new`` as they are typed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.authoring.conftest import ROOT


def grade(*args: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command in a folder of its own."""
    command = [sys.executable, "-m", "grader", *map(str, args)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=120, env={**os.environ, "COLUMNS": "100"})


@pytest.mark.parametrize(("slug", "first", "items"), [("cs224n_a1", "q1_softmax.py", 32), ("cs224n_a2", "word2vec.py", 15)])
def test_what_it_says_to_try_works(tmp_path: Path, slug: str, first: str, items: int) -> None:
    """Each file is named; the last line is a command that grades the starter."""
    done = grade("start", slug, "--course", ROOT, "--form", "folder", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    *written, last = done.stdout.splitlines()
    assert written[0] == f"written: {slug}/{first}"
    assert len(written) == len([p for p in (tmp_path / slug).rglob("*") if p.is_file()])
    assert last == f"try it: grade {slug} --course {ROOT}"
    tried = grade(*last.split()[3:], cwd=tmp_path)
    assert f"0 of 100 points   {items} not attempted" in tried.stdout


def test_what_it_says_to_try_can_be_typed(tmp_path: Path) -> None:
    """Also where a folder's name has a space in it."""
    done = grade("new", "demo", "--out", "my course", cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "try it: grade 'my course/submissions_example'"
    done = grade("start", "demo", "--course", "my course", "--out", "my work", cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "try it: grade 'my work/submit.py' --course 'my course'"


WRONG = [
    (["start", "cs224n"], "grade: start: there is no assignment 'cs224n'. This course has: cs224n_a1, cs224n_a2."),
    (["start", "cs224n_a1", "--form", "zip"], "grade: --form zip: write one of: file, folder, notebook."),
    (["start", "cs224n_a1", "--out", "taken"], "taken/submit.py: this exists, and is not written over."),
    (["start", "cs224n_a1", "--course", "taken"], "this is no course"),
    (["new", "taken"], "taken: this exists"),
    (["new", "a b"], "Write a_b."),
]


@pytest.mark.parametrize(("args", "says"), WRONG, ids=[" ".join(a) for a, _ in WRONG])
def test_a_mistake_is_one_sentence(tmp_path: Path, args: list[str], says: str) -> None:
    """Exit code 2, and what is there stays."""
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken/submit.py").write_text("mine")
    course = ["--course", ROOT] if args[0] == "start" and "--course" not in args else []
    done = grade(*args, *course, cwd=tmp_path)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert [p.name for p in tmp_path.rglob("*")] == ["taken", "submit.py"]
    assert (tmp_path / "taken/submit.py").read_text() == "mine"


def test_a_folder_called_start_is_graded_by_its_path(tmp_path: Path) -> None:
    """./start is a path, start is the command."""
    (tmp_path / "start").mkdir()
    (tmp_path / "start/q1_softmax.py").write_text("def softmax(x):\n    raise NotImplementedError\n")
    done = grade("./start", "--course", ROOT, "-q", cwd=tmp_path)
    assert done.stdout.startswith("0 of 100 points"), done.stderr
    assert grade("start", cwd=tmp_path).returncode == 2
