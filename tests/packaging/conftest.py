"""An autograder.zip, unpacked and set up in a scratch root as Gradescope does it at ``/autograder``, from local wheels."""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from grader.packaging import gradescope
from grader.packaging.bundle import Contents, requirements

COURSE = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the grader needs, as wheels, made of what is installed: no index is asked, nothing is compiled."""
    folder = tmp_path_factory.mktemp("wheels")
    for name, _, _ in (r.partition("==") for r in requirements()):
        _wheel(metadata.distribution(name), folder)
    return folder


def _wheel(distribution: metadata.Distribution, folder: Path) -> None:
    tags = [row.split(": ")[1].split("-") for row in distribution.read_text("WHEEL").splitlines() if row.startswith("Tag: ")]
    tag = "-".join(".".join(dict.fromkeys(parts)) for parts in zip(*tags, strict=True))
    stem = f"{distribution.name.replace('-', '_').replace('.', '_')}-{distribution.version}"
    with zipfile.ZipFile(folder / f"{stem}-{tag}.whl", "w") as archive:
        for file in distribution.files:
            if ".." not in file.parts and "__pycache__" not in file.parts and file.name not in ("INSTALLER", "REQUESTED"):
                archive.write(file.locate(), str(file))


class Container:
    """The scratch root, and what the platform's harness does in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = {"PATH": f"{root}/bin", "AUTOGRADER_ROOT": str(root), "PIP_NO_COMPILE": "1",
                            "PIP_CONFIG_FILE": os.devnull, "LC_ALL": "C.UTF-8"}

    def hand_in(self, *files: Path, **sources: str) -> None:
        """A fresh container: nothing of the last submission is left."""
        for folder in ("submission", "results"):
            shutil.rmtree(self.root / folder, ignore_errors=True)
            (self.root / folder).mkdir()
        for file in files:
            shutil.copy(file, self.root / "submission")
        for name, text in sources.items():
            (self.root / "submission" / f"{name}.py").write_text(text)

    def start(self) -> "subprocess.Popen[bytes]":
        """In a session of its own, so that all of it can be ended as a container is."""
        return subprocess.Popen([self.root / "run_autograder"], cwd=self.root, env=self.environment, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, start_new_session=True)

    def run(self) -> "tuple[str, str]":
        """The result, and what the instructor sees of the output."""
        process = self.start()
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        return self.result(), output.decode()

    def result(self) -> str:
        return (self.root / "results" / "results.json").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def container(assignment, wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    archive = tmp_path_factory.mktemp("zip") / "autograder.zip"
    gradescope.write(Contents(COURSE, assignment, wheels=wheels), archive)
    root = Path(tempfile.mkdtemp(prefix="autograder-"))
    root.chmod(0o755)
    try:
        yield _built(root, archive)
    finally:
        shutil.rmtree(root)


def _built(root: Path, archive: Path) -> Container:
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(root / "source")
    shutil.copy(root / "source/run_autograder", root)
    (root / "run_autograder").chmod(0o755)
    _programs(root / "bin")
    container = Container(root)
    setup = subprocess.run(["bash", "source/setup.sh"], cwd=root, env=container.environment, capture_output=True, text=True, timeout=300,
                           check=False)
    assert setup.returncode == 0, setup.stdout + setup.stderr
    return container


def _programs(folder: Path) -> None:
    """A plain image: no bubblewrap, and no interpreter but the one that the wheels are for, whatever this machine has."""
    folder.mkdir()
    for name in ("bash", "chmod", "cp", "mkdir", "mv"):
        (folder / name).symlink_to(shutil.which(name))
    for name in ("python3.14", "python3.13", "python3.12", "python3.11", "python3"):
        (folder / name).write_text(f'#!/bin/sh\nexec {sys._base_executable} "$@"\n')
        (folder / name).chmod(0o755)
