"""The house rules, as tools check them: style, types, who may import whom, and what is imported when."""

import ast
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

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


def test_every_package_that_is_imported_is_declared() -> None:
    """What another package happens to bring is neither promised nor pinned; and nothing is declared that nobody imports."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {canonicalize_name(Requirement(r).name) for r in (*project["dependencies"], *project["optional-dependencies"]["dask"])}
    modules = {module for file in (ROOT / "grader").rglob("*.py") for module in imported(file)}
    providers = packages_distributions()
    assert {canonicalize_name(d) for m in modules - sys.stdlib_module_names - {"grader"} for d in providers[m]} == declared


def imported(file: Path) -> set[str]:
    """The first names of the modules that a file imports anywhere in it, relative ones left out."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                found |= {alias.name.partition(".")[0] for alias in names}
            case ast.ImportFrom(module=str(module), level=0):
                found.add(module.partition(".")[0])
    return found


def test_the_top_level_is_as_agreed() -> None:
    """Seven names and dot-folders: nothing else is tracked at the top."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    top = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert {t for t in top if not t.startswith(".")} <= {
        "pyproject.toml", "README.md", "grader", "reference", "rubrics", "submissions_example", "tests",
    }
