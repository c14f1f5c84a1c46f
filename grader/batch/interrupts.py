"""Ctrl-C, at moments of our choosing."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Self


class Interrupts:
    """A context in which Ctrl-C raises `KeyboardInterrupt` between two steps, and never within one.

    Raised where Python swallows it, in the ``__del__`` of some library, it is not told there, but raised again after the next step.

    Outside of the main thread, where no signal arrives, it does nothing.
    """

    def __init__(self) -> None:
        self._shielded = False
        self._pending = False

    def __enter__(self) -> Self:
        self._handles = threading.current_thread() is threading.main_thread()
        if self._handles:
            self._before = signal.signal(signal.SIGINT, self._arrived)
            self._telling, sys.unraisablehook = sys.unraisablehook, self._swallowed
        return self

    def __exit__(self, *exc: object) -> None:
        if self._handles:
            signal.signal(signal.SIGINT, self._before)
            sys.unraisablehook = self._telling

    def _arrived(self, _signal: int, _frame: FrameType | None) -> None:
        self._pending = True
        if not self._shielded:
            raise KeyboardInterrupt

    def _swallowed(self, what: "sys.UnraisableHookArgs") -> None:
        if what.exc_type is not KeyboardInterrupt:
            self._telling(what)

    def obeyed(self) -> None:
        """What was asked for so far has been done."""
        self._pending = False

    @contextmanager
    def shield(self) -> Iterator[None]:
        """What is begun here is ended before anybody is interrupted."""
        self._shielded = True
        try:
            yield
        finally:
            self._shielded = False
        if self._pending:
            self._pending = False
            raise KeyboardInterrupt
