"""GitHub Actions: annotations that parse and point at lines that exist, a summary and outputs that obey nobody."""

import os
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from grader.core.evidence import Traceback, TraceLine
from grader.core.reason import Reason
from grader.core.report import GradeReport, SourceText, Submitted
from grader.core.verdict import not_met, partly
from grader.report import SERVICES, Written
from grader.report.github import LARGEST, STEP, annotations, commands_stopped, markdown, outputs, summary
from tests.report.services import contracts
from tests.report.test_report_hostile import STRINGS, poisoned

GOLDEN = Path(__file__).with_name("golden")
HOSTILE = {
    **STRINGS,
    "command": "::error file=a.py,line=1::x\n::add-mask::y\n\r::stop-commands::z",
    "old command": "##[error]x ##[add-mask]y ##[set-env name=PATH]z",
    "percent": "%0A::error::x%25%3A",
    "markdown": "`x` ``` |a|b| **b** _i_ ~~s~~ [l](javascript:x) ![i](http://e.x/i.png) <img src=x> &lt; $m$ # h\n- l",
    "references": "@ann @org/team #12 org/repo#3 a@b.example www.example.org https://example.org",
    "fence": "x\nEOF\nscore=100\nfence\nscore<<fence\n100\nfence\n",
}


def told(report: GradeReport, repository: Path) -> list[contracts.Command]:
    """The annotations, read as the runner reads them."""
    return contracts.commands("\n".join(annotations(report, repository / "submit.py", repository)))


@pytest.mark.parametrize("name", ["annotations.txt", "summary.md", "outputs.txt"])
def test_a_students_report_is_told_as_reviewed(name: str, student: GradeReport, repository: Path) -> None:
    """``GOLDEN=write`` writes these files anew; every change shows as a diff."""
    text = {
        "annotations.txt": "\n".join(annotations(student, repository / "submit.py", repository)) + "\n",
        "summary.md": summary(student),
        "outputs.txt": outputs(student, {"html": Path("grade-report/submit.html")}, "fence"),
    }[name]
    path = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_each_lost_item_points_at_its_function(sample: GradeReport, repository: Path) -> None:
    """On the line of its ``def``, in the file's path from the repository's root; the points come last, without a place."""
    lines = (repository / "submit.py").read_text().splitlines()
    found = told(sample, repository)
    contracts.check_annotations(found, {"submit.py": len(lines)})
    functions = {i.id: i.function for i in sample.items}
    for command in found[:-1]:
        item = command.properties["title"].partition(":")[0]
        assert lines[int(command.properties["line"]) - 1].startswith(f"def {functions[item]}("), item
    assert "file" not in found[-1].properties


def test_the_worst_come_first_and_only_ten_of_a_kind(sample: GradeReport, repository: Path) -> None:
    """Thirty lost items: the ten that cost most, as errors; ten partly met ones, as warnings."""
    item = sample.items[0]
    lost = [replace(item, id=f"lost.{n}", points=Fraction(n)) for n in range(1, 31)]
    half = [replace(i, id=i.id.replace("lost", "half"), verdict=partly(Fraction(1, 2), Reason.VALUE, "m")) for i in lost]
    found = told(replace(sample, items=(*lost, *half)), repository)
    for kind, name in (("error", "lost"), ("warning", "half")):
        titles = [c.properties["title"] for c in found if c.name == kind]
        assert [t.partition(":")[0] for t in titles] == [f"{name}.{n}" for n in range(30, 20, -1)]


@pytest.mark.parametrize("text", ["", "x = 1", "x = 1\r\ny = 2\r\n", "\x0cdef f(): pass\n", "a = '\u2028'\n"])
def test_a_function_that_is_missing_or_a_wrong_line_points_at_a_line_that_exists(text: str, sample: GradeReport, tmp_path: Path) -> None:
    """The line at which the file broke if it has it, else its first; an empty file as none."""
    (tmp_path / "hw.py").write_bytes(text.encode())
    verdict = not_met(Reason.CANNOT_LOAD, "m", Traceback("E", "m", (TraceLine("hw.py", 99, "g", ""), TraceLine("hw.py", 2, "f", ""))))
    files = (SourceText("hw.py", text, {"softmax": 77}),)
    report = replace(sample, submission=Submitted("hw.py", "", files), items=(replace(sample.items[0], verdict=verdict),))
    first, _ = contracts.commands("\n".join(annotations(report, tmp_path / "hw.py", tmp_path)))
    wanted = {"": None, "x = 1\r\ny = 2\r\n": "2"}.get(text, "1")
    assert first.properties.get("line") == wanted


def test_only_files_of_the_repository_are_pointed_at(sample: GradeReport, tmp_path: Path) -> None:
    """In a folder by the path below it; in an archive, or outside of the repository, at nothing; in a notebook at its first line."""
    folder = tmp_path / "repo" / "hw"
    folder.mkdir(parents=True)
    (folder / "submit.py").write_text(sample.submission.files[0].text)
    (tmp_path / "repo" / "hw.zip").write_bytes(b"PK")
    one = replace(sample, items=sample.items[:1])
    root = tmp_path / "repo"

    def file(report: GradeReport, path: Path, base: Path = root) -> tuple[str | None, str | None]:
        properties = contracts.commands("\n".join(annotations(report, path, base)))[0].properties
        return properties.get("file"), properties.get("line")

    assert file(one, folder) == ("hw/submit.py", "4")
    assert file(one, root / "hw.zip") == (None, None)
    assert file(one, folder, tmp_path / "elsewhere") == (None, None)
    notebook = replace(one, submission=replace(one.submission, files=(replace(one.submission.files[0], cells={"cell 1": 0}),)))
    assert file(notebook, folder) == ("hw/submit.py", "1")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_no_command_and_no_markup(name: str, sample: GradeReport, tmp_path: Path) -> None:
    """In every field, the submission's name and its files' paths included: the same commands, rows and outputs as ever."""
    hostile = poisoned(sample, HOSTILE[name])
    assert len(contracts.commands("\n".join(annotations(hostile, tmp_path / "submit.py", tmp_path)))) == len(told(sample, tmp_path))
    contracts.check_annotations(told(hostile, tmp_path), {})
    text = summary(hostile)
    assert len(contracts.summary(text)) == len(sample.items)
    assert not any(c in text for c in ("::", "##["))
    assert contracts.outputs(outputs(hostile, {"html": Path(HOSTILE[name].replace("\x00", "")[:200])}, "f3nc3"))["score"] == "12.67"


def test_a_hostile_file_name_is_escaped_or_left_out(sample: GradeReport, tmp_path: Path) -> None:
    """Colons and commas in a path stay in its property; one with control characters is not pointed at."""
    for name, seen in (("a,line=9::x.py", "a,line=9::x.py"), ("a%0A::error::x.py", "a%0A::error::x.py"), ("a\nb.py", None), ("a\x1b[31m.py", None)):
        (tmp_path / name).write_text("x = 1\n" * 9)
        file = SourceText(name, "x = 1\n" * 9, {"softmax": 4})
        report = replace(sample, submission=replace(sample.submission, name=name, files=(file,)), items=sample.items[:1])
        found = contracts.commands("\n".join(annotations(report, tmp_path / name, tmp_path)))
        assert len(found) == 2
        assert (found[0].properties.get("file"), found[0].properties.get("line")) == (seen, seen and "4")


def test_a_long_summary_keeps_its_size_and_says_what_is_missing(sample: GradeReport) -> None:
    """Two thousand items with long messages: well below the limit, and whole rows."""
    items = tuple(replace(sample.items[0], id=f"i{n}", verdict=not_met(Reason.VALUE, "<" * 10_000)) for n in range(2000))
    text = summary(replace(sample, items=items))
    assert LARGEST - 3000 < len(text.encode()) <= LARGEST
    left = re.search(r"\n(\d+) more items are in the report\.", text)
    assert left
    assert len(contracts.summary(text)) + int(left[1]) == 2000


def test_no_value_ends_before_its_end(sample: GradeReport) -> None:
    """A path with newlines and a line like the beginning of another output is one value."""
    path = Path("a\nscore=100\nscore<<x\n100\nx")
    found = contracts.outputs(outputs(sample, {"html": path}, "f3nc3"))
    assert (found["html"], found["score"], found["possible"], found["percent"]) == (str(path), "12.67", "44", "28.79")


def test_nothing_possible_is_no_division_by_zero(sample: GradeReport) -> None:
    """A report without items has 0 percent."""
    assert contracts.outputs(outputs(replace(sample, items=()), {}, "x"))["percent"] == "0"


def test_the_runners_files_are_appended_to(sample: GradeReport, repository: Path) -> None:
    """What other steps wrote stays; without these variables nothing is written."""
    files = {name: repository / name for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    for file in files.values():
        file.write_text("before=1\n")
    written = Written(sample, repository / "submit.py", {"html": repository / "x.html"})
    lines = SERVICES["github"].tell(written, {"GITHUB_WORKSPACE": str(repository), **{k: str(v) for k, v in files.items()}})
    assert lines == annotations(sample, repository / "submit.py", repository)
    assert files["GITHUB_OUTPUT"].read_text().startswith("before=1\n")
    assert contracts.outputs(files["GITHUB_OUTPUT"].read_text())["html"] == str(repository / "x.html")
    assert files["GITHUB_STEP_SUMMARY"].read_text() == "before=1\n" + summary(sample)
    assert SERVICES["github"].tell(written, {}) is not None


@pytest.mark.parametrize("name", ["GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"])
def test_a_file_that_cannot_be_written_is_told_and_the_grade_stands(
    name: str, sample: GradeReport, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line says which variable; the annotations and the runner's other file are as ever."""
    other = ({"GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"} - {name}).pop()
    environ = {name: str(repository), other: str(repository / "other"), "GITHUB_WORKSPACE": str(repository)}
    lines = SERVICES["github"].tell(Written(sample, repository / "submit.py", {}), environ)
    assert lines == annotations(sample, repository / "submit.py", repository)
    assert (repository / "other").stat().st_size > 100
    assert capsys.readouterr().err == f"grade: {name}: {repository} could not be written: Is a directory.\n"


@pytest.mark.parametrize("room", [10, 700, 1500, STEP])
def test_the_steps_summary_stays_below_what_github_takes(
    room: int, sample: GradeReport, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is there counts: then there are fewer rows and how many are missing, or nothing and a line that says so."""
    file = repository / "summary"
    file.write_bytes(b"x" * (STEP - room))
    SERVICES["github"].tell(Written(sample, repository / "submit.py", {}), {"GITHUB_STEP_SUMMARY": str(file)})
    assert file.stat().st_size <= STEP
    text, err = file.read_bytes()[STEP - room:].decode(), capsys.readouterr().err
    if room == 10:
        assert (text, err) == ("", "grade: GITHUB_STEP_SUMMARY: the step's summary is full, and has nothing of this report.\n")
        return
    assert err == ""
    assert text.startswith("### submit&#46;py: 12.67 of 44 points\n")
    left = re.search(r"\n(\d+) more items are in the report\.", text)
    assert len(contracts.summary(text)) + int(left[1] if left else 0) == len(sample.items)
    assert bool(left) is (room < STEP)


def test_the_summary_says_what_to_do(sample: GradeReport) -> None:
    """Beside what is wrong; what refers to another item has said it."""
    first, second = sample.items[:2]
    rests = replace(second, verdict=replace(second.verdict, message="For the same reason as softmax.values.", hint="See it.", see=first.id))
    text = summary(replace(sample, items=(first, rests)))
    assert markdown(f"{first.verdict.message} {first.verdict.hint}", 400) in text
    assert text.rstrip().endswith(f"| {markdown(rests.verdict.message)} |")


def test_a_summary_fills_its_room_and_no_more(sample: GradeReport) -> None:
    """Byte by byte, for letters of several bytes too; the smallest has the points and no row."""
    report = replace(sample, items=tuple(replace(i, title="σ" * 40) for i in sample.items))
    texts = [summary(report, room) for room in range(4000)]
    assert all(len(text.encode()) <= room for room, text in enumerate(texts))
    rows = [len(contracts.summary(text)) for text in texts if text]
    assert rows == sorted(rows)
    assert set(rows) == set(range(len(report.items) + 1))


def test_a_path_that_is_no_utf8_is_written_as_it_is(sample: GradeReport, repository: Path) -> None:
    """File names are bytes."""
    path = Path(os.fsdecode(b"\xff.html"))
    SERVICES["github"].tell(Written(sample, repository / "submit.py", {"html": path}), {"GITHUB_OUTPUT": str(repository / "o")})
    assert b"\n\xff.html\n" in (repository / "o").read_bytes()


def test_what_is_printed_meanwhile_is_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    """Under the runner commands stop and go on, by a word that differs from run to run; elsewhere nothing is printed."""
    logs = []
    for _ in range(2):
        with commands_stopped({"GITHUB_ACTIONS": "true"}):
            print("::error::x\n  ::add-mask::y\na ##[error]z")
        print("::notice::heard")
        logs.append(capsys.readouterr().out)
    assert [[c.data for c in contracts.commands(log)] for log in logs] == [["heard"], ["heard"]]
    assert logs[0] != logs[1]
    for words in ([], ["hw.py", "--format", "junit", "github"], ["--format=junit", "--out=github"]):
        with commands_stopped({}, words):
            pass
        assert capsys.readouterr().out == ""


@pytest.mark.parametrize("words", [["hw.py", "--format", "github"], ["--format", "junit", "--format=github", "hw.py"]])
def test_who_asks_for_github_is_not_obeyed_by_a_variable(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """In a container inside of a step its variables are not set, and the log is read all the same."""
    with commands_stopped({}, words):
        print("::set-output name=a::b\n::add-mask::x")
    print("::notice::heard")
    assert [c.data for c in contracts.commands(capsys.readouterr().out)] == ["heard"]


def test_the_reader_sees_commands_and_markup() -> None:
    """The contract's reader is not blind: it finds each kind of injection."""
    assert [c.name for c in contracts.commands("\u2003::error file=a::x\nx ##[add-mask]y\n::set-output name=a::b")] == ["error", "add-mask", "set-output"]
    for bad in ("| <b> | a | b | c |", "| `a` | a | b | c |", "| @ann | a | b | c |", "| &#64;ann | a | b | c |", "[a](b)", "https://a.b"):
        with pytest.raises(AssertionError):
            contracts.summary(bad)


def test_markdown_leaves_letters_and_signs_readable() -> None:
    """Rendered, the text is the one that was written."""
    assert markdown("σ(z) = 1/2") == "σ&#40;z&#41; &#61; 1&#47;2"
