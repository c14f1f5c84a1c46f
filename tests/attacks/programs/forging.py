"""Attacks on the wire: bytes on descriptor 4, where the worker's own answers go."""

from tests.attacks.harness import Attack

FRAME = r'''
import json, struct
def frame(header, body=b"", lengths=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    sizes = lengths or (len(text), len(body))
    return struct.pack("<4sIQ", b"grd1", *sizes) + text + body
def send(data):
    view = memoryview(data)
    while view:
        view = view[os.write(4, view):]
def answer(value):
    return {"kind": "returned", "value": value, "changed": ["l"], "printed": "", "calls": ["l"]}
'''


def _forged(name: str, code: str, outcome: str = "malformed", shows: str = "forges", seconds: float = 0.5) -> Attack:
    return Attack(name, "forging", shows, outcome, code, FRAME, seconds=seconds)


ATTACKS = (
    _forged("garbage", 'send(b"\\0\\1\\2" * 100)'),
    _forged("a hundred megabytes of garbage", 'for _ in range(100): send(bytes(2**20))'),
    _forged("a length of 2^60", 'send(frame({}, lengths=(2, 1 << 60)) + bytes(100))'),
    _forged("a header of 4 GB", 'send(frame(b"{}", lengths=(2**32 - 1, 0)))'),
    _forged("JSON nested without end", 'send(frame(b"[" * 100_000))'),
    _forged("a header of a million numbers", 'send(frame(b"[\\"l\\"" + b",1.5" * 1_000_000 + b"]"))'),
    _forged("an array of objects", 'send(frame(answer(["a", "|O", [1]]), bytes(8)))'),
    _forged("a shape that overflows", 'send(frame(answer(["a", "<f8", [0, 2**40, 2**40, 2**40]])))'),
    _forged("a shape without data", 'send(frame(answer(["a", "<f8", [2**20, 2**10]])))'),
    _forged("a negative shape", 'send(frame(answer(["a", "<f8", [-1]]), bytes(8)))'),
    _forged("numbers that are none", 'send(frame(b\'{"kind": "returned", "value": NaN}\'))'),
    _forged("an integer of a million digits", 'send(frame(b"9" * 1_000_000))'),
    _forged("half a character", 'send(frame(b\'"\\\\ud800"\'))'),
    _forged("a verdict", 'send(frame({"kind": "met", "credit": 1, "points": 100}))'),
    _forged("an outcome of the grader's own", 'send(frame({"kind": "host_error", "problem": "the dog"}))'),
    _forged("an opaque record with a program", 'send(frame(answer(["x", "opaque", {"type": 1, "text": ["l"]}])))'),
    _forged("answers to questions not asked yet", 'send(frame(answer(1)) * 3)\nreturn 1'),
    _forged("half a frame, then sleep", 'send(frame(answer(1))[:30])\ntime.sleep(99)', "timed out wall", seconds=0.05),
    _forged("half a frame, then the end", 'send(frame(answer(1))[:30])\nos._exit(0)', "malformed"),
    _forged("half a frame, and then the worker's own", 'send(frame(answer(1))[:30])\nreturn 1'),
    _forged("a byte at a time", 'for b in frame(b"x" * 50):\n    send(bytes([b]))\n    time.sleep(0.001)\nreturn 1'),
    Attack("something else in the place of the pipe", "forging", "ends", "malformed", "os.dup2(1, 4)\nos.dup2(0, 1)\nreturn 1"),
    Attack("all descriptors closed", "forging", "ends", "returned 1", "os.closerange(0, 64)\nreturn 1"),
    Attack("the pipe closed by __repr__", "forging", "ends", "returned Opaque(type='Late', text='')", "return Late()",
           "class Late:\n    def __repr__(self):\n        os.close(4)\n        os.close(1)\n        return ''"),
)
