"""What is started before anything is parsed."""

from pathlib import Path

import pytest

from grader import entry
from grader.runner import forkserver


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The demands of the workers that are started; the current folder has ``submit.py`` a folder ``run-1``, and two of many files."""
    demands: list[str] = []
    monkeypatch.setattr(forkserver, "ForkServer", lambda *, demand: demands.append(demand))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "submit.py").touch()
    (tmp_path / "run-1").mkdir()
    for name, parts in {"folder": 12, "class": 13}.items():
        (tmp_path / name).mkdir()
        for number in range(parts):
            (tmp_path / name / f"{number}.py").touch()
    return demands


@pytest.mark.parametrize("words", [
    ["submit.py"],
    ["run", "submit.py"],
    ["--item", "softmax.shift", "submit.py"],
    ["submit.py", "-q"],
    ["folder"],
    ["submit.py", "--course", "class"],
    ["submit.py", "--as", "one"],
])
def test_a_worker_is_started_for_a_submission(words: list[str], started: list[str]) -> None:
    """While the rest is imported; the word run may be left out, and options may come first."""
    entry._started(words)
    assert started == ["required"]


@pytest.mark.parametrize("words", [
    ["rejudge", "run-1"],
    ["rejudge", "run-1", "-q"],
    ["export", "run-1", "--to", "csv"],
    ["submit.py", "--rejudge", "old.observations"],
    ["absent.py"],
    ["class"],
    ["run", "-q", "class", "--roster", "submit.py"],
    ["folder", "--as", "many"],
    ["--as=many", "folder"],
    ["--version"],
    [],
])
def test_no_worker_is_started_for_anything_else(words: list[str], started: list[str]) -> None:
    """Other commands take a path too, and run no student code, or start workers of their own."""
    assert entry._started(words) is None
    assert started == []
