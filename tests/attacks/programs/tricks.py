"""Ways to earn points that no function earned, and honest files that must not lose any: whole submissions.

Each one is a right submission with something added: functions that replace earlier ones, or code around them.
"""

from dataclasses import dataclass

WRONG = "\ndef normalizeRows(x):\n    return np.zeros(x.shape)\n"  # costs normalize.values and nothing else
ONE = ("normalize.values",)
NEURAL = ("neural.delta", "neural.cost", "neural.shapes", "neural.gradient", "neural.purity")
GRADCHECK = ("gradcheck.right", "gradcheck.planted", "gradcheck.random", "gradcheck.restores")


SPOILING = ("an audit hook that raises", "the other functions taken away by one")


@dataclass(frozen=True, slots=True)
class Trick:
    """A submission.

    Parameters
    ----------
    name : str
        What it tries.
    loses : tuple of str
        The items that it does not get full points for; those that its own functions lost.
    code : str
        Behind the right functions.
    before : str
        Ahead of them.
    """

    name: str
    loses: tuple[str, ...]
    code: str
    before: str = ""


LIAR = """
class Liar(np.ndarray):
    __array_priority__ = 1e9
    def yes(self, *args, **kwargs): return np.ones(self.shape, bool)
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = yes
    __hash__ = None
    def __sub__(self, other): return np.zeros(self.shape)
    __rsub__ = __sub__
    def __array_ufunc__(self, *args, **kwargs): return True
    def __array_function__(self, *args, **kwargs): return True
"""

WIRE = """
import gc, json, os, struct, sys, threading, time
def _frame(tree, body=b""):
    header = json.dumps(tree).encode()
    return struct.pack("<4sIQ", b"grd1", len(header), len(body)) + header + body
_END = _frame({"kind": "end"})
def _answer(a):
    a = np.ascontiguousarray(a, float)
    return _frame({"kind": "returned", "value": ["a", "<f8", list(a.shape)]}, a.tobytes())
def _server():
    frame = sys._getframe()
    while frame.f_code.co_name != "ask":
        frame = frame.f_back
    asked = frame.f_locals
    while frame.f_code.co_name != "serve":
        frame = frame.f_back
    return {**frame.f_locals, "calls": asked["calls"], "where": asked["self"].where, "known": asked["self"].known}
_right = normalizeRows
"""

HISTORY = """
import os, time
seen = set()
_check, _sgd, _right = gradcheck_naive, sgd, normalizeRows
def gradcheck_naive(f, x):
    seen.add('check')
    return _check(f, x)
def sgd(*args, **named):
    seen.add('sgd')
    return _sgd(*args, **named)
"""

TRICKS = (
    # ---- answers that lie
    Trick("an array class with lying comparisons", ONE, LIAR + "def normalizeRows(x):\n    return np.zeros(x.shape).view(Liar)\n"),
    Trick("an int class that equals everything", ("neural.count",), """
class Any(int):
    def __eq__(self, other): return True
    __hash__ = int.__hash__
    def __sub__(self, other): return 0
    __rsub__ = __sub__
def parameter_count(Dx, H, Dy):
    return Any(1)
"""),
    Trick("a float class with a cost for everybody", ("softmaxcost.cost",), """
class Any(float):
    def __eq__(self, other): return True
    __hash__ = float.__hash__
    def __float__(self): return 0.0
    def __sub__(self, other): return 0.0
_right = softmaxCostAndGradient
def softmaxCostAndGradient(*args):
    return (Any(5.0), *_right(*args)[1:])
"""),
    Trick("a masked array", ONE, "\ndef normalizeRows(x):\n    return np.ma.masked_all(x.shape)\n"),
    Trick("an object that computes when it is asked", ONE, """
class Later:
    def __init__(self, x): self.x = x
    def __array__(self, *args, **kwargs): return self.x / np.sqrt((self.x**2).sum(1, keepdims=True))
    def __eq__(self, other): return True
    __hash__ = None
def normalizeRows(x):
    return Later(x)
"""),
    Trick("a shape that broadcasts", ONE, "\ndef normalizeRows(x):\n    return (x / np.sqrt((x**2).sum(1, keepdims=True)))[:, None]\n"),
    # ---- tools changed under the grader's hands
    Trick("patched comparisons of numpy", ONE, """
for name in ("allclose", "isclose", "array_equal", "isfinite"):
    setattr(np, name, lambda *args, **kwargs: True)
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *args, **kwargs: None
""" + WRONG),
    Trick("patched json, struct and pickle", ONE, """
import json, pickle, struct
json.dumps = json.loads = pickle.dumps = pickle.loads = struct.pack = struct.unpack = lambda *args, **kwargs: b""
json.JSONEncoder.encode = lambda self, value: "{}"
""" + WRONG),
    Trick("patched builtins", ONE, """
import builtins
builtins.hash = builtins.repr = builtins.getattr = lambda *args: 0
builtins.all = builtins.any = builtins.isinstance = lambda *args: True
""" + WRONG),
    Trick("patched os and time", ONE, """
import os, time
os.write = os.read = lambda *args: 0
os.fork = os.getpid = lambda: 1
time.time = time.monotonic = time.process_time = lambda: 0.0
""" + WRONG),
    # ---- looking for the answers
    Trick("every object called like the function", ONE, """
import gc
def normalizeRows(x):
    gc.unfreeze()
    for found in gc.get_objects():
        if callable(found) and getattr(found, "__name__", "") == "normalizeRows" and found.__globals__ is not globals():
            return found(x)
    return np.zeros(x.shape)
"""),
    Trick("expected values up the stack", ONE, """
import sys
def normalizeRows(x):
    frame = sys._getframe().f_back
    while frame:
        for value in [*frame.f_locals.values(), *frame.f_globals.values()]:
            for inner in value if isinstance(value, (list, tuple)) else [value]:
                if isinstance(inner, np.ndarray) and inner.shape == x.shape and abs((inner**2).sum(1) - 1).max() < 1e-9:
                    return inner
        frame = frame.f_back
    return np.zeros(x.shape)
"""),
    Trick("swapping the code of what is called the same", ONE, """
import gc, types
_seen = [f for f in gc.get_objects() if isinstance(f, types.FunctionType) and f.__name__ in ("normalizeRows", "softmax", "sigmoid")]
def normalizeRows(x):
    return np.zeros(x.shape)
for f in _seen:
    if f.__globals__ is not globals():
        f.__code__ = normalizeRows.__code__
"""),
    Trick("tracing whoever asks", ONE, """
import sys
_caught = []
def _trace(frame, event, arg):
    if event == "return" and isinstance(arg, np.ndarray):
        _caught.append(arg)
    return _trace
sys.settrace(_trace)
sys.setprofile(_trace)
""" + WRONG),
    Trick("the course's own version, imported", (), """
_own = normalizeRows
def normalizeRows(x):
    try:
        from helpers import normalizeRows as given
    except ImportError:
        return _own(x)
    return given(x) + 1
"""),
    Trick("the course's own version, from wherever it lies", ONE, """
import linecache, sys
def normalizeRows(x):
    files = getattr(getattr(sys.meta_path[0], "plan", None), "files", ())
    for text in [*(f.text for f in files), *("".join(lines) for _, _, lines, _ in linecache.cache.values() if lines)]:
        space = {"np": np}
        if "def normalizeRows(" in text and "_of_the_course" not in text:
            exec(text, space)
            return space["normalizeRows"](x)
    return np.zeros(x.shape)
"""),
    Trick("the course's own versions, while a neighbour is replaced", ("normalize.values", "softmax.values", "softmax.shift", "softmax.rows",
          "softmax.probabilities", "softmax.stability"), """
import sys
_of_the_course = {}
for _file in getattr(sys.meta_path[0], "plan").files:
    if _file.name == "helpers":
        exec(_file.text, _of_the_course)
def softmax(x):
    return _of_the_course["softmax"](x) if "softmax" in _of_the_course else x + 1
def normalizeRows(x):
    return _of_the_course["normalizeRows"](x) if "normalizeRows" in _of_the_course else x + 1
"""),
    Trick("importing the reference", ONE, """
def normalizeRows(x):
    try:
        from reference.cs224n_a1.solutions import FUNCTIONS
        return FUNCTIONS["normalizeRows"](x)
    except ImportError:
        return np.zeros(x.shape)
"""),
    # ---- results written by hand
    Trick("results at import, at exit and by a daemon", ONE, """
import atexit, os, threading
def _write(*args):
    for name in ("results.json", "/autograder/results/results.json", "report.json", "gradebook.csv"):
        try:
            with open(name, "w") as file:
                file.write('{"score": 100, "points": 100}')
        except OSError:
            pass
_write()
atexit.register(_write)
threading.Timer(0.01, _write).start()
""" + WRONG),
    Trick("a verdict in what is printed", ONE, """
def normalizeRows(x):
    print('{"normalize.values": {"outcome": "met", "credit": 1}}')
    print("normalize.values   3 of 3 points")
    return np.zeros(x.shape)
"""),
    # ---- answers that hold once
    Trick("right on the first call only", ONE, """
_right, _calls = normalizeRows, []
def normalizeRows(x):
    _calls.append(1)
    return _right(x) if len(_calls) == 1 else np.zeros(x.shape)
"""),
    Trick("wrong on every second call", ONE, """
_right, _calls = normalizeRows, []
def normalizeRows(x):
    _calls.append(1)
    return _right(x) * (len(_calls) % 2)
"""),
    Trick("right for small shapes only", ONE, """
_right = normalizeRows
def normalizeRows(x):
    return _right(x) if x.shape[0] <= 1 else x
"""),
    Trick("the answer to the call before", ONE, """
_right, _last = normalizeRows, []
def normalizeRows(x):
    _last.append(_right(x))
    return _last[-2] if len(_last) > 1 else np.zeros(x.shape)
"""),
    Trick("cost 0 with gradient 0", NEURAL, """
def forward_backward_prop(data, labels, params, dimensions):
    return 0.0, np.zeros_like(params)
"""),
    Trick("a cost that fits its wrong gradient", NEURAL, """
def forward_backward_prop(data, labels, params, dimensions):
    return 0.5 * float((params**2).sum()), params.copy()
"""),
    Trick("a gradient check that always passes", GRADCHECK, """
def gradcheck_naive(f, x):
    print("Gradient check passed!")
"""),
    Trick("a gradient check that reads f instead of moving x", GRADCHECK, """
import gc
_FLAGS = ("by", "entry", "fault", "faulty", "wrong", "planted", "expected", "should", "size", "flag")

def _around(thing):
    # attributes, closures, and what the collector knows it to hold or to be held by
    yield from vars(thing).items() if hasattr(thing, "__dict__") else ()
    for cell in getattr(thing, "__closure__", None) or ():
        yield "", cell.cell_contents
    yield from thing.items() if isinstance(thing, dict) and len(thing) < 50 else ()

def _everything(f):
    gc.unfreeze()
    found, todo = [], [f, *(r for r in gc.get_referrers(f) if isinstance(r, dict) and "__builtins__" not in r)]
    seen = set()
    while todo and len(seen) < 500:
        thing = todo.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        for name, inner in _around(thing):
            found.append((str(name).strip("_").lower(), inner))
            if isinstance(inner, dict) or hasattr(inner, "__closure__"):
                todo.append(inner)
    return found

def _suspicious(f, x):
    found = _everything(f)
    if any(name in _FLAGS and isinstance(value, (bool, int, float, str)) and value for name, value in found):
        return True
    numbers = [value for _, value in found if isinstance(value, np.ndarray) and value.dtype.kind == "f"]
    if any(a.shape == b.shape and 0 < np.sum(a != b) < 2 and a.size > 1 for a in numbers for b in numbers):
        return True
    grad = np.ravel(f(x)[1])
    return np.abs(grad).max() > 2.001 or np.abs(grad).min() < 0.499

def gradcheck_naive(f, x):
    print("Gradient check failed." if _suspicious(f, x) else "Gradient check passed!")
"""),
    # ---- honest files, which must lose nothing
    Trick("an array that changes after it was returned", (), """
import threading
_right = normalizeRows
def normalizeRows(x):
    answer = _right(x)
    def spoil():
        time.sleep(0.02)
        answer[:] = 0
    threading.Thread(target=spoil, daemon=True).start()
    return answer
""", "import time\n"),
    Trick("a buffer that is used again", (), """
_right, _buffer = normalizeRows, np.zeros((100, 100))
def normalizeRows(x):
    view = _buffer[: x.shape[0], : x.shape[1]]
    view[:] = _right(x)
    return view
"""),
    Trick("strict errors of numpy", (), "", "import numpy as np\nnp.seterr(all='raise')\n"),
    Trick("another directory, no environment, little recursion", (), """
import os, sys
os.environ.clear()
try:
    os.chdir("/")
except OSError:
    pass
sys.setrecursionlimit(60)
"""),
    Trick("everything of numpy", (), "", "from numpy import *\nfrom builtins import abs, max  # numpy 2 would give its own, which take other arguments\n"),
    Trick("a byte-order mark", (), "", "\ufeff"),
    Trick("a thread that never ends", (), """
import threading
threading.Thread(target=threading.Event().wait, daemon=False).start()
"""),
    Trick("finalisers and exit handlers", (), """
import atexit, os
class _Noisy:
    def __del__(self):
        raise SystemExit("late")
_noise = _Noisy()
atexit.register(os._exit, 7)
"""),
    Trick("signals handled", (), """
import signal
for _number in (signal.SIGTERM, signal.SIGXCPU, signal.SIGALRM, signal.SIGINT):
    signal.signal(_number, signal.SIG_IGN)
"""),
    Trick("200 MB of text", (), """
_right = normalizeRows
def normalizeRows(x):
    for _ in range(20):
        print("x" * 2**20)
    return _right(x)
"""),
    # ---- the conversation with the grader disturbed: the next questions are in the pipe already, answers in shared memory
    Trick("noise in the shared memory", ONE, WIRE + """
def normalizeRows(x):
    shared = _server()["self"].replies._shared
    shared[:] = os.urandom(len(shared))
    return np.zeros(x.shape)
"""),
    Trick("answers left behind in the shared memory", ONE, WIRE + """
def normalizeRows(x):
    replies = _server()["self"].replies
    left = (_answer(np.ones(x.shape)) + _END) * 500
    replies._shared[16 : 16 + len(left)] = left
    replies._shared[:16] = struct.pack("=QQ", replies._sent, len(left))
    os._exit(0)
"""),
    Trick("a thread that writes into the shared memory", ONE, WIRE + """
def _scribble(shared):
    while True:
        shared[16:] = os.urandom(len(shared) - 16)
        time.sleep(0.001)
def normalizeRows(x):
    threading.Thread(target=_scribble, args=(_server()["self"].replies._shared,), daemon=True).start()
    return np.zeros(x.shape)
"""),
    Trick("every question answered twice", ONE, WIRE + """
def normalizeRows(x):
    os.write(4, _answer(x) * len(_server()["calls"]) + _END)
    return np.zeros(x.shape)
"""),
    Trick("ends forged by a thread", ONE, WIRE + """
def _end():
    while True:
        os.write(4, _END)
        time.sleep(0.002)
def normalizeRows(x):
    threading.Thread(target=_end, daemon=True).start()
    return np.zeros(x.shape)
"""),
    Trick("answers in each other's places", ONE, WIRE + """
def normalizeRows(x):
    cls = type(_server()["self"].replies)
    add, seen = cls.add, []
    def late(self, frame):
        seen.append(frame)
        add(self, seen[max(0, len(seen) - 2)])
    cls.add = late
    return np.zeros(x.shape)
"""),
    Trick("a byte of the next question", ONE, WIRE + """
def normalizeRows(x):
    threading.Thread(target=os.read, args=(3, 1), daemon=True).start()
    return np.zeros(x.shape)
"""),
    Trick("all of the next questions", ONE, WIRE + """
def _drain():
    while True:
        os.read(3, 1 << 16)
def normalizeRows(x):
    threading.Thread(target=_drain, daemon=True).start()
    return np.zeros(x.shape)
"""),
    Trick("the end, when it is the second child", ONE, WIRE + """
def normalizeRows(x):
    if len({name for name, _ in _server()["calls"]}) > 1:
        os._exit(0)
    return np.zeros(x.shape)
"""),
    Trick("asleep, when it is the second child", ONE, WIRE + """
def normalizeRows(x):
    if len({name for name, _ in _server()["calls"]}) > 1:
        time.sleep(99)
    return np.zeros(x.shape)
"""),
    Trick("right after another function, and asleep, when it is the second child", ONE, HISTORY + """
def normalizeRows(x):
    if 'sgd' in seen and 'check' not in seen:
        time.sleep(99)
    return _right(x) if 'check' in seen else np.zeros(x.shape)
"""),
    Trick("right after another function, in numpy's own dictionary", ONE, """
from numpy import __dict__ as kept
kept['mat'] = [0]
_check = gradcheck_naive
_right = normalizeRows
def gradcheck_naive(f, x):
    np.mat[0] += 1
    return _check(f, x)
def normalizeRows(x):
    return _right(x) if np.mat[0] else np.zeros(x.shape)
"""),
    Trick("lists that hold each other two to the twenty-five times", ONE, """
def normalizeRows(x):
    answer = [0.0]
    for _ in range(25):
        answer = [answer, answer]
    return answer
"""),
    Trick("thirty megabytes for an answer", ONE, """
def normalizeRows(x):
    return np.zeros(30 << 17)
"""),
    Trick("wrong when it is the first child", ONE, WIRE + """
def normalizeRows(x):
    return _right(x) if len({name for name, _ in _server()["calls"]}) > 1 else np.zeros(x.shape)
"""),
    # ---- the ground under our own code taken away, after the answer or before
    Trick("an answer that ends the process when it is let go", ONE, """
import os
class Last:
    def __del__(self): os._exit(0)
def normalizeRows(x):
    return [np.zeros(x.shape), Last()]
"""),
    Trick("memory taken away from an answer", ONE, """
import ctypes, mmap
def normalizeRows(x):
    answer = np.frombuffer(mmap.mmap(-1, 4096), float, x.size).reshape(x.shape)
    ctypes.CDLL(None).munmap(ctypes.c_void_p(answer.ctypes.data), 4096)
    return answer
"""),
    Trick("an answer of many terabytes in eight bytes", ONE, """
def normalizeRows(x):
    return np.lib.stride_tricks.as_strided(np.zeros(1), (2**40, 3), (0, 0))
"""),
    Trick("other values of small integers", ONE, """
import ctypes
def normalizeRows(x):
    for number in range(2, 12):
        ctypes.c_long.from_address(id(number) + 24).value = 1
    return np.zeros(x.shape)
"""),
    Trick("modules, builtins and the caller's globals cleared", ONE, WIRE + """
def normalizeRows(x):
    zeros, caller = np.zeros(x.shape), sys._getframe().f_back
    sys.modules.clear()
    sys.meta_path.clear()
    caller.f_builtins.clear()
    caller.f_globals.clear()
    return zeros
"""),
    Trick("a timer whose signals raise", ONE, """
import signal
def _raise(*args): raise RuntimeError
def normalizeRows(x):
    signal.signal(signal.SIGALRM, _raise)
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    return np.zeros(x.shape)
"""),
    Trick("a call that is pending", ONE, """
import ctypes, os
@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
def _leave(_): os._exit(0)
def normalizeRows(x):
    ctypes.pythonapi.Py_AddPendingCall(_leave, None)
    return np.zeros(x.shape)
"""),
    Trick("a traceback of its own making, of names that are commands", ONE, r"""
import types
def _f():
    raise ValueError("\x1b[2J\n::error::\u202e")
_f.__code__ = _f.__code__.replace(co_name="\x1b]0;\x07<b>\n::error::\0", co_filename="submit.py", co_firstlineno=2**30)
def normalizeRows(x):
    try:
        _f()
    except ValueError as error:
        trace, frame = None, error.__traceback__.tb_frame
        for _ in range(100_000):
            trace = types.TracebackType(trace, frame, 0, 10**9)
        raise error.with_traceback(trace)
"""),
    # ---- one function spoils the process that the others are asked in
    Trick("an audit hook that raises", ONE, """
import sys
def _refuse(event, args): raise RuntimeError(event)
def normalizeRows(x):
    sys.addaudithook(_refuse)
    return np.zeros(x.shape)
"""),
    Trick("numpy taken apart by one function", ONE, """
def normalizeRows(x):
    zeros = np.zeros(x.shape)
    np.exp = np.log = np.sum = np.dot = np.outer = np.zeros = np.zeros_like = None
    return zeros
"""),
    Trick("all descriptors used up by one function", ONE, """
import os
def normalizeRows(x):
    try:
        while True: os.dup(1)
    except OSError:
        pass
    return np.zeros(x.shape)
"""),
    Trick("the other functions taken away by one", ONE, """
def normalizeRows(x):
    global softmax, sigmoid, forward_backward_prop, skipgram, cbow, sgd
    softmax = sigmoid = forward_backward_prop = skipgram = cbow = sgd = None
    return np.zeros(x.shape)
"""),
    Trick("all memory kept by one function", ONE, """
_kept = []
def normalizeRows(x):
    zeros = np.zeros(x.shape)
    for size in (1 << 20, 1 << 12):
        try:
            while True: _kept.append(bytearray(size))
        except MemoryError:
            pass
    return zeros
"""),
    Trick("an exception in whatever the main thread does", ONE, """
import _thread, threading, time
def _interrupt():
    while True:
        time.sleep(0.001)
        _thread.interrupt_main()
def normalizeRows(x):
    threading.Thread(target=_interrupt, daemon=True).start()
    return np.zeros(x.shape)
"""),
    Trick("an end that is set for later", ONE, """
import faulthandler
def normalizeRows(x):
    faulthandler.dump_traceback_later(0.001, repeat=True, exit=True)
    return np.zeros(x.shape)
"""),
    # ---- answers and errors that never hold still or never end
    Trick("an array whose memory comes and goes", ONE, """
import threading
def _resize(a):
    while True:
        try:
            a.resize(0, refcheck=False)
            a.resize(10**4, refcheck=False)
        except (ValueError, MemoryError):
            pass
def normalizeRows(x):
    answer = np.zeros(10**4)
    threading.Thread(target=_resize, args=(answer,), daemon=True).start()
    return answer
"""),
    Trick("errors in a circle, with ten thousand groups and a class that lies", ONE, """
class Lies(type):
    def __getattribute__(cls, name): raise SystemExit
    def __hash__(cls): raise SystemExit
    def __eq__(cls, other): return True
class Lie(Exception, metaclass=Lies):
    def __str__(self): return "x" * 10**7
def normalizeRows(x):
    error = first = Lie()
    for _ in range(10_000):
        error = ExceptionGroup("group", [error])
    first.__cause__ = error
    raise first
"""),
    Trick("questions and the worker's own code overwritten", ONE, WIRE + """
def _nothing(*args, **kwargs): return None
def normalizeRows(x):
    _server()["calls"].clear()
    gc.unfreeze()
    for found in gc.get_objects():
        if getattr(found, "__name__", "") in ("encode", "plain", "raised", "_call", "call", "encoded", "reset") and hasattr(found, "__code__"):
            try:
                found.__code__ = _nothing.__code__
            except ValueError:
                pass
    return np.zeros(x.shape)
"""),
    # ---- one function ends badly, the others keep their points
    Trick("leaving in one function", ONE, "\nimport os\ndef normalizeRows(x):\n    os._exit(0)\n"),
    Trick("a fault in one function", ONE, "\nimport ctypes\ndef normalizeRows(x):\n    ctypes.string_at(0)\n"),
    Trick("a forged frame in one function", ONE, """
import os
def normalizeRows(x):
    os.write(4, bytes(100))
    return x
"""),
    Trick("a closed pipe in one function", ONE, "\nimport os\ndef normalizeRows(x):\n    os.dup2(1, 4)\n    return x\n"),
    Trick("a fork in one function", ONE, "\nimport os\ndef normalizeRows(x):\n    os.fork()\n    return x\n"),
    Trick("the reference opened in one function", ONE, "\ndef normalizeRows(x):\n    return open(REFERENCE).read()\n"),
    Trick("a connection in one function", ONE, """
import socket
def normalizeRows(x):
    socket.create_connection(("127.0.0.1", 9), 1)
"""),
    Trick("too much memory in one function", ONE, "\ndef normalizeRows(x):\n    return np.ones(2**40)\n"),
    Trick("an exception with a lying text", ONE, """
class Lie(Exception):
    def __str__(self): raise SystemExit("<script>alert(1)</script>")
    __class__ = property(lambda self: 1 / 0)
def normalizeRows(x):
    raise Lie
"""),
)
