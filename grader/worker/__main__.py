"""``python -P -s -S -B <this folder> <descriptor> <scratch> <numpy's folder>``: a worker, in which this package is called ``worker``.

A last word names another module of it than ``zygote`` to begin with.

Not ``grader.worker``: a process that runs student code has no package ``grader`` to import.
"""

import importlib
import importlib.util
import sys


def _main(here: str, descriptor: str, scratch: str, packages: str, kind: str = "zygote") -> None:
    spec = importlib.util.spec_from_file_location("worker", f"{here}/__init__.py", submodule_search_locations=[here])
    assert spec is not None
    sys.modules["worker"] = importlib.util.module_from_spec(spec)
    standard = [p for p in sys.path if p != here]
    sys.path[:] = [*standard, packages]  # where numpy is installed, and much else that a submission must not import
    room = importlib.import_module(f"worker.{kind}")
    importlib.import_module("numpy.random")
    sys.path[:] = standard
    room.main(int(descriptor), scratch)


if __name__ == "__main__":
    _main(*sys.argv)
