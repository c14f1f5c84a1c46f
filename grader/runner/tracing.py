"""For authors of courses: what an import needs that a submission may not do."""

from collections.abc import Sequence

from grader.core.observation import Raised, Returned
from grader.core.probe import Group, Probe
from grader.runner.forkserver import ForkServer
from grader.runner.protocol import Limits, Program, Source

_SECONDS = 60.0  # scipy.stats takes 2
_OUTPUT = 1 << 16  # bytes: some hundred refused calls


def trace_import(module: str, packages: Sequence[str]) -> str:
    """Import a module at level B; the refused system calls, line by line, and how it ended."""
    text = f"def f():\n    import {module}\n"
    program = Program((Source("submit", "submit.py", text),), {"f": ("submit",)}, packages=tuple(packages))
    with ForkServer(Limits(output=_OUTPUT), level="trace") as server:
        ((answer,),) = server.observe(program, [Group((Probe("f", ()),), _SECONDS)])
    if isinstance(answer, Returned):
        return f"{answer.printed}{module} was imported."
    if isinstance(answer, Raised):
        return f"{answer.printed}{module} was not imported: {answer.type}: {answer.message}"
    return f"{module} was not imported: {answer}"
