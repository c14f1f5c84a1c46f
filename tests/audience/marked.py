"""Random rubrics and reports in which every text and number is a mark of its own, with what each mark may be shown to."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from grader.checks.values import ValuesCheck
from grader.core.audience import FeedbackPolicy, Visibility
from grader.core.classbook import Adjustment, Decided, Override
from grader.core.evidence import BlockRow, Blocks, Contrast, Evidence, Input, Printed, Shown, StepPlot, Traceback, TraceLine
from grader.core.late import LatePolicy
from grader.core.reason import Reason
from grader.core.report import Conditions, GradeReport, ItemResult, SourceText, Submitted
from grader.core.verdict import Outcome, Verdict
from grader.rubric import Rubric, RubricItem

DUE = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
PUBLISHED = DUE + timedelta(days=7)
MOMENTS = {"before": DUE - timedelta(hours=1), "after": DUE + timedelta(hours=1), "published": PUBLISHED}
OPEN = {
    "before": {Visibility.VISIBLE},
    "after": {Visibility.VISIBLE, Visibility.AFTER_DUE_DATE},
    "published": {Visibility.VISIBLE, Visibility.AFTER_DUE_DATE, Visibility.AFTER_PUBLISHED},
}
"""What students see at each moment, written from the definition and not from the code."""

SOURCE = "\n".join(f"def f{n}(x):\n    return x\n" for n in range(4))


@dataclass
class Marks:
    """Makes marks, and keeps which must not be seen."""

    secret: list[str] = field(default_factory=list)
    public: list[str] = field(default_factory=list)
    made: int = 7000

    def text(self, *, secret: bool) -> str:
        self.made += 1
        mark = f"Mark{self.made}Z"
        (self.secret if secret else self.public).append(mark)
        return mark

    def number(self, *, secret: bool) -> float:
        self.made += 1
        (self.secret if secret else self.public).append(f"{self.made}.0")
        return float(self.made)


@dataclass
class Drawn:
    """A case: the report with everything in it, the rubric, the moment, and the marks."""

    report: GradeReport
    rubric: Rubric
    moment: datetime
    marks: Marks
    withheld: int


def draw(seed: int) -> Drawn:
    """A random case."""
    rng = random.Random(seed)
    marks, when, show = Marks(), rng.choice(list(MOMENTS)), rng.choice(("none", "relation", "value"))
    lines, results, loading = [], [], ""
    for number in range(rng.randint(1, 8)):
        visibility = rng.choice(list(Visibility))
        hidden = visibility not in OPEN[when]
        line = RubricItem(
            id=f"{marks.text(secret=hidden)}.{number}", section=marks.text(secret=hidden), title=marks.text(secret=hidden), points=Fraction(number + 1),
            hint="", visibility=visibility, check=ValuesCheck(function=f"f{rng.randrange(4)}"))
        if loading and rng.random() < 0.3:  # as `grader.grading.settled` writes it
            verdict = Verdict(Outcome.BLOCKED, Fraction(0), Reason.CANNOT_LOAD, f"For the same reason as {loading}.", hint=f"See {loading}.", see=loading)
        elif results and rng.random() < 0.2:
            verdict = _blocked(rng.choice(results).id)
        elif not loading and rng.random() < 0.2:
            verdict, loading = _loading(marks, hidden=hidden), line.id
        else:
            verdict = _verdict(rng, marks, hidden=hidden, show=show)
        lines.append(line)
        results.append(ItemResult(line.id, line.section, line.title, line.points, line.check.function, verdict, f"grade hw.py --item {line.id} --seed 3"))
    late = LatePolicy(policy="per_day", due=DUE, percent_per_day=10)
    rubric = Rubric(slug="demo", items=tuple(lines), late=late, feedback=FeedbackPolicy(show=show, published=PUBLISHED))
    functions = {f"f{n}": 3 * n + 1 for n in range(4)}
    report = GradeReport(
        "demo", "Demo", Submitted("hw.py", "ab" * 32, (SourceText("hw.py", SOURCE, functions),)), tuple(results),
        Conditions(3, "A", (), (), "11" * 32, "22" * 32, {"grade": "0"}), {"total": 0.5})
    return Drawn(report, rubric, MOMENTS[when], marks, sum(i.visibility not in OPEN[when] for i in lines))


def with_decisions(case: Drawn, seed: int) -> Drawn:
    """The case with overrides, comments and adjustments; their points, and the total, are secret where items are left out."""
    rng, marks, items = random.Random(seed), case.marks, case.report.items
    hidden = {i.id for i in case.rubric.items if i.visibility not in OPEN[next(w for w, m in MOMENTS.items() if m == case.moment)]}
    overrides = {
        i.id: Override("ann", i.id, rng.choice((None, i.points)), marks.text(secret=i.id in hidden), "Tutor", "2026-03-05")
        for i in items if rng.random() < 0.5
    }
    named = rng.choice(items).id
    told = Override("ann", "", None, f"{marks.text(secret=named in hidden)}: {named}", "Tutor", "2026-03-05")
    comments = (told, Override("ann", "", None, marks.text(secret=False), "Tutor", "2026-03-05"))
    late = tuple(Adjustment(marks.text(secret=False), -Fraction(marks.number(secret=bool(hidden)))) for _ in range(rng.randrange(3)))
    decided = Decided(overrides, comments, late, total=Fraction(marks.number(secret=bool(hidden))))
    return replace(case, report=replace(case.report, decided=decided))


def _blocked(need: str) -> Verdict:
    return Verdict(Outcome.BLOCKED, Fraction(0), Reason.BLOCKED, f"This means nothing until {need} is met.", hint=f"Mend {need} first.", see=need)


def _loading(marks: Marks, *, hidden: bool) -> Verdict:
    """A file that cannot be loaded: the student's own trouble, whichever item it is told at."""
    trace = Traceback("SyntaxError", "invalid syntax", (TraceLine("hw.py", 2, "<module>", "return x"),), "import hw.py")
    return Verdict(Outcome.NOT_MET, Fraction(0), Reason.CANNOT_LOAD, "hw.py cannot be loaded.", (trace,),
                   (marks.text(secret=hidden),) if hidden else (), marks.text(secret=hidden) if hidden else "")


def _verdict(rng: random.Random, marks: Marks, *, hidden: bool, show: str) -> Verdict:
    outcome = rng.choice([Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNGRADED])
    reason = None if outcome is Outcome.MET else rng.choice([Reason.VALUE, Reason.COUNT, Reason.UNSTABLE, Reason.RELATION, Reason.RAISED])
    evidence = tuple(rng.choice(EVIDENCE)(marks, hidden, show) for _ in range(rng.randrange(4)) if reason)
    valued = any(isinstance(e, Blocks) or (isinstance(e, Contrast) and e.call == "valued") for e in evidence)
    spelled = hidden or (show != "value" and valued and reason in (Reason.COUNT, Reason.UNSTABLE))
    more = hidden or show == "none"
    credit = {Outcome.MET: Fraction(1), Outcome.PARTLY: Fraction(1, 2), Outcome.UNGRADED: None}.get(outcome, Fraction(0))
    return Verdict(outcome, credit, reason, marks.text(secret=spelled), evidence, (marks.text(secret=more),), marks.text(secret=more))


def _shown(marks: Marks, *, secret: bool) -> Shown:
    return Shown(marks.text(secret=secret), (2,))


def _valued(marks: Marks, hidden: bool, show: str) -> Evidence:
    more, value = hidden or show == "none", hidden or show != "value"
    return Contrast("valued", (Input("x", _shown(marks, secret=more)),), _shown(marks, secret=more), _shown(marks, secret=value),
                    marks.text(secret=value), 1, 2, (0,), (0,), marks.number(secret=value), 1e-6, 1e-9, ((marks.number(secret=value), 0.0),) * 2)


def _own(marks: Marks, hidden: bool, show: str) -> Evidence:
    more = hidden or show == "none"
    return Contrast("related", (Input("x", _shown(marks, secret=more)),), _shown(marks, secret=more), _shown(marks, secret=more),
                    f"your own answer for {marks.text(secret=more)}", 1, 2, (0,), (0,), marks.number(secret=more))


def _blocks(marks: Marks, hidden: bool, show: str) -> Evidence:
    more, value = hidden or show == "none", hidden or show != "value"
    return Blocks((BlockRow(marks.text(secret=more), (2, 2), 1, 4, (0, 1), marks.number(secret=more), marks.number(secret=value),
                            ((marks.number(secret=value), 0.0),) * 2),))


def _plot(marks: Marks, hidden: bool, show: str) -> Evidence:
    more, value = hidden or show == "none", hidden or show != "value"
    return StepPlot(marks.text(secret=more), (0.1, 0.01), (marks.number(secret=more),) * 2, (marks.number(secret=value),) * 2, marks.text(secret=more))


def _raised(marks: Marks, hidden: bool, show: str) -> Evidence:
    more = hidden or show == "none"
    return Traceback("ValueError", marks.text(secret=more), (TraceLine("hw.py", 2, "f0", "return x"),), "f0", (Input("x", _shown(marks, secret=more)),))


def _printed(marks: Marks, hidden: bool, show: str) -> Evidence:
    return Printed(marks.text(secret=hidden or show == "none"))


EVIDENCE = (_valued, _own, _blocks, _plot, _raised, _printed)
