"""The numbers of a class, against values worked by hand."""

import math
from fractions import Fraction
from itertools import pairwise
from statistics import correlation

import pytest

from grader.core.classbook import Adjustment, Override, Person, Row, Score, Status
from grader.core.verdict import Outcome
from grader.report.class_stats import FEWEST, NO_MISTAKES, discrimination, equal_submissions, item_statistics, totals
from tests.report.class_sample import book, row, score


def pairs(*found: tuple[int, int]) -> list[tuple[int, int]]:
    return list(found)


def test_discrimination_is_pearsons_r_with_the_total_without_the_item() -> None:
    """Item 1 2 3 4 5 against rests 2 1 4 3 5: sums of products 8, of squares 10 and 10, so r = 0.8; the whole total would give 0.95."""
    r = discrimination(pairs((1, 3), (2, 3), (3, 7), (4, 7), (5, 10)))
    assert r == pytest.approx(0.8, abs=1e-12)


def test_an_item_that_only_the_weak_solve_discriminates_negatively() -> None:
    """The sign says whom an item favours."""
    assert discrimination(pairs((4, 4), (4, 5), (0, 9), (0, 8), (0, 9))) < -0.9  # type: ignore[operator]


@pytest.mark.parametrize(("earned", "why"), [
    (pairs((1, 1), (2, 4), (3, 5), (4, 9)), "one submission fewer than five"),
    (pairs((4, 5), (4, 6), (4, 7), (4, 8), (4, 9)), "everybody has the item"),
    (pairs((0, 4), (1, 5), (2, 6), (3, 7), (4, 8)), "the rests are all 4"),
    ([], "nobody"),
])
def test_discrimination_is_undefined_without_variance_or_with_too_few(earned: list[tuple[int, int]], why: str) -> None:
    """None, never a number made up: neither 0 nor nan."""
    assert discrimination(earned) is None, why


def test_five_submissions_are_enough() -> None:
    """The bound itself is inside."""
    assert FEWEST == 5
    assert discrimination(pairs((0, 1), (1, 1), (0, 2), (1, 4), (1, 5))) is not None


def test_points_of_many_denominators_are_counted_exactly() -> None:
    """Thirds, sevenths and hundredths: means and medians are fractions, and r is that of the points as floats, to the last bit."""
    earned = [("1/3", "2/7"), ("8/3", "1/100"), ("4", "3"), ("1/7", "10/3"), ("0.35", "4"), ("4", "1/3")]
    rows = [row(str(n), *both) for n, both in enumerate(earned)]
    first, other = ([Fraction(both[n]) for both in earned] for n in (0, 1))
    stats, found = item_statistics(book(*rows))[0], totals(book(*rows))
    whole = sorted(map(sum, zip(first, other, strict=True)))
    assert (stats.passed, stats.mean) == (Fraction(1, 3), sum(first) / 24)
    assert stats.discrimination == correlation(list(map(float, first)), list(map(float, other)))
    assert (found.mean, found.median) == (sum(whole) / 6, (whole[2] + whole[3]) / 2)
    assert sum(b.final for b in found.bins) == 6


def test_the_pass_rate_leaves_out_ungraded_rows() -> None:
    """Two of three judged rows have all points: 2/3, not 2/5; their mean share is 5/6."""
    stats = item_statistics(book(row("A", 4), row("B", 4), row("C", 2), row("D", None), Row((Person("e", "E"),), Status.ABSENT)))[0]
    assert (stats.judged, stats.passed, stats.mean) == (3, Fraction(2, 3), Fraction(5, 6))


def test_an_item_that_was_not_judged_has_no_rates() -> None:
    """No division by zero, and no zero either."""
    stats = item_statistics(book(row("A", None)))[0]
    assert (stats.judged, stats.passed, stats.mean, stats.discrimination, stats.mistakes) == (0, None, None, None, ())


def test_a_row_with_an_ungraded_item_is_in_no_correlation() -> None:
    """Its total is not final; five final rows beside it are what is correlated."""
    final = [row(n, i, t) for n, i, t in (("A", 1, 2), ("B", 2, 1), ("C", 3, 4), ("D", 4, 3), ("E", 0, 0))]
    assert item_statistics(book(*final))[0].discrimination == item_statistics(book(*final, row("F", 0, 4, None)))[0].discrimination
    assert item_statistics(book(*final[:4], row("F", 0, None)))[0].discrimination is None


def test_what_a_person_decided_counts() -> None:
    """An override makes a pass of a failure, and its mistake is none any more."""
    decided = score(0, reason="value", diagnosis="wrong", override=Override("a", "f.0", Fraction(4), "", "", ""))
    stats = item_statistics(book(row("A", 0, scores={"f.0": decided})))[0]
    assert (stats.passed, stats.mistakes) == (1, ())


def test_mistakes_come_commonest_first_and_a_diagnosis_wins_over_its_reason() -> None:
    """Shares are of the submissions judged; a code that nobody knows says nothing."""
    lost = {"A": ("divided by N", "misconception"), "B": ("", "raised"), "C": ("divided by N", "misconception"), "D": ("", "no such code")}
    rows = [row(n, 0, scores={"f.0": score(0, diagnosis=d, reason=r)}) for n, (d, r) in lost.items()]
    found = item_statistics(book(*rows, row("E", 4), row("F", None)))[0].mistakes
    assert [(m.text, m.share, [r.key for r in m.rows]) for m in found] == [
        ("divided by N", Fraction(2, 5), ["a", "c"]), ("The function raises an exception.", Fraction(1, 5), ["b"])]


def test_who_attempted_nothing_or_waits_for_another_item_comes_after_all_mistakes() -> None:
    """Nothing to teach again: however many they are, the commonest mistake is first."""
    rows = [row(n, 0, scores={"f.0": score(0, reason=r)}) for n, r in zip("ABCD", ("blocked", "blocked", "not_attempted", "raised"), strict=True)]
    assert [m.text for m in item_statistics(book(*rows))[0].mistakes] == ["The function raises an exception.", *reversed(NO_MISTAKES)]


def test_mean_and_median_are_of_final_totals_alone() -> None:
    """An ungraded item does not pull the class down; who handed in nothing is no zero."""
    found = totals(book(row("A", 4, 4), row("B", 2, 1), row("C", 4, 0), row("D", 0, None), row("E")))
    assert (found.final, found.waiting, found.mean, found.median) == (3, 1, Fraction(5), Fraction(4))


def test_an_item_is_told_of_whoever_has_all_items_whatever_being_late_costs() -> None:
    """Discrimination is of items: five rows have theirs, though no total of them is final."""
    rows = [row(str(n), n % 5, 2 * n % 5, doubt="When did it come?") for n in range(5)]
    assert totals(book(*rows)).final == 0
    assert item_statistics(book(*rows))[0].discrimination is not None


def test_bins_have_round_ends_and_hold_every_total_once() -> None:
    """8 points in steps of 0.5; the greatest total is in the last bin, and an end belongs to the bin above it."""
    bins = totals(book(row("A", 4, 4), row("B", "0.5", 0), row("C", 0, 0), row("D", "0.49", None))).bins
    assert (len(bins), bins[0].low, bins[-1].high) == (16, 0, 8)
    assert [(b.low, b.final, b.waiting) for b in bins if b.final or b.waiting] == [
        (0, 1, 1), (Fraction(1, 2), 1, 0), (Fraction(15, 2), 1, 0)]


@pytest.mark.parametrize("given", [9, 1000, 10**12])
def test_points_beyond_the_possible_ones_are_in_a_bin_and_make_no_more_than_forty(given: int) -> None:
    """Points given by hand can be any number."""
    extra = Score(Fraction(4), Outcome.MET, override=Override("a", "f.0", Fraction(given), "", "", ""))
    bins = totals(book(row("A", scores={"f.0": extra}, status=Status.GRADED), row("B", 1))).bins
    assert sum(b.final for b in bins) == 2
    assert len(bins) <= 40
    assert bins[-1].final == 1
    assert bins[-1].high >= given
    assert all(math.isclose(a.high, b.low) for a, b in pairwise(bins))


def test_without_totals_or_points_there_are_no_bins() -> None:
    """Nothing to draw."""
    assert totals(book()).bins == ()
    assert totals(book(row("A"))).bins == ()
    assert totals(book(row("A", 0), items=())).bins == ()


def same(name: str, sha: str, tree: str = "", *earned: int, **rest: object) -> Row:
    return row(name, *(earned or (4,)), sha256=sha, tree_sha256=tree, **rest)


def keys(*rows: Row) -> list[tuple[bool, list[str]]]:
    return [(e.identical, [r.key for r in e.rows]) for e in equal_submissions(book(*rows))]


def test_equal_bytes_and_equal_trees_are_told_apart() -> None:
    """Byte-identical ones are not reported again as of the same tree."""
    assert keys(same("A", "1", "t"), same("B", "1", "t"), same("C", "2", "u"), same("D", "3", "u"), same("E", "4", "v")) == [
        (True, ["a", "b"]), (False, ["c", "d"])]


def test_a_third_copy_with_other_names_is_found_beside_two_identical_ones() -> None:
    """Both findings, the larger first."""
    assert keys(same("A", "1", "t"), same("B", "1", "t"), same("C", "2", "t")) == [(False, ["a", "b", "c"]), (True, ["a", "b"])]


def test_what_was_not_read_or_does_not_parse_is_like_nothing() -> None:
    """Empty digests are not equal; absent rows have none."""
    assert keys(same("A", ""), same("B", ""), row("C"), row("D"), same("E", "1", ""), same("F", "2", "")) == []


def test_a_group_does_not_copy_from_its_own_members() -> None:
    """One row for a group is no finding, nor is a member who also handed it in alone; a stranger with the same bytes is."""
    group = same("A", "1", "t", persons=(Person("a", "A"), Person("b", "B")))
    assert keys(group) == []
    assert keys(group, same("B", "1", "t")) == []
    assert keys(group, same("C", "1", "t")) == [(True, ["a+b", "c"])]


def test_the_untouched_starter_is_nobodys_copy() -> None:
    """Where nothing was attempted all are equal by right; one attempt is enough to be a finding."""
    nothing = {"f.0": Score(Fraction(0), Outcome.NOT_ATTEMPTED), "f.1": Score(Fraction(0), Outcome.BLOCKED)}
    attempt = nothing | {"f.1": Score(Fraction(0), Outcome.NOT_MET)}
    assert keys(same("A", "1", scores=nothing), same("B", "1", scores=nothing)) == []
    assert keys(same("A", "1", scores=attempt), same("B", "1", scores=attempt)) == [(True, ["a", "b"])]


def test_adjustments_move_totals_but_no_item() -> None:
    """Being late is no lack of understanding."""
    late = row("A", 4, adjustments=(Adjustment("late", Fraction(-1)),))
    assert totals(book(late)).mean == 3
    assert item_statistics(book(late))[0].passed == 1
