"""What every form keeps to: which files are read, how many, how large, how deep."""

from typing import Final

MAX_FILE: Final = 2 << 20
"""Bytes of one source file: a hundred times the longest real one."""
MAX_NOTEBOOK: Final = 32 << 20
"""Bytes of one notebook: its outputs hold pictures."""
MAX_FILES: Final = 300
MAX_CELLS: Final = 2000
"""Code cells of one notebook: each broken one has its remark."""
MAX_CODE: Final = 4 << 20
"""Characters of all source files and code cells of a submission: parsing takes some 4 us for each of the worst."""
MAX_TOTAL: Final = 256 << 20
"""Bytes of all files of a folder that are read, pictures in notebooks included."""
MAX_DEPTH: Final = 4
"""Folders below the submission that are looked into: modules lie up to two down, their packages one or two more."""
SOURCES: Final = (".py", ".ipynb")
SKIPPED: Final = frozenset({"__pycache__", "__MACOSX", "node_modules", "site-packages", "venv", "env", "build", "dist"})
"""Folders that hold no one's homework; hidden ones are skipped too."""
ARCHIVES: Final = (".zip", ".tar.gz", ".tgz", ".tar")
UNREAD_ARCHIVES: Final = (".rar", ".7z", ".tbz2", ".txz", ".tar.bz2", ".tar.xz", ".tar.zst")
"""Folders, packed in ways that are not read."""
OTHER_ARCHIVES: Final = (*UNREAD_ARCHIVES, ".bz2", ".xz", ".zst", ".gz")
"""These, and single files, most of them data."""


LOST: Final = b"\0"
"""What stands for a file that could not be read out of the archive of its class."""


def too_much_code() -> str:
    """What is said of a file that has more code than the others leave room for."""
    return f"all files together have more than {MAX_CODE:,} characters of code; this one was not read"


def most(name: str) -> int:
    """Bytes that a file of this name may have."""
    return MAX_NOTEBOOK if name.lower().endswith(".ipynb") else MAX_FILE
