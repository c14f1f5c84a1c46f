"""Archives, ``.zip`` and ``.tar.gz``, as forms of a submission; and a class download unpacked.

Zipfile and tarfile of the standard library do the reading; what they would believe is checked here. No size that an archive
declares is trusted: bytes are counted as they are inflated. A hostile entry (a name that leads out, a link, a device) is left
out and named; what shows that the whole is a bomb or damaged refuses the whole.
"""

import gzip
import io
import re
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import IO, Any, Final, Self

from grader.core.errors import GraderError, UsageError
from grader.submission import bounds
from grader.submission.source import Contents

SUFFIXES: Final = bounds.ARCHIVES
_CHUNK: Final = 1 << 16
_ROW: Final = 256  # bytes of one entry in a zip's table of contents, name included; most have 100
_TAR_HEADERS: Final = 1 << 20  # bytes of the headers before one entry of a tar; most have 1.5 kB
_MAX_NAME: Final = 255  # bytes: what file systems take
_MAX_SHOWN: Final = 120
_MAX_REMARKS: Final = 20
_UNREAD: Final = (b"Rar!", b"7z\xbc\xaf\x27\x1c")
_NO_FILE: Final = "It is a link or a device. Hand in the file itself."
_SEALED: Final = (
    "It is locked with a password. Pack it without one.", "It is packed in an unusual way. Pack it as an ordinary zip.",
)
_SAME_NAME: Final = "There is another entry of this name; the first was taken."
_JUNK: Final = frozenset({"__MACOSX", "__pycache__"})
_DAMAGE: Final = (
    zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, struct.error, EOFError, ValueError, RuntimeError,
    OverflowError,  # NotImplementedError and RecursionError are RuntimeErrors
)
"""What the two libraries raise for archives that are none, or not whole."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one archive may hold.

    Parameters
    ----------
    entries : int
        Files and folders, whatever they are.
    file, total : int
        Bytes of one file and of all together, inflated.
    ratio : int
        Bytes inflated for each byte of the archive, beyond the first 16 MiB. Text is packed to a quarter, zeros to a thousandth.
    depth : int
        Folders that a file lies in.
    """

    entries: int
    file: int
    total: int
    ratio: int = 100
    depth: int = 32

    def limit(self, size: int) -> int:
        """Bytes that an archive of `size` bytes may be inflated to."""
        return min(self.total, max(16 << 20, self.ratio * size))


HOMEWORK: Final = Bounds(entries=20_000, file=bounds.MAX_NOTEBOOK, total=bounds.MAX_TOTAL)
"""A virtual environment that was packed too has 10 000 entries."""
MAX_INNER: Final = 16 << 20
"""Bytes of an archive in an archive, which is held in memory."""
CLASS: Final = Bounds(entries=200_000, file=256 << 20, total=8 << 30)
"""2000 students, 100 files and 4 MB each."""


class Refused(Exception):  # noqa: N818 - not an error: the fate of one entry
    """Why one entry is left out; a sentence."""


class TornError(UsageError):
    """An archive that cannot be read whole; what lies beside it can."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file or folder in an archive.

    Parameters
    ----------
    name : str
        As messages show it: without control characters, not longer than a line.
    parts : tuple of str
        Folders and file name, none of which leads anywhere else; empty for the folder that was packed, and for a name that is refused.
    is_folder : bool
        Whether there is nothing to read.
    refusal : str
        Why it is left out; a sentence. Empty if it is not.
    content : callable
        Its bytes, to be read before the next entry is asked for.
    """

    name: str
    parts: tuple[str, ...]
    is_folder: bool
    refusal: str
    content: Callable[[], IO[bytes]]

    def chunks(self, most: int) -> Iterator[bytes]:
        """Its bytes, piece by piece; `Refused` if there are more than `most`, or they cannot be had."""
        if self.refusal:
            raise Refused(self.refusal)
        try:
            with self.content() as file:
                while data := file.read(_CHUNK):
                    most -= len(data)
                    if most < 0:
                        raise Refused("It is larger than a file may be.")
                    yield data
        except _DAMAGE as error:
            raise Refused(f"It is damaged ({_printable(str(error))}). Pack it again.") from error


class Meter:
    """Counts the bytes that an archive is inflated to.

    Parameters
    ----------
    shown : str
        The archive, as messages name it.
    limit : int
        Bytes in all.
    """

    def __init__(self, shown: str, limit: int) -> None:
        self.shown, self.limit, self.count = shown, limit, 0

    def spend(self, count: int) -> None:
        """Count bytes; UsageError if they are too many."""
        self.count += count
        if self.count > self.limit:
            raise self.bomb(f"it unpacks to more than {self.limit:,} bytes")

    def bomb(self, why: str) -> UsageError:
        """What ends the reading of the whole."""
        return UsageError(f"{self.shown}: {why}. Pack the Python files alone.")


class _Stream:
    """A file to read from, which is counted, or whose largest piece at once is bounded; the rest is the file's own."""

    def __init__(self, file: IO[bytes], meter: Meter, *, piece: int | None = None) -> None:
        self._file, self._meter, self._piece = file, meter, piece

    def read(self, size: int = -1) -> bytes:
        if self._piece is not None and size > self._piece:  # zipfile asks for the table of contents in one
            raise self._meter.bomb("its table of contents is larger than that of any homework")
        data = self._file.read(size)
        if self._piece is None:
            self._meter.spend(len(data))
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()


# ---- a class download ------------------------------------------------------------------------------------------------


def unpack(path: Path, into: Path) -> dict[str, str]:
    """Unpack a class download into an empty folder.

    Files get the permissions of new files; links, devices and names that lead out of the folder are never made. Archives inside
    stay as they are. What cannot be had, locked or damaged, is made as a file of `bounds.LOST`: somebody handed it in.

    Returns
    -------
    dict of str to str
        What was left out, by its name in the archive, with the reason in a sentence. Hidden files and ``__MACOSX`` are left out
        and not told of.

    Raises
    ------
    UsageError
        If it is no archive, damaged as a whole, or larger than a class is; what was written so far is still there.
    GraderError
        If the folder cannot be written.
    """
    if any(into.iterdir()):
        raise UsageError(f"{into}: this folder is not empty. Name an empty one to unpack into.")
    refused: dict[str, str] = {}
    last = ""
    try:
        for entry in opened(path, CLASS):
            last = entry.name
            if not is_junk(entry.parts, _JUNK):
                try:
                    _put(entry, into)
                except Refused as why:
                    refused.setdefault(entry.name, str(why))
    except UsageError as error:
        if not last or isinstance(error, TornError):
            raise
        raise UsageError(f"{error} It was too much at {last}: pack it without that, or unpack it yourself and name the folder.") from error
    except OSError as error:
        raise UsageError(f"{path}: it cannot be read ({error.strerror or error}). Check its permissions.") from error
    return refused


def _put(entry: Entry, into: Path) -> None:
    if entry.refusal and (not entry.parts or entry.refusal == _NO_FILE):
        raise Refused(entry.refusal)
    place = into.joinpath(*entry.parts)
    try:
        (place if entry.is_folder else place.parent).mkdir(parents=True, exist_ok=True)
        if not entry.is_folder:
            _write(entry, place)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise Refused(_SAME_NAME) from None
    except OSError as error:
        raise GraderError(f"{place}: it cannot be written ({error.strerror}).") from error


def _write(entry: Entry, place: Path) -> None:
    with place.open("xb") as file:
        try:
            file.writelines(entry.chunks(CLASS.file))
        except Refused:
            file.seek(0)
            file.truncate()
            file.write(bounds.LOST)
            raise


# ---- one submission --------------------------------------------------------------------------------------------------


def read_archive(path: Path) -> Contents:
    """The Python files and notebooks of an archive, as its folder would be read, and those of the archives in it.

    Nothing is unpacked to disk. An archive in an archive in the archive is left out.

    Raises
    ------
    UsageError
        If it is no archive, damaged itself, or a bomb.
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        homework = _Homework(Meter(str(path), HOMEWORK.limit(path.stat().st_size)))
        found, inner = homework.read(file, path.name)
    for name, data in inner.items():
        try:
            found.packed[name] = homework.read_inner(data, name)
        except UsageError as error:
            if not found.files and not isinstance(error, TornError):
                raise
            found.packed[name] = homework.torn(str(error).replace(str(path), name))
    for one in (found, *found.packed.values()):
        more = len(one.remarks) - _MAX_REMARKS
        one.remarks[_MAX_REMARKS:] = [f"and {more} more entries were left out."] if more > 0 else []
    return found


def _bare(name: str) -> str:
    return name[: -len(next(s for s in SUFFIXES if name.lower().endswith(s)))]


class _Homework:
    """The archives of one submission: all together keep to the bounds."""

    def __init__(self, meter: Meter) -> None:
        self.meter, self.count = meter, 0

    def read(self, file: IO[bytes], name: str, prefix: str = "") -> tuple[Contents, dict[str, bytes]]:
        """What one archive holds, and the archives in it; folders that all of it lies in are passed over."""
        found, read, inner = Contents(), dict[tuple[str, ...], bytes](), dict[str, bytes]()
        around: tuple[str, ...] | None = None
        for entry in entries(file, name, self.meter, HOMEWORK):
            if is_junk(entry.parts, bounds.SKIPPED):
                found.others += [entry.name] * (not entry.is_folder and len(found.others) < _MAX_REMARKS)
                continue
            if entry.parts and not entry.is_folder:
                around = entry.parts[:-1] if around is None else _shared(around, entry.parts)
            try:
                found.others += [entry.name] * (not self._take(entry, read) and not entry.is_folder and len(found.others) < _MAX_REMARKS)
            except Refused as why:
                torn = self.torn(f"{prefix}{entry.name}: {why}")
                found.remarks += torn.remarks
                found.unread += torn.unread if _matters(entry) else []
        for parts, data in read.items():
            inside = parts[len(around or ()) :]
            shown = prefix + "/".join(inside)
            if len(inside) > bounds.MAX_DEPTH + 1:
                torn = self.torn(f"{shown}: it lies more than {bounds.MAX_DEPTH} folders deep. Pack it with fewer folders around it.")
                found.remarks, found.unread = found.remarks + torn.remarks, found.unread + torn.unread
            else:
                (inner if is_archive(shown) else found.files)[shown] = data
        self.count += len(found.files)
        return found, inner

    def read_inner(self, data: bytes, name: str) -> Contents:
        """What an archive in the archive holds, as if its folder lay beside it."""
        found, deeper = self.read(io.BytesIO(data), name, f"{_bare(name)}/")
        found.remarks += [f"{other}: an archive in an archive in the archive, left out. Unpack it." for other in deeper]
        return found

    def torn(self, why: str) -> Contents:
        """What cannot be read, and why."""
        return Contents(remarks=[f"{why} It was left out."], unread=[UsageError(f"{self.meter.shown}: {why}")])

    def _take(self, entry: Entry, read: dict[tuple[str, ...], bytes]) -> bool:
        """Whether it may hold Python; then it is read."""
        if entry.refusal:
            raise Refused(entry.refusal)
        if not _matters(entry):
            return False
        if entry.parts in read:
            raise Refused(_SAME_NAME)
        if len(read) + self.count >= bounds.MAX_FILES:
            raise Refused(f"There are more than {bounds.MAX_FILES} Python files.")
        most = MAX_INNER if is_archive(entry.parts[-1]) else bounds.most(entry.parts[-1])
        read[entry.parts] = b"".join(entry.chunks(most))
        return True


def _shared(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    """What both begin with."""
    return tuple(part for part, _ in takewhile(lambda at: at[0] == at[1], zip(one, other, strict=False)))


def _matters(entry: Entry) -> bool:
    """Whether it may hold Python."""
    return not entry.is_folder and entry.name.lower().endswith((*bounds.SOURCES, *SUFFIXES))


# ---- entries ---------------------------------------------------------------------------------------------------------


def is_archive(name: str) -> bool:
    """Whether a file of this name is read as an archive."""
    return name.lower().endswith(SUFFIXES)


def is_junk(parts: Sequence[str], folders: Container[str]) -> bool:
    """Whether something is hidden, or lies in one of the `folders` that hold nothing."""
    return any(p.startswith(".") or p in folders for p in parts)


def opened(path: Path, most: Bounds) -> Iterator[Entry]:
    """The entries of an archive on disk, in its order.

    Raises
    ------
    UsageError
        If it is no archive, is damaged, or is a bomb.
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        yield from entries(file, path.name, Meter(str(path), most.limit(path.stat().st_size)), most)


def entries(file: IO[bytes], name: str, meter: Meter, most: Bounds) -> Iterator[Entry]:
    """The entries of an archive called `name`; see `opened`.

    Raises
    ------
    TornError
        If it is damaged, or no archive of this kind.
    UsageError
        If it is a bomb.
    """
    begins = file.read(6)
    file.seek(0)
    if not begins:
        raise TornError(f"{meter.shown}: this archive has no content (0 bytes). Hand it in again.")
    if begins.startswith(_UNREAD):
        raise TornError(f"{meter.shown}: whatever its name says, it is a .rar or .7z, which is not read. Pack it as .zip.")
    is_zip = begins.startswith((b"PK\x03\x04", b"PK\x05\x06")) or (name.lower().endswith(".zip") and not begins.startswith(b"\x1f\x8b"))
    read = _zipped if is_zip else _tarred
    try:
        for count, entry in enumerate(read(file, meter, most)):
            if count == most.entries:
                raise meter.bomb(f"it holds more than {most.entries:,} files and folders")
            yield entry
    except _DAMAGE as error:
        why = _printable(str(error))
        raise TornError(f"{meter.shown}: this archive is damaged or of another kind than its name says ({why}). Pack it again.") from error


def _entry(name: str, most: Bounds, content: Callable[[], IO[bytes]], problem: str, *, is_folder: bool) -> Entry:
    try:
        parts = safe_parts(name, most.depth)
    except Refused as why:
        return Entry(_printable(name), (), is_folder, str(why), content)
    return Entry(_printable(name), parts, is_folder, problem if parts or is_folder else "It has no name.", content)


def _zipped(file: IO[bytes], meter: Meter, most: Bounds) -> Iterator[Entry]:
    table: Any = _Stream(file, meter, piece=max(_CHUNK, most.entries * _ROW))
    with zipfile.ZipFile(table) as archive:
        for info in archive.infolist():
            def content(info: zipfile.ZipInfo = info) -> Any:
                return _Stream(archive.open(info), meter)

            yield _entry(_zip_name(info), most, content, _zip_problem(info), is_folder=info.is_dir())


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Its whole name. That of a Mac is UTF-8 and does not say so; hardly any other name is UTF-8 by chance."""
    if info.flag_bits & 0x800:  # it is said to be UTF-8
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode()
    except UnicodeError:
        return info.orig_filename


def _zip_problem(info: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if info.flag_bits & 1:
        return _SEALED[0]
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return _SEALED[1]
    return "" if kind in (0, stat.S_IFREG, stat.S_IFDIR) else _NO_FILE


def _tarred(file: IO[bytes], meter: Meter, most: Bounds) -> Iterator[Entry]:
    """All that is passed over is inflated too, and counts; the headers before each entry, which tarfile reads whole, are bounded."""
    inflated: Any = gzip.GzipFile(fileobj=file) if file.read(2) == b"\x1f\x8b" else file
    file.seek(0)
    total, before, stream = meter.limit, meter.count, _Stream(inflated, meter)
    meter.limit = min(total, before + _TAR_HEADERS)
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for info in archive:
            meter.limit = total

            def content(info: tarfile.TarInfo = info) -> Any:
                return archive.extractfile(info)

            yield _entry(info.name, most, content, _tar_problem(info), is_folder=info.isdir())
            archive.members.clear()  # type: ignore[attr-defined]
            meter.limit = min(total, before + archive.offset + _TAR_HEADERS)
    meter.limit = total


def _tar_problem(info: tarfile.TarInfo) -> str:
    if info.issparse():
        return "It is a file with holes. Pack it as an ordinary file."
    return "" if info.isreg() or info.isdir() else _NO_FILE


def safe_parts(name: str, depth: int) -> tuple[str, ...]:
    """Folders and file name that a name in an archive means; `Refused` if it means anything outside, or cannot be a name.

    None for ``./``, the folder that was packed.
    """
    path = name.replace("\\", "/")  # as Windows packs them
    parts = tuple(p for p in path.split("/") if p not in ("", "."))
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in name):  # surrogates stand for bytes that are not UTF-8
        raise Refused("Its name holds control characters or is not UTF-8. Rename it.")
    if path.startswith("/") or re.match("[A-Za-z]:", path):
        raise Refused("Its name is absolute, and would lie outside of the archive's folder. Pack it by a relative name.")
    if ".." in parts:
        raise Refused("Its name leads out of the archive's folder. Pack it by a name without '..'.")
    if len(parts) > depth or any(len(p.encode()) > _MAX_NAME for p in parts):
        raise Refused(f"Its name is too long, or it lies more than {depth} folders deep.")
    return parts


def _printable(name: str) -> str:
    """On one line, whatever is in it."""
    shown = name if len(name) <= _MAX_SHOWN else f"{name[:_MAX_SHOWN]}..."
    return "".join(c if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") else ascii(c)[1:-1] for c in shown)
