"""What is imported once, in the zygote, instead of in every child."""

import contextlib
import gc
import importlib
import os
import re
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
SILENT: Final = (
    "_strptime", "base64", "binascii", "bz2", "calendar", "codecs", "copyreg", "difflib", "dis", "encodings.cp1252",
    "encodings.hex_codec", "encodings.idna", "encodings.latin_1", "encodings.raw_unicode_escape", "encodings.rot_13",
    "encodings.unicode_escape", "encodings.utf_16", "encodings.utf_8_sig", "errno", "fnmatch", "gettext", "keyword", "locale",
    "lzma", "numpy.char", "numpy.dtypes", "numpy.exceptions", "numpy.fft", "numpy.lib.format", "numpy.lib.scimath",
    "numpy.lib.stride_tricks", "numpy.rec", "numpy.strings", "opcode", "quopri", "reprlib", "select", "selectors", "shlex",
    "signal", "stat", "stringprep", "subprocess", "token", "tokenize", "tracemalloc", "unicodedata", "weakref", "zlib",
)  # fmt: skip
"""What others import when they are called, whether a submission names it or not."""
NAMED: Final = (
    "asyncio", "code", "colorsys", "concurrent.futures.thread", "ctypes", "ctypes.util", "distutils", "doctest", "email",
    "filecmp", "fileinput", "getopt", "getpass", "gzip", "html", "http.client", "importlib.metadata", "importlib.resources",
    "importlib.util", "marshal", "multiprocessing", "multiprocessing.pool", "multiprocessing.queues", "optparse", "pdb",
    "pkgutil", "platform", "profile", "cProfile", "pstats", "pydoc", "runpy", "sched", "shelve", "site", "socket", "sqlite3",
    "ssl", "symtable", "sysconfig", "tarfile", "tomllib", "trace", "unittest", "unittest.mock", "urllib.parse",
    "urllib.request", "uuid", "wave", "xml.dom.minidom", "xml.etree.ElementTree", "zipfile", "zoneinfo", "numpy.core",
    "numpy.ctypeslib", "numpy.lib.recfunctions", "numpy.ma", "numpy.ma.mrecords", "numpy.matlib", "numpy.polynomial",
    "numpy.testing", "numpy.typing",
)  # fmt: skip
"""What a submission has to name if it is to be imported: twice the memory that a fork copies, and hardly ever used."""
_WORDS: Final = re.compile(r"\w+")
NEW_STARS: Final = ("abs", "bool", "max", "min", "pow", "round", "f2py", "testing")
"""What numpy 2 exports to ``from numpy import *`` and numpy 1 did not: ``max(1, a, b)`` of an old course file is Python's, and the
last two would be imported then and there, which takes longer than all questions."""


def usual() -> None:
    """What is needed at every level."""
    for name in PRELOADED:
        importlib.import_module(name)
    numpy = vars(sys.modules["numpy"])
    numpy["__all__"] = [name for name in numpy["__all__"] if name not in NEW_STARS]


def silent() -> None:
    """What is needed besides where no child opens a file (level C); what a Python or a numpy does not have is left out."""
    _import_what_there_is(SILENT)


def named(texts: Iterable[str]) -> list[str]:
    """The modules of `NAMED` that these texts may import: the word is there."""
    words = {word for text in texts for word in _WORDS.findall(text)}
    return [name for name in NAMED if _word(name) in words]


def _word(name: str) -> str:
    """What nobody can import a module without: the package, or of numpy's the last part."""
    return name.rpartition(".")[2] if name.startswith("numpy.") else name.partition(".")[0]


def at_last(names: Sequence[str]) -> None:
    """Modules of `NAMED` that a submission names, before its child is forked."""
    if not sys.modules.keys() >= {*names}:
        _import_what_there_is(name for name in NAMED if name in names)
        gc.freeze()  # as all that was imported before


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
