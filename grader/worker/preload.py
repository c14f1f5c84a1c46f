"""What is imported once, in the zygote, instead of in every child."""

import contextlib
import importlib
import os
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

PRELOADED: Final = (
    "abc", "argparse", "array", "ast", "bisect", "cmath", "collections", "contextlib", "copy", "csv", "dataclasses",
    "datetime", "decimal", "enum", "fractions", "functools", "gc", "glob", "hashlib", "heapq", "inspect", "io", "itertools",
    "json", "linecache", "logging", "math", "numbers", "operator", "os", "pathlib", "pickle", "pprint", "queue", "random",
    "re", "shutil", "statistics", "string", "struct", "sys", "tempfile", "textwrap", "threading", "time", "timeit",
    "traceback", "types", "typing", "warnings", "numpy", "numpy.linalg", "numpy.random",
)  # fmt: skip
"""What a submission may well import."""
WITHOUT_FILES: Final = (
    "asyncio", "base64", "binascii", "calendar", "code", "codecs", "colorsys", "concurrent.futures.thread", "copyreg",
    "ctypes", "ctypes.util", "difflib", "dis", "distutils", "doctest", "email", "errno", "filecmp", "fileinput", "fnmatch",
    "getopt", "getpass", "gzip", "html", "http.client", "importlib.metadata", "importlib.resources", "importlib.util",
    "keyword", "locale", "lzma", "bz2", "marshal", "multiprocessing", "multiprocessing.pool", "multiprocessing.queues",
    "opcode", "optparse", "pdb", "pkgutil", "platform", "profile", "cProfile", "pstats", "pydoc", "reprlib", "runpy",
    "sched", "select", "selectors", "shelve", "shlex", "signal", "site", "socket", "sqlite3", "ssl", "stat", "stringprep",
    "subprocess", "symtable", "sysconfig", "tarfile", "token", "tokenize", "tomllib", "trace", "tracemalloc", "unicodedata",
    "unittest", "unittest.mock", "urllib.parse", "urllib.request", "uuid", "wave", "weakref", "xml.dom.minidom",
    "xml.etree.ElementTree", "zipfile", "zlib", "zoneinfo", "encodings.idna", "encodings.latin_1", "encodings.cp1252",
    "encodings.utf_8_sig", "encodings.utf_16", "encodings.unicode_escape", "encodings.raw_unicode_escape",
    "encodings.hex_codec", "encodings.rot_13", "numpy.char", "numpy.ctypeslib", "numpy.dtypes", "numpy.exceptions",
    "numpy.fft", "numpy.lib.format", "numpy.lib.recfunctions", "numpy.lib.scimath", "numpy.lib.stride_tricks", "numpy.ma",
    "numpy.ma.extras", "numpy.ma.mrecords", "numpy.matlib", "numpy.polynomial", "numpy.polynomial.hermite", "numpy.rec",
    "numpy.strings", "numpy.testing", "numpy.typing",
)  # fmt: skip
"""At level C no child opens a file, so these are imported here as well; what a Python or a numpy does not have is left out."""


NEW_STARS: Final = ("abs", "bool", "max", "min", "pow", "round")
"""What numpy 2 exports to ``from numpy import *`` and numpy 1 did not: ``max(1, a, b)`` of an old course file is Python's."""


def usual() -> None:
    """What is needed at every level."""
    for name in PRELOADED:
        importlib.import_module(name)
    numpy = vars(sys.modules["numpy"])
    numpy["__all__"] = [name for name in numpy["__all__"] if name not in NEW_STARS]


def without_files() -> None:
    """What can be imported in no other way where nothing may be opened."""
    _import_what_there_is(WITHOUT_FILES)


def packages(places: Mapping[str, Sequence[str]]) -> None:
    """Packages that a course names, with their public modules."""
    for name in places.keys() - sys.modules.keys():
        folder = os.path.dirname(places[name][0])  # noqa: PTH120 - no pathlib for one line
        sys.path.append(folder)
        _import_what_there_is([name])
        _import_what_there_is(f"{name}.{part}" for part in getattr(sys.modules.get(name), "__all__", ()))
        sys.path.remove(folder)


def _import_what_there_is(names: Iterable[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numpy.matlib, for one, warns of itself
        for name in names:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
