"""``grade new``: a small course that works, to be changed into one's own."""

import json
import keyword
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from grader.authoring.files import is_there, write_new
from grader.core.errors import UsageError
from grader.schemas import rubric_schema

_TEMPLATES: Final = Path(__file__).parent / "templates"
_LONGEST: Final = 60  # characters of a slug: it is part of file names and report titles

_FILES: Final[Mapping[str, str]] = {
    "README.md": "readme.md",
    ".gitignore": "gitignore",
    ".github/workflows/course.yml": "course.yml",
    "reference/@slug@/interface.py": "interface.py",
    "reference/@slug@/solutions.py": "solutions.py",
    "reference/@slug@/misconceptions.py": "misconceptions.py",
    "rubrics/@slug@.toml": "rubric.toml",
    **{f"submissions_example/@slug@/{example}.py": f"{example}.py" for example in (
        "right_vectorised", "right_loops", "near_gradient_last_example", "wrong_cost_mean", "wrong_sigmoid_overflow", "wrong_sigmoid_tanh",
        "wrong_weights_changed")},
}
"""Each file of a course and the template of its text."""


def new_course(slug: str, folder: Path) -> tuple[str, ...]:
    """Write a course of one assignment; the files, by their paths in the folder.

    Raises
    ------
    UsageError
        If the slug is no name of a Python module, or the folder exists.
    """
    _check_slug(slug)
    if is_there(folder):
        raise UsageError(f"{folder}: this exists, and a new course needs a folder of its own. Name another one with --out.")
    files = {_filled(name, slug, folder): _filled(_template(template), slug, folder) for name, template in _FILES.items()}
    files["rubrics/rubric.schema.json"] = json.dumps(rubric_schema(), indent=2) + "\n"
    write_new(folder, files)
    return tuple(files)


def _check_slug(slug: str) -> None:
    fits = re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", slug) and len(slug) <= _LONGEST and not keyword.iskeyword(slug)
    if not fits:
        better = re.sub(r"\W+", "_", re.sub(r"^\W+|\W+$", "", slug.lower()), flags=re.ASCII)[:_LONGEST - 1].strip("_")
        better = better if better[:1].isalpha() and not keyword.iskeyword(better) else f"a{better or '1'}"
        raise UsageError(
            f"{slug!r} cannot name an assignment: a slug has letters, digits and underscores, begins with a letter, has at most "
            f"{_LONGEST} characters and is no word of Python's own. Write {better}.")


def _template(name: str) -> str:
    return (_TEMPLATES / f"{name}.in").read_text(encoding="utf-8")


def _filled(text: str, slug: str, folder: Path) -> str:
    return text.replace("@slug@", slug).replace("@folder@", folder.resolve().name)
