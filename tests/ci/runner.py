"""A small runner: the steps of an action or a workflow, in a clean shell with the variables that the service sets."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
ACTION = ROOT / ".github" / "actions" / "grade" / "action.yml"


@dataclass
class Done:
    """What the steps did: the log, what was written for the runner, and the first exit code that is not 0."""

    log: str
    code: int
    outputs: str
    summary: str
    ran: list[str] = field(default_factory=list)


def action() -> dict[str, Any]:
    """The action as YAML."""
    loaded: dict[str, Any] = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    return loaded


def run_action(workspace: Path, temp: Path, **given: str) -> Done:
    """Run the shell steps of the action in a repository; steps that use other actions, and the installation, are left out."""
    inputs = {name: str(i["default"]) for name, i in action()["inputs"].items()} | {k.replace("_", "-"): v for k, v in given.items()}
    temp.mkdir(exist_ok=True)
    done = Done("", 0, "", "")
    for step in action()["runs"]["steps"]:
        if "run" not in step or step["name"] == "Install grade" or not _wanted(step.get("if", ""), inputs, done.code):
            continue
        assert step["shell"] == "bash"
        env = {name: substituted(value, inputs) for name, value in step.get("env", {}).items()}
        finished = shell(step["run"], workspace, clean(workspace, temp) | env)
        done.ran.append(step["name"])
        done.log += finished.stdout + finished.stderr
        done.code = done.code or finished.returncode
    read = [(temp / name).read_text(encoding="utf-8") if (temp / name).exists() else "" for name in ("output", "summary")]
    done.outputs, done.summary = read
    return done


def shell(text: str, workspace: Path, env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """As the runner starts ``shell: bash``."""
    script = Path(env["RUNNER_TEMP"]) / "step.sh"
    script.write_text(text, encoding="utf-8")
    return subprocess.run(["/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)], cwd=workspace, env=env,
                          capture_output=True, text=True, timeout=120, check=False)


def clean(workspace: Path, temp: Path) -> dict[str, str]:
    """Only what the service sets, and a path with this environment's commands."""
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin", "HOME": str(temp), "LANG": "C.UTF-8", "CI": "true",
        "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(workspace), "GITHUB_ACTION_PATH": str(ACTION.parent),
        "GITHUB_OUTPUT": str(temp / "output"), "GITHUB_STEP_SUMMARY": str(temp / "summary"), "RUNNER_TEMP": str(temp),
    }


def substituted(text: str, inputs: dict[str, str]) -> str:
    """``${{ inputs.name }}`` filled in; any other expression is an error here."""
    return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: inputs[found[1]], text)


def _wanted(condition: str, inputs: dict[str, str], code: int) -> bool:
    if condition == "always()":
        return True
    if found := re.fullmatch(r"inputs\.([\w-]+) != ''", condition):
        return code == 0 and inputs[found[1]] != ""
    assert condition == "", condition
    return code == 0
