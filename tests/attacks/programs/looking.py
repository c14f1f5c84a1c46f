"""Attacks that read: memory of the grader, its environment, its descriptors, files that are nobody's business."""

from tests.attacks.harness import REFUSED, Attack

ATTACKS = (
    # ---- memory
    Attack("memory of the grader", "memory", "secret", REFUSED, """
for pid, address in ((WORLD["grader"], WORLD["grader_address"]), (WORLD["victim"], WORLD["address"])):
    with open(f"/proc/{pid}/mem", "rb") as memory:
        memory.seek(address)
        return memory.read(WORLD["length"] + 100).decode("latin-1")
"""),
    Attack("memory by process_vm_readv", "memory", "secret", REFUSED, """
class Span(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))
memory = ctypes.create_string_buffer(WORLD["length"])
here, there = Span(ctypes.addressof(memory), WORLD["length"]), Span(WORLD["address"], WORLD["length"])
kernel(310, WORLD["victim"], ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
return memory.raw.decode("latin-1")
""", requires=("x86_64",)),
    Attack("ptrace", "memory", "said", REFUSED, """
kernel(101, 0x4206, WORLD["victim"], 0, 0)  # PTRACE_SEIZE: it goes on running
return won()
""", requires=("x86_64",)),
    Attack("ptrace of the zygote", "memory", "said", REFUSED, """
kernel(101, 0x4206, WORLD["zygote"], 0, 0)
return won()
""", requires=("x86_64",)),
    Attack("environment of other processes", "memory", "secret", REFUSED, """
found = [open(f"/proc/{WORLD[who]}/environ").read() for who in ("grader", "zygote", "victim")]
return "".join(v for v in "".join(found).split("\\0") if v.startswith("CANARY"))
"""),
    Attack("own environment", "memory", "secret", "returned []", """
return [v for v in os.environ.values() if v.startswith("".join(WORLD["prefix"]))]
"""),
    Attack("descriptors of other processes", "memory", "secret", REFUSED, """
return open(f"/proc/{WORLD['victim']}/fd/{WORLD['fd']}").read()
"""),
    Attack("pidfd_getfd", "memory", "secret", REFUSED, """
return os.pread(kernel(438, kernel(434, WORLD["victim"], 0), WORLD["fd"], 0), 100, 0).decode()
"""),
    Attack("inherited descriptors", "memory", "secret", "returned []", """
found = []
for fd in range(3, 200):
    try:
        found.append(os.pread(fd, 100, 0).decode("latin-1"))
    except OSError:
        pass
return found
"""),
    Attack("frames up the stack", "memory", "secret", "returned []", """
frame, found = sys._getframe(), []
while frame:
    found += [v for space in (frame.f_locals, frame.f_globals) for v in list(space.values())
              if type(v) is str and v.startswith("".join(WORLD["prefix"]))]
    frame = frame.f_back
return found
"""),
    Attack("every object of the collector", "memory", "secret", "returned []", """
import gc
gc.unfreeze()
spaces = [o for o in gc.get_objects() if type(o) is dict]
return [v for s in spaces for v in list(s.values()) if type(v) is str and v.startswith("".join(WORLD["prefix"]))]
"""),
    Attack("own memory, byte by byte", "memory", "secret", REFUSED, """
words, found = [w.encode() for w in WORLD["prefix"]], []
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb") as memory:
    for line in maps:
        span, rights = line.split()[:2]
        if rights[:2] == "rw" and "[v" not in line:
            start, end = (int(n, 16) for n in span.split("-"))
            memory.seek(start)
            data = memory.read(end - start)
            at = data.find(words[0])
            while at >= 0:
                if data.startswith(words[1], at + 3):
                    found.append(data[at:at + 40].decode("latin-1"))
                at = data.find(words[0], at + 1)
return found[:50]
"""),
    Attack("tracing whoever calls", "memory", "secret", "returned []", """
found = []
def trace(frame, event, arg):
    found.extend(v for v in list(frame.f_globals.values()) + list(frame.f_locals.values())
                 if type(v) is str and v.startswith("".join(WORLD["prefix"])))
frame = sys._getframe().f_back
while frame:
    trace(frame, "", None)
    frame.f_trace = trace
    frame = frame.f_back
sys.settrace(trace)
return found
"""),
    # ---- files
    Attack("a file beside the reference", "reading", "secret", REFUSED, 'return open(WORLD["reference"]).read()'),
    Attack("importing the reference", "reading", "secret", "raised ModuleNotFoundError | raised PermissionError", """
sys.path.insert(0, WORLD["course"])
from reference.a1.solutions import ANSWER
return ANSWER
"""),
    Attack("loading the reference by its path", "reading", "secret", REFUSED, """
from importlib.machinery import SourceFileLoader
return SourceFileLoader("solutions", WORLD["course"] + "/reference/a1/solutions.py").get_data(WORLD["course"] + "/reference/a1/solutions.py").decode()
"""),
    Attack("another submission", "reading", "secret", REFUSED, 'return open(WORLD["other"]).read()'),
    Attack("a file through numpy", "reading", "secret", REFUSED,
           'return bytes(np.fromfile(WORLD["reference"], np.uint8)).decode()'),
    Attack("a file through C", "reading", "secret", "returned 13", also={"A": "returned 2"}, body="""
libc = ctypes.CDLL(None, use_errno=True)
fd = libc.open(WORLD["reference"].encode(), 0)
if fd < 0:
    return ctypes.get_errno()
data = ctypes.create_string_buffer(100)
libc.read(fd, data, 99)
return data.value.decode()
"""),
    Attack("a file by openat2", "reading", "secret", REFUSED, """
how = (ctypes.c_uint64 * 3)(0, 0, 0)
return os.pread(kernel(437, -100, WORLD["reference"].encode(), ctypes.byref(how), 24), 100, 0).decode()
"""),
    Attack("a file by its handle", "reading", "secret", "raised OSError", """
handle = ctypes.create_string_buffer(b"\\x80", 200)
mount = ctypes.c_int()
kernel(303, -100, WORLD["reference"].encode(), handle, ctypes.byref(mount), 0)
return os.pread(kernel(304, os.open("/tmp", os.O_RDONLY), handle, 0), 100, 0).decode()
""", requires=("root", "x86_64")),
    Attack("a file through /proc/self/root", "reading", "secret", REFUSED,
           'return open("/proc/self/root" + WORLD["reference"]).read()'),
    Attack("a file through a symbolic link", "reading", "secret", REFUSED, """
name = f"/tmp/{WORLD['nonce']}"
os.symlink(WORLD["reference"], name)
try:
    return open(name).read()
finally:
    os.unlink(name)
"""),
    Attack("the accounts of the machine", "reading", "said", REFUSED, 'open("/etc/passwd").read()\nreturn won()'),
    Attack("a listing of /tmp", "reading", "said", REFUSED, 'os.listdir("/tmp")\nreturn won()'),
    Attack("a listing of the processes", "reading", "said", REFUSED, 'os.listdir("/proc")\nreturn won()'),
    Attack("whether a known file exists", "reading", "said", "returned 'WON'",
           'os.stat(WORLD["reference"])\nreturn won()', open_at="BC", also={"A": "raised FileNotFoundError"}),
    Attack("watching for changes", "reading", "said", REFUSED, "kernel(294, 0)\nreturn won()", requires=("x86_64",)),
)
