"""A child that was started instead of forked: on macOS a process that holds numpy's Accelerate does not survive a fork.

The grader writes what it is given into a pipe; the sandbox is around it from its first instruction. Level E.
"""

import _thread
import gc
import json
import os
import sys
import time
from collections.abc import Sequence
from mmap import mmap
from typing import NoReturn

from . import attempts, preload
from .child import confined, live
from .confine import REPLY_FD, REQUEST_FD, Room, Walls, default_signals
from .replies import CAPACITY, HEAD
from .wire import encode
from .zygote import forget_the_room

_sleep, _getppid, _exit = time.sleep, os.getppid, os._exit  # taken here: a student may replace them


def main(plan_fd: int, scratch: str) -> NoReturn:
    """Read what is given, and live; or try what a submission may not do, and say what was refused."""
    with open(plan_fd, encoding="utf-8") as file:
        plan = json.load(file)
    gc.disable()  # as in the zygote: nothing is garbage yet
    default_signals()
    preload.usual()
    time.tzset()
    forget_the_room()
    gc.freeze()
    gc.enable()
    shared = mmap(plan["shared_fd"], HEAD.size + CAPACITY)
    room = Room(**plan["room"], shared=shared, scratch=scratch, zygote=os.getppid(), level="E", walls=Walls(-1, {}, 0),
                modules=dict(sys.modules))
    if plan["trial"]:
        _try(room, **plan["trial"])
    _thread.start_new_thread(_stay_with, (room.zygote,))
    live(room)


def _stay_with(grader: int) -> None:
    """No life without the grader, as far as a thread can see to it: macOS has no signal for that."""
    while _getppid() == grader:
        _sleep(1)
    _exit(0)


def _try(room: Room, names: Sequence[str], grader: int, file: str) -> NoReturn:
    """Then wait to be weighed: what a bare worker needs is not counted as a submission's."""
    try:
        confined(room)
        os.write(REPLY_FD, encode({"held": attempts.held(attempts.Target(grader, file, room), names)}))
        os.read(REQUEST_FD, 1)
    finally:
        _exit(0)
