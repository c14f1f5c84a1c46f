"""One call of a student's function: arguments built, state reset, outcome noted.

Every call starts from the same state, whatever earlier calls or the loading of a module did to it: ``random`` and
``np.random`` seeded with 0, numpy's error handling, warning filters, recursion limit, working directory, environment and
standard streams as at the start, no alarm set. So repeated calls see equal random streams.
"""

import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from mmap import mmap
from traceback import walk_tb
from typing import Any, Final

import numpy as np
from numpy import ndarray

from .capture import Capture
from .generators import seed as _seed
from .plain import described, plain, text, type_name
from .standins import build
from .wire import Bounds, Tagged, Tree, WireError, encode, frame_sizes

MAX_FRAMES: Final = 10  # lines of a traceback; of a deep recursion the last ones are kept
MAX_MESSAGE: Final = 2000  # characters of an exception's message
MAX_LINE: Final = 300  # characters of a source line or file name in a traceback
BALLAST: Final = 4 << 20  # bytes: Python takes its memory in pieces of 1 MiB
_PARTS, _HELD = 8, 1 << 20  # results that are looked at again, and bytes of each at most
_RECURSION: Final = sys.getrecursionlimit()
_FILTERS: Final = tuple(warnings.filters)

# taken before any student code runs: whoever patches these afterwards changes nothing here
_chdir, _fsdecode, _alarm, _setitimer = os.chdir, os.fsdecode, signal.alarm, signal.setitimer
_VIRTUAL, _PROF = signal.ITIMER_VIRTUAL, signal.ITIMER_PROF
_setrecursionlimit, _settrace, _setprofile, _resetwarnings = sys.setrecursionlimit, sys.settrace, sys.setprofile, warnings.resetwarnings
_environ = os.environ
_variables: Final[dict[bytes, bytes]] = os.environ._data  # type: ignore[attr-defined]  # noqa: SLF001 - to compare it quickly
_geterr, _seterr = np.geterr, np.seterr
_errors: Callable[[], Any]
_set_errors: Callable[[Any], object]
try:  # numpy 2 keeps its error handling in one object, and `geterr` makes a dict of it that takes long
    from numpy._core.umath import _extobj_contextvar

    _errors, _set_errors = _extobj_contextvar.get, _extobj_contextvar.set
except ImportError:
    def _set_errors(kept: Any) -> object:
        return _seterr(**kept)

    _errors = _geterr
_NUMPY_ERRORS: Final = _errors()
_traceback_of: Final[Callable[[BaseException], Any]] = BaseException.__dict__["__traceback__"].__get__


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls functions and says what happened.

    Parameters
    ----------
    capture : Capture
        Where printed text goes.
    lines : mapping of str to list of str
        The student's files by path, line by line.
    environment : dict of bytes to bytes
        Environment variables; ``HOME`` is the scratch directory.
    bounds : Bounds
        What the grader reads of one answer.
    ballast : mmap
        Address space, never touched, that is given up to say that there is none left.
    stateless : bool
        Whether nothing that is called keeps anything, or changes what is reset but by drawing random numbers and printing.
    returned : list of (ndarray, bytes)
        The arrays that the latest call returned, and what they held then: they must not change any more.
    """

    capture: Capture
    lines: Mapping[str, Sequence[str]]
    environment: dict[bytes, bytes]
    bounds: Bounds
    stateless: bool = False
    ballast: mmap = field(default_factory=lambda: mmap(-1, BALLAST))
    returned: list[tuple[ndarray, bytes]] = field(default_factory=list)

    def call(self, function: Callable[..., Any], args: Sequence[Tree], own: Callable[[str], Any]) -> Tree:
        """The record of one call: ``returned`` or ``raised``."""
        notes: list[Tree] = []
        try:
            self.renew() if self.stateless else self.reset()
            built = [a.copy() if type(a) is ndarray else self._argument(i, a, own, notes) for i, a in enumerate(args)]
            value = function(*built)
            stale = not self.stateless and self._is_stale(value)
            value = plain(value, self.bounds.body // 2)  # the other half is for what the stand-ins noted
            changed = () if all(map(_same, args, built)) else self._changed(args, built)
            return _returned(value, changed, self.capture.printed(), notes, stale=stale)
        except BaseException as error:  # noqa: BLE001 - SystemExit and KeyboardInterrupt are a student's outcomes too
            return self.raised(error)

    def _is_stale(self, value: object) -> bool:
        """Whether an array that the call before returned has changed since; those of this value are kept for the next call."""
        stale = any(array.tobytes() != held for array, held in self.returned)
        self.returned[:] = _arrays(value)
        return stale

    def _changed(self, sent: Sequence[Tree], now: Sequence[Any]) -> list[int]:
        """Which arguments have not the value any more that was sent."""
        return [i for i, (a, b) in enumerate(zip(sent, now, strict=True)) if not _same(a, b) and self._differs(a, b)]

    def _differs(self, sent: Tree, now: Any) -> bool:
        """Whether an argument that is not the `_same` object any more has another value."""
        if not isinstance(sent, ndarray | list | tuple | dict):
            return False
        return isinstance(sent, ndarray) or encode(plain(now, self.bounds.body)) != encode(sent)

    def raised(self, error: BaseException) -> Tree:
        """The record of an exception, with the student's own lines only."""
        cls = type(error)
        if issubclass(cls, MemoryError):  # numpy raises a private subclass
            cls = MemoryError
            self.ballast.close()
        return {"kind": "raised", "type": type_name(cls), "message": described(str, error, MAX_MESSAGE),
                "frames": self._frames(error), "printed": self.capture.printed()}

    def _frames(self, error: BaseException) -> list[Tree]:
        places = [p for p in _places(error) if p[0] in self.lines][-MAX_FRAMES:]
        return [(text(path)[:MAX_LINE], line, text(name)[:MAX_LINE], self._line(path, line)) for path, line, name in places]

    def _line(self, path: str, number: int) -> str:
        lines = self.lines[path]
        return lines[number - 1].strip()[:MAX_LINE] if 0 < number <= len(lines) else ""

    def _argument(self, position: int, arg: Tree, own: Callable[[str], Any], notes: list[Tree]) -> Any:
        """An argument as the function takes it; arrays are the call's own copies."""
        match arg:
            case ndarray():
                return arg.copy()
            case Tagged("own", fields):
                return own(fields["function"])
            case Tagged("stand_in", fields):
                room = [int(fields["record"])]

                def note(method: str, args: tuple[Any, ...]) -> None:
                    if room[0] > 0:
                        room[0] -= 1
                        notes.append((position, method, plain(args, self.bounds.body // 4)))

                return build(fields["name"], fields["data"], note)
            case list():
                return [self._argument(position, a, own, notes) for a in arg]
            case tuple():
                return tuple([self._argument(position, a, own, notes) for a in arg])
            case dict():
                return {k: self._argument(position, a, own, notes) for k, a in arg.items()}
            case _:
                return arg

    def reset(self) -> None:
        """The state that every call starts from."""
        _setrecursionlimit(_RECURSION)
        _alarm(0)
        _setitimer(_VIRTUAL, 0)
        _setitimer(_PROF, 0)
        _settrace(None)
        _setprofile(None)
        os.environ = _environ  # noqa: B003 - undoes a student's doing just this
        if _variables != self.environment:
            _environ.clear()
            _environ.update((_fsdecode(k), _fsdecode(v)) for k, v in self.environment.items())
        self._go_home()
        self.renew()

    def renew(self) -> None:
        """Of that state, what every call changes: warnings that have appeared, random numbers that were drawn, printed text."""
        _resetwarnings()  # that the filters were touched makes each warning appear once again
        warnings.filters[:] = _FILTERS  # type: ignore[index]
        if _errors() != _NUMPY_ERRORS:
            _set_errors(_NUMPY_ERRORS)
        _seed()
        if not (self.stateless and self.capture.was_silent):
            self.capture.start()

    def _go_home(self) -> None:
        try:
            _chdir(self.environment[b"HOME"])
        except OSError:  # a submission may remove its own directory
            return

    def encoded(self, record: Tree) -> bytes:
        """The frame of an answer; its values are left out where the grader would not read so much."""
        try:
            frame = encode(record)
            if len(frame) > min(self.bounds.header, self.bounds.body):
                frame_sizes(frame, self.bounds)
        except WireError:
            too_much = Tagged("opaque", {"type": type_name(type(record.get("value"))), "text": "(too much to be returned)"})
            return encode({**record, "value": too_much, "calls": []})
        return frame


def _returned(value: Tree, changed: Sequence[int], printed: str, notes: list[Tree], *, stale: bool) -> Tree:
    """The record of a call that returned; of most there is nothing else to say."""
    record: dict[str, Tree] = {"kind": "returned", "value": value}
    if changed:
        record["changed"] = list(changed)
    if printed:
        record["printed"] = printed
    if notes:
        record["calls"] = notes
    if stale:
        record["stale"] = True
    return record


def _arrays(value: Any) -> list[tuple[ndarray, bytes]]:
    """The arrays in what was returned, and what they hold; a few, and none that is large."""
    parts = value[:_PARTS] if type(value) is tuple or type(value) is list else (value,)
    return [(part, part.tobytes()) for part in parts if type(part) is ndarray and part.nbytes <= _HELD]


def _places(error: BaseException) -> Iterator[tuple[str, int, str]]:
    for frame, line in walk_tb(_traceback_of(error)):
        yield frame.f_code.co_filename, line, frame.f_code.co_name
    if isinstance(error, SyntaxError) and type(error.filename) is str and type(error.lineno) is int:
        yield error.filename, error.lineno, "<module>"


def _same(sent: Tree, now: Any) -> bool:
    """Whether a value is as it was sent, down to the very objects in it: a no may only mean that one was replaced by an equal one."""
    cls = type(sent)
    if cls is ndarray:  # a copy was handed over
        return type(now) is ndarray and now.shape == sent.shape and now.dtype == sent.dtype and now.tobytes() == sent.tobytes()
    if cls is list or cls is tuple:
        return type(now) is cls and len(now) == len(sent) and all(map(_same, sent, now))
    if cls is dict:
        return type(now) is dict and len(now) == len(sent) and all(map(_same, sent, now)) and all(map(_same, sent.values(), now.values()))
    return now is sent
