"""In what order a submission's functions are looked for: the same in every process, whatever its hashes are."""

from grader.core.probe import Group, Own, Probe
from grader.runner import session


def test_functions_are_looked_for_in_the_order_of_the_questions() -> None:
    """The one called first: files are loaded in this order, and of several functions that are not there the first is told."""
    names = ("skipgram", "softmaxCostAndGradient", "a", "b", "c", "d")
    called, *given = names
    group = Group((Probe(called, tuple(map(Own, given))), Probe("b", (Own("b"), [Own("a"), {"k": Own("d")}]))))
    assert session._questions(group).needs == (names, ("b", "a", "d"))


def test_a_group_is_doubted_that_asks_one_doubted_function_among_others() -> None:
    """From there on a second child is asked."""
    groups = [Group((Probe("b", ()),)), Group((Probe("b", ()), Probe("a", ())))]
    doubted = [session._Second(None, frozenset(names)).begins(groups) for names in ("a", "b", "c")]  # type: ignore[arg-type]
    assert doubted == [1, 0, 2]
