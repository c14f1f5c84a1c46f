"""Each known mistake of assignment 2, handed in: it loses what the same mistake loses in assignment 1, and has its name in this handout's words.

No process is started: the mistake's own function answers the questions that the rubric's checks plan.
"""

import re
from pathlib import Path

import pytest

from grader.core.reason import Reason
from grader.course import load_assignment
from grader.trial import Misconception, Trial
from reference.cs224n_a2.misconceptions import MISCONCEPTIONS, WORDS
from reference.mistakes import renamed
from tests.reference.test_cs224n_a1_mistakes import LOSES, expected, returned

ASSIGNMENT = load_assignment(Path(__file__).parents[2], "cs224n_a2")
MISTAKES = {(m.function, m.id): m for m in MISCONCEPTIONS}
SEEDS = (0, 1)
ITEMS = {
    "softmaxcost.cost": "softmax.loss", "softmaxcost.predicted": "softmax.center", "softmaxcost.outputs": "softmax.outside",
    "negsampling.cost": "negsampling.loss", "negsampling.predicted": "negsampling.center", "negsampling.outputs": "negsampling.outside",
}
"""What an item of assignment 1 is called here, where it has another name."""


def loses(function, mistake):
    """As in assignment 1."""
    before = next((old for old, new in WORDS.items() if new == function), function)
    return {ITEMS.get(item, item): share for item, share in expected(LOSES[before, mistake]).items()}


def verdicts(trial, function, answer):
    """The verdict on every item about a function whose answers `answer` computes; a mistake has no default for its last argument."""
    functions = {**ASSIGNMENT.oracle.functions, function: answer}
    items = [i for i in ASSIGNMENT.rubric.items if i.check.function == function and i.check.kind not in ("steps", "default_loss")]
    return {i.id: i.check.judge(trial, [returned(probe, functions) for probe in i.check.plan(trial)]) for i in items}


@pytest.fixture(scope="module", params=SEEDS)
def trial(request):
    """The inputs of one seed."""
    return Trial(request.param, ASSIGNMENT.interface, ASSIGNMENT.oracle)


@pytest.mark.parametrize("function", sorted(ASSIGNMENT.oracle.functions))
def test_the_reference_loses_nothing(function, trial):
    """Every item, full credit, nothing noted."""
    for item, verdict in verdicts(trial, function, ASSIGNMENT.oracle.functions[function]).items():
        assert (item, verdict.credit, verdict.notes) == (item, 1, ())


@pytest.mark.parametrize(("function", "mistake"), sorted(MISTAKES))
def test_a_mistake_loses_its_items_and_is_called_by_its_name(function, mistake, trial):
    """The other items of the function keep their points; its own sentence and hint are in one that is lost at least."""
    known = MISTAKES[function, mistake]
    found = verdicts(trial, function, known.answer)
    lost = {item: v for item, v in found.items() if v.credit != 1}
    assert {item: v.credit for item, v in lost.items()} == loses(function, mistake)
    assert (known.sentence, known.hint) in [(v.message, v.hint) for v in lost.values()]
    assert not [v.message for v in lost.values() if v.reason in (Reason.GRADIENT, Reason.OTHER_COST, Reason.INCONSISTENT)]


@pytest.mark.parametrize("mistake", sorted(MISTAKES), ids=".".join)
def test_it_is_said_in_the_words_of_this_handout(mistake):
    """One or two plain sentences; no name of assignment 1 is left, nor the cost, the target and the context."""
    known = MISTAKES[mistake]
    for text in (known.sentence, known.hint):
        assert text.endswith(".")
        assert text[0].isupper()
        assert len(text) <= 140
        assert not {*re.findall(r"\w+", text)} & {*WORDS}
        assert "a outside" not in text


def test_renaming_takes_whole_words_and_the_longest_first():
    """Near misses: a word within another one, and one that is part of a longer term."""
    made = renamed([Misconception("x", "f", "A cost costs f(target); costly.", "As target, the target's 2C, not C_2.", abs)],
                   {"cost": "loss", "target": "word", "As target": "As idx", "C": "K", "2C": "2 K", "f": "g"})[0]
    assert (made.function, made.sentence, made.hint) == ("g", "A loss costs g(word); costly.", "As idx, the word's 2 K, not C_2.")
