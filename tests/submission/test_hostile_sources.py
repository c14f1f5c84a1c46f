"""Files made to keep the grader itself busy: read in proportion to their length."""

import gc
import math
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.submission import bounds
from grader.submission.forms import open_submission
from grader.submission.likeness import tree_hash
from grader.submission.needed import left_out, program_text
from grader.submission.notebook import read_notebook
from grader.submission.source import Submission, Unparsable, parse, read_source, submission
from tests.submission.test_notebook import written

SIZE = 40_000  # characters: at their full length of two million, each of these once took hours
TIMES = 4
MOST = 9.0  # what is read in proportion to its length costs 4 times as much at 4 times the length; in proportion to its square, 16
TRIES = 5
F = "def f(x):\n    return W"


def names(size: int) -> list[str]:
    """As many as fit into an eighth of the size."""
    return [f"a{i}" for i in range(size // 8)]


NOTEBOOKS: dict[str, Callable[[int], list[str]]] = {
    "blanks where a magic may be": lambda n: ["(\n)x\n" + " " * n * 10 + "y"],
    "magics inside of brackets": lambda n: ["x = (\n" + "1,\n" * (n // 3) + "%x\n" * (n // 40)],
    "many lines that only show": lambda n: ["display(1)\n" * (n // 5)],
    "one line that only shows": lambda n: ["display(1);" * (n // 11)],
    "one line that is not needed": lambda n: [F, "a;" * (n // 2)],
    "a statement of many names": lambda n: [F, f"W,{','.join(names(n))} = b,{','.join(names(n))}"],
    "many calls of what sets many names": lambda n: [
        F,
        "def g():\n" + "".join(f"    global {name}\n    {name} = 1\n" for name in names(n)[::4]),
        "g()\n" * (n // 4),
    ],
    "many cells": lambda n: [F, *["$\n%a\n"] * (n // 20 - 1)],
}
FILES: dict[str, Callable[[int], str]] = {
    "a comment of signs": lambda n: "def f():\n    x = 1\n    " + "#" * n * 10 + "\n    return x * x\n",
    "branches without end": lambda n: "if 0: pass\n" + "elif 0: pass\n" * (n // 29) + "def f(): pass\n",
    "statements without end": lambda n: "def f():\n    " + "a;" * (n // 2),
    "f-strings without end": lambda n: "def f():\n    " + f"rf'{'{a}' * 40}' " * (n // 125),
}


def growth(read: Callable[[int], None], clock: Callable[[], float] = time.process_time) -> float:
    """How much more CPU time `read` takes of SIZE characters than of a quarter of them: the least of a few tries, for the machine's moods."""

    def seconds(size: int) -> float:
        start = clock()
        read(size)
        return clock() - start

    gc.collect()
    gc.freeze()  # what other tests left is no burden of these
    try:
        least = math.inf
        for _ in range(TRIES):
            few = min(seconds(SIZE // TIMES) for _ in range(2))
            least = min(least, seconds(SIZE) / max(few, 0.005))
            if least <= MOST:
                break
        return least
    finally:
        gc.unfreeze()


@pytest.mark.parametrize("cells", NOTEBOOKS.values(), ids=NOTEBOOKS)
def test_a_notebook_is_read_in_proportion_to_its_length(cells: Callable[[int], list[str]]) -> None:
    """Its cells, what its functions need of them, its hash; and it is not refused."""

    def read(size: int) -> None:
        whole = submission("hw", {"hw.ipynb": written(*cells(size))})
        file = whole.files[0]
        assert len(file.cells) == len(cells(size))
        program_text(file, whole, ("f",))
        left_out(whole, ("f",))
        tree_hash(whole)

    assert growth(read) <= MOST


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_a_file_is_read_in_proportion_to_its_length(text: Callable[[int], str]) -> None:
    """And f is found in it."""

    def read(size: int) -> None:
        assert "f" in read_source("a.py", text(size).encode()).definitions

    assert growth(read) <= MOST


@pytest.mark.parametrize("codec", ["punycode", "Punycode", "idna", "undefined"])
def test_a_coding_line_that_names_no_encoding_of_files_is_passed_over(codec: str) -> None:
    """Python has these codecs; to read a megabyte as punycode takes it minutes."""
    start = time.process_time()
    file = read_source("a.py", f"# coding: {codec}\ndef f(): pass\n# é-{'a' * 1_000_000}\n".encode())
    assert ("f" in file.definitions, file.remarks) == (True, ())
    assert "UTF-8" in read_source("a.py", f"# coding: {codec}\n".encode() + b"# \xff\n").remarks[0]
    assert time.process_time() - start < 5.0


@pytest.mark.parametrize("quotes", ["'", '"', "'''", '"""'])
def test_an_f_string_of_very_many_fields_is_refused(quotes: str) -> None:
    """Python 3.11 takes minutes for two megabytes of it, and nothing interrupts it; one as long as anybody's is read."""
    for fields, refused in ((1 << 19, True), (1000, False)):
        text = f"s = '{{}}\\'' '' # '\nx = f{quotes}\\{quotes[0]}{'{a}' * fields}{quotes}\ndef f(): pass\n"
        start = time.process_time()
        file = read_source("a.py", text.encode())
        assert ("f" in file.definitions) is not refused
        assert ("too many fields" in str(file.unparsable)) is refused
        assert time.process_time() - start < 5.0


def test_braces_that_are_no_fields_are_read() -> None:
    """A long table, and a text, beside an f-string."""
    text = f"x = f'{{1}}'\nt = [{'{1: 2},' * 20_000}]\n# f'{'{' * 90_000}'\ns = '{'{}' * 90_000}'\ndef f(): pass\n"
    assert "f" in read_source("a.py", text.encode()).definitions


def test_an_integer_that_cannot_be_written_out_is_read() -> None:
    """Python refuses to write more than 4300 decimal digits: the function is no starter's, and hashed like any other."""
    texts = (f"def f(x):\n    return {number}{' + x * x' * 30}\n" for number in ("0", f"0x{'f' * 9000}", f"0x{'f' * 9001}"))
    handed = [submission("s", {"a.py": text.encode()}) for text in texts]
    first, second, third = (s.files[0].definitions["f"].body for s in handed)
    assert first != second != third
    assert len({tree_hash(s) for s in handed} - {""}) == 3


@pytest.mark.parametrize(("power", "told"), [(1.0, False), (1.5, False), (1.7, True), (2.0, True)])
def test_growth_tells_what_is_nearer_to_the_square_of_a_length(power: float, told: bool) -> None:
    """So that the tests above can fail; by a clock of its own, which no machine's mood changes."""
    spent = [0.0]

    def read(size: int) -> None:
        spent[0] += (size / SIZE) ** power

    assert (growth(read, lambda: spent[0]) > MOST) is told


def test_growth_passes_over_a_machine_that_was_slow_for_a_while() -> None:
    """All tries but the last are slow at the greater size."""
    spent, late = [0.0], iter(range(TRIES))

    def read(size: int) -> None:
        slow = size == SIZE and next(late) < TRIES - 1
        spent[0] += size / SIZE * (10 if slow else 1)

    assert growth(read, lambda: spent[0]) == pytest.approx(TIMES)


def test_a_very_long_notebook_is_run_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks for what of it is needed."""
    monkeypatch.setattr("grader.submission.needed._MOST", len(F) + 100)
    for spare, whole in (("x = 1", False), ("x = 1  # " + "-" * 100, True)):
        file = read_notebook("hw.ipynb", written(F, spare))
        assert (spare in program_text(file, Submission("s", (file,), ""), ("f",))) is whole


def test_what_only_shows_is_told_in_brief() -> None:
    """Its first line, and not more than fits."""
    remark = read_notebook("hw.ipynb", written(f"display('\u00e9', 1); display(\n    2)\ndisplay('{'y' * 99}')")).remarks[0]
    assert remark == f"not Python, set aside: cell 1: display('\u00e9', 1); cell 1: display(; cell 1: display('{'y' * 51}...."


def test_all_code_together_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that fit are read, also behind one that does not; that one defines nothing, and says why."""
    monkeypatch.setattr(bounds, "MAX_CODE", 25)
    handed = submission("s", {"a.py": b"def a(): pass\n", "b.py": b"def b(): return 1\n", "c.ipynb": written("def c(): return 1"), "d.py": b"d = 1\n"})
    assert [sorted(f.definitions) for f in handed.files] == [["a"], [], [], ["d"]]
    assert "all files together have more than 25 characters" in handed.files[1].troubles["b.py"].message
    assert "all files together have more than 25 characters" in handed.files[2].troubles["c.ipynb"].message


def test_cells_are_counted() -> None:
    """Two thousand are read, one more is no notebook."""
    assert len(read_notebook("hw.ipynb", written(*["$"] * 2000)).remarks) == 2000
    trouble = read_notebook("hw.ipynb", written(*["$"] * 2001)).unparsable
    assert trouble
    assert "it has more than 2,000 code cells" in trouble.message


def test_all_bytes_of_a_folder_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes after is left out, and that is said."""
    monkeypatch.setattr(bounds, "MAX_TOTAL", 20)
    for name in ("a.py", "b.py", "c.py"):
        (tmp_path / name).write_text("x = 12345\n")
    handed = open_submission(tmp_path)
    assert [f.path for f in handed.files] == ["a.py", "b.py"]
    assert handed.remarks == ("more than 20 bytes in all; c.py and those after it were left out.",)


def test_more_code_than_anybody_writes_is_refused() -> None:
    """Parsed, a megabyte of ``0;`` takes one gigabyte; a table of as many characters is read."""
    much = parse("0;" * (1 << 19))
    assert isinstance(much, Unparsable)
    assert "more code than is read" in much.message
    assert not isinstance(parse(f"TABLE = [{'-0.123456789, ' * (1 << 16)}]"), Unparsable)
