"""Attacks that take too much or never end: memory, threads, time, output; and those that end the process."""

from tests.attacks.harness import Attack

LOOP = "while True: pass"

ATTACKS = (
    # ---- memory
    Attack("two gigabytes at once", "memory use", "said", "raised MemoryError", "np.empty(2**28)\nreturn won()"),
    Attack("a shared map of two gigabytes", "memory use", "said", "raised OSError", "import mmap\nmmap.mmap(-1, 2**31)\nreturn won()"),
    Attack("a memory file of a gigabyte", "memory use", "said", "raised PermissionError | raised OSError",
           'fd = os.memfd_create("x")\nos.ftruncate(fd, 2**30)\nreturn won()', also={"F": "raised OSError"}),
    Attack("five hundred open files", "memory use", "said", "raised OSError",
           "held = [os.dup(1) for _ in range(500)]\nreturn won()"),
    Attack("two hundred threads", "threads", "said", "raised RuntimeError", """
import threading
threads = [threading.Thread(target=time.sleep, args=(2,), daemon=True) for _ in range(200)]
for thread in threads:
    thread.start()
return won()
"""),
    Attack("a crowd of small threads", "threads", "said", "raised RuntimeError", """
libc, thread, how = ctypes.CDLL(None), ctypes.c_ulong(), ctypes.create_string_buffer(64)
libc.pthread_attr_init(how)
libc.pthread_attr_setstacksize(how, ctypes.c_size_t(1 << 15))
for _ in range(WORLD["crowd"]):
    if libc.pthread_create(ctypes.byref(thread), how, ctypes.cast(libc.sleep, ctypes.c_void_p), ctypes.c_void_p(2)):
        raise RuntimeError
return won()
"""),
    Attack("a thread that works for ever", "threads", "hangs", "returned 1", f"""
import threading
def work():
    {LOOP}
threading.Thread(target=work).start()
return 1
"""),
    Attack("a thread that sleeps for ever", "threads", "hangs", "returned 1",
           "import threading\nthreading.Thread(target=time.sleep, args=(99,)).start()\nreturn 1"),
    # ---- time
    Attack("an endless loop", "time", "hangs", "timed out cpu", LOOP, seconds=0.2),
    Attack("a long call in C", "time", "hangs", "timed out cpu", "return len(str(pow(7, 10**8)))", seconds=0.2),
    Attack("a pattern that never matches", "time", "hangs", "timed out cpu", 'import re\nre.match("(a+)+$", "a" * 60 + "b")', seconds=0.2),
    Attack("an endless loop that catches everything", "time", "hangs", "timed out cpu",
           f"while True:\n    try:\n        {LOOP}\n    except BaseException:\n        pass", seconds=0.2),
    Attack("an endless loop that ignores signals", "time", "hangs", "timed out cpu", f"""
import signal
for number in (signal.SIGXCPU, signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
{LOOP}
""", seconds=0.2),
    Attack("an endless loop that blocks all signals", "time", "hangs", "timed out cpu",
           f"import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\n{LOOP}", seconds=0.2),
    Attack("an endless loop in __repr__", "time", "hangs", "timed out cpu", "return Slow()",
           f"class Slow:\n    def __repr__(self):\n        {LOOP}", seconds=0.2),
    Attack("sleeping", "waiting", "hangs", "timed out wall", "time.sleep(99)", seconds=0.05),
    Attack("waiting for nothing", "waiting", "hangs", "timed out wall", "import threading\nthreading.Event().wait()", seconds=0.05),
    Attack("reading the next questions", "waiting", "hangs", "returned None | timed out wall",
           "out, into = os.pipe()\nos.read(3 if 'submit' in sys.modules else out, 1000)", seconds=0.2),  # whether the next one is there is a race
    Attack("stopping itself", "waiting", "hangs", "timed out wall", "import signal\nsignal.raise_signal(signal.SIGSTOP)", seconds=0.05),
    # ---- the end
    Attack("leaving at once", "endings", "ends", "died exit 0", "os._exit(0)"),
    Attack("leaving with a status", "endings", "ends", "died exit 3", "os._exit(3)"),
    Attack("leaving by exception", "endings", "ends", "raised SystemExit", "sys.exit(0)"),
    Attack("abort", "endings", "ends", "died signal 6", "os.abort()"),
    Attack("a null pointer", "endings", "ends", "died signal 11", "ctypes.string_at(0)"),
    Attack("killing itself", "endings", "ends", "died signal 9", "import signal\nsignal.raise_signal(signal.SIGKILL)"),
    Attack("recursion without a limit", "endings", "ends", "died signal 11 | raised MemoryError | raised RecursionError", """
sys.setrecursionlimit(10**9)
class Deep:
    def __getattr__(self, name): return getattr(self, name + "")
return Deep().x
""", seconds=5.0, requires=("Python 3.11",)),
    Attack("atexit", "endings", "ends", "died exit 0", """
import atexit
atexit.register(lambda: os.write(4, b"late"))
os._exit(0)
"""),
    # ---- output
    Attack("200 MB of text", "output", "floods", "returned 1",
           "s = 'x' * 2**20\nfor _ in range(200):\n    print(s)\nreturn 1", seconds=5.0),
    Attack("a flood on the descriptor", "output", "floods", "raised OSError",
           "for _ in range(50):\n    os.write(1, b'y' * 2**20)", seconds=5.0),
)
