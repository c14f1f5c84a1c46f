"""The sample report in a browser, as a reader meets it. Needs Chromium, and axe-core: ``npm ci`` in this folder."""

import os
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
REPORT = HERE.parent / "report" / "golden" / "report.html"
DECIDED = REPORT.with_name("decided.html")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_loads_without_a_complaint_or_a_request(page: Any, scheme: str) -> None:
    """No console message, nothing blocked by the security policy, and no request but for the file itself."""
    page.media(scheme=scheme)
    page.open(REPORT)
    assert page.complaints == []
    assert page.requests == [REPORT.as_uri()]
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (dark == "rgb(20, 23, 26)") is (scheme == "dark")


@pytest.mark.parametrize("report", [REPORT, DECIDED], ids=["report", "decided"])
@pytest.mark.parametrize("width", [390, 1100])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation(page: Any, scheme: str, width: int, report: Path) -> None:
    """Contrast, names, landmarks, tables, headings and keyboard access, by axe-core's rules; everything unfolded too."""
    if not AXE.is_file():
        assert not os.environ.get("CI"), "axe-core is missing: run `npm ci` in tests/browser, CI may not skip this test"
        pytest.skip("axe-core is not installed: npm ci in tests/browser")
    page.media(scheme=scheme)
    page.width(width)
    page.open(report)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.evaluate(AXE.read_text(encoding="utf-8") + "; null")
    found = page.evaluate("axe.run(document).then(r => r.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.html)]))")
    assert [v for v in found if v[0] in ("serious", "critical", "moderate")] == []


def test_landmarks_are_there(page: Any) -> None:
    """One of each, and the skip link is the first stop of the keyboard and leads to the results."""
    page.open(REPORT)
    counts = page.evaluate("['body > header', 'nav', 'main', 'body > footer'].map(s => document.querySelectorAll(s).length)")
    assert counts == [1, 1, 1, 1]
    page.call("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left >= 0")
    assert page.evaluate("document.querySelector(document.activeElement.getAttribute('href')).tagName") == "MAIN"


@pytest.mark.parametrize("report", [REPORT, DECIDED], ids=["report", "decided"])
@pytest.mark.parametrize("width", [320, 390, 768, 1100])
def test_the_page_never_scrolls_sideways(page: Any, width: int, report: Path) -> None:
    """Wide code and tables scroll inside their own boxes."""
    page.width(width)
    page.open(report)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_points_of_an_item_stand_beside_its_title(page: Any) -> None:
    """On a wide screen on its first line, however long the title; on a phone beside the outcome, above the title."""
    lines = """[...document.querySelectorAll('.item > summary')].map(s =>
      ['.outcome', 'h4', '.points'].map(part => s.querySelector(part).getClientRects()[0].top))"""
    page.width(768)
    page.open(REPORT)
    page.evaluate("document.querySelector('.item h4').textContent = 'a long title '.repeat(20)")
    assert [found for found in page.evaluate(lines) if max(found) - min(found) > 8] == []
    page.width(390)
    assert [found for found in page.evaluate(lines) if not (abs(found[0] - found[2]) <= 8 < found[1] - found[0])] == []


@pytest.mark.parametrize("width", [768, 1100])
def test_the_longest_outcome_does_not_reach_the_title(page: Any, width: int) -> None:
    """*Not attempted* is as wide as it is with this machine's letters, and a little more."""
    page.width(width)
    page.open(REPORT)
    gaps = """[...document.querySelectorAll('.item > summary')].map(s => {
      const word = document.createRange(); word.selectNodeContents(s.querySelector('.outcome'));
      return s.querySelector('h4').getBoundingClientRect().left - word.getBoundingClientRect().right })"""
    assert min(page.evaluate(gaps)) > 8


def test_a_gradient_fits_a_phone_and_stays_a_table(page: Any) -> None:
    """Its rows are boxes of their own there: nothing scrolls, each number has its name beside it, and the roles stay."""
    page.media()
    page.width(390)
    page.open(REPORT)
    assert page.evaluate("document.querySelectorAll('.blocks').length") == 1
    assert page.evaluate("(b => b.scrollWidth <= b.clientWidth)(document.querySelector('.scroll'))")
    names = page.evaluate("[...document.querySelectorAll('.blocks tbody tr:first-child .label')].filter(l => l.checkVisibility()).map(l => l.textContent)")
    assert names == ["entries that differ", "worst at", "you returned", "should be"]
    page.call("Accessibility.enable")
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    page.call("Accessibility.disable")
    roles = [n["role"]["value"] for n in nodes if not n.get("ignored")]
    assert roles.count("rowheader") >= 4
    assert roles.count("columnheader") >= 7


def test_what_is_wrong_is_on_the_first_screen_of_a_phone(page: Any) -> None:
    """The first message and what to do about it, before any scrolling."""
    page.width(390)
    page.open(REPORT)
    for part in (".message", ".next"):
        assert page.evaluate(f"document.querySelector('.lost {part}').getBoundingClientRect().bottom < innerHeight")


def test_print_shows_folded_parts_in_light_colours(page: Any) -> None:
    """On paper nothing is folded away, also under a dark screen, and the navigation is gone."""
    page.media(scheme="dark", medium="print")
    page.open(REPORT)
    assert page.evaluate("[...document.querySelectorAll('.item:not([open]) .body')].every(b => b.checkVisibility({contentVisibilityAuto: true}))")
    assert page.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert page.evaluate("[...document.querySelectorAll('.item:not([open])')].every(i => getComputedStyle(i).breakInside === 'avoid')")
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--ink').trim()") == "#1c2126"
    page.media()


def test_a_link_into_the_source_goes_there(page: Any) -> None:
    """The line of the guilty function is brought into view, and its link leads back to an open item."""
    page.open(REPORT)
    page.evaluate("document.querySelector('[id=\"item-softmax.shift\"] .links a').click()")
    assert page.evaluate("location.hash") == "#f1-L4"
    assert page.evaluate("(r => r.top >= 0 && r.bottom <= innerHeight)(document.querySelector(':target').getBoundingClientRect())")
    page.evaluate("[...document.querySelectorAll('.source a')].find(a => a.textContent.includes('softmax.shift')).click()")
    assert page.evaluate("document.querySelector(':target').open")
