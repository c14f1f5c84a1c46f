"""From observations to a report: needs, stubs, neighbours, replay, judging again."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from grader.core.errors import UsageError
from grader.core.interface import ArraySpec, DimRange, FunctionSpec, Interface, Param, Result
from grader.core.observation import HostError, Observation, Raised, Unavailable
from grader.core.probe import Group, Probe
from grader.core.report import GradeReport
from grader.core.verdict import Outcome
from grader.course import Assignment, load_assignment
from grader.grading import grade, judge, observe
from grader.program import module_names, program_of
from grader.recording import dumps, load
from grader.report.github import annotations
from grader.report.html import to_html
from grader.report.json import to_json
from grader.report.junit import to_junit
from grader.runner.protocol import Answered, Isolation, Program, ignore
from grader.submission.source import Submission, submission
from grader.trial import Trial

ROOT = Path(__file__).parents[2]
RIGHT = (ROOT / "submissions_example/cs224n_a1/right_vectorised.py").read_text()


class Canned:
    """A runner that gives one kind of answer to everything."""

    isolation = Isolation("none")

    def __init__(self, answer: Callable[[Probe], Observation]) -> None:
        self.answer = answer
        self.programs: list[Program] = []

    def observe(self, program: Program, groups: Iterable[Group], answered: Answered = ignore, doubted: Collection[str] = (), patience: object = None) -> list[tuple[Observation, ...]]:
        """The same, whatever is asked."""
        self.programs.append(program)
        found = [tuple(self.answer(p) for p in g.probes) for g in groups]
        for number, answers in enumerate(found):
            answered(number, answers, "")
        return found


def _handed(text: str) -> Submission:
    return submission("submit.py", {"submit.py": text.encode()})


def _edited(old: str, new: str, text: str = RIGHT) -> Submission:
    assert old in text, old
    return _handed(text.replace(old, new))


def _without(function: str) -> str:
    """The right submission without one function."""
    lines, kept, skipping = RIGHT.split("\n"), [], False
    for line in lines:
        if line.startswith(("def ", "class ", "@", "if __name__")):
            skipping = line.startswith(f"def {function}(")
        if not skipping:
            kept.append(line)
    return "\n".join(kept)


def _lost(report: GradeReport) -> dict[str, Outcome]:
    return {i.id: i.verdict.outcome for i in report.items if i.verdict.credit != 1}


def test_a_right_submission_earns_everything(assignment: Assignment, runner) -> None:
    """100 of 100, no notes of blame."""
    report, _ = grade(assignment, _handed(RIGHT), runner)
    assert _lost(report) == {}
    assert report.earned == report.possible == 100


def test_a_missing_function_fails_only_its_own_items(assignment: Assignment, runner) -> None:
    """cbow is not there: its item is lost, no other."""
    report, _ = grade(assignment, _handed(_without("cbow")), runner)
    assert set(_lost(report)) == {"cbow.sum"}


def test_a_missing_neighbour_costs_once(assignment: Assignment, runner) -> None:
    """Without softmax its own items are lost; the network and word2vec are asked again with the course's softmax, and say so."""
    report, _ = grade(assignment, _handed(_without("softmax")), runner)
    assert set(_lost(report)) == {i.id for i in assignment.rubric.items if i.check.function == "softmax"}
    helped = [i for i in report.items if any("with the course's softmax" in n for n in i.verdict.notes)]
    assert {i.function for i in helped} == {"forward_backward_prop", "softmaxCostAndGradient"}


def _notes_on_helpers(report: GradeReport) -> set[str]:
    return {n for i in report.items for n in i.verdict.notes if n.startswith("Judged with")}


@pytest.mark.parametrize(("text", "said"), [
    (_without("softmax"), "the course's softmax because yours is missing"),
    (RIGHT.replace("axis=-1", "axis=0"), "the course's softmax in place of yours"),
    (_without("sigmoid").replace("axis=-1", "axis=0"),
     "the course's softmax in place of yours and the course's sigmoid because yours is missing"),
])
def test_a_note_on_helpers_is_true_of_functions_that_are_not_there(text: str, said: str, assignment: Assignment, runner) -> None:
    """Nothing of the student's is replaced where there is nothing."""
    report, _ = grade(assignment, _handed(text), runner)
    network = {n for i in report.items if i.id == "neural.cost" for n in i.verdict.notes}
    assert network == {f"Judged with {said}, so that one mistake does not cost twice."}


def test_a_function_that_a_broken_file_does_not_define_is_missing(assignment: Assignment, runner) -> None:
    """Its loading fails for another function; near miss: one that it defines is the student's own."""
    broken = submission("q2_neural.py", {"q2_neural.py": f"import q2_sigmoid\n{_without('sigmoid')}".encode()})
    asked = observe(assignment, broken, runner, Trial(1, assignment.interface, assignment.oracle))
    answers = {i: replace(a, helped=a.first, helpers=("sigmoid", "softmax")) for i, a in asked.answers.items()}
    right = observe(assignment, _handed(RIGHT), runner, Trial(1, assignment.interface, assignment.oracle)).answers
    answers["neural.cost"] = replace(answers["neural.cost"], helped=right["neural.cost"].first)
    report = judge(assignment, broken, replace(asked, answers=answers))
    both = "the course's softmax in place of yours and the course's sigmoid because yours is missing"
    assert _notes_on_helpers(report) == {f"Judged with {both}, so that one mistake does not cost twice."}


def test_a_name_that_is_near_is_told_in_every_output(assignment: Assignment, runner, tmp_path: Path) -> None:
    """The message asks: JSON, JUnit and annotations carry it; of what is not near nothing is said."""
    text = RIGHT.replace("def sigmoid(x)", "def sigmod(x)")
    line = text.split("\n").index("def sigmod(x):") + 1
    report, _ = grade(assignment, _handed(text), runner)
    message = f"No module defines a function sigmoid. Is it sigmod, line {line} of submit.py?"
    assert {i.verdict.message for i in report.items if i.function == "sigmoid"} == {message}
    assert to_json(report).count(message) == to_junit(report).count(f'message="{message}"') == 2
    assert sum(message in a for a in annotations(report, tmp_path / "submit.py", tmp_path)) == 2
    assert message not in to_html(report)  # where all that is not there is one list
    assert f"line {line} of submit.py</a>?" in to_html(report)
    far, _ = grade(assignment, _handed(_without("sigmoid")), runner)
    assert {i.verdict.message for i in far.items if i.function == "sigmoid"} == {"No module defines a function sigmoid."}


def test_helpers_travel_only_with_a_second_program(assignment: Assignment, runner) -> None:
    """The first program carries no substitute; nobody's own function is judged on the course's answer."""
    grade(assignment, _handed(_without("softmax")), runner)
    assert runner.programs[0].substitutes == {}
    assert {f for p in runner.programs for f in p.substitutes} == {"softmax"}


def test_a_stub_is_not_attempted_and_what_needs_it_neither_blamed(assignment: Assignment, runner) -> None:
    """NotImplementedError, an empty body: no points, no blame."""
    text = _without("sgd") + "\n\ndef sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):\n    pass\n"
    report, _ = grade(assignment, _handed(text), runner)
    assert _lost(report) == {i.id: Outcome.NOT_ATTEMPTED for i in assignment.rubric.items if i.check.function == "sgd"}
    said = {i.verdict.message for i in report.items if i.function == "sgd"}
    assert said == {"Not attempted: nothing of your own is computed in it yet."}  # this stub is not the starter's


WRITTEN_ABOVE = """
def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    y = softmax(outputVectors @ predicted)
    cost = -np.log(y[target])
    gradPred = outputVectors.T @ y
    grad = np.outer(y, predicted)

    ### YOUR CODE HERE
    ### END YOUR CODE

    return cost, gradPred, grad


"""


def test_what_was_written_outside_of_the_blanks_was_attempted(assignment: Assignment, runner) -> None:
    """The starter computes none of these results: that the blank below them is empty says nothing."""
    report, _ = grade(assignment, _edited("def softmaxCostAndGradient(", WRITTEN_ABOVE + "def _unused("), runner)
    assert _lost(report) == dict.fromkeys(("softmaxcost.predicted", "softmaxcost.outputs"), Outcome.NOT_MET)


def test_what_the_starter_computes_beside_its_blanks_is_no_attempt(assignment: Assignment, runner) -> None:
    """Its network unpacks the parameters, and puts a gradient together that nobody has computed."""
    given = (ROOT / "reference/cs224n_a1/starter/2016/q2_neural.py").read_text()
    given = given[given.index("def forward_backward_prop"):].replace("ofs = 0", "ofs = 0\n    N = data.shape[0]")  # of another year
    report, _ = grade(assignment, _handed(_without("forward_backward_prop") + "\n\n" + given), runner)
    assert set(_lost(report).values()) == {Outcome.NOT_ATTEMPTED}


def test_what_needs_a_lost_item_is_blocked(assignment: Assignment, runner) -> None:
    """A wrong sgd loses its steps; what means nothing without them is blocked, not red."""
    report, _ = grade(assignment, _edited("def sgd(", "def sgd(f, x0, *args):\n    return x0 * 1.5\n\ndef _sgd("), runner)
    blocked = {i.id for i in assignment.rubric.items if "sgd.steps" in i.needs}
    lost = _lost(report)
    assert lost["sgd.steps"] is Outcome.NOT_MET
    assert {i for i, o in lost.items() if o is Outcome.BLOCKED} == blocked


def test_a_failure_of_ours_is_ungraded(assignment: Assignment) -> None:
    """Where the machine failed, no point is lost or given; what rests on it is ungraded too."""

    report, _ = grade(assignment, _handed(RIGHT), Canned(lambda _: HostError("no process")))
    assert {i.verdict.outcome for i in report.items} == {Outcome.UNGRADED}
    assert (report.earned, report.ungraded) == (0, 100)


def test_one_item_replayed_has_the_verdict_of_the_whole_run(assignment: Assignment, runner) -> None:
    """--item asks fewer questions, but the same ones: verdict and evidence are equal."""
    handed = _edited("np.log", "1.01 * np.log")
    whole, _ = grade(assignment, handed, runner, seed=3)
    for item in whole.items:
        alone, _ = grade(assignment, handed, runner, seed=3, items=[item.id])
        assert [i.verdict for i in alone.items] == [item.verdict], item.id


def test_a_trial_does_not_grow_with_those_who_fail_alike(assignment: Assignment, runner) -> None:
    """What explains their failures is asked, and answered by the reference, once for a class."""
    trial = Trial(assignment.default_seed, assignment.interface, assignment.oracle)
    wrong = [(ROOT / f"submissions_example/cs224n_a1/wrong_{name}.py").read_text() for name in ("neural_mean", "sgd_ascent")]
    kept = []
    for _ in range(2):
        lost = [_lost(grade(assignment, _handed(text), runner, trial=trial)[0]) for text in wrong]
        kept.append((len(trial._once), len(trial._answers), len(trial._cases)))
    assert all(lost)
    assert kept[0] == kept[1]


def test_an_unknown_item_names_the_known_ones(assignment: Assignment, runner) -> None:
    """A misspelt --item is a usage error."""
    with pytest.raises(UsageError, match=r"softmax\.values, softmax\.shift"):
        grade(assignment, _handed(RIGHT), runner, items=["softmax.shfit"])


def test_judging_again_needs_no_process(assignment: Assignment, runner, tmp_path: Path) -> None:
    """Stored observations give the same report; a changed tolerance and changed points change just their items."""
    handed = _edited("np.log", "(1 + 1e-5) * np.log")
    report, recorded = grade(assignment, handed, runner)
    file = tmp_path / "submit.observations"
    file.write_bytes(dumps(recorded, report))
    again = load(file, assignment, handed)
    assert replace(judge(assignment, handed, again), timings=report.timings) == report
    lost = _lost(report)
    assert lost
    items = tuple(
        i.model_copy(update={"check": i.check.model_copy(update={"rtol": 1e-3}), "points": Fraction(7)}) if i.id == "softmaxcost.cost" else i
        for i in assignment.rubric.items
    )
    wider = replace(assignment, rubric=assignment.rubric.model_copy(update={"items": items}))
    changed = judge(wider, handed, again)
    assert set(_lost(report)) - set(_lost(changed)) == {"softmaxcost.cost"}
    assert changed.possible == 105


def test_answers_to_other_questions_are_not_judged(assignment: Assignment, runner, tmp_path: Path) -> None:
    """Inputs in another order: a right answer to the old ones is no wrong answer to the new ones."""
    report, recorded = grade(assignment, _handed(RIGHT), runner, items=["sigmoid.values", "softmax.shift"])
    (tmp_path / "x").write_bytes(dumps(recorded, report))
    item = assignment.rubric.item("sigmoid.values")
    turned = item.model_copy(update={"check": item.check.model_copy(update={"cases": item.check.cases[::-1]})})
    items = tuple(turned if i.id == item.id else i for i in assignment.rubric.items)
    changed = replace(assignment, rubric=assignment.rubric.model_copy(update={"items": items}))
    again = judge(changed, _handed(RIGHT), load(tmp_path / "x", changed, _handed(RIGHT)), items=["sigmoid.values", "softmax.shift"])
    said = {r.id: r.verdict for r in again.items}
    assert said["sigmoid.values"].outcome is Outcome.UNGRADED
    assert "questions have changed" in said["sigmoid.values"].message
    assert said["softmax.shift"].credit == 1


def test_observations_of_another_version_are_refused(assignment: Assignment, tmp_path: Path) -> None:
    """They may lack what is needed to judge them."""
    (tmp_path / "x").write_bytes(b'{"grade_observations": 1}\n')
    with pytest.raises(UsageError, match="another version"):
        load(tmp_path / "x", assignment, _handed(RIGHT))


def test_damaged_observations_are_refused(assignment: Assignment, runner, tmp_path: Path) -> None:
    """Wherever a byte differs, one that still reads as JSON or as a number too; also where some are missing. Near miss: none differs."""
    handed = _handed(RIGHT)
    report, recorded = grade(assignment, handed, runner, items=["sigmoid.values"])
    whole = dumps(recorded, report)
    file = tmp_path / "x"
    file.write_bytes(whole)
    assert load(file, assignment, handed).seed == recorded.seed
    after = whole.index(b"\n") + 1
    for at in (whole.index(b'"seed": ', after) + 8, *range(after, len(whole), len(whole) // 50), len(whole) - 1):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
        with pytest.raises(UsageError, match=r"damaged or changed since grade wrote it\. Run the submission again"):
            load(file, assignment, handed)
    file.write_bytes(whole[:-1])
    with pytest.raises(UsageError, match="damaged"):
        load(file, assignment, handed)


@pytest.mark.parametrize("data", [b"", b"{}\n", b"not json\n", b'{"grade_observations": 2}\n', b"\xff\xfe"])
def test_a_file_that_holds_no_observations_is_refused(assignment: Assignment, tmp_path: Path, data: bytes) -> None:
    """One sentence, whatever the bytes."""
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(UsageError, match="no file of observations"):
        load(tmp_path / "x", assignment, _handed(RIGHT))


def test_observations_of_another_submission_are_refused(assignment: Assignment, runner, tmp_path: Path) -> None:
    """The hash of the submission must be the one that was observed."""
    report, recorded = grade(assignment, _handed(RIGHT), runner, items=["sigmoid.values"])
    (tmp_path / "x").write_bytes(dumps(recorded, report))
    with pytest.raises(UsageError, match="has changed since"):
        load(tmp_path / "x", assignment, _handed(RIGHT + "\n"))


def test_a_package_that_is_missing_is_asked_for_with_a_placeholder(assignment: Assignment) -> None:
    """The machine's lack of a package is found out, and the submission asked again with a placeholder in its place."""
    error = Raised("ModuleNotFoundError", "the package 'sklearn.svm' is not available here; numpy is")
    lacking = Canned(lambda p: Unavailable(p.function, error, "submit"))
    report, _ = grade(assignment, _handed("import sklearn.svm\n" + RIGHT), lacking)
    assert [p.placeholders for p in lacking.programs[:2]] == [(), ("sklearn",)]
    assert {i.verdict.outcome for i in report.items} == {Outcome.UNGRADED}
    assert any("sklearn" in r for r in report.submission.remarks)


def test_a_module_that_was_not_handed_in_is_the_students(assignment: Assignment) -> None:
    """`import q1_softmax` without that file is no missing package."""

    error = Raised("ModuleNotFoundError", "the package 'q1_softmax' is not available here; numpy is")
    lacking = Canned(lambda p: Unavailable(p.function, error, "submit"))
    report, _ = grade(assignment, _handed("from q1_softmax import softmax\n"), lacking, items=["neural.cost"])
    (item,) = report.items
    assert item.verdict.outcome is Outcome.NOT_MET
    assert "it imports q1_softmax, which was not handed in" in item.verdict.message


def _interface() -> Interface:
    array = ArraySpec(shape="N")
    functions = tuple(
        FunctionSpec(name=n, module=m, params=(Param(name="x", spec=array),), returns=(Result(name="y", spec=array),))
        for n, m in (("f", "q1"), ("g", "q2"))
    )
    return Interface(slug="demo", title="Demo", dims={"N": DimRange(low=1, high=2)}, functions=functions)


@pytest.mark.parametrize(("paths", "names"), [
    (["q1.py", "q2.py"], ["q1", "q2"]),
    (["hw/assignment1/q1.py", "hw/assignment1/q2.py", "hw/assignment1/utils/__init__.py"], ["q1", "q2", "utils"]),
    (["q1.py", "old/q1.py", "q2.py"], ["old.q1", "q1", "q2"]),
])
def test_modules_are_named_from_the_folder_that_holds_them(paths: list[str], names: list[str]) -> None:
    """Bare names for neighbours, however deep the folder lies."""
    body = {"q1": b"def f(x): return x\n", "q2": b"def g(x): return x\n"}
    handed = submission("hw", {p: body.get(Path(p).stem, b"") for p in paths})
    assert sorted(module_names(handed.files, _interface()).values()) == sorted(names)


def test_only_modules_that_define_a_function_are_looked_in(assignment: Assignment) -> None:
    """A training script is not imported in the search for a function that is not there."""
    handed = submission("hw", {"q1_softmax.py": b"def softmax(x): return x\n", "q3_run.py": b"raise SystemExit\n", "mine.py": b"def sgd(f): pass\n"})
    lookup = program_of(assignment, handed).lookup
    assert lookup["softmax"] == ("q1_softmax", "q1_softmax#definitions")
    assert lookup["sgd"] == ("mine", "mine#definitions")
    assert lookup["cbow"] == ()


def test_the_courses_versions_do_not_travel_where_they_could_be_handed_in(assignment: Assignment, runner) -> None:
    """Not with the first program, and afterwards none but those that stand in: whoever called them would earn what they earn."""
    grade(assignment, _handed(_without("softmax")), runner)
    first, *further = [[s for s in p.support if s.name == "helpers"] for p in runner.programs]
    assert first == []
    assert further
    for (helpers,) in further:
        assert "def softmax(" in helpers.text
        assert all(f"def {name}(" not in helpers.text for name in assignment.helpers - {"softmax"})


@pytest.mark.parametrize(("answer", "outcome"), [(Raised("ValueError", "x"), Outcome.UNGRADED), (None, Outcome.MET)])
def test_our_failure_at_a_follow_up_costs_no_points(answer: Observation | None, outcome: Outcome) -> None:
    """It asks whether the function is right at the handout's sizes, for one; who has all points loses none."""
    assignment = load_assignment(Path(__file__).parents[2], "cs224n_a1")
    trial = Trial(1, assignment.interface, assignment.oracle)
    item = next(i for i in assignment.rubric.items if i.id == "neural.cost")
    first = [answer or trial.observed(p) for p in item.questions(trial)]
    assert item.judge(trial, first).outcome is (Outcome.NOT_MET if answer else outcome)
    assert item.judge(trial, first, [HostError("no process")] * 2).outcome is outcome
