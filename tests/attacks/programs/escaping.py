"""Attacks that start something else or leave the process's bounds: processes, namespaces, kernel features, channels."""

from tests.attacks.harness import REFUSED, Attack

NAP = "os.close(1); time.sleep(31)"

ATTACKS = (
    # ---- processes
    Attack("a fork", "processes", "process", REFUSED, f"if os.fork() == 0:\n    {NAP}\n    os._exit(0)"),
    Attack("twenty forks", "processes", "process", REFUSED,
           f"for _ in range(20):\n    if os.fork() == 0:\n        {NAP}\n        os._exit(0)"),
    Attack("a daemon", "processes", "process", REFUSED, f"""
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        {NAP}
    os._exit(0)
"""),
    Attack("exec", "processes", "said", REFUSED, 'os.execv("/bin/echo", ["echo", won()])'),
    Attack("a subprocess", "processes", "said", REFUSED,
           'import subprocess\nreturn subprocess.run(["/bin/echo", won()], capture_output=True).stdout.decode()'),
    Attack("a shell", "processes", "said", "returned 32512", 'return os.system("echo " + won())'),
    Attack("posix_spawn", "processes", "process", REFUSED, 'os.posix_spawn("/bin/sleep", ["sleep", WORLD["nap"]], {})'),
    Attack("a raw clone", "processes", "process", REFUSED, f"if kernel(56, 17, 0, 0, 0, 0) == 0:\n    {NAP}\n    os._exit(0)", requires=("x86_64",)),
    Attack("a raw clone3", "processes", "process", "raised OSError", f"""
arguments = (ctypes.c_uint64 * 11)(0, 0, 0, 0, 17)
if kernel(435, ctypes.byref(arguments), 88) == 0:
    {NAP}
    os._exit(0)
"""),
    Attack("multiprocessing", "processes", "said", REFUSED, """
import multiprocessing
with multiprocessing.get_context("fork").Pool(2) as pool:
    return won() * (pool.map(abs, [-1, -2]) == [1, 2])
"""),
    # ---- the kernel's other doors
    Attack("a user namespace", "kernel", "said", REFUSED, "kernel(272, 0x10000000)\nreturn won()", requires=("x86_64",)),
    Attack("a mount", "kernel", "said", REFUSED, """
kernel(272, 0x20000)
kernel(165, b"none", b"/", None, 1 << 18 | 1 << 14, None)  # private: nobody else sees the next one
kernel(165, b"none", WORLD["course"].encode(), b"tmpfs", 0, None)
return won()
""", requires=("root", "x86_64")),
    Attack("a new root", "kernel", "said", REFUSED, 'os.chroot(WORLD["course"])\nreturn won()', requires=("root",)),
    Attack("bpf", "kernel", "said", REFUSED, """
kernel(321, 0, ctypes.byref((ctypes.c_uint32 * 32)(2, 4, 4, 1)), 72)
return won()
""", requires=("root", "x86_64")),
    Attack("perf_event_open", "kernel", "said", REFUSED, """
attributes = (ctypes.c_uint64 * 16)(1 | 128 << 32)
kernel(298, ctypes.byref(attributes), 0, -1, -1, 0)
return won()
""", requires=("root", "x86_64")),
    Attack("userfaultfd", "kernel", "said", REFUSED, "kernel(323, 1)\nreturn won()", requires=("x86_64",)),
    Attack("becoming root again", "kernel", "said", REFUSED, "os.setresuid(0, 0, 0)\nreturn won()", requires=("root",)),
    Attack("groups of one's own", "kernel", "said", REFUSED, "os.setgroups([0])\nreturn won()", requires=("root",)),
    Attack("outliving the zygote", "kernel", "said", REFUSED, "kernel(157, 1, 0, 0, 0, 0)\nreturn won()", requires=("x86_64",)),
    Attack("raising its own limits", "kernel", "said", "raised ValueError | raised PermissionError | raised OSError", """
import resource
for kind in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE):
    resource.setrlimit(kind, resource.getrlimit(kind))
return won()
"""),
    Attack("32-bit system calls", "kernel", "said", "died signal 31", r"""
import mmap
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax, 20 (getpid of i386); int 0x80; ret
number = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
return won() if number == os.getpid() else number
""", requires=("x86_64",)),
    # ---- covert channels
    Attack("the kernel's keyring", "channels", "said", REFUSED,
           'kernel(248, b"user", WORLD["nonce"].encode(), b"data", 4, -2)\nreturn won()', requires=("x86_64",)),
    Attack("shared memory of System V", "channels", "said", REFUSED,
           "kernel(31, kernel(29, 0, 4096, 0o1600), 0, None)\nreturn won()", requires=("x86_64",)),
    Attack("semaphores of System V", "channels", "said", REFUSED,
           "kernel(66, kernel(64, 0, 1, 0o1600), 0, 0)\nreturn won()", requires=("x86_64",)),
    Attack("messages of System V", "channels", "said", REFUSED, "kernel(71, kernel(68, 0, 0o1600), 0, None)\nreturn won()", requires=("x86_64",)),
    Attack("a message queue", "channels", "said", REFUSED, """
name = WORLD["nonce"].encode()
os.close(kernel(240, name, os.O_RDWR | os.O_CREAT, 0o600, None))
kernel(241, name)
return won()
""", requires=("x86_64",)),
    Attack("a lock on a shared file", "channels", "said", REFUSED,
           "import fcntl\nfile = open(np.__file__)\nfcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)\nreturn won()"),
    Attack("a record lock on a shared file", "channels", "said", REFUSED,
           "import fcntl\nfile = open(np.__file__)\nfcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)\nreturn won()"),
    Attack("a lease on a shared file", "channels", "said", REFUSED,
           "import fcntl\nfile = open(np.__file__)\nfcntl.fcntl(file, 1024, 0)\nreturn won()",
           requires=("numpy's own files",)),
)
