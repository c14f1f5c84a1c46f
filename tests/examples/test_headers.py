"""The examples declare what they lose: their headers are read here, their promises are kept in the end-to-end tests."""

import ast
import re
import tomllib
import warnings
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest

from grader.submission.source import read_source

ROOT = Path(__file__).parents[2]
SLUGS = sorted(p.name for p in (ROOT / "submissions_example").iterdir() if p.is_dir())
KINDS = ("right", "near", "wrong", "hostile", "degenerate", "stub")


@dataclass(frozen=True)
class Header:
    """What an example says of itself; `loses` is None where it says everything, `*`."""

    fault: str
    loses: tuple[str, ...] | None
    partly: dict[str, Fraction]
    unparsable: bool


def examples(slug: str) -> list[Path]:
    return sorted(p for p in (ROOT / "submissions_example" / slug).iterdir() if p.suffix in (".py", ".ipynb") or p.is_dir())


def sources(example: Path) -> list[Path]:
    return sorted(example.rglob("*.py")) if example.is_dir() else [example]


def text(source: Path) -> str:
    """Of a notebook, what its code cells have of Python."""
    if source.suffix == ".ipynb":
        return "\n".join(cell.code for cell in read_source(source.name, source.read_bytes()).cells)
    return source.read_text("utf-8-sig")


def read_header(example: Path) -> Header:
    """The header of an example, or ValueError that says what it lacks."""
    lines = text(sources(example)[0]).splitlines()
    loses = re.fullmatch(r"# loses:(.*)", lines[0])
    fault = re.fullmatch(r"# fault: (\S.*\.)", lines[1])
    if loses is None or fault is None:
        raise ValueError(f"{example.name} should begin with '# loses: ITEM ...' and '# fault: SENTENCE.'")
    words = loses[1].split()
    partly = re.fullmatch(r"# partly: (\S.*)", lines[2])
    shares = [word.split("=") for word in partly[1].split()] if partly else []
    return Header(
        fault[1], None if words == ["*"] else tuple(words), {item: Fraction(share) for item, share in shares}, lines[2] == "# unparsable"
    )


def items(slug: str) -> list[str]:
    with (ROOT / "rubrics" / f"{slug}.toml").open("rb") as file:
        return [item["id"] for item in tomllib.load(file)["item"]]


EVERY_EXAMPLE = [pytest.param(slug, example, id=f"{slug}/{example.name}") for slug in SLUGS for example in examples(slug)]


@pytest.mark.parametrize(("slug", "example"), EVERY_EXAMPLE)
def test_header_names_known_items(slug: str, example: Path) -> None:
    """Each header can be read, and names items of the rubric, none twice, partly lost ones among the lost."""
    header = read_header(example)
    lost = header.loses or ()
    assert set(lost) <= set(items(slug))
    assert len(set(lost)) == len(lost)
    assert set(header.partly) <= set(lost)
    assert all(0 < share < 1 for share in header.partly.values())


@pytest.mark.parametrize(("slug", "example"), EVERY_EXAMPLE)
def test_name_says_the_kind(slug: str, example: Path) -> None:
    """A file's first word says what it is, and the header agrees: right ones lose nothing, near misses and wrong ones something."""
    kind, header = example.stem.split("_")[0], read_header(example)
    assert kind in KINDS
    if kind == "right":
        assert header.loses == ()
    elif kind in ("degenerate", "stub"):
        assert header.loses is None
    elif kind in ("near", "wrong"):
        assert header.loses != ()


@pytest.mark.parametrize(("slug", "example"), EVERY_EXAMPLE)
def test_source_parses_unless_said_otherwise(slug: str, example: Path) -> None:
    """Each source is valid Python, and each that is declared unparsable is not."""
    unparsable = read_header(example).unparsable
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for source in sources(example):
            if unparsable:
                with pytest.raises(SyntaxError):
                    ast.parse(source.read_bytes())
            else:
                ast.parse(text(source) if source.suffix == ".ipynb" else source.read_bytes())


@pytest.mark.parametrize("slug", SLUGS)
def test_every_item_is_lost_by_an_example_that_names_it(slug: str) -> None:
    """No item of the rubric is there that no planted fault can lose."""
    lost = {item for example in examples(slug) for item in read_header(example).loses or ()}
    assert lost == set(items(slug))


@pytest.mark.parametrize("slug", SLUGS)
def test_readme_lists_every_example_as_its_header_has_it(slug: str) -> None:
    """The table of the README has one row for each example: name, fault, items lost."""
    table = (ROOT / "submissions_example" / slug / "README.md").read_text("utf-8")
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    assert rows == [row(example) for example in examples(slug)]


def row(example: Path) -> str:
    """An example's row of the table."""
    header = read_header(example)
    lost = ["everything"] if header.loses is None else [_spoken(item, header.partly.get(item)) for item in header.loses]
    return f"| `{example.name}` | {header.fault} | {', '.join(lost) or 'nothing'} |"


def _spoken(item: str, kept: Fraction | None) -> str:
    return f"{item} (keeps {kept})" if kept else item


def test_header_without_a_fault_is_refused(tmp_path: Path) -> None:
    """A file that only says what it loses is no example."""
    example = tmp_path / "wrong_thing.py"
    example.write_text("# loses: softmax.values\nimport numpy\nx = 1\n")
    with pytest.raises(ValueError, match=r"wrong_thing\.py should begin with"):
        read_header(example)
