"""A question for PrairieLearn's external grading: its folder, and the recipe of the image that it runs in."""

import json
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from grader.core.audience import Visibility
from grader.core.errors import UsageError
from grader.packaging.bundle import Contents, Entry, payload, script
from grader.packaging.gradescope import notes
from grader.report import write_atomically

_LEAST, _MOST = 60, 600  # seconds; PrairieLearn allows no more than the second
_NAMES: Final = uuid.UUID("5b1c2a52-7d3e-5f0e-9d5c-0d6a3f5f8d11")  # of our own: so the same question keeps its number


def write(contents: Contents, out: Path, image: str) -> tuple[str, ...]:
    """Write ``questions/<slug>/`` and ``image/`` below a new folder; what the author should know, a sentence each.

    Parameters
    ----------
    image : str
        What the image is called where PrairieLearn finds it.

    Raises
    ------
    UsageError
        If the folder is there and not empty, a wheel is missing, or nothing can be written.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"--out {out}: this exists and is not empty. Name a new folder.")
    entries = list(_tree(contents, image))
    for entry in entries:
        write_atomically(out / entry.name, entry.content, durable=False)
        (out / entry.name).chmod(0o755 if entry.executable else 0o644)
    return (f"Build the image once: docker build -t {image} {out / 'image'}", *_left_out(contents), *notes(contents))


def _tree(contents: Contents, image: str) -> Iterator[Entry]:
    slug = contents.assignment.slug
    question = f"questions/{slug}"
    yield Entry(f"{question}/info.json", (json.dumps(_info(contents, image), indent=2) + "\n").encode())
    yield from _below(question, [script("prairielearn", "question.html", executable=False)])
    yield from _below("image", [script("prairielearn", "Dockerfile", executable=False)])
    yield from _below(f"{question}/tests", [script("prairielearn", "run.sh")])
    for entry in payload(contents, "prairielearn"):
        for_image = entry.name == "requirements.txt" or entry.name.startswith("wheels/")
        yield from _below("image" if for_image else f"{question}/tests", [entry])


def _below(folder: str, entries: Iterable[Entry]) -> Iterator[Entry]:
    return (Entry(f"{folder}/{e.name}", e.content, e.executable) for e in entries)


def _info(contents: Contents, image: str) -> dict[str, object]:
    assignment = contents.assignment
    return {
        "uuid": str(uuid.uuid5(_NAMES, assignment.slug)),
        "title": assignment.interface.title,
        "topic": assignment.slug,
        "type": "v3",
        "gradingMethod": "External",
        "externalGradingOptions": {
            "enabled": True, "image": image, "entrypoint": "/grade/tests/run.sh", "timeout": _timeout(contents),
        },
    }


def _timeout(contents: Contents) -> int:
    """Twice the time that all items together may take, for a slow machine."""
    computing = sum(i.seconds for i in contents.assignment.rubric.items)
    return min(max(int(2 * computing), _LEAST), _MOST)


def _left_out(contents: Contents) -> tuple[str, ...]:
    later = [i for i in contents.assignment.rubric.items if i.visibility is not Visibility.VISIBLE]
    if not later:
        return ()
    of = len(contents.assignment.rubric.items)
    return (f"PrairieLearn shows students everything, so it asks the public items alone: {len(later)} of {of} are left to a run of yours.",)
