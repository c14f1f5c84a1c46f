"""Probes, programs and observations as the values that cross the wire, and back.

What comes back was written by a hostile process: it is read into one of the outcomes that a worker may report (`Returned`,
`Raised`), with every field of its own type and bounded, or it is a `WireError`. All other observations are the grader's own.
"""

import importlib.util
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from grader.core.observation import (
    Died,
    Frame,
    HostError,
    Malformed,
    NotAsked,
    Observation,
    Raised,
    Returned,
    StandInCall,
    TimedOut,
    Unavailable,
)
from grader.core.probe import Opaque, Own, Probe, StandIn, Value
from grader.runner.protocol import Limits, Program, Source
from grader.worker.replies import WHOLE
from grader.worker.wire import MAX_DEPTH, Bounds, Tagged, Tree, WireError, encode, loads_all, opened

MAX_FRAMES: Final = 20  # a worker sends half as many
MAX_TEXT: Final = 2000  # characters of a name, a message or a source line
LAST_LINE: Final = 10**9  # number of a line that is shown: a forged one may have a thousand digits
_ADDRESS: Final = re.compile(r"(?<= at )0x[0-9A-Fa-f]{6,16}\b")
_INSTALLED: Final = re.compile(r"(?<=') \(/[^()]{1,400}\.(?:py|so)\)")  # as in: cannot import name 'x' from 'numpy' (/opt/.../numpy.py)
_AS_THEY_ARE: Final = frozenset({np.ndarray, float, int, str, bool, type(None)})  # most values, told quicker than by a `match`
_STORED: Final = Bounds(header=1 << 30, body=1 << 34, nodes=1 << 40, depth=MAX_DEPTH + 10)  # our own file: what was bounded one by one
_NONE: Final = encode([])  # of a round that was not asked, as most follow-ups are not


# ---- to the worker ---------------------------------------------------------------------------------------------------


def printable(program: Program) -> Program:
    """The same program under names and paths that are text: a file name of other bytes gets question marks."""
    def clean(name: str) -> str:
        return name if name.isascii() else name.encode("utf-8", "replace").decode()

    modules = tuple(replace(m, name=clean(m.name), path=clean(m.path)) for m in program.modules)
    return replace(program, modules=modules, lookup={f: tuple(map(clean, names)) for f, names in program.lookup.items()})


def program_tree(program: Program, limits: Limits) -> Tree:
    """A program as the worker reads it."""
    files = [*((s, False) for s in program.modules), *((s, True) for s in program.support)]
    return {
        "files": [_file(source, support) for source, support in files],
        "functions": {f: list(modules) for f, modules in program.lookup.items()},
        "substitutes": dict(program.substitutes),
        "packages": {p: folder for p in program.packages if (folder := installed(p))},
        "placeholders": list(program.placeholders),
        "stateless": program.stateless,
        "output": limits.output,
        "reply": limits.reply,
    }


def _file(source: Source, support: bool) -> Tree:  # noqa: FBT001 - a pair
    return (source.name, source.path, source.text.encode("utf-8", "replace"), support)


def installed(package: str) -> str:
    """The folder that a top-level package is installed in; empty if it is not here."""
    spec = importlib.util.find_spec(package)
    where = None if spec is None else next(iter(spec.submodule_search_locations or ()), None) or spec.origin
    return str(Path(where).parent) if where else ""


def calls_tree(probes: Sequence[Probe]) -> Tree:
    """Calls to make; the worker has been told the module of each function. A frame of which a byte was taken has another end."""
    return {"calls": [(p.function, tuple(value_tree(a) for a in p.args)) for p in probes], "end": WHOLE}


def value_tree(value: Value) -> Tree:
    """A value as it crosses."""
    if type(value) in _AS_THEY_ARE:
        return value
    match value:
        case StandIn(name, data, record):
            return Tagged("stand_in", {"name": name, "data": {k: value_tree(v) for k, v in data.items()}, "record": record})
        case Own(function):
            return Tagged("own", {"function": function})
        case Opaque(kind, text):
            return Tagged("opaque", {"type": kind, "text": text})
        case list():
            return [value_tree(v) for v in value]
        case tuple():
            return tuple([value_tree(v) for v in value])
        case dict():
            return {k: value_tree(v) for k, v in value.items()}
        case np.generic():
            return value.item()
        case _:
            return value


# ---- from the worker -------------------------------------------------------------------------------------------------


class AnswerReader:
    """Reads answers. Equal ones are read once: of a class, many say the same, and they serve as keys to what was made of them.

    Parameters
    ----------
    limits : Limits
        What of an answer counts.
    room : int
        Bytes of frames to keep, twice.
    """

    def __init__(self, limits: Limits, room: int = 4 << 20) -> None:
        self._limits, self._room, self._left = limits, room, room
        self._known: dict[bytes, Returned | Raised] = {}
        self._before: dict[bytes, Returned | Raised] = {}

    def read(self, frame: bytes) -> Returned | Raised:
        """What a worker says of one call.

        Raises
        ------
        WireError
            If these bytes are none of the two outcomes that a worker can tell.
        """
        known = self._known.get(frame)
        if known is None:
            known = self._before.get(frame) or answer(opened(frame), self._limits)
            if len(frame) <= self._room:
                self._keep(frame, known)
        return known

    def _keep(self, frame: bytes, known: Returned | Raised) -> None:
        self._left -= len(frame)
        if self._left < 0:
            self._before, self._known, self._left = self._known, {}, self._room - len(frame)
        self._known[frame] = known


def answer(tree: Tree, limits: Limits) -> Returned | Raised:
    """What a worker says of one call; WireError if it is none of the two outcomes that it can tell."""
    fields = _fields(tree)
    match fields.get("kind"):
        case "returned":
            return _returned(fields, limits.output)
        case "raised":
            return _raised(fields, limits.output)
        case _:
            raise WireError("an answer of no known kind")


def loaded(tree: Tree, functions: Iterable[str], limits: Limits) -> tuple[frozenset[str], Raised | None]:
    """What a worker says of one module: the functions that it has, and why it could not be loaded."""
    fields = _fields(tree)
    if fields.get("kind") != "loaded":
        raise WireError("an answer of no known kind")
    error = fields.get("error")
    defines = frozenset(_typed(name, str) for name in _typed(fields.get("defines"), list))
    return defines & frozenset(functions), None if error is None else _raised(_fields(error), limits.output)


def _returned(fields: Mapping[str, Tree], output: int) -> Returned:
    return Returned(
        value=_value(fields.get("value")),
        changed=tuple(_typed(i, int) for i in _sequence(fields.get("changed", ()))),
        printed=_printed(fields, output),
        stale=_typed(fields.get("stale", False), bool),
        calls=tuple(_stand_in_call(c) for c in _sequence(fields.get("calls", ()))),
    )


def _raised(fields: Mapping[str, Tree], output: int) -> Raised:
    return Raised(
        type=_text(fields.get("type")),
        message=_text(fields.get("message")),
        frames=tuple(_frame(f) for f in _sequence(fields.get("frames"))[:MAX_FRAMES]),
        printed=_printed(fields, output),
    )


def _stand_in_call(tree: Tree) -> StandInCall:
    match tree:
        case [int(arg), str(method), [*args]]:
            return StandInCall(arg, method[:MAX_TEXT], tuple(_value(a) for a in args))
        case _:
            raise WireError("a noted call that is none")


def _frame(tree: Tree) -> Frame:
    match tree:
        case [str(file), int(line), str(function), str(text)]:
            return Frame(file[:MAX_TEXT], min(max(line, 0), LAST_LINE), function[:MAX_TEXT], text[:MAX_TEXT])
        case _:
            raise WireError("a line of a traceback that is none")


def _value(tree: Tree) -> Value:
    """A value that a worker returned: numbers, texts, containers and opaque records."""
    if type(tree) in _AS_THEY_ARE:
        known: Value = tree
        if type(tree) is np.ndarray:
            tree.flags.writeable = False  # whoever else is said to have answered the same has this very array
        return known
    match tree:
        case Tagged("opaque", {"type": str(kind), "text": str(text)}):
            return Opaque(kind[:MAX_TEXT], _text(text))
        case Tagged() | bytes():
            raise WireError("a value of no known kind")
        case list():
            return [_value(v) for v in tree]
        case tuple():
            return tuple([_value(v) for v in tree])
        case dict():
            return {k: _value(v) for k, v in tree.items()}
        case _:
            value: Value = tree
            return value


def _fields(tree: Tree) -> Mapping[str, Tree]:
    fields: dict[str, Tree] = _typed(tree, dict)
    return fields


def _typed(tree: Tree, kind: type) -> Any:
    if type(tree) is not kind:
        raise WireError(f"a {type(tree).__name__}, but should be a {kind.__name__}")
    return tree


def _sequence(tree: Tree) -> Sequence[Tree]:
    if not isinstance(tree, list | tuple):
        raise WireError(f"a {type(tree).__name__}, but should be a list")
    return tree


def _text(tree: Tree, most: int = MAX_TEXT) -> str:
    """Without addresses in memory, as in ``<hw.Net object at 0x7f3a51c0>``, and places of installed modules.

    They differ from run to run or from machine to machine, and a replay says the same.
    """
    return _INSTALLED.sub("", _ADDRESS.sub("0x...", str(_typed(tree, str)[:most])))


def _printed(fields: Mapping[str, Tree], output: int) -> str:
    return _text(fields.get("printed", ""), output + MAX_TEXT)  # the limit, and the line that says what was left out


# ---- to a file and back, for judging again ---------------------------------------------------------------------------


def encode_observations(groups: Sequence[Sequence[Observation]]) -> bytes:
    """All observations of a submission, one frame per group."""
    return b"".join(encode([_observation_tree(o) for o in group], _STORED) if group else _NONE for group in groups)


def decode_observations(data: bytes) -> list[tuple[Observation, ...]]:
    """What `encode_observations` wrote, exactly.

    Raises
    ------
    WireError
        If it did not write this.
    """
    return [tuple(_observation(_fields(t)) for t in _typed(group, list)) for group in loads_all(data, _STORED)]


def _observation_tree(o: Observation) -> Tree:
    match o:
        case Returned():
            calls = [(c.arg, c.method, tuple(value_tree(a) for a in c.args)) for c in o.calls]
            return {"kind": "returned", "value": value_tree(o.value), "changed": list(o.changed), "printed": o.printed,
                    "calls": calls, **({"stale": True} if o.stale else {})}
        case Raised():
            frames = [(f.file, f.line, f.function, f.text) for f in o.frames]
            return {"kind": "raised", "type": o.type, "message": o.message, "frames": frames, "printed": o.printed}
        case Unavailable(function, error, module):
            inner = None if error is None else _observation_tree(error)
            return {"kind": "unavailable", "function": function, "error": inner, "module": module}
        case TimedOut(clock, seconds):
            return {"kind": "timed_out", "clock": clock, "seconds": seconds}
        case Died(how, code, printed):
            return {"kind": "died", "how": how, "code": code, "printed": printed}
        case Malformed(problem):
            return {"kind": "malformed", "problem": problem}
        case NotAsked():
            return {"kind": "not_asked"}
        case HostError(problem):
            return {"kind": "host_error", "problem": problem}


_UNBOUNDED: Final = 1 << 62  # what is stored was bounded when it arrived


def _observation(fields: Mapping[str, Tree]) -> Observation:
    read = _OBSERVATIONS.get(fields.get("kind", ""))
    if read is None:
        raise WireError("an observation of no known kind")
    return read(fields)


def _unavailable(fields: Mapping[str, Tree]) -> Unavailable:
    error, module = fields.get("error"), fields.get("module")
    return Unavailable(
        _typed(fields.get("function"), str),
        None if error is None else _raised(_fields(error), _UNBOUNDED),
        None if module is None else _typed(module, str),
    )


def _timed_out(fields: Mapping[str, Tree]) -> TimedOut:
    match fields:
        case {"clock": "cpu" | "wall" as clock, "seconds": float(seconds)}:
            return TimedOut(clock, seconds)
        case _:
            raise WireError("a time-out that is none")


def _died(fields: Mapping[str, Tree]) -> Died:
    match fields:
        case {"how": "exit" | "signal" | "memory" | "output" as how, "code": int(code), "printed": str(printed)}:
            return Died(how, code, printed)
        case _:
            raise WireError("a death that is none")


_OBSERVATIONS: Final[Mapping[str, Callable[[Mapping[str, Any]], Observation]]] = {
    "returned": lambda f: _returned(f, _UNBOUNDED),
    "raised": lambda f: _raised(f, _UNBOUNDED),
    "unavailable": _unavailable,
    "timed_out": _timed_out,
    "died": _died,
    "malformed": lambda f: Malformed(_typed(f.get("problem"), str)),
    "not_asked": lambda _: NotAsked(),
    "host_error": lambda f: HostError(_typed(f.get("problem"), str)),
}
