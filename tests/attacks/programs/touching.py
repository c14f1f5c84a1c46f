"""Attacks that change: files, other processes, and whatever can be reached through a socket."""

from tests.attacks.harness import REFUSED, Attack


def _on(name: str, code: str, shows: str = "files", outcome: str = REFUSED) -> Attack:
    return Attack(name, "writing", shows, outcome, code)


ATTACKS = (
    # ---- files
    _on("writing over the reference", 'open(WORLD["reference"], "w").write("mine")'),
    _on("appending to another submission", 'open(WORLD["other"], "a").write("mine")'),
    _on("opening the gradebook's database", """
import sqlite3
database = sqlite3.connect(WORLD["gradebook"])
database.execute("create table marks (points int)")
database.execute("insert into marks values (100)")
database.commit()
database.close()
""", outcome="raised OperationalError"),
    _on("a file in shared memory", 'open(WORLD["outside"][0], "w").write("mine")'),
    _on("a file in /tmp", 'open(WORLD["outside"][1], "w").write("mine")'),
    _on("a file written through numpy", 'np.save(open(WORLD["outside"][2], "wb"), x)'),
    _on("a file without a name", 'os.open("/tmp", os.O_TMPFILE | os.O_RDWR)\nreturn won()', "said"),
    _on("truncating a file", 'os.truncate(WORLD["reference"], 0)'),
    _on("changing rights", 'os.chmod(WORLD["reference"], 0o600)'),
    _on("changing times", 'os.utime(WORLD["reference"], (1, 1))'),
    _on("changing an owner", 'os.chown(WORLD["reference"], os.getuid(), -1)\nreturn won()', "said"),
    _on("an extended attribute", 'os.setxattr(WORLD["reference"], "user.mine", b"1")'),
    _on("removing a file", 'os.unlink(WORLD["other"])'),
    _on("renaming a file", 'os.rename(WORLD["other"], WORLD["other"] + ".old")'),
    _on("making a folder", 'os.mkdir(WORLD["course"] + "/mine")'),
    _on("a hard link", 'os.link(WORLD["other"], WORLD["course"] + "/mine")'),
    _on("a symbolic link", 'os.symlink(WORLD["other"], WORLD["course"] + "/mine")'),
    _on("a named pipe", 'os.mkfifo(WORLD["course"] + "/mine")'),
    Attack("its own copy of numpy", "writing", "said", REFUSED, "os.close(os.open(np.__file__, os.O_WRONLY | os.O_APPEND))\nreturn won()",
           requires=("numpy's own files",)),
    Attack("the standard library", "writing", "said", REFUSED, "os.close(os.open(os.__file__, os.O_WRONLY | os.O_APPEND))\nreturn won()",
           requires=("Python's own files",)),
    _on("ten thousand files", """
import shutil
folder = WORLD["course"] + "/many"
os.mkdir(folder)
for i in range(10_000):
    os.close(os.open(f"{folder}/{i}", os.O_CREAT | os.O_WRONLY))
"""),
    # ---- signals, and limits of others
    Attack("a signal to another process", "signals", "victim", REFUSED, 'os.kill(WORLD["victim"], 10)'),
    Attack("a signal to the zygote", "signals", "victim", REFUSED, 'os.kill(WORLD["zygote"], 9)'),
    Attack("a stopped zygote", "signals", "victim", REFUSED, 'os.kill(WORLD["zygote"], 19)'),
    Attack("a signal to a group", "signals", "victim", REFUSED, 'os.killpg(os.getpgid(WORLD["victim"]), 15)'),
    Attack("whether the grader can be signalled", "signals", "said", REFUSED, 'os.kill(WORLD["grader"], 0)\nreturn won()'),
    Attack("whether everyone can be signalled", "signals", "said", REFUSED, "os.kill(-1, 0)\nreturn won()"),
    Attack("a signal by tgkill", "signals", "victim", REFUSED,
           'kernel(234, WORLD["victim"], WORLD["victim"], 10)', requires=("x86_64",)),
    Attack("a queued signal", "signals", "victim", "raised OSError", """
information = ctypes.create_string_buffer(128)
ctypes.memmove(information, (ctypes.c_int * 4)(10, 0, -1, 0), 16)
kernel(129, WORLD["victim"], 10, information)
""", requires=("x86_64",)),
    Attack("a signal by pidfd", "signals", "victim", REFUSED,
           'import signal\nsignal.pidfd_send_signal(os.pidfd_open(WORLD["victim"]), 10)'),
    Attack("a signal for what happens on a pipe", "signals", "victim", REFUSED, """
import fcntl
out, into = os.pipe()
fcntl.fcntl(out, fcntl.F_SETOWN, WORLD["victim"])
fcntl.fcntl(out, fcntl.F_SETFL, os.O_ASYNC)
os.write(into, b"x")
time.sleep(0.05)
"""),
    Attack("limits of another process", "signals", "victim", REFUSED, """
import resource
resource.prlimit(WORLD["victim"], resource.RLIMIT_FSIZE, (0, 0))
"""),
    Attack("one core for another process", "signals", "victim", REFUSED, 'os.sched_setaffinity(WORLD["victim"], {min(os.sched_getaffinity(0))})',
           requires=("two cores",)),
    Attack("the lowest priority for another process", "signals", "victim", REFUSED,
           'os.setpriority(os.PRIO_PROCESS, WORLD["victim"], 19)'),
    # ---- sockets
    Attack("TCP", "network", "network", REFUSED, 'import socket\nsocket.create_connection(("127.0.0.1", WORLD["tcp"]), 1)'),
    Attack("UDP", "network", "network", REFUSED,
           'import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"hello", ("127.0.0.1", WORLD["udp"]))'),
    Attack("an abstract unix socket", "network", "network", REFUSED,
           'import socket\nsocket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"hello", "\\0" + WORLD["nonce"])'),
    Attack("a named unix socket", "network", "network", REFUSED,
           'import socket\nsocket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"hello", WORLD["unix"])'),
    Attack("netlink", "network", "said", REFUSED, "import socket\nsocket.socket(16, socket.SOCK_RAW, 0)\nreturn won()"),
    Attack("listening", "network", "said", REFUSED,
           'import socket\nlistener = socket.socket()\nlistener.bind(("127.0.0.1", 0))\nlistener.listen()\nreturn won()'),
    Attack("a virtual machine's socket", "network", "said", REFUSED, "kernel(41, 40, 1, 0)\nreturn won()", requires=("x86_64",)),
    Attack("io_uring", "network", "said", REFUSED, "kernel(425, 4, ctypes.create_string_buffer(120))\nreturn won()"),
)
