"""What is handed back: each student's own report with what was decided, and not a byte of what students do not see."""

import random
import re
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from fractions import Fraction
from html import unescape
from pathlib import Path
from zipfile import ZipFile

import pytest

from grader.batch.commands import export_run, rejudge_run
from grader.batch.folder import opened
from grader.batch.handback import hand_back, unsaid
from grader.batch.publish import final_book
from grader.batch.rejudge import restored
from grader.batch.run import Wish, grade_class
from grader.core.classbook import Adjustment, ClassBook, Item, Override, Person, Row, Score, Status
from grader.core.errors import UsageError
from grader.core.verdict import Outcome
from grader.report.exports import EXPORTS

from .conftest import write_course

COUNT = 5


def value(n: int) -> int:
    """What function n should return."""
    return 7100 + 37 * n


INTERFACE = '''
from grader.core.interface import ArraySpec, DimRange, FunctionSpec, Interface, Param, Result

VECTOR = ArraySpec(shape="N")
INTERFACE = Interface(
    slug="demo", title="Demo", dims={"N": DimRange(low=2, high=5)},
    functions=tuple(
        FunctionSpec(name=f"f{n}", module="hw", params=(Param(name="x", spec=VECTOR),), returns=(Result(name="y", spec=VECTOR),))
        for n in range(5)
    ),
)
'''
SOLUTIONS = 'FUNCTIONS = {f"f{n}": (lambda x, n=n: 0 * x + 7100 + 37 * n) for n in range(5)}\n'
CHECKS = '''
from typing import Literal
from grader.checks.base import Check
from grader.core.reason import Reason
from grader.core.verdict import not_met

class Says(Check):
    """Told whatever comes back."""
    kind: Literal["says"] = "says"
    message: str

    def plan(self, trial):
        return tuple(c.probe for c in trial.cases(self.function))

    def judge(self, trial, observations, follow_up=()):
        return not_met(Reason.RELATION, self.message)
'''
WRONG = "".join(f"def f{n}(x):\n    return x + 1\n\n" for n in range(COUNT))
SUBMISSIONS = {
    "Ada Ahn_51": "".join(f"def f{n}(x):\n    return 0 * x + {value(n)}\n\n" for n in range(COUNT)).replace("7100", "7099 + 1"),
    "Bo Bell_52": WRONG,
    "Cy Cole_53": WRONG.replace("return x + 1", "raise ValueError(x)"),
    "Di Dahl_54": "def f0(:\n",
}
DUE = "2026-03-01T23:59:00+01:00"
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def rubric(visibilities: Iterable[str], extra: str = "") -> str:
    """Two items for each function: one on its values, one that says a mark."""
    tables = [f'[assignment]\nslug = "demo"\n{extra}']
    for n, seen in enumerate(visibilities):
        values = f'title = "Title{n}Z"\npoints = {n + 2}\nhint = "Hint{n}Z"\ncheck = {{ kind = "values", function = "f{n}" }}'
        said = f'title = "More{n}Z"\npoints = 1\ncheck = {{ kind = "says", function = "f{n}", message = "Message{n}Z" }}'
        for item, rest in (("value", values), ("said", said)):
            tables.append(f'[[item]]\nid = "{item}{n}"\nsection = "Section{n}Z"\nvisibility = "{seen}"\n{rest}\n')
    return "\n".join(tables)


def tells(n: int, text: str) -> bool:
    """Whether the number that f returns stands there, and not inside a hash."""
    return re.search(rf"(?<![\da-f]){value(n)}(?![\da-f])", text) is not None


def marks(n: int) -> list[str]:
    """What tells of the items on function n."""
    return [*(f"{word}{n}Z" for word in ("Title", "More", "Section", "Hint", "Message", "Note", "Whole")), f"value{n}", f"said{n}"]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graded class as Moodle gives it, to be copied."""
    root = tmp_path_factory.mktemp("template")
    course = write_course(root / "course")
    for name, text in (("interface", INTERFACE), ("solutions", SOLUTIONS), ("checks", CHECKS)):
        (course / f"reference/demo/{name}.py").write_text(text)
    (course / "rubrics/demo.toml").write_text(rubric(["visible"] * COUNT))
    for name, text in SUBMISSIONS.items():
        file = root / f"class/{name}_assignsubmission_file_/hw.py"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    graded = grade_class(root / "class", root / "run", Wish(course, quiet=True, jobs=1))
    assert [r.status for r in graded.book.rows] == [Status.GRADED] * 4
    return root


@pytest.fixture
def klass(template: Path, tmp_path: Path) -> Path:
    """A folder with ``course`` and ``run``."""
    shutil.copytree(template / "run", tmp_path / "run")
    shutil.copytree(template / "course", tmp_path / "course")
    return tmp_path


def decide(root: Path, text: str) -> None:
    (root / "run/overrides.toml").write_text(text)


def override(student: str, item: str, note: str, points: object = None) -> str:
    """A table of ``overrides.toml``."""
    given = "" if points is None else f"points = {points}\n"
    about = f'item = "{item}"\n' if item else ""
    return f'[[override]]\nstudent = "{student}"\n{about}{given}note = "{note}"\nwho = "Tutor"\nwhen = "2026-11-21"\n\n'


def feedback(root: Path, to: str = "moodle-feedback") -> dict[str, str]:
    """Rejudge and export as people do; the archive's texts by student."""
    wish = Wish(root / "course", quiet=True, jobs=1)
    rejudge_run(root / "run", wish, reports=False)
    export_run(root / "run", to, root / "out", "", None, wish)
    with ZipFile(root / f"out/{to}.zip") as archive:
        return {name.partition("_")[0]: archive.read(name).decode() for name in archive.namelist()}


def words(page: str) -> str:
    """What a page says, in one line."""
    return " ".join(unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)).split())


@pytest.mark.parametrize("seed", range(6))
def test_nothing_that_students_do_not_see_is_in_the_archive(seed: int, klass: Path) -> None:
    """Random visibilities, overrides and notes: no title, message, hint, expected value or note of a hidden item in any byte."""
    rng = random.Random(seed)
    seen = [rng.random() < 0.5 for _ in range(COUNT)]
    late = f'[late]\npolicy = "per_day"\ndue = {DUE}\npercent_per_day = 10\n' if rng.random() < 0.5 else ""
    show = rng.choice(["value", "relation", "none"])
    (klass / "course/rubrics/demo.toml").write_text(
        rubric(("visible" if s else rng.choice(["hidden", "after_published"]) for s in seen), f'{late}[feedback]\nshow = "{show}"\n'))
    decide(klass, "".join(
        override(name.partition("_")[0], f"value{n}", f"Note{n}Z of value{n}", rng.choice([None, 1])) +
        override(name.partition("_")[0], "", f"Whole{n}Z, see said{n}.")
        for name in SUBMISSIONS for n in range(COUNT)))
    texts = feedback(klass)
    assert len(texts) == len(SUBMISSIONS)
    for who, text in texts.items():
        said = words(text)
        for n in range(COUNT):
            found = [m for m in marks(n) if m in text]
            if not seen[n]:
                assert found == [], (seed, who)
                assert not tells(n, text.replace(f"0 * x + {value(n)}</span>", "")), (seed, who)  # but the student's own source
            elif all(seen):
                assert {f"Title{n}Z", f"Note{n}Z", f"Whole{n}Z"} <= set(found)
            else:
                assert {f"Title{n}Z", f"Note{n}Z"} <= set(found), (seed, who)
        assert ("for the public items" in said) is not all(seen)


def test_the_marks_are_seen_by_the_staff(template: Path) -> None:
    """The search can find: what a hidden item would tell stands in the staff's report of the one who is wrong."""
    text = (template / "run/reports/52.html").read_text()
    for n in range(COUNT):
        assert {m for m in marks(n) if m not in text} == {f"Note{n}Z", f"Whole{n}Z"}
        assert tells(n, text)


def test_a_report_says_what_the_gradebook_says(klass: Path) -> None:
    """Override with note, comment, and the total."""
    decide(klass, override("Bo Bell", "value1", "the idea is right", 1.5) + override("Bo Bell", "", "Come and see me."))
    texts = feedback(klass)
    bo = words(texts["Bo Bell"])
    assert "Decided by a person 1.5 of 3 points by Tutor, 2026-11-21: the idea is right in place of 0 by the grader" in bo
    assert "Tutor, 2026-11-21: Come and see me." in bo
    assert "1.5 of 25 points" in bo
    with opened(klass / "run") as folder:
        row = next(r for r in final_book(folder).rows if r.persons[0].name == "Bo Bell")
    assert row.total == Fraction(3, 2)
    assert "Tutor" not in words(texts["Ada Ahn"])


def test_an_override_of_today_is_in_the_export_of_today(klass: Path) -> None:
    """Nothing is kept from the last export, and a student who left the class has no report any more."""
    feedback(klass)
    (klass / "run/feedback/gone.html").write_text("old")
    decide(klass, override("Bo Bell", "value1", "the idea is right", 1.5))
    wish = Wish(klass / "course", quiet=True, jobs=1)
    export_run(klass / "run", "moodle-feedback", klass / "out", "", None, wish)
    with ZipFile(klass / "out/moodle-feedback.zip") as archive:
        assert sum(b"the idea is right" in archive.read(n) for n in archive.namelist()) == 1
    assert not (klass / "run/feedback/gone.html").exists()


LATE = f'[late]\npolicy = "per_day"\ndue = {DUE}\npercent_per_day = 10\n'


@pytest.mark.parametrize("seen", ["visible", "hidden"])
def test_points_that_being_late_may_change_are_not_called_final(seen: str, klass: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Moodle's download tells no times: until a person has commented on the whole, the students read of no total, and we of the students."""
    (klass / "course/rubrics/demo.toml").write_text(rubric(["visible"] * (COUNT - 1) + [seen], LATE))
    decide(klass, override("Bo Bell", "", "Came in time."))
    texts = {who: words(page) for who, page in feedback(klass).items()}
    open_ = "Whether this was late, and what that costs, is not decided yet: these points are not final."
    assert {who for who, said in texts.items() if open_ in said} == {"Ada Ahn", "Cy Cole", "Di Dahl"}
    if seen == "visible":
        assert {who for who, said in texts.items() if " of 25 points, not final" in said} == {"Ada Ahn", "Cy Cole", "Di Dahl"}
    assert "Bo Bell 0 of 25 points, not" not in texts["Bo Bell"]
    told = "Not final in this feedback, as a person has to decide what being late costs: Ada Ahn (51), Cy Cole (53) and Di Dahl (54)."
    assert told in capsys.readouterr().out


@pytest.mark.parametrize("to", [name for name, export in EXPORTS.items() if export.for_students])
@pytest.mark.parametrize("change", [
    rubric(["hidden"] * COUNT), rubric(["visible"] * COUNT).replace("points = 3", "points = 4"),
    rubric(["visible"] * COUNT, '[feedback]\nshow = "none"\n'),
    rubric(["visible"] * COUNT, f'[late]\npolicy = "per_day"\ndue = {DUE}\npercent_per_day = 10\n'),
], ids=["visibility", "points", "show", "late"])
def test_a_rubric_that_was_not_applied_is_not_handed_out(change: str, to: str, klass: Path) -> None:
    """Else students would read other points than the gradebook has, or of items that they do not see any more."""
    (klass / "course/rubrics/demo.toml").write_text(change)
    with pytest.raises(UsageError, match=r"have changed since this class was judged.*Give `grade rejudge .*run` first"):
        export_run(klass / "run", to, klass / "out", "", None, Wish(klass / "course", quiet=True, jobs=1))
    assert not (klass / "out").exists()


def test_no_student_code_is_run_for_it(klass: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From what is stored; and the stored rows stay as they are."""
    from grader.batch import handback as module

    asked: list[object] = []
    ended = module.ended
    monkeypatch.setattr(module, "ended", lambda run, jobs: (asked.extend(j.ask for j in jobs), ended(run, jobs))[1])
    with opened(klass / "run") as folder:
        before = list(folder.store.results())
        hand_back(restored(folder, Wish(klass / "course", quiet=True, jobs=1)), final_book(folder), NOW)
        assert list(folder.store.results()) == before
    assert asked == [()] * 4


def test_a_student_does_not_read_whom_the_roster_names(klass: Path) -> None:
    """What was not graded is told; how the submission was joined with the roster, which names others, is for the staff."""
    remarks = '["Number 52 is Eve Other in roster.csv, and Bo Bell here.", "earlier attempt, not graded: draft.py"]'
    with opened(klass / "run") as folder:
        folder.store._db.execute("update entry set remarks = ?", (remarks,))
    for text in feedback(klass).values():
        assert "Eve Other" not in text
        assert "earlier attempt, not graded: draft.py" in text


# ---- pure ------------------------------------------------------------------------------------------------------------

BY = Override("p", "a", Fraction(1), "n", "Ada", "2026-03-05")


def book(row: Row, *items: Item) -> ClassBook:
    return ClassBook("demo", "Demo", items, (row,))


def test_nothing_decided_is_none() -> None:
    """And what was decided has the row's own total: arithmetic is in one place."""
    row = Row((Person("p", "P"),), Status.GRADED, {"a": Score(Fraction(3), Outcome.MET)})
    assert row.decided is None
    late = Row((Person("p", "P"),), Status.GRADED, {"a": Score(Fraction(3), Outcome.MET, override=BY)}, (Adjustment("late", Fraction(-5)),))
    found = late.decided
    assert found is not None
    assert (found.overrides, found.total) == ({"a": BY}, 0)


def test_the_instructor_hears_what_students_do_not() -> None:
    """How many items, and how many decisions are about them; nothing where all is shown."""
    from grader.core.audience import Visibility

    row = Row((Person("p", "P"),), Status.GRADED, {"a": Score(Fraction(3), Outcome.MET, override=BY)},
              comments=(Override("p", "", None, "See a.", "Ada", "2026-03-05"), Override("p", "", None, "See ab.", "Ada", "2026-03-05")))
    assert list(unsaid(book(row, Item("a", "", "A", Fraction(3))))) == []
    assert list(unsaid(book(row, Item("a", "", "A", Fraction(3), Visibility.HIDDEN)))) == [
        "Students do not see every item: 1 further item is graded and not shown. Their feedback tells no total, either.",
        "Decisions about such items, or that name one, and are not told to students: 2.",
    ]
