"""What a call prints: kept up to a limit, counted and thrown away beyond it, so that honest code may print a lot.

Descriptor 1 and 2 are one anonymous file that the grader holds too: what a call printed before it ended the process is not
lost. ``sys.stdout`` writes through to it; C code writes to it directly, up to the limit on file sizes.
"""

import io
import os
import sys
from collections.abc import Buffer

OUTPUT_FD = 1


class Bounded(io.RawIOBase):
    """Writes `limit` bytes to descriptor 1, then counts only."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.written = 0

    def writable(self) -> bool:
        """True: this is all that it is for."""
        return True

    def fileno(self) -> int:
        """The descriptor that it writes to."""
        return OUTPUT_FD

    def write(self, data: "Buffer") -> int:
        """Take all of it, keep what there is room for."""
        view = memoryview(data).cast("B")
        room = self.limit - self.written
        self.written += len(view)
        if room > 0:
            _write(OUTPUT_FD, view[:room])
        return len(view)


_write, _lseek, _pread, _ftruncate = os.write, os.lseek, os.pread, os.ftruncate
