"""What a report says once, though several items lost their points by it: equal causes. Pure."""

from collections.abc import Iterable

from grader.core.reason import Reason
from grader.core.report import ItemResult
from grader.core.verdict import Outcome

_NO_ANSWER = frozenset({
    Reason.CANNOT_LOAD, Reason.SYNTAX, Reason.PYTHON_2, Reason.RAISED, Reason.TIMED_OUT, Reason.DIED, Reason.FORBIDDEN, Reason.MEMORY,
    Reason.MALFORMED, Reason.ENVIRONMENT, Reason.HOST, Reason.OWN_CHECK, Reason.NOT_ASKED,
})
"""Nothing was returned, so the evidence is what was asked: where the messages are equal, the causes are."""


def explained_at(items: Iterable[ItemResult]) -> dict[str, str]:
    """For each item that lost its points by the same cause as one before it, word for word: that one's id."""
    first: dict[object, str] = {}
    found: dict[str, str] = {}
    for item in items:
        if (cause := _cause(item)) is not None and (before := first.setdefault(cause, item.id)) != item.id:
            found[item.id] = before
    return found


def _cause(item: ItemResult) -> object:
    """Equal for equal causes; None for what has a word of its own to say."""
    v = item.verdict
    if v.outcome in (Outcome.MET, Outcome.BLOCKED, Outcome.NOT_ATTEMPTED) or not v.message or v.reason in (None, Reason.MISSING):
        return None  # without a reason the evidence was left out, too: nobody can tell
    return (v.outcome, v.reason, v.message) if v.reason in _NO_ANSWER else (v.outcome, v.reason, v.message, v.evidence, v.notes, v.hint)
