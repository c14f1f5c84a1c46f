"""The store of a run where the disk is full."""

from pathlib import Path

import pytest

from grader.batch.store import Listed, Store
from grader.core.classbook import Person
from grader.core.errors import GraderError


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
