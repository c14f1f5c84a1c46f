"""The report on a terminal."""

import io
import re
import shlex
import subprocess
from dataclasses import replace
from fractions import Fraction

import pytest
from rich.cells import cell_len
from rich.console import Console

from grader.core.classbook import Adjustment, Decided, Override
from grader.core.evidence import BlockRow, Blocks, Contrast, Input, Shown
from grader.core.reason import Reason
from grader.core.report import GradeReport
from grader.core.verdict import Outcome, not_met
from grader.report.terminal import print_report


def printed(report: GradeReport, **options: object) -> str:
    """What is printed to a console with these options."""
    file = io.StringIO()
    print_report(report, Console(**({"file": file, "width": 80} | options)))  # type: ignore[arg-type]
    return file.getvalue()


def test_a_lost_item_is_explained_in_the_form_of_the_handbook(sample: GradeReport) -> None:
    """Asked, returned, should be, where, repeat, hint: side by side where it fits."""
    contrast = Contrast(
        "softmax(x + 1000)", (Input("x", Shown("[0.31 -1.20 0.55]", (3,))),), Shown("[nan nan nan]"), Shown("[0.40 0.09 0.51]"),
        "your own answer for x", 3, 3, (0,), rtol=1e-9, atol=1e-12)
    verdict = not_met(Reason.UNSTABLE, "softmax changes when the same constant is added to every logit.", contrast,
                      hint="subtract the row maximum before exponentiating.")
    text = printed(replace(sample, items=(replace(sample.items[1], verdict=verdict),)))
    assert """\
softmax.shift                                                      0 of 3 points
softmax changes when the same constant is added to every logit.
  you returned   [nan nan nan]     for softmax(x + 1000), x = [0.31 -1.20 0.55]
  should equal   [0.40 0.09 0.51]  your own answer for x (rtol 1e-9, atol 1e-12)
  3 of 3 entries differ; first at [0].
  where          softmax, line 4 of submit.py
  repeat:        grade submit.py --item softmax.shift --seed 7
  hint:          subtract the row maximum before exponentiating.
""" in text


def test_the_rows_of_a_matrix_stand_below_each_other(sample: GradeReport) -> None:
    """Also where its name is too long to stand beside it; near miss: one that just fits."""
    matrix = Shown("[[1. 2.]\n [3. 4.]]", (2, 2))
    contrast = Contrast("f(outputVectors, ninechars)", (Input("outputVectors", matrix), Input("ninechars", matrix)), matrix, matrix, "the reference",
                        4, 4, (0, 0), rtol=1e-9, atol=1e-12)
    text = printed(replace(sample, items=(replace(sample.items[1], verdict=not_met(Reason.VALUE, "Wrong.", contrast)),)))
    rows = "[[1. 2.]\n                  [3. 4.]]\n"
    assert f"  with outputVectors\n                 {rows}  with ninechars {rows}" in text


@pytest.mark.parametrize("name", ["gradCenterVe", "gradCenterVec", "gradCenterVect"])
def test_a_long_name_does_not_run_into_what_is_said_of_it(name: str, sample: GradeReport) -> None:
    """One letter less than there is room for, just as many, and one more."""
    blocks = Blocks((BlockRow(name, (1, 4), 4, 4, (0, 3), 0.2, 0.1), BlockRow("b", (1,), 0, 1)))
    text = printed(replace(sample, items=(replace(sample.items[1], verdict=not_met(Reason.GRADIENT, "Wrong.", blocks)),)))
    assert re.search(rf"  ✗ {name} +4 of 4 differ   worst at \[0, 3\]: 0.2, should be 0.1\n  ✓ b            0 of 1 differ\n", text)


def test_the_lines_of_a_note_stand_below_its_first_word(sample: GradeReport) -> None:
    """The dash stands alone."""
    verdict = not_met(Reason.VALUE, "Wrong.", notes=("word " * 20,))
    assert "\n  - word word" in (text := printed(replace(sample, items=(replace(sample.items[1], verdict=verdict),))))
    assert "word\n    word word" in text


def test_what_was_decided_stands_at_the_item_and_above_the_total(sample: GradeReport) -> None:
    """Also at an item that the grader blocked or was content with; each adjustment on a line of its own."""
    items = tuple(i for i in sample.items if i.verdict.outcome is Outcome.MET)[:1]
    assert items[0].points == 3
    override = Override("ann", items[0].id, Fraction(1), "see p. 3", "Tutor", "2026-11-21")
    late = Adjustment("1 day late: 10 % of the points", Fraction(-1, 2))
    text = printed(replace(sample, items=items, decided=Decided({items[0].id: override}, (), (late,), total=Fraction(1, 2))))
    assert "  decided        1 of 3 points by Tutor, 2026-11-21: see p. 3 (the grader: 3)\n" in text
    assert re.search(r"\n     1  All items\n  -0.5  1 day late: 10 % of the points\n0.5 of 3 points   1 met", text)


@pytest.mark.parametrize("width", [40, 60, 80])
@pytest.mark.parametrize("name", ["submit.py", "a folder with a long name/and spaces  in it/submit.py", "submissions_example/cs224n_a1/wrong_softmax.py"])
def test_the_replay_command_can_be_copied(name: str, width: int, sample: GradeReport) -> None:
    """Where it takes several lines a shell reads them as one command, word for word, and each option stands beside its value."""
    repeat = f"grade {shlex.quote(name)} --item softmax.shift --seed 1234567890"
    text = printed(replace(sample, items=(replace(sample.items[1], repeat=repeat),)), width=width)
    copied = text.partition("repeat:")[2].partition("  hint:")[0]
    assert not re.search(r"--\w+ \\\n", copied)
    said = subprocess.run(["sh", "-c", copied.replace("grade", "printf '%s\\n'", 1)], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == [name, "--item", "softmax.shift", "--seed", "1234567890"]


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_line_is_wider_than_the_console(width: int, sample: GradeReport) -> None:
    """The layout follows the width, from a narrow pane to a wide screen."""
    assert max(cell_len(line) for line in printed(sample, width=width).splitlines()) <= width


def test_a_vector_is_wrapped_at_the_width_of_the_console(sample: GradeReport) -> None:
    """Broken by numpy for a wider line, it is not broken twice; a matrix keeps its rows."""
    numbers = [f"{n}.25" for n in range(10, 34)]
    vector = "[" + " ".join(numbers[:12]) + "\n " + " ".join(numbers[12:]) + "]"
    contrast = Contrast("f", (Input("x", Shown(vector, (24,))), Input("m", Shown("[[1. 2.]\n [3. 4.]]", (2, 2)))),
                        Shown(vector, (24,)), Shown("[1.]", (1,)), "the reference")
    text = printed(replace(sample, items=(replace(sample.items[1], verdict=not_met(Reason.VALUE, "no", contrast)),)), width=60)
    lines = "[" + " ".join(numbers[:7]), " ".join(numbers[7:14]), " ".join(numbers[14:21]), " ".join(numbers[21:]) + "]"
    wrapped = f"\n{17 * ' '}".join(lines)
    assert f"  with x         {wrapped}\n  with m         [[1. 2.]\n{17 * ' '} [3. 4.]]\n  you returned   {wrapped}\n" in text


@pytest.mark.parametrize("before", ["x\n", "x" + " " * 60, "x " * 26])
def test_no_text_of_a_students_begins_a_line(before: str, sample: GradeReport) -> None:
    """What an exception says may break the line, or be as long as one: it could be taken for our total, or by a log for a command."""
    for text in ("100 of 100 points", "::error::x"):
        verdict = not_met(Reason.RAISED, f"softmax raises ValueError: {before}{text}")
        lines = printed(replace(sample, items=(replace(sample.items[1], verdict=verdict),))).splitlines()
        assert text in "\n".join(lines)
        assert not [line for line in lines if line.startswith(text)]


def test_one_point_is_a_point(sample: GradeReport) -> None:
    """Of one: at an item, and in what a person decided; of several: points."""
    override = Override("ann", "softmax.shift", Fraction(1), "ok", "Tutor", "2026-11-21")
    items = (replace(sample.items[1], points=Fraction(1), verdict=not_met(Reason.VALUE, "no")),)
    assert "0 of 1 point\n" in printed(replace(sample, items=items))
    assert "1 of 1 point by Tutor" in printed(replace(sample, items=items, decided=Decided({"softmax.shift": override})))
    assert "0 of 10 points\n" in printed(replace(sample, items=(replace(items[0], points=Fraction(10)),)))


def test_without_a_terminal_there_is_no_colour(sample: GradeReport, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain into a file; coloured on a terminal; no colours on one under NO_COLOR."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b" not in printed(sample)
    terminal = {"force_terminal": True, "color_system": "standard"}
    assert "\x1b[31m" in printed(sample, **terminal)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in printed(sample, **terminal)


def test_a_code_page_without_our_signs_gets_ascii(sample: GradeReport) -> None:
    """Where the signs cannot be encoded they are replaced, and nothing is raised."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    print_report(sample, Console(file=file, width=80))
    assert b"x softmax.shift" in raw.getvalue()
