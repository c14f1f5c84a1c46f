"""The class as JSON Lines: an object per submission, for programs. Points are exact and rounded, as in the report's JSON."""

import json
from pathlib import Path

from grader.core.classbook import ClassBook, Item, Person, Row
from grader.report import write_atomically
from grader.report.exports import Options, Written, interrupted
from grader.report.exports.cells import grade
from grader.report.json import plain


def to_jsonl(book: ClassBook, folder: Path, options: Options) -> Written:
    """Write ``gradebook.jsonl``; keys in a fixed order, ``total`` null unless every item has points."""
    path = folder / "gradebook.jsonl"
    text = "".join(json.dumps(plain(_row(book, r)), ensure_ascii=False, allow_nan=False) + "\n" for r in book.rows)
    write_atomically(path, text)
    return Written((path,), notes=interrupted(book))


def _row(book: ClassBook, row: Row) -> dict[str, object]:
    total = grade(book, row)
    return {
        "key": row.key,
        "persons": [_person(p) for p in row.persons],
        "assignment": book.assignment,
        "submission": row.submission,
        "handed_in_as": row.handed_in_as,
        "when": row.when.isoformat() if row.when else None,
        "late": row.late,
        "told_by": row.told_by,
        "status": row.status.value,
        "items": [_item(i, row) for i in book.items],
        "subtotal": row.subtotal if row.scores else None,
        "adjustments": row.adjustments,
        "total": None if isinstance(total, str) else total,
        "not_final": total if isinstance(total, str) else None,
        "possible": book.possible,
        "remarks": row.remarks,
        "comments": row.comments,
        "report": row.report,
        "sha256": row.sha256,
        "tree_sha256": row.tree_sha256,
    }


def _person(person: Person) -> dict[str, object]:
    return {"key": person.key, "name": person.name, "email": person.email, "ids": dict(sorted(person.ids.items()))}


def _item(item: Item, row: Row) -> dict[str, object]:
    score = row.scores.get(item.id)
    return {
        "id": item.id,
        "possible": item.points,
        "earned": score.earned if score else None,
        "counted": score.counted if score else None,
        "outcome": score.outcome.value if score else None,
        "reason": score.reason if score else None,
        "message": score.message if score else None,
        "diagnosis": score.diagnosis if score else None,
        "override": score.override if score else None,
    }
