"""The store of a run: one SQLite file, from which everything else in the run's folder can be made again.

WAL with ``synchronous=FULL``: a row that was committed survives kill -9 and a power cut, for one flush of the disk per submission
(0.5 ms where a submission takes 20). All of a submission is written in one transaction, so there is no half of one.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from grader.batch.identity import content_of
from grader.batch.job import Done, Judged, Stored
from grader.core.classbook import Person, Status
from grader.core.errors import GraderError
from grader.core.verdict import Outcome
from grader.submission.roll import Entry, Roll

VERSION: Final = 2
EARLIER: Final = "earlier attempt, not graded: "
"""How a remark on an attempt that was set aside begins."""
_ALIKE: Final = 1000  # submissions of whom the same may be found out at once: 8 MB
_BUSY: Final = 10.0  # seconds to wait for somebody who reads the file by other means

# the changes so far may take megabytes: without a rowid all of them would be read on the way to any other fact of the run
_SCHEMA: Final = """
create table if not exists run (name text primary key, value text not null);
create table if not exists entry (
    key text primary key, place integer not null, persons text not null, name text not null, came text, late integer,
    told_by text not null, remarks text not null, handed_in_as text not null, content text not null, absent integer not null
) without rowid;
create table if not exists result (
    key text primary key, content text not null, asking text not null, status text not null, remarks text not null, sha256 text not null,
    tree_sha256 text not null, header text not null, untouched text not null, trouble text not null, edition text not null,
    shown text not null, reports text not null, times_graded integer not null
) without rowid;
create table if not exists verdict (
    key text not null, item text not null, outcome text not null, credit text, reason text not null, message text not null,
    cause text not null, "check" text not null, asked text not null, primary key (key, item)
) without rowid;
create table if not exists answers (
    key text not null, item text not null, asked text not null, observations blob not null, primary key (key, item)
);
create index if not exists answers_by_item on answers (item);
create table if not exists submission (key text primary key, packed blob not null);
"""


class Listed(NamedTuple):
    """Somebody on the roll, as the store keeps it.

    Parameters
    ----------
    key : str
        Of the row.
    content : str
        Hash of what was handed in, see `grader.batch.identity.content_of`.
    absent : bool
        Nothing was handed in.
    """

    key: str
    persons: tuple[Person, ...]
    name: str = ""
    when: datetime | None = None
    late: bool | None = None
    told_by: str = ""
    remarks: tuple[str, ...] = ()
    handed_in_as: tuple[str, ...] = ()
    content: str = ""
    absent: bool = False


class Result(NamedTuple):
    """How a submission ended, without what is large.

    Parameters
    ----------
    content, asking : str
        Hashes of what was graded, and of how it was asked; see `grader.batch.identity`.
    edition : str
        What its reports were written for, see `grader.batch.identity.edition_of`.
    shown : str
        How the replay command of its reports names the submission.
    reports : mapping of str to str
        SHA-256 of each report by format: a file that is torn or gone is seen.
    times_graded : int
        How often student code was run for this row.
    """

    key: str
    content: str
    asking: str
    status: Status
    remarks: tuple[str, ...]
    sha256: str
    tree_sha256: str
    untouched: frozenset[str]
    trouble: str
    edition: str
    shown: str
    reports: Mapping[str, str]
    times_graded: int


class Terms(NamedTuple):
    """On what terms a result was had.

    Parameters
    ----------
    content, asking, edition
        As in `Result`.
    shown : str
        How the replay command of its report names the submission.
    """

    content: str
    asking: str
    edition: str
    shown: str


class Store:
    """A run's results, on disk.

    Parameters
    ----------
    path : Path
        The SQLite file, made if it is not there.

    Raises
    ------
    GraderError
        If the file cannot be written, is damaged, or the disk is full; from every method.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._told():
            self._db = sqlite3.connect(path, timeout=_BUSY, isolation_level=None)
        try:
            self._prepare()
        except BaseException:
            self._db.close()
            raise

    def _prepare(self) -> None:
        with self._told():
            self._db.execute("pragma journal_mode = wal")
            self._db.execute("pragma synchronous = full")
            self._db.executescript(_SCHEMA)
        version = self.get("version")
        if version is None:
            self.put(version=VERSION)
        elif version != VERSION:
            raise GraderError(f"{self.path} was written by another version of grade. Name another folder with --out.")

    def close(self) -> None:
        """Fold the log into the file and close it."""
        self._db.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            remedy = "What was stored before is intact: make room or mend the disk, then give the same command again."
            if getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                remedy = "This file is damaged: take it away or put a copy in its place, then give the `grade CLASS` command again."
            raise GraderError(f"{self.path}: {error}. {remedy}") from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing; one inside another is part of it."""
        if self._db.in_transaction:
            yield
            return
        with self._told():
            self._db.execute("begin immediate")
            try:
                yield
                self._db.execute("commit")
            except BaseException:
                if self._db.in_transaction:  # a full disk has rolled it back already
                    self._db.execute("rollback")
                raise

    def _all(self, sql: str, *values: object) -> Iterator[tuple[Any, ...]]:
        with self._told():
            yield from self._db.execute(sql, values)

    def _insert(self, table: str, rows: Iterable[Mapping[str, object]]) -> None:
        """Rows that all have the same columns."""
        made = list(rows)
        if made:
            names = ", ".join(f'"{n}"' for n in made[0])
            marks = ", ".join("?" * len(made[0]))
            sql = f"insert or replace into {table} ({names}) values ({marks})"  # noqa: S608 - our own names
            self._db.executemany(sql, [tuple(row.values()) for row in made])

    # ---- the run as a whole ----

    def get(self, name: str, default: Any = None) -> Any:
        """A fact about the run, as `put` took it."""
        found = next(self._all("select value from run where name = ?", name), None)
        return json.loads(found[0]) if found else default

    def put(self, **facts: object) -> None:
        """Note facts about the run, all or none of them: what JSON can hold."""
        with self.transaction():
            self._insert("run", ({"name": n, "value": json.dumps(v)} for n, v in facts.items()))

    # ---- who is on the roll ----

    def enroll(self, listed: Iterable[Listed]) -> None:
        """Take down who is on the roll, in this order, in place of any earlier roll. Results stay, also of those who left it."""
        rows = list(listed)
        here = {p.key for one in rows for p in one.persons}
        before = {p.key: p for p in (*self.left(), *(p for one in self.listed() for p in one.persons))}
        with self.transaction():
            self._db.execute("delete from entry")
            self._insert("entry", (_entry_row(place, one) for place, one in enumerate(rows)))
            left = [{"key": p.key, "name": p.name, "email": p.email} for p in before.values() if p.key not in here]
            self._insert("run", [{"name": "left", "value": json.dumps(left)}])

    def left(self) -> Iterator[Person]:
        """Who was on an earlier roll, and is not on this one."""
        yield from (Person(**p) for p in self.get("left", []))

    def listed(self) -> Iterator[Listed]:
        """Everybody on the roll, in its order."""
        names = "key, persons, name, came, late, told_by, remarks, handed_in_as, content, absent"
        for key, persons, name, came, *rest in self._all(f"select {names} from entry order by place"):  # noqa: S608 - our own names
            late, told_by, remarks, handed, content, absent = rest
            yield Listed(
                key, tuple(Person(**p) for p in json.loads(persons)), name, datetime.fromisoformat(came) if came else None,
                None if late is None else bool(late), told_by, _texts(remarks), tuple(json.loads(handed)), content, bool(absent))

    # ---- results ----

    def finish(self, done: Done, terms: Terms, reports: Mapping[str, str]) -> None:
        """Write everything about one submission, in one transaction."""
        with self.transaction():
            (times,) = next(self._all("select times_graded from result where key = ?", done.key), (0,))
            for table in ("verdict", "answers", "submission") if times else ():
                self._db.execute(f"delete from {table} where key = ?", (done.key,))  # noqa: S608 - our own names
            self._insert("result", [_result_row(done, reports) | terms._asdict() | {"times_graded": times + 1}])
            self._insert("verdict", (_verdict_row(done.key, v) for v in done.verdicts))
            asked = {v.item: v.asked for v in done.verdicts}
            found = done.stored.answers.items()
            self._insert("answers", ({"key": done.key, "item": i, "asked": asked[i], "observations": a} for i, a in found))
            if done.submission:
                self._insert("submission", [{"key": done.key, "packed": done.submission}])

    def rendered(self, key: str, edition: str, reports: Mapping[str, str]) -> None:
        """Note that the reports of a submission are written anew."""
        with self.transaction():
            self._db.execute("update result set edition = ?, reports = ? where key = ?", (edition, json.dumps(dict(reports)), key))

    def results(self) -> Iterator[Result]:
        """How each submission ended; also of those who are not on the roll any more."""
        names = "key, content, asking, status, remarks, sha256, tree_sha256, untouched, trouble, edition, shown, reports, times_graded"
        for key, content, asking, status, remarks, *rest in self._all(f"select {names} from result"):  # noqa: S608
            sha, tree, untouched, trouble, edition, shown, reports, times = rest
            yield Result(key, content, asking, _STATUSES[status], _texts(remarks), sha, tree, frozenset(_texts(untouched)),
                         trouble, edition, shown, json.loads(reports), times)

    def verdicts(self, items: Iterable[str] | None = None) -> dict[str, Mapping[str, Judged]]:
        """All verdicts, or those on some items, by key and item. Equal ones are one object."""
        @lru_cache(_ALIKE)
        def of_one(rows: str) -> Mapping[str, Judged]:
            return {item: made(item, *rest) for item, *rest in json.loads(rows)}

        @cache
        def made(item: str, outcome: str, credit: str | None, *rest: str) -> Judged:
            return Judged(item, _OUTCOMES[outcome], _fraction(credit), *rest)

        some = "" if items is None else "where item in (select value from json_each(?))"
        values = () if items is None else (json.dumps(list(items)),)
        verdict = 'json_array(item, outcome, credit, reason, message, cause, "check", asked)'  # a text is read faster than eight
        found = self._all(f"select key, json_group_array({verdict}) from verdict {some} group by key", *values)  # noqa: S608
        return {key: of_one(rows) for key, rows in found}

    def judge_again(self, verdicts: Iterable[tuple[str, Judged]]) -> None:
        """Put verdicts in the place of earlier ones; inside a `transaction`."""
        self._insert("verdict", (_verdict_row(key, v) for key, v in verdicts))

    def asked_as(self, asking: str) -> None:
        """Let all results count as asked like this; inside a `transaction`."""
        self._db.execute("update result set asking = ? where asking <> ?", (asking, asking))

    def to_ask(self) -> set[str]:
        """Keys of submissions with items that were never asked, or otherwise than the rubric does now, or that the machine failed at."""
        return {key for (key,) in self._all("select distinct key from verdict where asked = '' or reason = 'host'")}

    def levels(self) -> list[str]:
        """Levels of isolation at which submissions were run."""
        level = "json_extract(header, '$.isolation.level')"
        return [found for (found,) in self._all(f"select distinct {level} from result where {level} not null")]  # noqa: S608

    # ---- what is large ----

    def answers(self, item: str) -> Iterator[tuple[str, str, bytes]]:
        """The stored observations of one item, one submission after the other: key, hash of the questions, observations."""
        yield from self._all("select key, asked, observations from answers where item = ?", item)

    def stored(self, key: str) -> Stored:
        """What was observed of one submission and can be judged: answers to the questions that its verdicts are about."""
        header = next(self._all("select header from result where key = ?", key))[0]
        found = "select item, observations from answers join verdict using (key, item, asked) where key = ?"
        return Stored(header, dict(self._all(found, key)))

    def content(self, table: Literal["entry", "result"], key: str) -> str:
        """Hash of what is handed in now, or of what was graded."""
        return str(next(self._all(f"select content from {table} where key = ?", key))[0])  # noqa: S608 - our own names

    def shown(self, key: str) -> str:
        """How the replay command names the submission."""
        return str(next(self._all("select shown from result where key = ?", key))[0])

    def packed(self) -> set[str]:
        """Keys of the submissions that are stored."""
        return {key for (key,) in self._all("select key from submission")}

    def submission(self, key: str) -> bytes:
        """The packed submission; empty if there is none."""
        found = next(self._all("select packed from submission where key = ?", key), None)
        return bytes(found[0]) if found else b""


def listed(roll: Roll, folder: Path) -> tuple[list[Listed], dict[str, Entry], dict[str, str]]:
    """The roll as the store keeps it, the entry of each key, and what has no row of its own, with the reason.

    Parameters
    ----------
    folder : Path
        The class's, for relative names.
    """
    entries: dict[str, Entry] = {}
    unrecognised = dict(roll.unrecognised)
    for entry in roll.entries:
        key = key_of(entry.owners)
        if key in entries:
            unrecognised[entry.name] = f"it belongs to {key}, who has another submission of the name {entries[key].name}."
        else:
            entries[key] = entry
    rows = [_listed(key, entry, folder) for key, entry in entries.items()]
    absent = [Listed(key_of([p]), (p,), absent=True) for p in roll.absent if key_of([p]) not in entries]
    return [*rows, *absent], entries, unrecognised


def key_of(persons: Iterable[Person]) -> str:
    """As `grader.core.classbook.Row.key`, without what no file can hold."""
    return storable("+".join(p.key for p in persons))


def _listed(key: str, entry: Entry, folder: Path) -> Listed:
    remarks = (*entry.remarks, *(f"{EARLIER}{name}" for name in entry.set_aside))
    handed = tuple(p.relative_to(folder).as_posix() if p.is_relative_to(folder) else p.name for p in entry.paths)
    return Listed(key, entry.owners, entry.name, entry.when, entry.late, entry.told_by, remarks, handed, content_of(entry))


def _entry_row(place: int, one: Listed) -> dict[str, object]:
    persons = [asdict(replace(p, ids=dict(p.ids))) for p in one.persons]
    return {
        "key": one.key, "place": place, "persons": json.dumps(persons), "name": storable(one.name),
        "came": one.when.isoformat() if one.when else None, "late": one.late, "told_by": storable(one.told_by),
        "remarks": json.dumps(one.remarks), "handed_in_as": json.dumps(one.handed_in_as), "content": one.content, "absent": one.absent,
    }


def _result_row(done: Done, reports: Mapping[str, str]) -> dict[str, object]:
    return {
        "key": done.key, "status": done.status.value, "remarks": json.dumps(done.remarks),
        "sha256": done.sha256, "tree_sha256": done.tree_sha256, "header": done.stored.header, "untouched": json.dumps(done.untouched),
        "trouble": storable(done.trouble), "reports": json.dumps(dict(reports)),
    }


_OUTCOMES: Final = {o.value: o for o in Outcome}  # 30 000 verdicts of a class are read at once
_STATUSES: Final = {s.value: s for s in Status}


@cache
def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


@lru_cache
def _texts(stored: str) -> tuple[str, ...]:
    """A list of texts; most of a class have the same."""
    return tuple(json.loads(stored))


def _verdict_row(key: str, v: Judged) -> dict[str, object]:
    return {
        "key": key, "item": v.item, "outcome": v.outcome.value, "credit": None if v.credit is None else str(v.credit),
        "reason": v.reason, "message": storable(v.message), "cause": v.cause, "check": v.check, "asked": v.asked,
    }


def storable(text: str) -> str:
    """SQLite's text is UTF-8, which lone surrogates are not."""
    return text.encode("utf-8", "backslashreplace").decode()
