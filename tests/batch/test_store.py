"""The store of a run: what was written is read, also where the disk is full."""

from fractions import Fraction
from pathlib import Path

import pytest

from grader.batch.job import Done, Judged, Stored
from grader.batch.store import Listed, Store, Terms
from grader.core.classbook import Person, Status
from grader.core.errors import GraderError
from grader.core.verdict import Outcome


def test_a_full_disk_is_what_is_said_of_a_full_disk(tmp_path: Path) -> None:
    """SQLite takes some of it back by itself: what was to be written is not there, what was there is, and the reason is the disk."""
    store = Store(tmp_path / "run.sqlite")
    store.enroll([Listed("ann", (Person("ann", "Ann"),))])
    (pages,) = store._db.execute("pragma page_count").fetchone()
    store._db.execute(f"pragma max_page_count = {pages + 2}")
    for _ in range(2):
        with pytest.raises(GraderError, match=r"database or disk is full\. What was stored before is intact"):
            store.enroll([Listed(f"bob{i}", (Person("bob", "Bob"),), remarks=("x" * 1000,)) for i in range(100)])
        assert [one.key for one in store.listed()] == ["ann"]
    store.close()


def test_verdicts_are_read_as_they_were_written_and_equal_ones_are_one_object(tmp_path: Path) -> None:
    """Whatever a message holds; of two submissions of which the same was found, all of it is the same object."""
    said = 'a "quote", a \\, a \x00, a \x1f, a \n, \u2028, é, 𝄞, \x7f and \ufffd'
    verdicts = (
        Judged("f.one", Outcome.PARTLY, Fraction(1, 3), "value", said, "", "c" * 64, "q" * 64),
        Judged("f.two", Outcome.UNGRADED, None, "not_asked", "", "why", "c" * 64, ""),
    )
    store = Store(tmp_path / "run.sqlite")
    for key, found in {"ann": verdicts, "bob": verdicts, "cay": verdicts[:1], "dan": ()}.items():
        store.finish(Done(key, Status.GRADED, stored=Stored("{}", {}), verdicts=found), Terms("", "", "", ""), {})
    read = store.verdicts()
    assert read == {"ann": (both := {v.item: v for v in verdicts}), "bob": both, "cay": {"f.one": verdicts[0]}}
    assert read["ann"] is read["bob"]
    assert read["ann"]["f.one"] is read["cay"]["f.one"]
    assert store.verdicts(["f.two"]) == {"ann": (second := {"f.two": verdicts[1]}), "bob": second}
    assert store.verdicts([]) == {}
    store.close()
