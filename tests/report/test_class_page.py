"""The class page: self-contained, admitted by its own security policy, proof against hostile text, bounded, and anonymous if asked."""

import re
from base64 import b64encode
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest
from jinja2 import UndefinedError

from grader.core.classbook import Adjustment, ClassBook, Item, Override, Person
from grader.report.anonymous import anonymous
from grader.report.classpage import LARGEST_CLASS, to_class_page
from grader.report.page import environment
from tests.report.class_sample import big_class, book, row, score
from tests.report.outline import FORBIDDEN, Outline
from tests.report.test_report_hostile import STRINGS as OF_A_REPORT

STRINGS = OF_A_REPORT | {
    "ends": "]]></style></script></title></td></table><!-- </script><script>",
    "formula": "=HYPERLINK(\"http://x\")",
    "long": "x" * 10_000,
    "many lines": "\n" * 10_000,
    "quotes": "'" * 10_000,
    "path": "../../../etc/passwd",
    "scheme": "javascript:alert(1)",
    "empty": "",
}


@pytest.fixture(scope="module")
def small() -> ClassBook:
    """Forty students, and everything that can happen to them."""
    found = big_class(40, seed=3)
    noted = replace(found.rows[0], comments=(Override(found.rows[0].key, "", None, "Came to see me.", "R. Meyer", "2026-03-21"),))
    return replace(found, rows=(noted, *found.rows[1:]))


def poisoned(value: Any, text: str) -> Any:
    """The same with every string in it replaced; keys of items, digests and reason codes are not the student's and stay."""
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(poisoned(v, text) for v in value)
    if isinstance(value, dict):
        return {k if is_dataclass(v) else text + str(n): poisoned(v, text) for n, (k, v) in enumerate(value.items())}
    if is_dataclass(value) and not isinstance(value, type):
        kept = {"id", "item", "sha256", "tree_sha256", "outcome", "reason", "status"}
        return replace(value, **{f.name: poisoned(getattr(value, f.name), text) for f in fields(value) if f.name not in kept})
    return value


def test_the_policy_admits_exactly_the_style_and_the_script_on_the_page(small: ClassBook) -> None:
    """Everything else is forbidden; both are named by the hash of their very text."""
    page = to_class_page(small)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    digests = {tag: [b64encode(sha256(text.encode()).digest()).decode() for text in re.findall(f"(?s)<{tag}>(.*?)</{tag}>", page)]
               for tag in ("style", "script")}
    assert policy
    assert policy[1] == (f"default-src 'none'; style-src 'sha256-{digests['style'][0]}'; script-src 'sha256-{digests['script'][0]}'; "
                         "base-uri 'none'; form-action 'none'")
    assert [len(d) for d in digests.values()] == [1, 1]
    assert not re.search(r"<[^>]* (style|on\w+)=", page)  # the policy would not admit it


def test_names_with_commas_are_told_apart() -> None:
    """In a line of several."""
    page = to_class_page(book(row("Li, Ada", 0, sha256="1"), row("Borel, Yuki", 0, sha256="1")))
    assert "are the same in every byte: Li, Ada; Borel, Yuki" in " ".join("".join(Outline(page).text).split())


def test_links_lead_to_places_on_the_page_or_to_reports(small: ClassBook) -> None:
    """No id twice, no link into nothing, and none that leaves the folder of the run."""
    outline = Outline(to_class_page(small))
    here = {link[1:] for link in outline.links if link.startswith("#")}
    assert len(set(outline.ids)) == len(outline.ids)
    assert here <= set(outline.ids)
    assert all(link.startswith(("#", "./reports/")) for link in outline.links)
    assert not outline.attributes & {"src", "action", "srcset", "poster", "data"}


def test_headings_are_in_order(small: ClassBook) -> None:
    """One first heading, and no level is skipped on the way down."""
    headings = [int(t[1]) for t in Outline(to_class_page(small)).tags if re.fullmatch("h[1-6]", t)]
    assert headings.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(headings))


def test_the_whole_table_is_there_without_the_script(small: ClassBook) -> None:
    """A line for each row and a cell for each item; what only the script can do is hidden or absent."""
    page = to_class_page(small)
    body = page[page.index('id="class"'):page.index("</table></div>")]
    assert body.count("<tr class=") == len(small.rows)
    cells = re.split("<tr class=", body)[1].count("<td")
    assert cells == body[:body.index("<tbody>")].count('<th scope="col"') - 1 >= len(small.items)
    assert "<button" not in body
    assert '<div id="tools" role="search" aria-label="Students" hidden>' in page


def test_equal_books_give_equal_bytes(small: ClassBook) -> None:
    """With names and without."""
    assert to_class_page(small) == to_class_page(small)
    assert to_class_page(small, anonymous=True) == to_class_page(small, anonymous=True)


@pytest.mark.parametrize("without_names", [False, True])
@pytest.mark.parametrize("name", STRINGS)
def test_hostile_text_is_shown_as_text(name: str, without_names: bool, small: ClassBook) -> None:
    """The page has only the tags and attributes that the template writes, and no character that deceives."""
    page = to_class_page(poisoned(small, STRINGS[name]), anonymous=without_names)
    outline, ours = Outline(page), Outline(to_class_page(small, anonymous=without_names))
    assert set(outline.tags) <= set(ours.tags)
    assert outline.attributes <= ours.attributes
    assert outline.tags.count("script") == 1
    assert not FORBIDDEN.search(page)
    assert all(link.startswith(("#", "./")) for link in outline.links)
    assert len(page.encode()) <= LARGEST_CLASS


def test_template_syntax_in_student_text_is_not_evaluated(small: ClassBook) -> None:
    """``{{7*191}}`` is shown, not 1337."""
    text = "".join(Outline(to_class_page(poisoned(small, "{{7*191}}"))).text)
    assert "{{7*191}}" in text
    assert "1337" not in text


def test_a_name_that_the_view_does_not_have_is_an_error() -> None:
    """A misspelt field of a view never renders as nothing."""
    with pytest.raises(UndefinedError, match="page"):
        environment().get_template("class.html.j2").render(style_hash="", script_hash="", shortened=False)


def test_two_thousand_ordinary_rows_are_below_two_megabytes() -> None:
    """All of them, unshortened."""
    page = to_class_page(big_class())
    assert page.count("<tr class=") == 2000
    assert len(page.encode()) < 2_000_000
    assert "shortened" not in page


@pytest.mark.parametrize("char", ["'", "\u202e", "\U0001f600"])
def test_two_thousand_hostile_rows_are_shortened_and_say_so(char: str) -> None:
    """Every text at its longest, a character up to six bytes: the rows are still there and the page can be opened."""
    found = big_class()
    full = replace(found, rows=tuple(replace(r, remarks=("x",) * 9, adjustments=(Adjustment("x", Fraction(-1)),) * 9) for r in found.rows))
    page = to_class_page(poisoned(full, char * 10_000))
    assert len(page.encode()) <= LARGEST_CLASS
    assert page.count("<tr class=") == 2000
    assert "Texts on this page were shortened" in page


def test_a_class_too_large_for_a_browser_says_how_many_rows_are_left_out() -> None:
    """The figures count all of them."""
    items = tuple(Item(f"i{n}", "s", "t", Fraction(1)) for n in range(300))
    page = to_class_page(book(*(row(f"N{n:04}") for n in range(1200)), items=items))
    assert page.count("<tr class=") == 300_000 // 301
    assert f"{1200 - 300_000 // 301} more rows are not in this table" in page
    assert "1,200 rows: 1,200 absent" in page


def test_an_empty_class_is_no_blank_page() -> None:
    """It says that there is nothing."""
    page = to_class_page(ClassBook("a", "A", (), ()))
    for text in ("0 rows", "Nothing has been graded", "Nothing: every submission was judged", "The rubric has no items."):
        assert text in page


# ---- anonymous ----


def named() -> ClassBook:
    """A class in which every text that could name someone has a mark of its own."""
    person, friend = Person("KEY1", "NAME1", "MAIL1@x.org", {"canvas_id": "ID1"}), Person("KEY2", "NAME2", "MAIL2@x.org")
    override = Override("KEY1", "f.0", Fraction(3), "NOTE1", "WHO1", "WHEN1")
    rows = (
        row("x", 4, persons=(person,), scores={"f.0": score(1, message="MESSAGE1", reason="value", override=override)}, submission="FILE1.py",
            when=datetime.fromisoformat("2026-03-01T09:05:00+00:00"), late=True, told_by="TOLD1", sha256="SHA1", tree_sha256="TREE1",
            report="REPORT1.html", remarks=("REMARK1",), comments=(replace(override, item="", points=None),), handed_in_as=("PATH1",)),
        row("y", 2, persons=(friend,), sha256="SHA2", tree_sha256="TREE1", report="REPORT2.html"),
    )
    return book(*rows, unrecognised={"LOST1.txt": "REASON1"})


def test_nothing_on_the_anonymous_page_tells_who_is_who() -> None:
    """No name, key, address, identifier, file, time, digest, remark, note or link; the page with names has them."""
    marks = re.compile(r"(?:KEY|NAME|MAIL|ID|NOTE|WHO|WHEN|MESSAGE|FILE|TOLD|SHA|TREE|REPORT|REMARK|PATH|LOST|REASON)[12]|2026-03-01")
    assert {"NAME1", "KEY1", "MAIL1", "NOTE1", "WHO1", "REMARK1", "LOST1", "REASON1", "REPORT1", "2026-03-01"} <= set(marks.findall(to_class_page(named())))
    page = to_class_page(named(), anonymous=True)
    assert marks.findall(page) == []
    assert "Student 1" in page
    assert "Student 2" in page


def test_the_anonymous_page_of_a_real_class_has_none_of_its_names() -> None:
    """Two thousand names, keys and addresses, looked for one by one."""
    found = big_class(300)
    page = to_class_page(found, anonymous=True)
    people = [p for r in found.rows for p in r.persons]
    assert [p for p in people if p.name in page or p.key in page or p.email in page or p.name.split(",")[0] in page] == []
    assert "softmax_final" not in page
    assert "./" not in "".join(Outline(page).links)


def test_anonymous_points_are_the_same_points() -> None:
    """Only names go: totals, rates and findings stay."""
    found, hidden = big_class(60), anonymous(big_class(60))
    assert sorted(str(r.total) for r in found.rows) == sorted(str(r.total) for r in hidden.rows)
    page = to_class_page(found, anonymous=True)
    assert "Suspiciously identical" in page
    assert "2 entries that were not graded." in page


def test_numbers_follow_neither_names_nor_totals_nor_the_order_of_a_list_of_names() -> None:
    """They depend on the contents of all submissions: with one byte elsewhere they are other numbers, with other points they are the same."""
    found = big_class(60)

    def order(of: ClassBook) -> list[str]:
        """Totals in the order of the numbers, which tell the rows apart."""
        return [str(r.total) for r in anonymous(of).rows]

    totals = [str(r.total) for r in found.rows]
    assert order(found) != totals
    assert order(found) != sorted(totals, key=lambda t: (t == "None", t))
    other = replace(found, rows=(replace(found.rows[0], sha256="0" * 64), *found.rows[1:]))
    assert order(other) != order(found)
    assert order(replace(found, title="re-judged", conditions={})) == order(found)


def test_one_person_has_one_number_everywhere() -> None:
    """In the table, in lists and among examples; the members of a group have one each."""
    group = row("x", 4, None, persons=(Person("a", "A"), Person("b", "B")))
    page = to_class_page(book(group, row("C", 4, 4)), anonymous=True)
    (listed,) = set(re.findall(r'<span class="who">(.*?)</span>', page))
    assert re.fullmatch(r"Student \d, Student \d", listed)
    assert f'<th scope="row">{listed}' in page
