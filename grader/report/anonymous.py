"""A class without its names, to be shown to it: what identifies anyone is not hidden but left out."""

import hmac
from dataclasses import replace
from hashlib import sha256

from grader.core.classbook import ClassBook, Override, Person, Row, Score
from grader.core.reason import Reason


def anonymous(book: ClassBook) -> ClassBook:
    """The same class with a number for each person, and without anything that a student named or a person wrote.

    The numbers follow an order that is the same from page to page and that nobody can work out without every submission of the
    class: a list of names and one's own submission are not enough.
    """
    names = _numbered(book)
    rows = sorted((_row(row, names) for row in book.rows), key=lambda row: row.key)
    unrecognised = {f"File {n}": "" for n in range(1, len(book.unrecognised) + 1)}
    return replace(book, rows=tuple(rows), unrecognised=unrecognised, notes=())


def _numbered(book: ClassBook) -> dict[str, Person]:
    """A numbered person for each key, ordered by a code whose secret is the contents of all submissions."""
    secret = "\n".join(sorted(row.sha256 for row in book.rows)).encode()
    keys = {person.key for row in book.rows for person in row.persons}
    coded = sorted(keys, key=lambda key: hmac.digest(secret, key.encode(errors="surrogatepass"), sha256))
    width = len(str(len(keys)))
    return {key: _person(f"Student {n:0{width}}") for n, key in enumerate(coded, 1)}


def _person(name: str) -> Person:
    return Person(name, name)


def _row(row: Row, names: dict[str, Person]) -> Row:
    persons = tuple(sorted((names[person.key] for person in row.persons), key=lambda person: person.key))
    return Row(
        persons, row.status, {item: _score(score) for item, score in row.scores.items()},
        tuple(replace(a, label="") for a in row.adjustments), sha256=row.sha256, tree_sha256=row.tree_sha256,
        doubt="it is not decided" if row.undecided else "",
    )


def _score(score: Score) -> Score:
    """Without the message, which can quote the student, without a name that is near one that is missing, and what a person wrote."""
    decided = score.override
    diagnosis = "" if score.reason == Reason.MISSING.code else score.diagnosis
    return replace(score, message="", diagnosis=diagnosis, override=decided and Override("", decided.item, decided.points, "", "", ""))
