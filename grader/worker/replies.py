"""Answers on their way to the grader: one write for many of them, and none lost with the process.

Until they are sent, answers lie in memory that the grader can read too. So it knows each answer that was given before the
call that ended the process or takes long, and waking it for every single one is spared. To the grader both are one stream of bytes, as
hostile as the rest: the head of the shared memory says how much of it was sent, and how much more waits.
"""

import os
import struct
import time
from typing import Any, Final

END: Final = {"kind": "end"}
"""Follows the answers to a group of calls: without it, an answer too many would be taken for the first to the next group."""
WHOLE: Final = b"end"
"""The last bytes of a question that is sent: whoever takes some from the pipe spoils the process, and no answer."""
HEAD: Final = struct.Struct("=QQ")
CAPACITY: Final = 256 << 10  # bytes that wait at most: the answers to a usual group twice over
LATE: Final = 0.01  # seconds that answers wait while there are more questions
_write, _monotonic = os.write, time.monotonic  # taken here: a student may replace them


class Replies:
    """The stream of answers.

    Parameters
    ----------
    fd : int
        Pipe to the grader.
    shared : mmap
        `HEAD.size + CAPACITY` bytes that the grader can read too.
    """

    def __init__(self, fd: int, shared: Any) -> None:
        self._fd, self._shared = fd, shared
        self._sent = self._waiting = 0
        self._flushed = _monotonic()

    def add(self, frame: bytes) -> None:
        """One more answer; sent with the next `flush`, if the process ends before then: read by the grader."""
        if self._waiting + len(frame) > CAPACITY:
            self.flush()
        if len(frame) > CAPACITY:
            self._send(memoryview(frame))
            return self._note()
        start = HEAD.size + self._waiting
        self._shared[start : start + len(frame)] = frame
        self._waiting += len(frame)
        return self._note()

    def flush(self) -> None:
        """Send what waits."""
        with memoryview(self._shared) as shared:
            self._send(shared[HEAD.size : HEAD.size + self._waiting])
        self._waiting = 0
        self._flushed = _monotonic()
        self._note()

    def are_late(self) -> bool:
        """Whether nothing was sent for so long that the grader should have what waits."""
        return _monotonic() - self._flushed > LATE

    def _send(self, view: memoryview) -> None:
        self._sent += len(view)
        while view:
            view = view[_write(self._fd, view) :]

    def _note(self) -> None:
        HEAD.pack_into(self._shared, 0, self._sent, self._waiting)


def left(shared: bytes, received: int) -> bytes:
    """What of the stream was never sent, for a grader that has received so many bytes; `shared` is a copy of the memory.

    Nothing if the head contradicts that.
    """
    sent, waiting = HEAD.unpack_from(shared) if len(shared) >= HEAD.size else (0, 0)
    return shared[HEAD.size + received - sent : HEAD.size + waiting] if sent <= received <= sent + waiting else b""
