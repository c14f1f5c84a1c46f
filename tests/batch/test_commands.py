"""The commands about a class, as people type them: what is printed, what is written, which exit code."""

import io
import json
import re
import shlex
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import replace
from fractions import Fraction
from html import unescape
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from grader.batch.commands import ended, summary, told
from grader.batch.folder import report_path
from grader.batch.interrupts import Interrupts
from grader.batch.progress import LINES, progress
from grader.batch.rejudge import Change
from grader.batch.run import Graded, strangers
from grader.batch.store import Store
from grader.core.classbook import ClassBook, Item, Override, Person, Row, Score, Status
from grader.core.errors import GraderError
from grader.core.verdict import Outcome
from grader.submission.roll import Entry, Roll, file_name
from grader.submission.roster import join, read_roster
from tests.submission.layout_fixtures import put
from tests.submission.test_notebook import written

from .conftest import RIGHT, command


def typed(*args: object, cwd: Path) -> tuple[int, str, str]:
    """Exit code, output, complaints."""
    run = command(*args, cwd=cwd)
    said, complained = run.communicate(timeout=120)
    return run.returncode, said, complained


def test_a_class_from_folder_to_gradebook(make: Callable[[int], Path], course: Path, edit: Callable[[str, str], None], tmp_path: Path) -> None:
    """``grade class``, then ``rejudge`` and ``export``, each in one line."""
    make(4)
    code, said, complained = typed("class", "--course", course, cwd=tmp_path)
    assert code == 0, complained
    assert complained.startswith("class: a class. ")
    assert "grading: 4 of 4" in complained
    assert said.splitlines()[0] == "demo: 4 rows: 4 graded", said
    assert said.endswith("class page: grade-report/class/index.html\n")
    run = tmp_path / "grade-report/class"
    assert sorted(p.name for p in run.iterdir()) == [".lock", "gradebook.csv", "index.html", "reports", "run.sqlite"]
    edit("points = 3", "points = 4")
    code, said, complained = typed("rejudge", run, "--course", course, cwd=tmp_path)
    assert (code, said.splitlines()[-2:]) == (0, ["2 of 4 rows changed", f"all changes so far: {run / 'changes.txt'}"])
    assert "right000: square.values  3 -> 4  the item's points changed from 3 to 4" in said
    code, said, complained = typed("export", run, "--to", "jsonl", "--out", tmp_path / "out", cwd=tmp_path)
    assert (code, said) == (0, f"written: {tmp_path / 'out/gradebook.jsonl'}\n")
    code, said, complained = typed("export", run, "--to", "moodle-feedback", "--course", course, "--jobs", "1", cwd=tmp_path)
    assert (code, said.splitlines()[-1]) == (0, f"written: {run / 'moodle-feedback.zip'}")
    assert "writing feedback: 4 of 4" in complained
    assert sorted(p.stem for p in (run / "feedback").iterdir()) == ["near001", "raises003", "right000", "wrong002"]
    edit("points = 4", "points = 5")
    code, said, complained = typed("export", run, "--to", "moodle-feedback", "--course", course, cwd=tmp_path)
    assert (code, said) == (2, "")
    assert f"Give `grade rejudge {run}` first." in complained


def repeats(report: Path) -> set[str]:
    """The replay commands of a report, without their items."""
    return {re.sub(r" --item \S+", "", item["repeat"]) for item in json.loads(report.read_text())["items"]}


def test_a_replay_names_course_and_assignment_where_they_were_typed(
    course: Path, edit: Callable[[str, str], None], tmp_path: Path
) -> None:
    """So it can be typed as it stands; also after `rejudge`. What students get does not tell where the course lies."""
    folder = put(tmp_path / "class", {"-ann.py": RIGHT, "start/hw.py": RIGHT, "start/hw_old.py": RIGHT, "bo.py": RIGHT.replace("2 *", "3 *")})
    run, names = tmp_path / "run", " --course ../course --assignment demo"
    assert typed(".", *names.split(), "--seed", 5, "--out", "../run", "-q", cwd=folder)[0] == 0
    for key, shown in (("-ann", "./-ann.py --seed 5"), ("start", "./start --seed 5 --as one"), ("bo", "bo.py --seed 5")):
        assert repeats(run / f"reports/{file_name(key)}.json") == {f"grade {shown}{names}"}
    assert typed("-q", *f"./start --item double.values --seed 5 --as one{names}".split(), "--out", "../again", cwd=folder)[0] == 0
    assert typed("-q", *f"./-ann.py --item double.values --seed 5{names}".split(), "--out", "../again", cwd=folder)[0] == 0
    assert repeats(tmp_path / "again/-ann.items.json") == {f"grade ./-ann.py --seed 5{names}"}
    edit("points = 2", "points = 4")
    assert typed("rejudge", run, "--course", course, "-q", cwd=tmp_path)[0] == 0
    assert repeats(run / "reports/bo.json") == {f"grade bo.py --seed 5{names}"}
    assert typed("export", run, "--to", "moodle-feedback", "--course", course, "-q", cwd=tmp_path)[0] == 0
    texts = [unescape(f.read_text()) for f in (run / "feedback").iterdir()]
    assert [(len(t) > 1000, "--course" in t, "../course" in t, str(course) in t) for t in texts] == 3 * [(True, False, False, False)]
    assert "grade bo.py --item double.values --seed 5" in (run / "feedback/bo.html").read_text()


def test_a_students_replay_does_not_tell_where_the_course_lies(course: Path, tmp_path: Path) -> None:
    """Of one submission; near miss: staff's does, and does not where it was found by itself."""
    put(tmp_path, {"ann.py": RIGHT})
    for words, names in (
        (["--course", "course"], " --course course"), (["--course", "course", "--assignment", "demo"], " --course course --assignment demo"),
        (["--course", "course", "--audience", "student", "--assignment", "demo"], " --assignment demo"),
    ):
        assert typed("ann.py", "--seed", 5, "-q", *words, cwd=tmp_path)[0] == 0
        assert repeats(tmp_path / "grade-report/ann.json") == {f"grade ann.py --seed 5{names}"}
    assert typed("../ann.py", "--seed", 5, "-q", "--out", "out", cwd=course)[0] == 0
    assert repeats(course / "out/ann.json") == {"grade ../ann.py --seed 5"}


def test_sources_for_comparison_and_a_page_without_names(course: Path, tmp_path: Path) -> None:
    """Notebooks are among the sources, as Python; what the students were given lies apart. The page has points, and nobody's name."""
    (tmp_path / "class").mkdir()
    (tmp_path / "class/adalovelace.py").write_text(RIGHT)
    (tmp_path / "class/bobbell.ipynb").write_bytes(written(RIGHT))
    starter = course / "reference/demo/starter"
    starter.mkdir()
    (starter / "hw.py").write_text("def double(x):\n    pass\n")
    run, out = tmp_path / "grade-report/class", tmp_path / "out"
    assert typed("class", "--course", course, "-q", cwd=tmp_path)[0] == 0
    how = f"In {out}/similarity: jplag -l python3 --base-code base submissions, or copydetect -t submissions -b base -e py."
    said = f"{how}\nwritten: {out}/similarity\n"
    assert typed("export", run, "--to", "jplag", "--out", out, cwd=tmp_path) == (0, said, f"course: {course}\n")
    found = sorted(p.relative_to(out / "similarity").as_posix() for p in out.rglob("*.py"))
    assert found == ["base/hw.py", "submissions/adalovelace/adalovelace.py", "submissions/bobbell/bobbell.ipynb.py"]
    assert "def square" in (out / "similarity" / found[2]).read_text()
    assert typed("export", run, "--to", "anonymous", cwd=tmp_path) == (0, f"written: {run}/index-anonymous.html\n", "")
    page = (run / "index-anonymous.html").read_text()
    assert "Student 1" in page
    assert not any(name in page for name in ("adalovelace", "bobbell"))


BAD = [
    (["class", "--item", "double.values"], "--item is for one submission, and class is a class"),
    (["class", "--fail-under", "80%"], "--fail-under is for one submission"),
    (["class", "--as", "several"], "--as several: write one or many."),
    (["class", "--executor", "slurm"], "--executor slurm: write one of: local"),
    (["class", "--isolation", "loose"], "--isolation loose: write one of"),
    (["class", "--assignment", "other"], "there is no assignment 'other'"),
    (["class", "--roster", "absent.csv"], "absent.csv"),
    (["rejudge", "class"], "there is no run in this folder"),
    (["regrade", "class"], "there is no run in this folder"),
    (["export", "class", "--to", "csv"], "there is no run in this folder"),
    (["export", "class", "--to", "excel"], "--to excel: there is no such export. Write one of:\n  csv               gradebook.csv: a line per person"),
    (["export", "class", "--to", "csv", "--column", "x"], "--column does nothing with --to csv: it is for canvas and moodle-gradebook. Leave it out."),
    (["export", "class", "--to", "canvas", "--template", "x"], "--template does nothing with --to canvas: it is for moodle. Leave it out."),
    (["export", "class", "--to", "canvas-feedback"], "there is no run in this folder"),
]


@pytest.mark.parametrize(("args", "says"), BAD, ids=[" ".join(a) for a, _ in BAD])
def test_bad_input_is_one_clear_message(args: list[str], says: str, make: Callable[[int], Path], course: Path, tmp_path: Path) -> None:
    """Exit code 2, one sentence, no traceback, nothing graded."""
    make(2)
    options = [] if args[0] == "export" else ["--course", course]
    code, said, complained = typed(*args, *options, cwd=tmp_path)
    assert (code, said) == (2, ""), complained
    assert says in complained
    assert "Traceback" not in complained


def test_quiet_says_where_the_page_is_and_nothing_else(course: Path, tmp_path: Path) -> None:
    """And ``--as many`` overrules what a folder of one file looks like."""
    (tmp_path / "class").mkdir()
    (tmp_path / "class/ada.py").write_text(RIGHT)
    assert typed("class", "--course", course, "-q", "--as", "many", cwd=tmp_path) == (0, "class page: grade-report/class/index.html\n", "")


# ---- parts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("total", [1, 7, 2000])
def test_without_a_terminal_progress_is_a_few_lines(total: int) -> None:
    """However large the class, the last line at its end."""
    stream = io.StringIO()
    with progress("grading", total, quiet=False, stream=stream) as advance:
        for _ in range(total):
            advance()
    lines = stream.getvalue().splitlines()
    assert len(lines) == min(total, LINES)
    assert lines[-1].startswith(f"grading: {total} of {total}, ")


def test_on_a_terminal_progress_is_a_bar() -> None:
    """With rate and time left."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    with progress("grading", 4, quiet=False, stream=stream) as advance:
        for _ in range(4):
            advance()
    assert "4/4" in stream.getvalue()
    assert "/min" in stream.getvalue()
    assert "left" in stream.getvalue()


def test_an_interrupt_waits_for_the_end_of_a_step() -> None:
    """What was begun is ended, then it is raised; before and after, the handler is Python's own."""
    before, steps = signal.getsignal(signal.SIGINT), []
    with Interrupts() as interrupts:
        with pytest.raises(KeyboardInterrupt), interrupts.shield():  # noqa: PT012 - the raise at its end is the point
            signal.raise_signal(signal.SIGINT)
            steps.append("ended")
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert steps == ["ended"]
    assert signal.getsignal(signal.SIGINT) is before


def test_interrupts_are_the_main_threads() -> None:
    """In another thread, the context does nothing, and does not fail."""
    said: list[str] = []

    def inside() -> None:
        with Interrupts() as interrupts, interrupts.shield():
            said.append("done")

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    assert said == ["done"]


def test_an_interrupt_that_is_swallowed_is_raised_after_the_next_step() -> None:
    """As in the finalizer of a library's object; once it is obeyed, it is not raised again."""
    with Interrupts() as interrupts:
        for ended in (False, True):
            with suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            if ended:
                interrupts.obeyed()
            done = False
            with nullcontext() if ended else pytest.raises(KeyboardInterrupt), interrupts.shield():
                done = True
            assert done


def test_what_swallows_an_interrupt_does_not_print_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes later; near miss: another exception in a finalizer is told, as it is outside."""
    told: list[type] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda what: told.append(what.exc_type))

    class Swallows:
        def __init__(self, act: Callable[[], object]) -> None:
            self.act = act

        def __del__(self) -> None:
            self.act()

    with Interrupts() as interrupts:
        Swallows(lambda: signal.raise_signal(signal.SIGINT))
        Swallows(lambda: 1 // 0)
        with pytest.raises(KeyboardInterrupt), interrupts.shield():
            pass
    Swallows(lambda: 1 // 0)
    assert told == [ZeroDivisionError, ZeroDivisionError]


def test_student_made_names_move_no_cursor() -> None:
    """Control characters in a name or a message come out as text."""
    change = Change("k", (Person("k", "\x1b[31mEve\x07"),), "a", None, Fraction(1, 3), "judged anew: \x1b]0;x\x07\nnext")
    (line,) = told([change])
    assert line == "Eve␇: a  – -> 0.33  judged anew: ␛]0;x␇ next"
    row = Row((Person("k", "K"),), Status.FAILED, remarks=("\x1b[2J lost",))
    lines = summary(ClassBook("demo", "Demo", (), (row,)), 1)
    assert lines == ["demo: 1 row: 1 failed", "1 not graded: ␛[2J lost"]


def test_a_summary_names_what_went_wrong_most() -> None:
    """The commonest mistakes first; what was not attempted is no mistake."""
    items = (Item("a", "", "A", Fraction(2)), Item("b", "", "B", Fraction(1)))

    def row(key: str, a: Score, b: Score) -> Row:
        return Row((Person(key, key),), Status.GRADED, {"a": a, "b": b})

    lost = Score(Fraction(0), Outcome.NOT_MET, "misconception", "You forgot 1/N.", "You forgot 1/N.")
    stub, met = Score(Fraction(0), Outcome.NOT_ATTEMPTED, "not_attempted"), Score(Fraction(1), Outcome.MET)
    lines = summary(ClassBook("demo", "Demo", items, (row("p", lost, stub), row("q", lost, stub), row("r", met, met))), 3)
    assert lines == ["demo: 3 rows: 3 graded", "mean 0.67, median 0 of 3 points, over the 3 whose points are final", " 67 % a: You forgot 1/N."]


@pytest.mark.parametrize(("keys", "said"), [
    ("p", "1 submission: a person has to decide whether it was late; the class page says how"),
    ("pq", "2 submissions: a person has to decide whether they were late; the class page says how"),
    ("", ""),
])
def test_a_summary_says_whose_lateness_is_open(keys: str, said: str) -> None:
    """Else nobody looks, and the gradebook has no grade of theirs. What has no points, or a person's comment, waits for nobody."""
    met = {"a": Score(Fraction(1), Outcome.MET)}
    note = Override("s", "", None, "In time.", "Tutor", "2026-11-21")
    rows = [Row((Person(k, k),), Status.GRADED, met, doubt="When?") for k in keys]
    rows += [Row((Person("s", "S"),), Status.GRADED, met, doubt="When?", comments=(note,)), Row((Person("t", "T"),), Status.UNREADABLE, doubt="When?")]
    book = ClassBook("demo", "Demo", (Item("a", "", "A", Fraction(1)),), tuple(rows))
    assert [line for line in summary(book, len(rows)) if "late" in line] == [said] * bool(said)


def test_what_is_not_graded_in_a_folder_is_counted() -> None:
    """It may be somebody's, beside what was graded."""
    book = ClassBook("demo", "Demo", (), (), {"notes.txt": "It holds no Python."})
    assert summary(book, 0)[-1] == "1 entry of the folder was not graded; the class page says why"
    assert summary(replace(book, unrecognised={"a": "", "b": ""}), 0)[-1] == "2 entries of the folder were not graded; the class page says why"


@pytest.mark.parametrize(("status", "score", "code"), [
    (Status.GRADED, Score(Fraction(0), Outcome.NOT_MET, "value"), 0),
    (Status.PARTLY_UNGRADED, Score(None, Outcome.UNGRADED, "environment"), 0),
    (Status.PARTLY_UNGRADED, Score(None, Outcome.UNGRADED, "host"), 4),
    (Status.PARTLY_UNGRADED, Score(Fraction(1), Outcome.UNGRADED, "host"), 0),
    (Status.PARTLY_UNGRADED, Score(None, Outcome.UNGRADED, "own_check"), 3),
    (Status.FAILED, None, 4),
    (Status.UNREADABLE, None, 0),
])
def test_whose_failure_it_is_is_told_by_the_exit_code(status: Status, score: Score | None, code: int, tmp_path: Path) -> None:
    """A missing package and an unreadable file are not its fault, and what a person has decided is settled."""
    row = Row((Person("k", "K"),), status, {"a": score} if score else {}, remarks=("Lost.",))
    book = ClassBook("demo", "Demo", (Item("a", "", "A", Fraction(1)),), (row,))
    assert ended(Graded(book, 1), tmp_path, quiet=True) == code


def test_a_summary_rounds_as_the_class_page_does() -> None:
    """12.5 % is 13 % in both."""
    lost, met = Score(Fraction(0), Outcome.NOT_MET, "value", "Wrong.", "Wrong."), Score(Fraction(1), Outcome.MET)
    rows = tuple(Row((Person(n, n),), Status.GRADED, {"a": met if n else lost}) for n in ("", *"abcdefg"))
    assert summary(ClassBook("demo", "Demo", (Item("a", "", "A", Fraction(1)),), rows), 8)[-1] == " 13 % a: Wrong."


def test_what_lies_at_no_path_is_asked_again_in_its_run(course: Path, tmp_path: Path) -> None:
    """Of a class in an archive: the command can be typed as it stands, and does what it says. A student's has no run in it."""
    with ZipFile(tmp_path / "class.zip", "w") as archive:
        for name in ("ann", "bo"):
            archive.writestr(f"hw/{name}.py", RIGHT)
    assert typed("class.zip", "--course", course, "--out", "my run", "-q", cwd=tmp_path)[0] == 0
    kept = json.loads((tmp_path / "my run/reports/bo.json").read_text())
    commands = [shlex.split(i["repeat"]) for i in kept["items"]]
    assert commands == [["grade", "regrade", "my run", "--only", "bo", "--only", i["id"]] for i in kept["items"]]
    code, said, complained = typed(*commands[0][1:], cwd=tmp_path)
    assert (code, "2 graded (1 graded now)" in said) == (0, True), complained
    assert typed("export", "my run", "--to", "moodle-feedback", "--course", course, "-q", cwd=tmp_path)[0] == 0
    feedback = unescape((tmp_path / "my run/feedback/bo.html").read_text())
    assert ("grade bo.py --item double.values" in feedback, "regrade" in feedback) == (True, False)


def test_a_run_that_was_moved_is_named_by_where_it_is(course: Path, tmp_path: Path) -> None:
    """In the reports, after the next `rejudge`; which writes none where nothing was moved, however the run is named."""
    with ZipFile(tmp_path / "class.zip", "w") as archive:
        for name in ("ann", "bo"):
            archive.writestr(f"hw/{name}.py", RIGHT)
    assert typed("class.zip", "--course", course, "--out", "run", "-q", cwd=tmp_path)[0] == 0
    (tmp_path / "run").rename(tmp_path / "kept")
    report = tmp_path / "kept/reports/bo.json"
    named = {"kept": report.read_text()}
    for run in ("kept", "./kept", tmp_path / "kept"):
        assert typed("rejudge", run, "--course", course, "-q", cwd=tmp_path)[0] == 0
        named[str(run)] = report.read_text()
    commands = {run: [shlex.split(i["repeat"]) for i in json.loads(text)["items"]] for run, text in named.items()}
    assert commands["kept"] == [["grade", "regrade", "kept", "--only", "bo", "--only", i["id"]] for i in json.loads(named["kept"])["items"]]
    assert len(set(named.values())) == 1


def test_a_submission_that_was_run_again_is_named_as_before(make: Callable[[int], Path], course: Path, tmp_path: Path) -> None:
    """By its path, however often."""
    make(2)
    report = tmp_path / "grade-report/class/reports/right000.json"
    assert typed("class", "--course", course, "-q", cwd=tmp_path)[0] == 0
    named = repeats(report)
    for _ in range(2):
        assert typed("regrade", "grade-report/class", "--course", course, "-q", cwd=tmp_path)[0] == 0
        assert repeats(report) == named


def test_a_long_mistake_is_cut_between_two_words() -> None:
    """The class page and the reports have the rest; nobody wants to know how many characters that is."""
    long = "The gradient of W1 lacks " + "the derivative of the sigmoid, " * 4
    score = Score(Fraction(0), Outcome.NOT_MET, "misconception", long, long)
    book = ClassBook("demo", "Demo", (Item("a", "", "A", Fraction(2)),), (Row((Person("p", "P"),), Status.GRADED, {"a": score}),))
    said = summary(book, 1)[-1]
    assert said.startswith("100 % a: The gradient of W1 lacks ")
    assert said.endswith(" of the sigmoid, the…")


def test_a_roster_of_another_class_is_said_where_the_run_is_looked_at(make: Callable[[int], Path], course: Path, tmp_path: Path) -> None:
    """On the terminal, also of a quiet run; and on the class page, which does not say that all is well, until the roster is mended."""
    make(2)
    roster, page = tmp_path / "roster.csv", tmp_path / "grade-report/class/index.html"
    for names, says in (
        ("Zed\n", "none of the submissions (2) is by anybody on it (1). Is it the roster of this class?"),
        ("Zed\nnear001\n", "it does not tell whose 1 of the submissions is: right000."),
    ):
        roster.write_text(f"name\n{names}")
        code, _, complained = typed("class", "--course", course, "--roster", "roster.csv", "-q", cwd=tmp_path)
        assert (code, complained) == (0, f"grade: Roster roster.csv: {says}\n")
        for again in ([], ["rejudge", page.parent, "--course", course]):
            assert not again or typed(*again, cwd=tmp_path)[0] == 0
            assert f"Roster roster.csv: {says}" in page.read_text()
            assert "Nothing: every submission was judged" not in page.read_text()
    roster.write_text("name\nnear001\nright000\n")
    assert typed("class", "--course", course, "--roster", "roster.csv", "-q", cwd=tmp_path)[2] == ""
    assert "Nothing: every submission was judged, every file was recognised, and no two are the same." in page.read_text()


def test_who_is_on_no_roster(tmp_path: Path) -> None:
    """Named, as far as a line has room for them; nothing is said of anonymous submissions, nor without a roster."""
    roster = tmp_path / "roster.csv"
    roster.write_text("name\nAda\nBob\n")

    def said(*names: str, anonymous: bool = False) -> tuple[str, ...]:
        entries = [Entry((Person(f"anon_{n}", f"anonymous {n}") if anonymous else Person(n, n),), (), n) for n in names]
        joined, absent = join(entries, read_roster(roster))
        return strangers(roster, Roll("files", tuple(joined), absent))

    assert said("Ada") == said("Ada", "Bob") == said("x", "y", anonymous=True) == strangers(None, Roll("files", ())) == ()
    assert said("x") == ("Roster roster.csv: none of the submissions (1) is by anybody on it (2). Is it the roster of this class?",)
    roster.write_text("name,section\nAda,1\nAda,2\n")  # of two sections, and of another class than none
    assert said("Ada") == ("Roster roster.csv: it does not tell whose 1 of the submissions is: Ada.",)
    roster.write_text("name\nAda\nBob\n")
    assert said("Ada", "x", "y") == ("Roster roster.csv: it does not tell whose 2 of the submissions are: x; y.",)
    assert said("Ada", *"abcdefgh") == ("Roster roster.csv: it does not tell whose 8 of the submissions are: a; b; c; d; e; f and 2 more.",)


@pytest.mark.parametrize("key", ["../../etc/passwd", "a/b", ".hidden", "x" * 300, "Zoë", "JDoe", "con", "", "a\nb", "\udcff"])
def test_a_report_lies_in_its_folder_whatever_the_key(key: str) -> None:
    """And different keys have different reports, also where upper and lower case are one."""
    folder, name = report_path(key).split("/")
    assert folder == "reports"
    assert not name.startswith(".")
    assert len(name.encode()) < 200
    assert report_path(key).casefold() != report_path(key + "x").casefold()
    assert report_path("JDoe").casefold() != report_path("jdoe").casefold()


@pytest.mark.parametrize("damage", [b"this is no database", b""])
def test_a_store_that_is_none(tmp_path: Path, damage: bytes) -> None:
    """A damaged file is said to be; an empty one is a new store."""
    (tmp_path / "run.sqlite").write_bytes(damage * 100)
    if damage:
        with pytest.raises(GraderError, match="not a database"):
            Store(tmp_path / "run.sqlite")
    else:
        Store(tmp_path / "run.sqlite").close()


def test_a_store_of_another_version_is_refused(tmp_path: Path) -> None:
    """With what to do."""
    store = Store(tmp_path / "run.sqlite")
    store.put(version=99)
    store.close()
    with pytest.raises(GraderError, match="written by another version of grade"):
        Store(tmp_path / "run.sqlite")


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    """An exception in it leaves the store as it was."""
    store = Store(tmp_path / "run.sqlite")
    store.put(seed=1)

    def half() -> Any:
        with store.transaction():
            store.put(seed=2)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    assert store.get("seed") == 1
    store.close()
