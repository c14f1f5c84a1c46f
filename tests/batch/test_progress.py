"""What a run says of itself is for whoever listens, and no reason to end it."""

import errno
import io

import pytest

from grader.batch.progress import progress


@pytest.mark.parametrize("number", [errno.EPIPE, errno.ENOSPC])
def test_a_reader_who_has_gone_ends_no_run(number: int) -> None:
    """As in ``grade class 2>&1 | head``, or with a log on a full disk."""

    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(number, "gone")

    with progress("grading", 3, quiet=False, stream=Gone()) as advance:
        for _ in range(3):
            advance()
