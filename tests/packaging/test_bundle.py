"""What a package holds, and what its author is told."""

import json
import shutil
import stat
import subprocess
import zipfile
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from grader.core.errors import CourseError, UsageError
from grader.course import load_assignment
from grader.packaging import gradescope, prairielearn
from grader.packaging.bundle import Contents, payload, requirements
from tests.course.conftest import INTERFACE, RUBRIC, write_assignment
from tests.report.platforms import contracts


@pytest.fixture
def contents(tmp_path: Path) -> Contents:
    """A course of two assignments, of which one is packaged."""
    for slug in ("demo", "other"):
        interface, rubric = (text.replace('"demo"', f'"{slug}"') for text in (INTERFACE, RUBRIC))
        write_assignment(tmp_path / "course", interface, rubric=rubric, slug=slug)
    (tmp_path / "course/reference/demo/.secret").write_text("x")
    return Contents(tmp_path / "course", load_assignment(tmp_path / "course", "demo"))


def fake_wheels(folder: Path, leaving_out: str = "") -> Path:
    folder.mkdir()
    for name, _, version in (r.partition("==") for r in requirements()):
        if name != leaving_out:
            (folder / f"{name.capitalize().replace('-', '_')}-{version}-py3-none-any.whl").write_bytes(b"x")
    (folder / "notes.txt").write_text("x")
    return folder


def names(archive: Path) -> set[str]:
    with zipfile.ZipFile(archive) as packed:
        return set(packed.namelist())


def test_the_archive_is_the_same_twice_whatever_the_clock_says(contents: Contents, tmp_path: Path) -> None:
    gradescope.write(contents, tmp_path / "a.zip")
    for file in (contents.course / "reference").rglob("*.py"):
        file.touch()
    gradescope.write(contents, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_the_two_scripts_are_at_the_root_and_executable_and_nothing_else_is(contents: Contents, tmp_path: Path) -> None:
    gradescope.write(contents, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        modes = {m.filename: m.external_attr >> 16 for m in packed.infolist()}
        assert packed.read("run_autograder").startswith(b"#!/usr/bin/env bash\n")
    assert {name for name, mode in modes.items() if mode & stat.S_IXUSR} == {"setup.sh", "run_autograder"}
    assert all(stat.S_ISREG(mode) for mode in modes.values())


def test_one_assignment_travels_and_no_other(contents: Contents, tmp_path: Path) -> None:
    """Nor caches and hidden files; the whole grader does, with its templates and scripts."""
    gradescope.write(contents, tmp_path / "a.zip")
    found = names(tmp_path / "a.zip")
    assert {n for n in found if n.startswith("course/")} == {
        "course/reference/demo/interface.py", "course/reference/demo/solutions.py", "course/rubrics/demo.toml"}
    assert {"grade/grader/__main__.py", "grade/grader/worker/seccomp.py", "grade/grader/report/templates/report.html.j2",
            "grade/grader/packaging/files/gradescope/setup.sh"} <= found
    assert not [n for n in found if "__pycache__" in n or n.endswith(".pyc") or "/." in n]


def test_a_link_that_leads_out_of_the_assignment_is_refused(contents: Contents, tmp_path: Path) -> None:
    """It would be followed here, where it may lead to another assignment's reference."""
    (contents.course / "reference/demo/data.py").symlink_to(contents.course / "reference/other/solutions.py")
    with pytest.raises(CourseError, match=r"this link leads out of the folder that is packaged. Put the file itself there."):
        gradescope.write(contents, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


def test_the_provisional_result_is_in_it_and_is_no_pass(contents: Contents) -> None:
    for platform in ("gradescope", "prairielearn"):
        text = next(e.content for e in payload(contents, platform) if e.name == "provisional.json").decode()
        found = getattr(contracts, platform)(text)
        assert "did not finish" in text
        assert found.get("score", 0) == 0
        assert found["tests"] == []


def test_what_is_installed_is_pinned(contents: Contents) -> None:
    """To the versions that the author graded with, and what it needs in turn, too; test tools are not among it, nor what Windows needs."""
    assert all(r.count("==") == 1 for r in requirements())
    pinned = {r.partition("==")[0] for r in requirements()}
    assert {"numpy", "pydantic", "jinja2", "typer", "pyyaml", "rich", "pydantic-core", "markupsafe", "mdurl"} <= pinned
    assert not {"pytest", "distributed", "colorama", "grade-numeric"} & pinned


def test_what_is_needed_at_second_hand_is_a_wheel_too(contents: Contents, tmp_path: Path) -> None:
    """No index is asked when the image is built, so the wheels that the course's author would list are not enough."""
    with pytest.raises(UsageError, match=r"there is no wheel for Linux of mdurl==[\d.]+\. Get them, on Linux, with: pip download .*mdurl=="):
        gradescope.write(replace(contents, wheels=fake_wheels(tmp_path / "w", "mdurl")), tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


def test_wheels_are_bundled_and_one_that_is_missing_is_named(contents: Contents, tmp_path: Path) -> None:
    """Upper and lower case of file names do not matter, versions do."""
    gradescope.write(replace(contents, wheels=fake_wheels(tmp_path / "w")), tmp_path / "a.zip")
    assert len([n for n in names(tmp_path / "a.zip") if n.startswith("wheels/")]) == len(requirements())
    with pytest.raises(UsageError, match=r"--wheels .*lacking: there is no wheel for Linux of numpy==[\d.]+\. Get them, on Linux, with: pip download"):
        gradescope.write(replace(contents, wheels=fake_wheels(tmp_path / "lacking", "numpy")), tmp_path / "b.zip")
    (wheel,) = (tmp_path / "w").glob("Numpy-*")
    wheel.rename(wheel.with_name("numpy-0.1-py3-none-any.whl"))
    with pytest.raises(UsageError, match="there is no wheel for Linux of numpy=="):
        gradescope.write(replace(contents, wheels=tmp_path / "w"), tmp_path / "b.zip")


@pytest.mark.parametrize(("tag", "fits"), [
    ("cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64", True), ("cp312-cp312-linux_x86_64", True),
    ("cp312-cp312-macosx_14_0_arm64", False), ("cp312-cp312-win_amd64", False), ("cp312-cp312-musllinux_1_2_x86_64", False),
])
def test_a_wheel_for_another_system_is_none(tag: str, fits: bool, contents: Contents, tmp_path: Path) -> None:
    """The images are Linux with glibc; pip on a Mac downloads what fits a Mac, and building the image would fail."""
    (wheel,) = fake_wheels(tmp_path / "w").glob("Numpy-*")
    wheel.rename(wheel.with_name(wheel.name.replace("py3-none-any", tag)))
    with nullcontext() if fits else pytest.raises(UsageError, match=r"w: there is no wheel for Linux of numpy==[\d.]+\. Get them, on Linux, with: pip"):
        gradescope.write(replace(contents, wheels=tmp_path / "w"), tmp_path / "a.zip")
    assert (tmp_path / "a.zip").exists() is fits


def test_the_author_is_told_of_what_is_loose(contents: Contents, tmp_path: Path) -> None:
    (index,) = gradescope.write(contents, tmp_path / "a.zip")
    assert index.startswith("What the grader needs is installed from the package index")
    _, loud = gradescope.write(replace(contents, demand="best-effort"), tmp_path / "a.zip", leaderboard=True)
    assert "look at the level that each result tells" in loud
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        assert packed.read("options").decode().split("\n") == ["--assignment", "demo", "--isolation", "best-effort", "--leaderboard", ""]


@pytest.mark.parametrize("script", ["gradescope/setup.sh", "gradescope/run_autograder", "prairielearn/run.sh"])
def test_the_scripts_are_valid_bash(script: str) -> None:
    import grader.packaging

    file = Path(grader.packaging.__file__).parent / "files" / script
    assert subprocess.run([shutil.which("bash"), "-n", file], check=False).returncode == 0


# ---- PrairieLearn ----------------------------------------------------------------------------------------------------


def test_a_prairielearn_question_has_the_files_that_its_info_names(contents: Contents, tmp_path: Path) -> None:
    out = tmp_path / "pl"
    notes = prairielearn.write(contents, out, "me/grade:1")
    info = json.loads((out / "questions/demo/info.json").read_text())
    options = info["externalGradingOptions"]
    assert (info["gradingMethod"], info["type"], options["enabled"], options["image"]) == ("External", "v3", True, "me/grade:1")
    assert options["timeout"] == 60
    entrypoint = out / "questions/demo" / options["entrypoint"].removeprefix("/grade/")
    assert entrypoint.stat().st_mode & stat.S_IXUSR
    assert (out / "questions/demo/tests/course/rubrics/demo.toml").exists()
    assert (out / "image/requirements.txt").read_text().splitlines() == list(requirements())
    assert notes[0] == f"Build the image once: docker build -t me/grade:1 {out}/image"


def test_a_question_keeps_its_number(contents: Contents, tmp_path: Path) -> None:
    """PrairieLearn would take another uuid for another question, and forget its grades."""
    for out in ("a", "b"):
        prairielearn.write(contents, tmp_path / out, "x")
    assert (tmp_path / "a/questions/demo/info.json").read_text() == (tmp_path / "b/questions/demo/info.json").read_text()


def test_a_folder_that_is_not_empty_is_left_alone(contents: Contents, tmp_path: Path) -> None:
    (tmp_path / "pl").mkdir()
    (tmp_path / "pl/mine").write_text("x")
    with pytest.raises(UsageError, match=r"this exists and is not empty. Name a new folder."):
        prairielearn.write(contents, tmp_path / "pl", "x")


def test_items_that_prairielearn_cannot_hide_are_told_of(contents: Contents, tmp_path: Path) -> None:
    rubric = contents.course / "rubrics/demo.toml"
    rubric.write_text(RUBRIC.replace("points = \"1/3\"", "points = \"1/3\"\nvisibility = \"hidden\""))
    notes = prairielearn.write(replace(contents, assignment=load_assignment(contents.course, "demo")), tmp_path / "pl", "x")
    assert "it asks the public items alone: 1 of 2 are left to a run of yours." in notes[1]
