"""Notebooks: which cells are Python, what is set aside, and what their numbers mean."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from grader.core.errors import UsageError
from grader.submission import bounds, open_submission
from grader.submission.notebook import read_notebook, without
from grader.submission.source import SourceFile, parse, read_source, submission


def cell(source: Any, kind: str = "code", **more: Any) -> dict[str, Any]:
    return {"cell_type": kind, "metadata": {}, "source": source, **more}


def written(*cells: Any, **more: Any) -> bytes:
    return json.dumps({"cells": [cell(c) if isinstance(c, str) else c for c in cells], "nbformat": 4, "metadata": {}, **more}).encode()


def read(*cells: Any) -> SourceFile:
    return read_notebook("hw.ipynb", written(*cells))


def code(source: str) -> str:
    (only,) = read(source).cells
    return only.code


SOFTMAX = "def softmax(x):\n    return x + 1"


def test_code_cells_in_order_with_their_numbers() -> None:
    """Numbers are those of *Restart and run all*: empty cells and text have none. The text is all cells, each under its number."""
    file = read(cell("# Title", "markdown"), "import numpy as np", "", "  \n", SOFTMAX, cell("raw", "raw"))
    assert [(c.number, c.offset, c.code) for c in file.cells] == [(1, 1, "import numpy as np"), (2, 4, SOFTMAX)]
    assert file.text == f"# cell 1\nimport numpy as np\n\n# cell 2\n{SOFTMAX}\n"
    assert file.text.split("\n")[file.definitions["softmax"].line - 1] == "def softmax(x):"
    assert (file.stem, file.remarks, file.place(file.cells[1])) == ("hw", (), "hw.ipynb, cell 2")


@pytest.mark.parametrize("data", [
    written(cell([line + "\n" for line in SOFTMAX.split("\n")])),
    b"\xef\xbb\xbf" + written(SOFTMAX),
    written(SOFTMAX).decode().encode("utf-16"),
    written(cell(SOFTMAX.replace("\n", "\r\n"))),
    written({"cell_type": "code"}, {"cell_type": "code", "source": None}, {"cell_type": "code", "source": [1, None]}, {}, None, 3, SOFTMAX),
    json.dumps({"worksheets": [{"cells": [{"cell_type": "code", "input": SOFTMAX}]}, {}], "nbformat": 3}).encode(),
    json.dumps({"worksheets": [{"cells": [{"cell_type": "code", "input": SOFTMAX.split("\n", 1)[0] + "\n"}, cell("x", "heading")]},
                               {"cells": [{"cell_type": "code", "input": [SOFTMAX]}]}], "nbformat": 3}).encode(),
    written(cell(SOFTMAX, outputs=[{"data": {"image/png": "A" * 5_000_000}}])),
    b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": ' + json.dumps(SOFTMAX).encode() + b'}], "x": ' + b"9" * 4000 + b"}",
], ids=["list", "bom", "utf-16", "crlf", "without source", "version 3", "two sheets", "huge output", "large number"])
def test_every_usual_way_to_write_a_notebook_is_read(data: bytes) -> None:
    """Sources as text or list, old versions, marks, cells that lack something."""
    file = read_notebook("hw.ipynb", data)
    assert file.unparsable is None
    assert "softmax" in file.definitions
    assert "\r" not in file.text


@pytest.mark.parametrize("data", [
    b"", b"hello", b"[]", b"3", b"{}", b'{"cells": 3}', b'{"worksheets": 3}', b'{"cells": [', b"[" * 100_000, b'{"cells":' * 100_000, b"\xff\xfe\x00",
    b'{"x": ' + b"9" * 5000 + b"}", b"\x80\x81",
], ids=range(13))
def test_what_is_no_notebook_is_said_not_raised(data: bytes, tmp_path: Path) -> None:
    """A remark where there are other files; a refusal, for a person to look at, where there is nothing else."""
    file = read_notebook("hw.ipynb", data)
    assert file.unparsable is not None
    assert file.unparsable.message.startswith("this is no notebook: ")
    assert "\n" not in file.unparsable.message
    (tmp_path / "hw.ipynb").write_bytes(data)
    with pytest.raises(UsageError, match=r"/hw\.ipynb: this is no notebook"):
        open_submission(tmp_path / "hw.ipynb")
    (tmp_path / "a.py").write_text("x = 1\n")
    assert open_submission(tmp_path).remarks[0].startswith("hw.ipynb: this is no notebook")


def test_a_notebook_without_code_says_so() -> None:
    """Text alone is a notebook."""
    assert read(cell("# Title", "markdown")).remarks == ("the notebook has no code cell.",)


def test_a_notebook_has_its_own_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its outputs are large; larger than this is refused by its size."""
    monkeypatch.setattr(bounds, "MAX_FILE", len(SOFTMAX))
    monkeypatch.setattr(bounds, "MAX_NOTEBOOK", 1000)
    (tmp_path / "a.ipynb").write_bytes(written(SOFTMAX))
    assert open_submission(tmp_path / "a.ipynb").defining("softmax")
    (tmp_path / "a.ipynb").write_bytes(written(SOFTMAX).ljust(1001))
    with pytest.raises(UsageError, match="1,001 bytes; a notebook has at most 1,000"):
        open_submission(tmp_path / "a.ipynb")
    (tmp_path / "a.ipynb").write_bytes(written(SOFTMAX, "x"))
    with pytest.raises(UsageError, match="this is no notebook: it has more code than 32 characters"):
        open_submission(tmp_path / "a.ipynb")


# ---- what is not Python ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", [
    "%matplotlib inline", "!pip install numpy", "?np.dot", "np.dot?", "np.dot??", "files = !ls", "t = %timeit -o f(x)", "a, b = %time f(x)", "%%html is late", "  %autoreload 2",
    "%load_ext autoreload  # comment",
])
def test_magics_are_set_aside(line: str) -> None:
    """Line for line: what follows keeps its number."""
    source = f"x = 1\n{'if x:' if line.startswith(' ') else ''}\n{line}\ny = 2"
    (only,) = (file := read(source)).cells
    lines = only.code.split("\n")
    assert (lines[0], lines[2].strip(), lines[3]) == ("x = 1", "pass", "y = 2")
    assert file.remarks == (f"not Python, set aside: cell 1: {line.strip()}.",)
    assert only.unparsable is None


@pytest.mark.parametrize("source", [
    'text = """\n%matplotlib inline\n!ls\n"""\nx = 1', "x = (10\n  % 3)\ny = x", "x = 10 \\\n  % 3\ny = x", "x = '%s' \\\n  % 3",
])
def test_what_only_looks_like_a_magic_stays(source: str) -> None:
    """In strings, brackets and continued lines a line may begin with ``%``; also when another line of the cell is a magic."""
    assert code(source) == source
    assert code(f"%pylab\n{source}") == f"pass\n{source}"
    assert code(f"{source}\n%pylab") == f"{source}\npass"


def test_a_command_of_several_lines_is_one() -> None:
    """``!pip install \\`` goes on."""
    assert code("!pip install \\\n  numpy \\\n  scipy\nx = 1") == "pass\n\n\nx = 1"


def test_a_file_that_several_notebooks_write_is_read_once() -> None:
    """What the last one writes, with a remark if they differ."""
    old, new = (written(f"%%writefile a.py\nx = {n}") for n in (1, 2))
    handed = submission("hw", {"1.ipynb": old, "2.ipynb": new})
    assert [(f.text, f.remarks) for f in handed.files if f.path == "a.py"] == [
        ("x = 2", ("several notebooks write it; what 2.ipynb writes was read.",))]
    same = submission("hw", {"1.ipynb": old, "2.ipynb": old})
    assert [(f.text, f.remarks) for f in same.files if f.path == "a.py"] == [("x = 1", ())]


@pytest.mark.parametrize(("first", "kept"), [("%%time", True), ("%%capture out", True), ("%%timeit -n 3", True), ("%%bash", False), ("%%html", False), ("%%writefile a.py", False)])
def test_cell_magics(first: str, kept: bool) -> None:
    """What times or captures Python is Python; all of another language is set aside."""
    file = read(f"{first}\nx = 1")
    assert file.cells[0].code == ("\nx = 1" if kept else "\n")
    assert ("x" in file.definitions) is kept
    assert file.remarks == (f"not Python, set aside: cell 1: {first}.",)


@pytest.mark.parametrize("statement", ["display(x)", "display(\n  x,\n)", "get_ipython().run_line_magic('matplotlib', 'inline')", "get_ipython().system('ls')", "ip = get_ipython()"])
def test_display_and_ipython_are_set_aside(statement: str) -> None:
    """Also over several lines, and beside other statements on a line."""
    file = read(f"x = 1\n{statement}; y = 2")
    tree = parse(file.cells[0].code)
    assert isinstance(tree, ast.Module)
    assert [type(n).__name__ for n in tree.body] == ["Assign", "Pass", "Assign"]
    assert file.remarks[0].startswith("not Python, set aside: cell 1: ")


def test_display_in_a_function_stays() -> None:
    """It is the function's."""
    assert code("def f(x):\n    display(x)\n    return x") == "def f(x):\n    display(x)\n    return x"


def test_many_things_set_aside_are_summed_up() -> None:
    """Five are named."""
    (remark,) = read(*(f"%magic{i}\nx = {i}" for i in range(9))).remarks
    assert remark.endswith("cell 5: %magic4; and 4 more.")


# ---- cells that do not parse -----------------------------------------------------------------------------------------


def test_a_cell_with_a_syntax_error_loses_only_that_cell() -> None:
    """Its functions are known by name; cell and line are said; Python 2 is recognised by cell."""
    file = read("import numpy as np", "def f(x):\n    return (x", SOFTMAX, "def g(x):\n    print 'x'\n    return x")
    assert file.unparsable is None
    assert set(file.definitions) == {"np", "f", "softmax", "g"} - {"np"}
    assert [(place, t.kind, t.line) for place, t in file.troubles.items()] == [("hw.ipynb, cell 2", "syntax", 2), ("hw.ipynb, cell 4", "python 2", 2)]
    assert [r.partition(":")[0] for r in file.remarks] == ["cell 2, line 2", "cell 4, line 2"]


def test_a_cell_that_no_tokenizer_likes_is_read_in_time() -> None:
    """Thousands of lines that look like magics, in a string that never ends."""
    file = read('x = """\n' + "%magic\n" * 20_000)
    assert file.cells[0].unparsable is not None


def test_stubs_are_found_in_cells() -> None:
    """As in files."""
    file = read("def f(x):\n    raise NotImplementedError", SOFTMAX)
    assert (file.definitions["f"].stub, file.definitions["softmax"].stub) == (True, False)


def test_the_last_definition_counts() -> None:
    """A function that is written again further down."""
    file = read("def f(x):\n    pass", "def f(x):\n    return x + 1")
    assert not file.definitions["f"].stub
    assert file.definitions["f"].line == 6


def test_a_form_feed_cannot_begin_a_cell() -> None:
    """It separates cells on the way to the worker."""
    assert "\f" not in read("x = 1\f9\ny = 2").cells[0].code


def test_without_keeps_every_line_in_its_place() -> None:
    """Statements on one line, over several lines, and with letters of two bytes."""
    text = "é = 'ü'; f(é); g()\nh(\n 1,\n); i()\nj()"
    nodes = parse(text).body  # type: ignore[union-attr]
    assert without(text, [nodes[1], nodes[3]]) == "é = 'ü'; pass; g()\npass\\\n\\\n; i()\nj()"
    left = parse(without(text, [nodes[1], nodes[3], nodes[5]]))
    assert isinstance(left, ast.Module)
    assert [(type(n).__name__, n.lineno) for n in left.body] == [("Assign", 1), ("Pass", 1), ("Expr", 1), ("Pass", 2), ("Expr", 4), ("Pass", 5)]
    assert without("f(\n1\n)  # comment\nx", parse("f(\n1\n)").body) == "pass\n\n  # comment\nx"  # type: ignore[union-attr]


def test_a_notebook_in_a_folder_is_a_module_of_it(tmp_path: Path) -> None:
    """Beside files; its checkpoints are hidden."""
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints/hw-checkpoint.ipynb").write_bytes(written("x = 1"))
    (tmp_path / "hw.ipynb").write_bytes(written(SOFTMAX))
    (tmp_path / "b.py").write_text("x = 1\n")
    assert [f.path for f in open_submission(tmp_path).files] == ["b.py", "hw.ipynb"]


def test_the_hash_is_over_the_original_bytes() -> None:
    """Outputs count: byte-identical means just that."""
    hashes = {submission("s", {"a.ipynb": written(cell(SOFTMAX, outputs=o))}).sha256 for o in ([], [{}])}
    assert len(hashes) == 2
    assert read_source("A.IPYNB", written(SOFTMAX)).definitions
