"""The house rules, as tools check them: style, types, who may import whom, and what is imported when."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("command", [
    ["ruff", "check", "--quiet", "."],
    ["mypy"],
    ["importlinter.cli", "lint"],
], ids=lambda c: c[0])
def test_tools(command: list[str]) -> None:
    """Ruff, mypy strict and import-linter find nothing."""
    run = [sys.executable, "-m", *command] if command[0] != "importlinter.cli" else [str(Path(sys.executable).parent / "lint-imports")]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_importing_grader_is_light() -> None:
    """Importing the package brings in neither numpy nor jinja2, nor any other third-party package."""
    code = "import sys, grader; print([m for m in ('numpy', 'jinja2', 'pydantic', 'typer', 'rich') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_the_top_level_is_as_agreed() -> None:
    """Seven names and dot-folders: nothing else is tracked at the top."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    top = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert {t for t in top if not t.startswith(".")} <= {
        "pyproject.toml", "README.md", "grader", "reference", "rubrics", "submissions_example", "tests",
    }
