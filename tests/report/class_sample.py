"""Classes made by hand and by dice: what the class page is tested on.

To look at them: ``python -m tests.report.class_sample FOLDER`` writes ``index.html``, ``index-anonymous.html`` and ``small.html``.
"""

import random
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

from grader.core.classbook import Adjustment, ClassBook, Item, Override, Person, Row, Score, Status
from grader.core.verdict import Outcome
from grader.report.classpage import to_class_page

ITEMS = tuple(Item(id_, section, title, Fraction(points)) for id_, section, title, points in (
    ("softmax.values", "1a Softmax", "softmax returns the right values, row by row", 4),
    ("softmax.shift", "1a Softmax", "softmax(x + c) equals softmax(x)", 3),
    ("softmax.rows", "1a Softmax", "each row of softmax depends on that row alone", 2),
    ("softmax.probabilities", "1a Softmax", "the rows of softmax are probabilities", 1),
    ("softmax.stability", "1a Softmax", "softmax stays finite and right at logits of +-1000", 2),
    ("sigmoid.values", "2a Sigmoid", "sigmoid returns the right values", 3),
    ("sigmoid.stability", "2a Sigmoid", "sigmoid stays finite and right at +-1000", 1),
    ("sigmoid_grad.values", "2a Sigmoid", "sigmoid_grad(s) is s (1 - s), from the sigmoid's value", 3),
    ("gradcheck.right", "2b Gradient check", "gradcheck_naive passes right gradients", 2),
    ("gradcheck.planted", "2b Gradient check", "gradcheck_naive fails planted wrong gradients", 3),
    ("gradcheck.restores", "2b Gradient check", "gradcheck_naive leaves x as it was", 1),
    ("gradcheck.random", "2b Gradient check", "gradcheck_naive resets the random state before each call of f", 2),
    ("neural.delta", "2b Cross-entropy", "dCE/dtheta = yhat - y (the gradient of b2 for one example)", 3),
    ("neural.cost", "2c Neural network", "forward_backward_prop returns the cross-entropy summed over the N examples", 4),
    ("neural.shapes", "2c Neural network", "the gradient has the shape of params, block by block", 3),
    ("neural.gradient", "2c Neural network", "the gradients of W1, b1, W2 and b2", 12),
    ("neural.purity", "2c Neural network", "forward_backward_prop changes none of its arguments", 2),
    ("neural.count", "2d Parameter count", "the network has (Dx+1)H + (H+1)Dy parameters", 3),
    ("normalize.values", "3a Word vectors", "normalizeRows scales each row to unit length", 3),
    ("softmaxcost.cost", "3a Word vectors", "softmaxCostAndGradient returns -log yhat_o", 2),
    ("softmaxcost.predicted", "3a Word vectors", "dJ/dv_c = U (yhat - y)", 5),
    ("softmaxcost.outputs", "3b Output vectors", "dJ/dU = v_c (yhat - y)^T", 5),
    ("negsampling.cost", "3c Negative sampling", "negSamplingCostAndGradient returns the negative sampling cost", 2),
    ("negsampling.predicted", "3c Negative sampling", "the gradient of v_c", 4),
    ("negsampling.outputs", "3c Negative sampling", "the gradients of u_o and u_k", 4),
    ("negsampling.repeats", "3c Negative sampling", "a negative that is drawn several times counts once per occurrence", 3),
    ("negsampling.target", "3c Negative sampling", "the target is never among the negatives", 1),
    ("skipgram.sum", "3d Skip-gram and CBOW", "skipgram sums F over the context, for any F", 6),
    ("cbow.sum", "3d Skip-gram and CBOW", "cbow applies F to the sum of the context vectors, for any F", 4),
    ("sgd.steps", "3e SGD", "sgd takes the steps x - step * gradient", 3),
    ("sgd.postprocessing", "3e SGD", "sgd continues from what postprocessing returns", 3),
    ("sgd.annealing", "3e SGD", "sgd halves the step every 20000 iterations", 1),
))
MISTAKES = ("You divided by N: the handout's cost is summed over the examples.", "The derivative of the sigmoid is missing on the way back.",
            "You summed over the wrong axis.")
_GIVEN = ("Ada", "Émile", "Chloé", "Øystein", "José", "Li", "Sofía", "Jürgen", "Aoife", "Nadia", "Priya", "Tomás", "Yuki", "Zoë", "Kwame", "Ingrid")
_FAMILY = ("Lovelace", "Borel", "Nguyễn", "O’Connor", "García Márquez", "van der Waerden", "Łukasiewicz", "Noether", "Ramanujan", "Şahin",
           "Kovalevskaya", "Müller", "Okafor", "Tanaka", "Haugen", "d’Alembert")
_START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def score(earned: int | str | None, of: int | str = 4, **rest: object) -> Score:
    """A score with the outcome that goes with its points; None is ungraded."""
    points = None if earned is None else Fraction(earned)
    outcome = (Outcome.UNGRADED if points is None else Outcome.MET if points == Fraction(of)
               else Outcome.PARTLY if points else Outcome.NOT_MET)
    return Score(points, outcome, **rest)  # type: ignore[arg-type]


def row(name: str, *earned: int | str | None, **rest: object) -> Row:
    """A row of one person with these points for items ``f.0``, ``f.1`` and so on, of 4 each."""
    scores = {f"f.{n}": score(e) for n, e in enumerate(earned)}
    status = Status.PARTLY_UNGRADED if None in earned else Status.GRADED if earned else Status.ABSENT
    parts: dict[str, object] = {"persons": (Person(name.lower(), name),), "status": status, "scores": scores}
    return Row(**(parts | rest))  # type: ignore[arg-type]


def book(*rows: Row, **rest: object) -> ClassBook:
    """A class with as many items of 4 points as its longest row has."""
    n = max((len(r.scores) for r in rows), default=0)
    items = tuple(Item(f"f.{i}", "1a", f"title of f.{i}", Fraction(4)) for i in range(n))
    return ClassBook(**({"assignment": "a", "title": "A", "items": items, "rows": rows} | rest))  # type: ignore[arg-type]


def big_class(rows: int = 2000, seed: int = 1) -> ClassBook:
    """A class as it comes: names of all sorts, abilities of all sorts, one commonest mistake, and everything that can happen."""
    dice = random.Random(seed)
    people = sorted((_person(n, dice) for n in range(rows)), key=lambda p: p.name)
    found = [_row(p, n, dice) for n, p in enumerate(people)]
    _pair_up(found)
    return ClassBook(
        "cs224n_a1", "Assignment 1: softmax, neural network basics, word2vec", ITEMS, tuple(found),
        {"notes to self.txt": "No Python file.", "softmax_final(2).rar": "Archives of this kind are not opened: ask for a .zip or .tar.gz."},
        {"Seed": "7", "Isolation level": "B", "Layout": "Canvas download", "Rubric, SHA-256": "11" * 32, "Versions": "grade 0.1.0, Python 3.11.4, numpy 2.4.6"},
        complete=False, waiting=120,
    )


def _person(n: int, dice: random.Random) -> Person:
    given, family = dice.choice(_GIVEN), dice.choice(_FAMILY)
    return Person(f"u{n:05}", f"{family}, {given}", f"{given[0].lower()}{n}@students.example.edu".encode("ascii", "ignore").decode())


def _row(person: Person, n: int, dice: random.Random) -> Row:
    ability = dice.gauss(0.9, 1.1)
    status = dice.choices(list(Status), (92, 2, 1, 0.6, 4.4))[0]
    digest = sha256(person.key.encode()).hexdigest()
    if status in (Status.UNREADABLE, Status.FAILED):
        remark = "submit.zip is not a zip archive." if status is Status.UNREADABLE else "The process that ran it could not be started again."
        return Row((person,), status, submission="submit.zip", sha256=digest, remarks=(remark,), when=_START)
    if status is Status.ABSENT:
        return Row((person,), status)
    late = dice.random() < 0.08
    return Row(
        (person,), status, _scores(person, ability, status, dice),
        (Adjustment("1 day late, 10 % of the points.", Fraction(-ITEMS[0].points * 2)),) if late else (),
        "submit.py", _START + timedelta(minutes=dice.randrange(20_000)), late, "the file's name", digest, digest, f"reports/{person.key}.html",
        ("1 earlier attempt was set aside: submit-1.py.",) if dice.random() < 0.06 else (),
    )


def _scores(person: Person, ability: float, status: Status, dice: random.Random) -> dict[str, Score]:
    scores = {item.id: _score(item, place, ability, dice) for place, item in enumerate(ITEMS)}
    if status is Status.PARTLY_UNGRADED:
        for item in dice.sample(ITEMS, 2):
            scores[item.id] = Score(None, Outcome.UNGRADED, "host")
    if dice.random() < 0.01:
        item = dice.choice(ITEMS)
        scores[item.id] = Score(Fraction(0), Outcome.NOT_MET, "value", override=Override(
            person.key, item.id, item.points, "Right by another convention, discussed in the exercise class.", "R. Meyer", "2026-03-20"))
    return scores


def _score(item: Item, place: int, ability: float, dice: random.Random) -> Score:
    chance = 1 / (1 + 2.718 ** (0.04 * place - 0.4 - 1.2 * ability))
    if dice.random() < chance:
        return Score(item.points, Outcome.MET)
    return dice.choices((
        Score(Fraction(0), Outcome.NOT_MET, "misconception", "Wrong.", dice.choices(MISTAKES, (6, 3, 1))[0]),
        Score(item.points * Fraction(4, 9), Outcome.PARTLY, "gradient", "Some blocks are wrong."),
        Score(Fraction(0), Outcome.NOT_MET, "raised", "ValueError: operands could not be broadcast together"),
        Score(Fraction(0), Outcome.NOT_ATTEMPTED, "not_attempted"),
        Score(Fraction(0), Outcome.BLOCKED, "blocked"),
    ), (9, 3, 3, 2, 1))[0]


def _pair_up(rows: list[Row]) -> None:
    """Let two pairs be the same: one in every byte, one but for names."""
    from dataclasses import replace

    graded = [n for n, r in enumerate(rows) if r.status is Status.GRADED]
    for first, second, fields in _pairs(graded):
        rows[second] = replace(rows[second], **{f: getattr(rows[first], f) for f in fields})


def _pairs(graded: Sequence[int]) -> list[tuple[int, int, tuple[str, ...]]]:
    if len(graded) < 8:
        return []
    return [(graded[1], graded[-2], ("sha256", "tree_sha256")), (graded[3], graded[-4], ("tree_sha256",))]


def main(folder: Path) -> None:
    """Write the pages."""
    big, small = big_class(), big_class(40, seed=3)
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in (("index.html", to_class_page(big)), ("index-anonymous.html", to_class_page(big, anonymous=True)),
                       ("small.html", to_class_page(small))):
        (folder / name).write_text(page, encoding="utf-8")
        print(folder / name, f"{len(page.encode()):,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
