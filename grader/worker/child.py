"""The life of a child: confine itself, read the program, then load modules and answer groups of calls until it is ended.

Requests and answers are frames on two pipes. The first answer says that every layer of confinement stands; until then no
byte of the submission has been read. Each call is answered by a frame of its own, so that the grader knows which one ended
the process; see `replies`.
"""

import gc
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Final, NoReturn

from .calls import Caller
from .capture import Capture
from .confine import LEVELS, REQUEST_FD, Room
from .modules import File, Modules, Plan
from .plain import described, type_name
from .replies import END, WHOLE, Replies
from .shared import Shared
from .wire import CUT_OFF, UNBOUNDED, Bounds, FrameReader, Tree, encode

_END: Final = encode(END)
_SMALL: Final = 4096  # bytes of an answer that is kept for the same call: those to three hundred calls take 1 MB of a student's memory
_exit, _collect = os._exit, gc.collect


def live(room: Room) -> NoReturn:
    """Everything after the fork; ends in `os._exit` or a signal."""
    try:
        confined(room)
        replies = Replies(room.reply_fd, room.shared)
        replies.add(encode({"ready": True}))
        replies.flush()
        _Child(FrameReader(UNBOUNDED), replies, room.questions, room.modules).serve()
    finally:
        _exit(CUT_OFF)


def confined(room: Room) -> None:
    """Put on every layer, or say which one failed and end."""
    for layer in LEVELS[room.level]:
        try:
            layer(room)
        except BaseException as error:  # noqa: BLE001 - whatever it was: nothing of the student's may run now
            os.write(room.reply_fd, encode({"failed": f"{layer.__name__}: {described(str, error, 500)}"}))
            _exit(CUT_OFF)


@dataclass
class _Child:
    requests: FrameReader
    replies: Replies
    questions: Sequence[Sequence[Any]]
    modules: dict[str, ModuleType]

    def _next(self) -> Any:
        request = self.requests.read(REQUEST_FD)
        if request is None:
            _exit(0)  # the grader has no more questions
        return request[0]

    def serve(self) -> None:
        """Read the program, then answer."""
        program = self._next()
        modules = Modules(_plan(program), self.modules)
        caller = Caller(Capture(program["output"]), modules.lines, dict(os.environb), Bounds(body=program["reply"]),
                        stateless=program["stateless"])
        modules.install()
        functions, asked = _Functions(modules, caller, self.replies, None if program["stateless"] else Shared()), 0
        while True:
            match self._next():
                case {"load": name}:
                    self.replies.add(caller.encoded(_load(modules, caller, name)))
                    if functions.shared:
                        functions.shared.note()
                case {"where": more}:
                    functions.where |= more
                    continue
                case {"calls": int(number)}:
                    functions.ask(self.questions[number], is_learned=True)
                    asked += 1
                case {"calls": calls, **more}:
                    if more != {"end": WHOLE}:
                        _exit(CUT_OFF)  # somebody here read from the pipe
                    functions.ask(calls, is_learned=False)
                    asked += 1
            if asked == 1 or not self.requests.holds_frame() or self.replies.are_late():
                self.replies.flush()  # the first at once: whoever spoils the stream later is not the first to be asked


@dataclass
class _Functions:
    """The functions of a submission, and what they answered.

    Parameters
    ----------
    shared : Shared or None
        What is put back between one function and the next; None where nothing is kept between calls.
    where : dict of str to str
        The module of each.
    known : dict of int to bytes
        Answers to calls of earlier questions, by the identity of the learned call, where nothing is kept between calls.
    """

    modules: Modules
    caller: Caller
    replies: Replies
    shared: Shared | None
    where: dict[str, str] = field(default_factory=dict)
    known: dict[int, bytes] = field(default_factory=dict)
    latest: str = ""

    def ask(self, calls: Sequence[Any], *, is_learned: bool) -> None:
        """Add the answers to a question; where nothing is kept, those of an earlier question to the very same calls serve again."""
        fresh: dict[int, bytes] = {}
        for call in calls:
            function, args = call
            if function != self.latest:
                self.replies.flush()  # whoever writes to the stream answers for no other function
                if self.shared:
                    self.shared.put_back()
                self.latest = function
            if self.shared or (frame := self.known.get(id(call))) is None:
                frame = self.caller.encoded(self._call(function, args))
                if is_learned and not self.shared and len(frame) <= _SMALL:
                    fresh[id(call)] = frame
            self.replies.add(frame)
        self.known |= fresh  # not before: a question that repeats itself asks for just that
        self.replies.add(_END)

    def _own(self, name: str) -> Any:
        return self.modules.function(self.where[name], name)

    def _call(self, function: str, args: Sequence[Tree]) -> Tree:
        try:
            return self.caller.call(self._own(function), args, self._own)
        except BaseException as error:  # noqa: BLE001 - of our own reading of a hostile answer: still the student's
            return _raised(self.caller, error)


def _plan(program: Mapping[str, Any]) -> Plan:
    files = [File(name, path, text.decode(), support) for name, path, text, support in program["files"]]
    return Plan(files, program["functions"], program["substitutes"], program["packages"], program["placeholders"])


def _load(modules: Modules, caller: Caller, name: str) -> Tree:
    try:
        caller.reset()
        answer: Tree = {"kind": "loaded", "defines": modules.load(name), "error": None}
        caller.reset()  # where nothing is kept between calls, calls do not
    except BaseException as error:  # noqa: BLE001 - a module may raise anything while it is loaded
        answer = {"kind": "loaded", "defines": [], "error": _raised(caller, error)}
    else:
        return answer
    _collect()  # what it held hangs on the frames of the error, in circles
    return answer


def _raised(caller: Caller, error: BaseException) -> Tree:
    try:
        return caller.raised(error)
    except BaseException:  # noqa: BLE001 - an exception made so that it cannot be read
        return {"kind": "raised", "type": type_name(type(error)), "message": "", "frames": [], "printed": ""}
