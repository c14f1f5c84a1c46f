"""What every form keeps to: which files are read, how many, how large, how deep."""

from typing import Final

MAX_FILE: Final = 2 << 20
"""Bytes of one source file: a hundred times the longest real one."""
MAX_NOTEBOOK: Final = 32 << 20
"""Bytes of one notebook: its outputs hold pictures."""
MAX_FILES: Final = 300
MAX_DEPTH: Final = 4
"""Folders below the submission that are looked into: modules lie up to two down, their packages one or two more."""
SOURCES: Final = (".py", ".ipynb")
SKIPPED: Final = frozenset({"__pycache__", "__MACOSX", "node_modules", "site-packages", "venv", "env", "build", "dist"})
"""Folders that hold no one's homework; hidden ones are skipped too."""
ARCHIVES: Final = (".zip", ".tar.gz", ".tgz", ".tar")


def most(name: str) -> int:
    """Bytes that a file of this name may have."""
    return MAX_NOTEBOOK if name.lower().endswith(".ipynb") else MAX_FILE
