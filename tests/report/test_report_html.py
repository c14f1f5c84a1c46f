"""The page: self-contained, admitted by its own security policy, and complete."""

import re
import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from grader.core.report import GradeReport
from grader.report.html import to_html
from grader.report.page import Compiled


class Places(HTMLParser):
    """Ids and the anchors that lead to them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.addresses: list[str] = []
        self.headings: list[int] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        for name, value in attrs:
            if name == "id":
                self.ids.append(str(value))
            if name == "href":
                self.targets.append(str(value))
            if name in ("src", "action", "data", "poster", "srcset"):
                self.addresses.append(str(value))


def test_the_policy_admits_exactly_the_stylesheet_on_the_page(sample: GradeReport) -> None:
    """Everything is forbidden but one stylesheet, named by the hash of its very text."""
    page = to_html(sample)
    style = re.search(r"(?s)<style>(.*?)</style>", page)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert style
    assert policy
    digest = b64encode(sha256(style[1].encode()).digest()).decode()
    assert policy[1] == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "<script" not in page
    assert ' style="' not in page  # the policy would not admit it


def test_every_link_leads_to_one_place_on_the_page(sample: GradeReport) -> None:
    """No id twice, no link into nothing or away from the page, and no other address."""
    places = Places(to_html(sample))
    assert len(set(places.ids)) == len(places.ids)
    assert {t.removeprefix("#") for t in places.targets} <= set(places.ids)
    assert places.addresses == []


def test_headings_are_in_order(sample: GradeReport) -> None:
    """One first heading, and no level is skipped on the way down."""
    headings = Places(to_html(sample)).headings
    assert headings.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(headings))


def test_everything_that_a_lost_point_needs_is_on_the_page(sample: GradeReport) -> None:
    """Message, both sides, their source, the tolerance, where, the hint, the command, and how it was graded."""
    page = re.sub(r"<[^>]+>", "", to_html(sample)).replace("&#39;", "'")
    for text in (
        "softmax changes when the same constant is added to every logit.", "softmax(x + 1000)", "[[nan nan nan]", "[[0.4046 0.0894 0.506 ]",
        "your own answer for x", "rtol 1e-9, atol 1e-12", "6 of 6 entries differ; first at [0, 0]", "line 4 of submit.py",
        "Subtract the row maximum before exponentiating.", "grade submit.py --item softmax.shift --seed 7",
        "6 points are ungraded", "numpy 2.4.6", "22" * 32, "reading other files", "notes.txt is no Python file",
    ):
        assert text in page, text


def test_a_report_without_items_says_so(sample: GradeReport) -> None:
    """An empty rubric is no blank page."""
    page = to_html(replace(sample, items=(), submission=replace(sample.submission, files=())))
    assert "The rubric has no items" in page
    assert 'href="#source"' not in page


def test_the_compiled_template_is_kept_as_python_keeps_bytecode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept beside the template; not under ``-B``; and where nothing can be written, nobody notices."""
    def compile_in(folder: Path) -> str:
        return Environment(autoescape=True, loader=DictLoader({"t": "{{ 1 }}"}), bytecode_cache=Compiled(str(folder))).get_template("t").render()

    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert compile_in(tmp_path / "b") == "1"
    assert not (tmp_path / "b").exists()
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert compile_in(tmp_path / "c") == compile_in(tmp_path / "c") == "1"
    assert len(list((tmp_path / "c").iterdir())) == 1
    assert compile_in(tmp_path / "no" / "such" / "folder") == "1"


def test_asking_for_no_format_loads_no_renderer() -> None:
    """The registry alone imports neither jinja2 nor Rich nor numpy."""
    code = "import sys, grader.report; sys.exit(bool({'jinja2', 'rich', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
