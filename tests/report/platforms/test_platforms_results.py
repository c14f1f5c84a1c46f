"""Each platform's result: taken by its contract, honest about what is ungraded, silent about what is hidden, deaf to hostile text."""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from grader.core.audience import Visibility
from grader.core.errors import UsageError
from grader.core.report import GradeReport, SourceText, Submitted
from grader.report.platforms import PLATFORMS, SENTENCES, Circumstances, Graded, State
from grader.report.platforms.classroom50 import outputs
from tests.report.conftest import RAISED, Reason, build, item, met, not_met
from tests.report.platforms import contracts
from tests.report.platforms.conftest import ENVIRONMENT, METADATA, NOW, graded_from

GOLDEN = Path(__file__).with_name("golden")
FILES = {"gradescope": "results.json", "prairielearn": "results.json", "classroom50": "result.json", "check50": "check50.json"}
HOSTILE = "</pre><script>alert(1)</script> ::error::x \x1b[2J\x1b]0;t\x07 ``` ~~~ \u202e ${{ x }} | =cmd() \ud800 end"


def taken(platform: str, files: dict[str, str]) -> dict:
    return getattr(contracts, platform)(files[FILES[platform]])


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_sample_is_written_as_reviewed(platform: str, graded: Graded, circumstances: Circumstances) -> None:
    """Every change of a result shows as a diff of a golden file. To write them anew: GOLDEN=write, then read the diff."""
    as_reviewed(platform, PLATFORMS[platform].result(graded, circumstances))


def test_an_attempt_that_counts_on_prairielearn_is_written_as_reviewed(judged: Graded, circumstances: Circumstances) -> None:
    """The sample without its ungraded item."""
    as_reviewed("prairielearn-gradable", PLATFORMS["prairielearn"].result(judged, circumstances))


def as_reviewed(folder: str, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = GOLDEN / folder / name
        if os.environ.get("GOLDEN") == "write":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_contract_takes_the_sample(
    platform: str, graded: Graded, public: Graded, judged: Graded, circumstances: Circumstances
) -> None:
    """With hidden items and without, with an ungraded one and without."""
    for sample in (graded, public, judged):
        taken(platform, PLATFORMS[platform].result(sample, replace(circumstances, leaderboard=True)))


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_result_without_verdicts_is_taken_and_is_no_pass(platform: str, state: State) -> None:
    """Whatever the state, and whatever the student's file names put into the explanation."""
    found = taken(platform, PLATFORMS[platform].without_verdicts(state, Circumstances({}, ENVIRONMENT, NOW), HOSTILE))
    assert found.get("score", 0) == 0
    assert not any(t.get("passed") or t.get("status") == "passed" for t in found.get("tests", []))
    assert found.get("gradable", False) is False
    if platform == "classroom50":
        assert found["max-score"] > 0
    else:
        assert SENTENCES[state] in str(found)
    assert "\x1b" not in str(found)


@pytest.mark.parametrize("platform", [name for name, platform in PLATFORMS.items() if not platform.hides])
def test_without_a_public_item_there_is_no_result_and_no_pass(platform: str, circumstances: Circumstances) -> None:
    """Such a platform is asked nothing then, and nothing that is wrong is no pass; one public item is enough for a result."""
    report = build(items=(item("a.b", "1", "t", "2", "softmax", met()), item("a.c", "1", "t", "2", "softmax", met())))
    nothing, something = graded_from(report, dict.fromkeys(("a.b", "a.c"), Visibility.HIDDEN)), graded_from(report, {"a.c": Visibility.HIDDEN})
    files = PLATFORMS[platform].result(nothing, circumstances)
    assert files == PLATFORMS[platform].without_verdicts(State.WITHHELD, circumstances)
    assert SENTENCES[State.WITHHELD] not in str(PLATFORMS[platform].result(something, circumstances))
    assert outputs(nothing) == {"status": "failure", "summary": "not graded: no item is public"}
    assert outputs(something)["status"] == "success"


def test_contracts_refuse_what_platforms_refuse() -> None:
    """The validators can fail: near misses of each rule."""
    for platform, text in [
        ("gradescope", '{"tests": [{"max_score": 1}]}'), ("gradescope", '{"score": 1, "tests": [{"status": "met"}]}'),
        ("gradescope", '{"score": NaN}'), ("gradescope", '{"score": 1, "tests": [{"number": 1}]}'),
        ("prairielearn", '{"score": 1.01}'), ("prairielearn", '{"message": ""}'),
        ("prairielearn", '{"score": 1, "tests": [{"name": "a", "points": 1, "max_points": 1}, {"name": "b"}]}'),
        ("prairielearn", '{"score": 1, "message": "%s"}' % ("x" * 1_000_000)),
        ("check50", '{"slug": "", "version": ""}'),
    ]:
        with pytest.raises(contracts.RefusedError):
            getattr(contracts, platform)(text)
    whole = PLATFORMS["classroom50"].without_verdicts(State.UNGRADED, Circumstances({}, ENVIRONMENT, NOW))["result.json"]
    for old, new in (('"score": 0,', '"score": 0.0,'), ('"owner"', '"user"'), ("submit/", "tag/"), ('"max-score": 100', '"max-score": 99')):
        with pytest.raises(contracts.RefusedError):
            contracts.classroom50(whole.replace(old, new, 1))


# ---- Gradescope ------------------------------------------------------------------------------------------------------


def gradescope(graded: Graded, circumstances: Circumstances) -> dict:
    return taken("gradescope", PLATFORMS["gradescope"].result(graded, circumstances))


def test_an_ungraded_item_is_no_zero_on_gradescope(graded: Graded, circumstances: Circumstances) -> None:
    """It has neither score nor status, its name says so, and the output says how many points a person has to award."""
    found = gradescope(graded, circumstances)
    (test,) = [t for t in found["tests"] if t["extra_data"]["outcome"] == "ungraded"]
    assert "score" not in test
    assert "status" not in test
    assert test["name"].startswith("[ungraded] skipgram.sum")
    assert test["max_score"] == 6
    assert "6 points are ungraded: a person has to award them" in found["output"]
    assert found["extra_data"]["grade"]["ungraded_points"] == 6


def test_the_total_is_rounded_once(graded_as: Callable[..., Graded], circumstances: Circumstances) -> None:
    """Three thirds are one point, where their rounded scores add up to 0.99."""
    report = build(items=tuple(item(f"a.{n}", "1", "t", "1/3", "softmax", met()) for n in range(3)))
    found = gradescope(graded_as(report, {}), circumstances)
    assert found["score"] == 1.0
    assert [t["score"] for t in found["tests"]] == [0.33] * 3


def test_hidden_items_are_listed_with_their_visibility_and_nothing_of_their_evidence(graded: Graded, circumstances: Circumstances) -> None:
    """Gradescope keeps them from students until a date: what is in them is no more than an outcome."""
    tests = {t["extra_data"]["id"]: t for t in gradescope(graded, circumstances)["tests"]}
    assert len(tests) == len(graded.report.items)
    assert {i: t["visibility"] for i, t in tests.items() if t["visibility"] != "visible"} == {
        "normalize.values": "after_due_date", "neural.gradient": "hidden"}
    assert tests["neural.gradient"]["output"] == "partly. The gradient is wrong."
    assert tests["normalize.values"]["output"] == "not met. The function raises an exception."
    assert "0.6652" in tests["softmax.values"]["output"]


def test_the_public_output_and_leaderboard_do_not_tell_of_hidden_items(graded: Graded, circumstances: Circumstances) -> None:
    found = gradescope(graded, replace(circumstances, leaderboard=True))
    assert "further item" in found["output"]
    assert "neural.gradient" not in found["output"]
    (entry,) = found["leaderboard"]
    assert entry["value"] == float(graded.student.earned) != found["score"]


def test_the_course_decides_how_much_of_an_expected_value_is_shown(graded_as: Callable[..., Graded], circumstances: Circumstances) -> None:
    found = gradescope(graded_as(build(), {}, "relation"), circumstances)
    assert "0.787" not in str(found)
    assert "0.7054" in str(found)


def test_tests_are_numbered_by_section(public: Graded, circumstances: Circumstances) -> None:
    numbers = [t["number"] for t in gradescope(public, circumstances)["tests"]]
    assert numbers == ["1.1", "1.2", "1.3", "2.1", "2.2", "3.1", "3.2", "3.3", "4.1", "4.2", "4.3"]


@pytest.mark.parametrize(("created", "due", "said"), [
    ("2026-03-02T01:12:30.5-08:00", "2026-03-02T00:00:00-08:00", "handed in 1:12:31 after the due time"),
    ("2026-03-02T08:00:00+00:00", "2026-03-02T00:00:00-08:00", "handed in in time"),
    ("2026-03-02T08:00:01+00:00", "2026-03-02T00:00:00-08:00", "handed in 0:00:01 after the due time"),
    ("2026-03-03T08:00:00+00:00", "2026-03-02T00:00:00-08:00", "handed in 1 day after the due time."),
    ("2026-03-04T08:00:00+00:00", "2026-03-02T00:00:00-08:00", "handed in 2 days after the due time."),
    ("2026-03-03T08:00:01+00:00", "2026-03-02T00:00:00-08:00", "handed in 1 day, 0:00:01 after the due time."),
    ("2026-03-03T18:00:00+00:00", "2026-03-02T00:00:00-08:00", "handed in 1 day, 10:00:00 after the due time."),
    ("2026-03-02T08:00:01", "2026-03-02T00:00:00-08:00", "Attempt 1."),
    ("2026-03-02T08:00:01+00:00", None, "Attempt 1."),
])
def test_lateness_is_told_to_the_second(public: Graded, created: str, due: str | None, said: str) -> None:
    """In UTC, on either side of the due time; and not where it is not known."""
    metadata = {"created_at": created, "assignment": {"due_date": due}}
    assert said in gradescope(public, Circumstances(metadata, {}, NOW))["output"]


def test_attempts_are_counted_and_earlier_scores_kept(public: Graded, circumstances: Circumstances) -> None:
    found = gradescope(public, circumstances)
    assert found["output"].startswith("Attempt 3, handed in ")
    assert found["extra_data"]["grade"]["attempt"] == 3
    assert found["extra_data"]["grade"]["earlier_scores"] == [12.5, None]
    assert found["extra_data"]["grade"]["late_seconds"] == round(timedelta(hours=1, minutes=12, seconds=30.5).total_seconds())


@pytest.mark.parametrize("metadata", [{}, {"created_at": []}, {"assignment": "x"}, {"previous_submissions": [{"score": "nan"}]},
                                      {**METADATA, "created_at": "yesterday"}])
def test_metadata_of_another_shape_costs_nothing(public: Graded, metadata: dict) -> None:
    """Nothing is said of lateness, and the points are the same."""
    found = gradescope(public, Circumstances(metadata, {}, NOW))
    assert found["score"] == float(round(public.report.earned, 2))
    assert "Attempt" not in found["output"]


# ---- PrairieLearn ----------------------------------------------------------------------------------------------------


def test_an_ungraded_item_makes_an_attempt_not_gradable_on_prairielearn(public: Graded, circumstances: Circumstances) -> None:
    """There is no honest score then; and nothing of the others is told, or the attempt would be a free one."""
    found = taken("prairielearn", PLATFORMS["prairielearn"].result(public, circumstances))
    assert found["gradable"] is False
    assert "score" not in found
    (said,) = found["format_errors"]
    assert said.startswith("[ungraded] skipgram.sum: skipgram sums F over the context, for any F. This could not be judged")
    assert found["message"] == "6 of 44 points could not be judged, so this attempt does not count. Tell your instructor."
    assert found["tests"] == []
    assert "softmax" not in str(found)


def test_prairielearn_gets_the_share_of_public_points_and_no_hidden_item(judged: Graded, circumstances: Circumstances) -> None:
    found = taken("prairielearn", PLATFORMS["prairielearn"].result(judged, circumstances))
    assert found["score"] == pytest.approx(sum(t["points"] for t in found["tests"]) / sum(t["max_points"] for t in found["tests"]))
    assert "neural.gradient" not in str(found)
    assert "gradients of W1" not in str(found)


@pytest.mark.parametrize("platform", ["prairielearn", "gradescope"])
def test_a_result_stays_below_a_megabyte(platform: str, graded_as: Callable[..., Graded], circumstances: Circumstances) -> None:
    """Three hundred items with the longest messages that four bytes a character make."""
    verdict = not_met(Reason.RAISED, "\U0001f600" * 50_000, RAISED, hint="\U0001f600" * 50_000, notes=("\U0001f600" * 9000,) * 50)
    report = build(items=tuple(item(f"a.x{n}", "1", "\U0001f600" * 200, "1", "softmax", verdict) for n in range(300)))
    (text,) = PLATFORMS[platform].result(graded_as(report, {}), circumstances).values()
    assert len(text.encode()) < 1_200_000
    getattr(contracts, platform)(text)


# ---- Classroom 50 ----------------------------------------------------------------------------------------------------


def test_points_are_hundredths_on_classroom50(public: Graded, circumstances: Circumstances) -> None:
    """A third of a point survives as 33; the total is the sum of the tests."""
    found = taken("classroom50", PLATFORMS["classroom50"].result(public, circumstances))
    scores = {t["test-name"].split(":")[0]: (t["score"], t["max-score"], t["passed"]) for t in found["tests"]}
    assert scores["neural.gradient"] == (667, 1200, False)
    assert scores["sigmoid.values"] == (300, 300, True)
    assert scores["[ungraded] skipgram.sum"] == (0, 600, False)
    assert [t.get("ungraded", False) for t in found["tests"]].count(True) == 1


def test_classroom50_takes_group_and_review_as_the_runner_sets_them(public: Graded) -> None:
    environment = {**ENVIRONMENT, "MODE": "group", "REVIEW_URL": "", "OWNER": "team-1"}
    circumstances = Circumstances({}, environment, datetime(2026, 3, 2, 13, 0, 5, 9, tzinfo=UTC))
    found = taken("classroom50", PLATFORMS["classroom50"].result(public, circumstances))
    assert (found["assignment_type"], found["owner"], found["review"]) == ("group", "team-1", ENVIRONMENT["COMMIT_URL"])
    assert found["datetime"] == "2026-03-02T13:00:05Z"


@pytest.mark.parametrize("name", sorted({*ENVIRONMENT} - {"MODE", "REVIEW_URL"}))
def test_without_the_runners_variables_there_is_no_result(name: str, public: Graded) -> None:
    """Neither of what was graded nor a provisional one; which variable is missing is said. Two have another in their place."""
    for environment in ({k: v for k, v in ENVIRONMENT.items() if k != name}, ENVIRONMENT | {name: ""}):
        said = f"without these variables: {'OWNER or ' if name == 'USERNAME' else ''}{name}\\. "
        with pytest.raises(UsageError, match=said):
            PLATFORMS["classroom50"].result(public, Circumstances({}, environment, NOW))
        with pytest.raises(UsageError, match=said):
            PLATFORMS["classroom50"].without_verdicts(State.UNFINISHED, Circumstances({}, environment, NOW))


def test_a_tag_that_is_no_submissions_is_refused(public: Graded) -> None:
    with pytest.raises(UsageError, match="SUBMISSION_TAG=v1: a submission's tag begins with submit/"):
        PLATFORMS["classroom50"].result(public, Circumstances({}, ENVIRONMENT | {"SUBMISSION_TAG": "v1"}, NOW))


def test_the_runner_is_told_numbers_only(public: Graded, graded_as: Callable[..., Graded]) -> None:
    assert outputs(public) == {"status": "failure", "summary": "12.67/44 points"}
    whole = graded_as(build(items=(item("a.b", "1", "t", "2", "softmax", met()),)), {})
    assert outputs(whole) == {"status": "success", "summary": "2/2 points"}


def test_every_line_of_the_release_is_an_indented_block(graded_as: Callable[..., Graded], circumstances: Circumstances) -> None:
    """Nothing in it is Markdown or HTML, whatever a message says."""
    body = PLATFORMS["classroom50"].result(graded_as(hostile_report(), {}), circumstances)["release-body.md"]
    assert all(row.startswith("    ") for row in body.splitlines())


@pytest.mark.parametrize("count", [1, 38])
def test_a_release_is_no_longer_than_github_takes(count: int, graded_as: Callable[..., Graded], circumstances: Circumstances) -> None:
    """125 000 characters, and above that there is no release and no result: many short lines, each of which is indented."""
    verdict = not_met(Reason.RAISED, "m\n" * 50_000, RAISED, hint="\n" * 50_000, notes=("σ\n" * 9000,) * 50)
    report = build(items=tuple(item(f"a.x{n}", "1", "t" * 200, "1", "softmax", verdict) for n in range(count)))
    body = PLATFORMS["classroom50"].result(graded_as(report, {}), circumstances)["release-body.md"]
    assert len(body) <= 125_000
    assert all(row.startswith("    ") for row in body.splitlines())
    assert body.splitlines()[0] == f"    0 of {count} points"
    assert body.endswith("    … (there is no room for more)\n") is (len(body) > 100_000) is (count > 1)


# ---- check50 ---------------------------------------------------------------------------------------------------------


def test_blocked_and_ungraded_are_not_asked_for_check50(public: Graded, circumstances: Circumstances) -> None:
    found = taken("check50", PLATFORMS["check50"].result(public, circumstances))
    assert {r["name"]: r["passed"] for r in found["results"] if r["passed"] is not False} == {
        "softmax.probabilities": None, "sigmoid.values": True, "sigmoid_grad.values": True, "skipgram.sum": None}


# ---- hostile text ----------------------------------------------------------------------------------------------------


def hostile_report() -> GradeReport:
    """Messages, hints, notes, names, remarks: all of it."""
    verdict = not_met(Reason.RAISED, HOSTILE, replace(RAISED, type=HOSTILE, message=HOSTILE * 900), hint=HOSTILE, notes=(HOSTILE,))
    return build(
        items=(item("a.b", HOSTILE, HOSTILE, "2", "softmax", verdict),),
        submission=Submitted(HOSTILE, "00", (SourceText("x.py", HOSTILE),), (HOSTILE * 50,)),
    )


@pytest.mark.parametrize("platform", PLATFORMS)
def test_hostile_text_stays_text(platform: str, circumstances: Circumstances) -> None:
    """No control character, no bidi override, no lone surrogate; and Gradescope is told that it is plain text."""
    files = PLATFORMS[platform].result(graded_from(hostile_report(), {}), circumstances)
    for text in files.values():
        text.encode()
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e]", text)
    found = taken(platform, files)
    if platform == "gradescope":
        assert {found["output_format"], *(t["output_format"] for t in found["tests"]), *(t["name_format"] for t in found["tests"])} == {"text"}


def test_points_of_the_sample_are_what_these_tests_count_with(public: Graded) -> None:
    assert public.report.earned == Fraction(12, 9) * 5 + 6
