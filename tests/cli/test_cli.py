"""The command line as people use it: what is printed, what is written, which exit code."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from grader import cli
from grader.batch.folder import opened
from grader.report.exports import EXPORTS
from tests.batch.conftest import RIGHT, write_course
from tests.submission.test_notebook import written

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "submissions_example" / "cs224n_a1"
GRADE = [sys.executable, "-m", "grader"]


def grade(*args: object, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder of its own, with this checkout as the course."""
    command = [*GRADE, *map(str, args)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "80", **env}, timeout=120)


def test_a_student_sees_what_is_wrong_and_where_the_report_is(tmp_path: Path) -> None:
    """The table, the message, the replay command, the total, the path; exit code 0; three files."""
    done = grade(EXAMPLES / "wrong_softmax_unshifted.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "softmax changes when the same constant is added to every logit of a row." in done.stdout
    assert "--item softmax.shift --seed" in done.stdout.replace(" \\\n                 ", " ")
    assert "97 of 100 points" in done.stdout
    assert done.stdout.rstrip().endswith("report: grade-report/wrong_softmax_unshifted.html")
    assert "assignment cs224n_a1" in done.stderr
    assert sorted(p.suffix for p in (tmp_path / "grade-report").iterdir()) == [".html", ".json", ".observations"]


@pytest.mark.parametrize("course", [[], ["--assignment", "cs224n_a1"]])
def test_a_function_that_may_be_in_a_damaged_archive_is_not_called_missing(course: list[str], tmp_path: Path) -> None:
    """As in a class: nobody can say what is in there. Where nothing is missing it is left out, and that is said."""
    (tmp_path / "hw").mkdir()
    (tmp_path / "hw/rest.zip").write_bytes(b"PK and no more")
    (tmp_path / "hw/hw.py").write_text("def softmax(x):\n    return x\n")
    done = grade("hw", "--as", "one", *course, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "rest.zip: this archive is damaged" in done.stderr
    assert "What else was handed in does not define cbow, forward_backward_prop, " in done.stderr
    shutil.copy(EXAMPLES / "right_loops.py", tmp_path / "hw/hw.py")
    done = grade("hw", "--as", "one", "--item", "softmax.values", *course, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "rest.zip: this archive is damaged" in done.stdout


def test_equal_runs_are_equal_to_the_byte(tmp_path: Path) -> None:
    """JSON but for its timings, HTML but for its timings: the same twice."""
    texts = []
    for name in ("one", "two"):
        assert grade(EXAMPLES / "wrong_neural_mean.py", "--out", name, "-q", cwd=tmp_path).returncode == 0
        report = json.loads((tmp_path / name / "wrong_neural_mean.json").read_text())
        assert set(report.pop("timings")) == {"observe", "judge", "total"}
        html = (tmp_path / name / "wrong_neural_mean.html").read_text()
        before, _, rest = html.partition('<section id="timings"')
        texts.append((json.dumps(report), before, rest.partition("</section>")[2]))
    assert texts[0] == texts[1]


def test_the_replay_command_gives_the_same_verdict(tmp_path: Path) -> None:
    """The command that the report prints, run as it stands."""
    grade(EXAMPLES / "near_neural_one_entry.py", "-q", cwd=tmp_path)
    report = json.loads((tmp_path / "grade-report/near_neural_one_entry.json").read_text())
    lost = next(i for i in report["items"] if i["outcome"] != "met")
    again = grade(*lost["repeat"].split()[1:], "--out", "again", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    (item,) = json.loads((tmp_path / "again/near_neural_one_entry.items.json").read_text())["items"]
    assert item == lost


def test_judging_again_runs_no_student_code(tmp_path: Path) -> None:
    """--rejudge reads the stored observations; the report is the same."""
    grade(EXAMPLES / "wrong_neural_mean.py", "-q", cwd=tmp_path)
    done = grade(EXAMPLES / "wrong_neural_mean.py", "--rejudge", "grade-report/wrong_neural_mean.observations", "--out", "again", "-q", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    one, two = (json.loads((tmp_path / d / "wrong_neural_mean.json").read_text()) for d in ("grade-report", "again"))
    assert one.pop("timings")
    assert two.pop("timings") == {}
    assert one == two


@pytest.mark.parametrize(("threshold", "code"), [("92%", 0), ("92.01%", 1), ("92", 0), ("93", 1), ("0%", 0), ("100%", 1), ("101", 1)])
def test_fail_under(tmp_path: Path, threshold: str, code: int) -> None:
    """Exit code 1 just above the score, 0 at it; as a percentage and in points."""
    assert grade(EXAMPLES / "wrong_neural_mean.py", "--fail-under", threshold, "-q", cwd=tmp_path).returncode == code


BAD_INPUT = [
    (["absent.py"], 2, "absent.py: there is no such file or folder."),
    (["expot", "run", "--to", "csv"], 2, "expot: there is no such command, file or folder. Write export."),
    (["rejudg", "run"], 2, "rejudg: there is no such command, file or folder. Write rejudge."),
    (["hw1"], 2, "hw1: there is no such file or folder."),
    (["x" * 300 + ".py"], 2, "x.py: it cannot be read (File name too long)."),
    (["loop.py"], 2, "loop.py: it cannot be read (Too many levels of symbolic links)."),
    (["empty"], 2, "there is no Python file or notebook in this folder"),
    (["notes.txt"], 2, "this is no submission"),
    (["ok.py", "--item", "softmax.shfit"], 2, "the rubric has no such item"),
    (["ok.py", "--assignment", "cs224n"], 2, "there is no assignment 'cs224n'. This course has: cs224n_a1"),
    (["ok.py", "--course", "empty"], 2, "this is no course"),
    (["ok.py", "--out", "notes.txt/x"], 2, "cannot be made (Not a directory). Name another one."),
    *((["ok.py", "--fail-under", wrong], 2, f"--fail-under {wrong}: write a percentage from 0% to 100%, such as 80%, or points such as 40.")
      for wrong in ("most", "101%", "100.1%", "-5", "-5%", "1/0")),
    (["ok.py", "--rejudge", "notes.txt"], 2, "this is no file of observations"),
    (["ok.py", "--seed", "-1"], 2, "--seed"),
    (["ok.py", "--roster", "r.csv"], 2, "--roster is for a class, and ok.py is one submission. Leave it out, or name the folder of a class."),
    (["ok.py", "--no-reports"], 2, "--no-reports is for a class, and ok.py is one submission."),
    (["folder", "--as", "one", "--jobs", "0"], 2, "--jobs is for a class, and folder is one submission. Leave it out, or say --as many."),
    (["folder", "--as", "many", "--audience", "staff"], 2, "--audience is for one submission, and folder is a class. Leave it out, or say --as one."),
    (["folder", "--as", "many", "--scheduler", "tcp://a:1"], 2, "Write --executor dask, or leave --scheduler out."),
    (["folder", "--as", "many", "--executor", "dask", "--jobs", "2"], 2, "--jobs does nothing with --executor dask"),
    (["ok.py", "--rejudge", "notes.txt", "--seed", "1"], 2, "--seed does nothing with --rejudge"),
    (["ok.py", "--rejudge=notes.txt", "--isolation", "required"], 2, "--isolation does nothing with --rejudge: no student code runs."),
    (["absent.py", "--roster", "r.csv"], 2, "absent.py: there is no such file or folder."),
    ([""], 2, "there is nothing after grade: is a variable of the shell not set? For the current folder, write a dot."),
    (["--quiet", ""], 2, "there is nothing after --quiet: "),
    (["run", ""], 2, "there is nothing after run: "),
    (["ok.py", "--out", ""], 2, "there is nothing after --out: "),
    (["ok.py", "--course="], 2, "there is nothing after --course=: "),
    (["ok.py", "--course", "broken"], 3, "demo.toml, item a.b, field points"),
]


@pytest.mark.parametrize(("args", "code", "says"), BAD_INPUT, ids=[" ".join(a)[-60:] for a, _, _ in BAD_INPUT])
def test_bad_input_is_one_clear_message(tmp_path: Path, args: list[str], code: int, says: str) -> None:
    """The right exit code, one sentence, no traceback."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/ok.py").write_text("def softmax(x):\n    return x\n")
    (tmp_path / "notes.txt").write_text("no observations")
    (tmp_path / "loop.py").symlink_to("loop.py")
    (tmp_path / "ok.py").write_text("def softmax(x):\n    return x\n")
    _broken_course(tmp_path / "broken")
    done = grade(*args, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_every_export_is_in_the_help() -> None:
    """A new one, too."""
    (option,) = (p for p in typer.main.get_command(cli.app).commands["export"].params if p.name == "to")
    assert set(re.split(r", | or |\.", option.help)) - {""} == set(EXPORTS)


EVERYWHERE = {"--assignment", "--course", "--seed", "--out", "--isolation", "--as", "--quiet"}


def test_every_option_is_for_one_submission_or_for_a_class_or_for_both() -> None:
    """A new option has to say which: where it would do nothing it is refused."""
    options = {o for p in typer.main.get_command(cli.app).commands["run"].params for o in (*p.opts, *p.secondary_opts) if o.startswith("--")}
    assert options - {"--help"} == {*EVERYWHERE, *cli._OF_ONE, *cli._OF_MANY}


@pytest.mark.parametrize(("name", "stem"), [
    ("hw.py", "hw"), ("hw.v2.ipynb", "hw.v2"), ("hw.zip", "hw"), ("hw.tar.gz", "hw"), ("HW.TAR.GZ", "HW"), ("hw.tgz", "hw"), ("hw.tar", "hw"),
    ("hw.v2.tar.gz", "hw.v2"), ("folder.v2", "folder.v2"),
])
def test_a_report_is_called_as_the_submission_without_what_says_its_kind(name: str, stem: str, tmp_path: Path) -> None:
    """Also where that is two suffixes; a folder has none."""
    (tmp_path / name).mkdir() if name.startswith("folder") else (tmp_path / name).touch()
    assert cli._stem(tmp_path / name) == stem


def test_no_submission_takes_the_place_of_anothers_report(tmp_path: Path) -> None:
    """A script, a notebook and a folder of one stem, into one folder: each has a report, and keeps its own when it is graded again."""
    (tmp_path / "hw").mkdir()
    (tmp_path / "hw/q1.py").write_text("def softmax(x):\n    return x\n")
    shutil.copy(tmp_path / "hw/q1.py", tmp_path / "hw.py")
    (tmp_path / "hw.ipynb").write_bytes(written("def softmax(x):\n    return 2 * x"))
    names = {"hw.py": "hw", "hw.ipynb": "hw.ipynb", "hw": "hw.folder"}
    for path, stem in [*names.items()] * 2:
        done = grade(path, "-q", cwd=tmp_path)
        assert done.stdout.endswith(f"report: grade-report/{stem}.html\n"), done.stderr
    for path, stem in names.items():
        assert json.loads((tmp_path / f"grade-report/{stem}.json").read_text())["submission"]["name"] == path
    assert len(list((tmp_path / "grade-report").iterdir())) == 9


def test_a_replay_of_one_item_leaves_the_whole_report_alone(tmp_path: Path) -> None:
    """Reports and observations of all items are still there, and can be judged again; the replay's are beside them, by one name."""
    shutil.copy(EXAMPLES / "wrong_neural_mean.py", tmp_path / "hw.py")
    grade("hw.py", "-q", cwd=tmp_path)
    whole = {p.name: p.read_bytes() for p in (tmp_path / "grade-report").iterdir()}
    for item in ("softmax.shift", "neural.cost"):
        assert grade("hw.py", "--item", item, "-q", cwd=tmp_path).stdout.endswith("report: grade-report/hw.items.html\n")
    assert {p.name: p.read_bytes() for p in (tmp_path / "grade-report").iterdir() if ".items." not in p.name} == whole
    assert len(list((tmp_path / "grade-report").iterdir())) == 6


def test_a_long_name_has_a_report(tmp_path: Path) -> None:
    """As long as a file system takes, and in letters of three bytes: two that differ at their ends alone have a report each."""
    names = [f"{'長' * 83}{last}.py" for last in "ab"]
    for name in names:
        shutil.copy(EXAMPLES / "right_vectorised.py", tmp_path / name)
        done = grade(name, "-q", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    reports = [json.loads(p.read_text())["submission"]["name"] for p in (tmp_path / "grade-report").glob("*.json")]
    assert sorted(reports) == names


@pytest.mark.parametrize("name", ["-dash.py", "start"])
def test_the_replay_command_names_what_looks_like_a_word_of_the_command_line(tmp_path: Path, name: str) -> None:
    """A file that is called like an option, a folder that is called like a command."""
    (tmp_path / name).mkdir() if name == "start" else None
    shutil.copy(EXAMPLES / "wrong_neural_mean.py", tmp_path / name)
    grade(f"./{name}", "-q", cwd=tmp_path)
    report = json.loads((tmp_path / f"grade-report/{name.removesuffix('.py')}.json").read_text())
    assert {i["repeat"].split()[1] for i in report["items"]} == {f"./{name}"}


@pytest.mark.parametrize("there", [b"", b"no JSON", b"[1]", b'{"submission": 3}', b"\xff", None])
def test_what_is_no_report_keeps_no_name(tmp_path: Path, there: bytes | None) -> None:
    """Another program's file, a torn one, a folder: the report is called as ever."""
    (tmp_path / "hw.py").touch()
    (tmp_path / "hw.json").write_bytes(there) if there is not None else (tmp_path / "hw.json").mkdir()
    assert cli._place(tmp_path, tmp_path / "hw.py", []) == tmp_path / "hw"


@pytest.mark.parametrize("words", [["rejudge"], ["regrade"], ["export", "--to", "moodle-feedback"]])
def test_outside_of_the_course_it_is_said_what_to_type(tmp_path: Path, words: list[str]) -> None:
    """The whole command; and a course that was named and is none is told as such."""
    run, command = tmp_path / "my run", " ".join(words)
    with opened(run, new=True) as folder:
        folder.store.put(assignment="demo", seed=1, demand="required")
    done = grade(words[0], run, *words[1:], cwd=tmp_path)
    assert done.returncode == 2
    assert f"Type: grade {command} '{run}' --course COURSE; COURSE is the folder with reference/ and rubrics/." in done.stderr
    done = grade(words[0], run, *words[1:], "--course", "elsewhere", cwd=tmp_path)
    assert done.stderr.startswith("grade: --course elsewhere: this is no course")


def _broken_course(root: Path) -> None:
    (root / "reference/demo").mkdir(parents=True)
    (root / "rubrics").mkdir()
    (root / "reference/demo/interface.py").write_text(
        "from grader.core.interface import *\n"
        "INTERFACE = Interface(slug='demo', title='d', dims={}, functions=(FunctionSpec(name='f', module='m', params=()),))\n")
    (root / "reference/demo/solutions.py").write_text("FUNCTIONS = {'f': lambda: None}\n")
    (root / "rubrics/demo.toml").write_text(
        '[assignment]\nslug = "demo"\n[[item]]\nid = "a.b"\ntitle = "t"\npoints = -1\ncheck = { kind = "values", function = "f" }\n')


def test_what_is_ungraded_is_told_with_the_total(tmp_path: Path) -> None:
    """Also by --quiet, whose one line would else say that it was lost."""
    (tmp_path / "submit.py").write_text("import sklearn.svm\ndef softmax(x):\n    return sklearn.svm.SVC(x)\n")
    done = grade("submit.py", "--item", "softmax.values", "-q", cwd=tmp_path)
    assert done.stdout.startswith("0 of 4 points, 4 ungraded\n"), done.stdout


HEARD = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
"""Ctrl-C, also where the tests themselves run in the background of a script."""


@pytest.mark.parametrize("while_it", ["loads the course", "runs the submission"])
def test_ctrl_c_is_one_sentence(tmp_path: Path, while_it: str) -> None:
    """Exit code 130, as shells have it; also where a library has made something else of it, that would be the course's fault."""
    (tmp_path / "submit.py").write_text("import time\ntime.sleep(600)\n")
    (tmp_path / "pyproject.toml").write_text('[tool.grade]\nassignment = "cs224n_a1"\n')
    swallowed = ("import os, signal\nfrom grader import course\nfrom grader.core.errors import CourseError\n"
                 "def load(*a):\n    try:\n        os.kill(os.getpid(), signal.SIGINT)\n    except KeyboardInterrupt:\n"
                 "        raise CourseError('interface.py', '', 'it is odd.', '') from None\ncourse.load_assignment = load\n")
    script = HEARD + (swallowed if while_it == "loads the course" else "") + "from grader.entry import main\nmain()\n"
    command = [sys.executable, "-c", script, "submit.py"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as run:
        assert run.stderr is not None
        first = run.stderr.readline() if while_it == "runs the submission" else ""
        run.send_signal(signal.SIGINT) if first else None
        rest = run.stderr.read()
    assert rest.endswith("grade: interrupted; nothing is half written. Give the same command again.\n")
    assert run.returncode == 130


def test_ctrl_c_before_there_is_anything_to_say_ends_it_without_a_word(tmp_path: Path) -> None:
    """No traceback out of an import; and who has it ignored, as in the background of a script, is not ended."""
    script = "import os, signal\nfrom grader import entry\nentry._started = lambda _: os.kill(os.getpid(), signal.SIGINT)\nentry.main()\n"
    done = subprocess.run([sys.executable, "-c", HEARD + script, "--version"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")
    command = shlex.join([sys.executable, "-c", script, "--version"])
    done = subprocess.run(["sh", "-c", f"trap '' INT; exec {command}"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def _shell(line: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    words = line.replace("grade ", f"{shlex.join(GRADE)} ").replace("EXAMPLES", str(EXAMPLES))
    return subprocess.run(["bash", "-c", words], cwd=cwd, capture_output=True, text=True, check=False, timeout=120)


def test_a_reader_that_has_gone_changes_nothing(tmp_path: Path) -> None:
    """``grade ... | head``: the exit code is the grade's, and not the one that says below the threshold by accident."""
    for options, code in (("", 0), ("--fail-under 99%", 1)):
        done = _shell(f"grade EXAMPLES/wrong_neural_mean.py {options} | true; echo ${{PIPESTATUS[0]}}", tmp_path)
        assert done.stdout == f"{code}\n", done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_change_nothing(tmp_path: Path, closed: str) -> None:
    """As a daemon may start it: what is printed is for nobody, the report is there, and nothing was printed into it."""
    done = _shell(f"grade EXAMPLES/wrong_neural_mean.py {closed}", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads((tmp_path / "grade-report/wrong_neural_mean.json").read_text())["earned"]["points"] == 92
    assert (tmp_path / "grade-report/wrong_neural_mean.html").read_text().lstrip().startswith("<!doctype")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", [
    "EXAMPLES/wrong_neural_mean.py", "EXAMPLES/wrong_neural_mean.py -q", "EXAMPLES/wrong_neural_mean.py --format github", "--help",
    "run --help", "schema", "--version",
])
def test_what_cannot_be_printed_is_the_machines_fault(tmp_path: Path, words: str) -> None:
    """One sentence, once, and exit code 4: 1 would say that it is below a threshold, 0 that all was said."""
    done = _shell(f"grade {words} > /dev/full", tmp_path)
    told = "grade: not all of the output could be written (No space left on device). Send it elsewhere, or make room."
    assert done.returncode == 4
    assert done.stderr.splitlines()[-1] == told
    assert done.stderr.count("No space left") == 1
    assert "Traceback" not in done.stderr
    assert "EXAMPLES" not in words or (tmp_path / "grade-report/wrong_neural_mean.html").exists()


def test_a_path_that_the_terminal_has_no_letters_for_is_printed_anyhow(tmp_path: Path) -> None:
    """In a code page, and a name that is no text in any."""
    (tmp_path / "é").mkdir()
    shutil.copy(EXAMPLES / "right_vectorised.py", tmp_path / "é/ü.py")
    done = grade("é/ü.py", "-q", "--out", "é", cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert done.stdout.endswith("report: \\xe9/\\xfc.html\n"), done.stderr
    done = grade("é/ü.py", "-q", "--out", os.fsdecode(b"\xff"), cwd=tmp_path, PYTHONIOENCODING="utf-8:strict")
    assert done.stdout.endswith("report: \\udcff/ü.html\n"), done.stderr


def test_a_fault_of_ours_is_no_grade(tmp_path: Path) -> None:
    """What nobody foresaw is told in full, for whoever mends it, and exits with 4: a CI would take Python's 1 for a low grade."""
    broken = "from grader import cli\ncli._graded = lambda *a, **k: 1 / 0\nfrom grader.entry import main\nmain()\n"
    done = subprocess.run([sys.executable, "-c", broken, EXAMPLES / "right_vectorised.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert "ZeroDivisionError" in done.stderr


def test_a_file_in_the_current_folder_is_not_imported_by_the_grader(tmp_path: Path) -> None:
    """``python -m`` looks there first: a homework called random.py would be run as the grader, confined by nothing."""
    (tmp_path / "random.py").write_text("open('seen', 'w').close()\n" + (EXAMPLES / "right_vectorised.py").read_text())
    done = grade("random.py", "-q", cwd=tmp_path)
    assert not (tmp_path / "seen").exists()
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("options", [[], ["--fail-under", "80%"]])
def test_what_the_machine_fails_at_is_no_grade(tmp_path: Path, options: list[str]) -> None:
    """No process is to be had: the report says so, and the exit code neither that all is well nor that the submission is below."""
    broken = ("import sys\nfrom grader.runner.zygote import Zygote\n"
              "def none(*_):\n    raise OSError(12, 'Cannot allocate memory')\nZygote._fork = none\nfrom grader.entry import main\nmain()\n")
    done = subprocess.run([sys.executable, "-c", broken, EXAMPLES / "right_vectorised.py", *options], cwd=tmp_path, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 4, done.stderr
    assert "The grader or the machine failed at them; run it again." in done.stderr
    kept = json.loads((tmp_path / "grade-report/right_vectorised.json").read_text())
    assert {i["outcome"] for i in kept["items"]} == {"ungraded"}


def test_what_the_courses_own_check_fails_at_is_the_courses_fault(tmp_path: Path) -> None:
    """Running it again would not help, and is not advised."""
    course = write_course(tmp_path / "course")
    checks = course / "reference/demo/checks.py"
    checks.write_text(checks.read_text().replace("        said = {", "        1 / 0\n        said = {"))
    (tmp_path / "hw.py").write_text(RIGHT)
    done = grade("hw.py", "--course", course, "-q", cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr.endswith("grade: not graded: 1 of 4 items. The course's own check fails at them; the report says where.\n")
    assert "5.33 of 6.33 points, 1 ungraded" in done.stdout


def test_a_class_stays_one_when_all_but_one_have_left(tmp_path: Path) -> None:
    """The same command goes on with its run; no report of one submission is put beside the class page."""
    course, folder = write_course(tmp_path / "course"), tmp_path / "class"
    folder.mkdir()
    for name in ("ann", "bob"):
        (folder / f"{name}.py").write_text(RIGHT)
    command = ("class", "--course", course)
    (tmp_path / "grade-report/folder").mkdir(parents=True)
    (tmp_path / "grade-report/folder/run.sqlite").touch()  # a run that was refused
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/hw.py").write_text(RIGHT)
    assert "folder: one submission. " in grade("folder", "--course", course, cwd=tmp_path).stderr
    assert grade(*command, "-q", cwd=tmp_path).returncode == 0
    (folder / "bob.py").unlink()
    again = grade(*command, cwd=tmp_path)
    assert "class: a class. It was graded as one: grade-report/class holds its run. Overrule it with --as one.\n" in again.stderr
    assert "demo: 1 row: 1 graded (0 graded now)\n" in again.stdout
    assert grade(*command, "--as", "one", "-q", cwd=tmp_path).stdout.endswith("report: grade-report/class.html\n")
    other = grade(folder / "ann.py", "--course", course, "--out", "grade-report/class", cwd=tmp_path)
    assert other.returncode == 2
    assert other.stderr == (f"grade: --out grade-report/class: this folder holds the run of a class, and {folder}/ann.py is one submission. "
                            "Name another one, or say --as many.\n")
    assert not (tmp_path / "grade-report/class/ann.html").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_report_folder_is_said_before_anything_runs(tmp_path: Path) -> None:
    """Exit code 2 and the option to change."""
    (tmp_path / "locked").mkdir(mode=0o500)
    done = grade(EXAMPLES / "right_vectorised.py", "--out", "locked", cwd=tmp_path)
    assert done.returncode == 2
    assert "nothing can be written to this folder" in done.stderr


READABLE = {
    "empty file": (b"", "the file is empty"),
    "syntax error": (b"import numpy as np\n\ndef softmax(x:\n    return x\n", "line 3"),
    "python 2": (b"def softmax(x):\n    print 'hello'\n    return x\n", "line 2: this is Python 2"),
    "latin-1": ("# café\ndef softmax(x):\n    return x / x.sum()\n".encode("latin-1"), "it was read as Latin-1"),
    "bom": (b"\xef\xbb\xbfdef softmax(x):\n    return x / x.sum()\n", "softmax"),
    "nul bytes": (b"def softmax(x):\x00\n    return x\n", "no Python source"),
    "own error": (b"1 / 0\ndef softmax(x):\n    return x / x.sum()\n", "ZeroDivisionError"),
    "missing package": (b"import sklearn.svm\ndef softmax(x):\n    return sklearn.svm.SVC(x)\n", "'sklearn'"),
    "exits": (b"import os\nos._exit(0)\ndef softmax(x):\n    return x / x.sum()\n", "ended the process"),
}


@pytest.mark.parametrize("name", READABLE)
def test_a_report_is_always_written_for_what_can_be_read(tmp_path: Path, name: str) -> None:
    """Exit code 0, the cause in the terminal and in all reports, and the right one to blame."""
    data, says = READABLE[name]
    (tmp_path / "submit.py").write_bytes(data)
    done = grade("submit.py", "--assignment", "cs224n_a1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert says in done.stdout.replace("\n  ", " ")
    report = json.loads((tmp_path / "grade-report/submit.json").read_text())
    softmax = next(i for i in report["items"] if i["id"] == "softmax.values")
    assert softmax["outcome"] == ("ungraded" if name == "missing package" else "not met")
    assert (tmp_path / "grade-report/submit.html").stat().st_size > 10_000


@pytest.mark.parametrize("which", ["report", "interface", "rubric"])
def test_schemas_are_printed(tmp_path: Path, which: str) -> None:
    """JSON, an object with properties."""
    done = grade("schema", which, cwd=tmp_path)
    assert json.loads(done.stdout)["properties"]


def test_version_and_help(tmp_path: Path) -> None:
    """Both work without a path."""
    assert grade("--version", cwd=tmp_path).stdout.startswith("grade ")
    assert "PATH" in grade("--help", cwd=tmp_path).stdout


HOSTILE = "\x1b[31mred\x07\r\n::error::x"


def test_names_of_files_do_not_reach_the_terminal_as_they_are(tmp_path: Path) -> None:
    """No escape, no line of their own: in results, complaints, and what is said of a class. An ordinary name can be copied."""
    ok = (EXAMPLES / "wrong_neural_mean.py").read_text()
    (tmp_path / f"{HOSTILE}.py").write_text(ok)
    (tmp_path / HOSTILE).mkdir()
    (tmp_path / HOSTILE / f"{HOSTILE}.py").write_text(ok)
    (tmp_path / "empty").mkdir()
    runs = [grade(*words, cwd=tmp_path) for words in (
        (f"{HOSTILE}.py", "-q"), (f"{HOSTILE}.py",), (HOSTILE, "--as", "many", "--out", f"out{HOSTILE}"), ("rejudge", f"out{HOSTILE}"), (f"absent{HOSTILE}.py",),
        ("export", f"out{HOSTILE}", "--to", "csv"), ("start", "cs224n_a1", "--out", f"start{HOSTILE}"), ("export", f"none{HOSTILE}", "--to", "csv"),
        (f"{HOSTILE}.py", "--course", "empty"), ("new", "demo", "--out", f"new{HOSTILE}"), (HOSTILE,))]
    assert [run.returncode for run in runs] == [0, 0, 0, 0, 2, 0, 0, 2, 2, 0, 0]
    for run in runs:
        said = run.stdout + run.stderr
        assert [c for c in "\x1b\x07\r" if c in said] == [], said
        assert not [line for line in said.split("\n") if line.lstrip().startswith("::")], said
    assert runs[0].stdout.endswith("report: grade-report/red␇ ::error::x.html\n")
    usual = "Zoë's \"home work\" (1)"
    (tmp_path / f"{usual}.py").write_text(ok)
    assert grade(f"{usual}.py", "-q", cwd=tmp_path).stdout.endswith(f"report: grade-report/{usual}.html\n")


def test_a_file_that_is_no_toml_is_warned_of(tmp_path: Path) -> None:
    """Beside a submission and in a class; not where --assignment says what would stand in it."""
    (tmp_path / "class").mkdir()
    shutil.copy(EXAMPLES / "wrong_neural_mean.py", tmp_path / "class/ada.py")
    (tmp_path / "class/pyproject.toml").write_text("[tool.grade\n")
    for words in (["class/ada.py"], ["class", "--as", "many"]):
        done = grade(*words, "-q", cwd=tmp_path)
        assert done.returncode == 0
        assert "grade: class/pyproject.toml: it cannot be read (it is no TOML: " in done.stderr
        assert "pyproject" not in grade(*words, "-q", "--assignment", "cs224n_a1", cwd=tmp_path).stderr
    (tmp_path / "class/pyproject.toml").write_text("[tool.grade]\nassignment = 3\n")
    done = grade("class/ada.py", "-q", cwd=tmp_path)
    assert (done.returncode, "class/pyproject.toml, [tool.grade], field assignment: it is 3." in done.stderr) == (2, True)


def test_which_of_several_copies_is_graded_is_told(tmp_path: Path) -> None:
    """A browser's second download lies beside the first one, and is looked for first."""
    (tmp_path / "hw").mkdir()
    for name, example in (("solution.py", "wrong_neural_mean.py"), ("solution (1).py", "right_vectorised.py")):
        (tmp_path / "hw" / name).write_bytes((EXAMPLES / example).read_bytes())
    done = grade("hw", "--as", "one", "--item", "neural.cost", cwd=tmp_path)
    assert done.returncode == 0
    assert ("forward_backward_prop is written differently in solution (1).py and solution.py. It is looked for in solution (1).py first. "
            "If another one counts, leave only that one in.") in " ".join(done.stdout.split())
