"""A child that cannot begin ends alone: what the zygote does at its own end would end the other children."""

import os
import socket
from types import SimpleNamespace

from grader.worker.wire import CUT_OFF
from grader.worker.zygote import _Zygote


def test_a_child_without_its_memory_ends_at_once() -> None:
    """With the status of a worker that can say nothing; no exception comes up to where the zygote's are handled."""
    control, other = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            _Zygote._born(SimpleNamespace(control=control), 0, 1, 2, 1_000_000)  # type: ignore[arg-type]
        finally:
            os._exit(1)
    control.close()
    other.close()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == CUT_OFF
