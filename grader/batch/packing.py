"""A submission as bytes: to be stored, so that it can be run again without the folder it came from, and to travel. Answers, too."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pydantic import TypeAdapter, ValidationError

from grader.core.errors import GraderError
from grader.interview import Answers
from grader.recording import dumps_answers, loads_answers
from grader.submission.source import Cell, SourceFile, Submission, Unparsable, reread

_LEVEL = 1  # text shrinks to a third in 0.3 ms, to a quarter in four times that; observations to a third in 1 ms


@dataclass(frozen=True, slots=True)
class _File:
    """A `SourceFile` without what is made from its text."""

    path: str
    text: str
    remarks: tuple[str, ...]
    unparsable: Unparsable | None
    cells: tuple[Cell, ...]
    written: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Packed:
    name: str
    files: tuple[_File, ...]
    sha256: str
    remarks: tuple[str, ...]


def pack(submission: Submission) -> bytes:
    """As compressed JSON: unlike a pickle, nothing in it can run."""
    s = submission
    files = tuple(_File(f.path, f.text, f.remarks, f.unparsable, f.cells, f.written) for f in s.files)
    return zlib.compress(json.dumps(_adapter().dump_python(_Packed(s.name, files, s.sha256, s.remarks))).encode(), _LEVEL)


def unpack(data: bytes) -> Submission:
    """What `pack` packed.

    Raises
    ------
    GraderError
        If it is damaged.
    """
    try:
        packed = _adapter().validate_python(json.loads(zlib.decompress(data)))
    except (zlib.error, ValueError, ValidationError) as error:
        raise GraderError(f"a stored submission is damaged ({type(error).__name__}). Grade the class's folder again.") from error
    files = (reread(SourceFile(f.path, f.text, f.remarks, f.unparsable, cells=f.cells, written=f.written)) for f in packed.files)
    return Submission(packed.name, tuple(files), packed.sha256, packed.remarks)


def packed(answers: Answers) -> tuple[bytes, int]:
    """One item's observations as the store keeps them, and how many bytes they are unpacked."""
    data = dumps_answers(answers)
    return zlib.compress(data, _LEVEL), len(data)


def unpacked(data: bytes) -> Answers:
    """What `packed` packed."""
    return loads_answers(zlib.decompress(data))


@cache
def _adapter() -> TypeAdapter[_Packed]:
    return TypeAdapter(_Packed)
