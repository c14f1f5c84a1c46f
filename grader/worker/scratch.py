"""Scratch directories, which submissions write to where no sandbox keeps them from it."""

import contextlib
import os


def remove(path: str) -> None:
    """Remove a scratch directory, however deep it is, and whatever rights a submission left on what is in it.

    Folders are moved up before they are emptied: a path may be longer than any call takes, and deeper than Python recurses.
    """
    waiting, moved = [path] if path else [], 0
    while waiting:
        folder = waiting.pop()
        with contextlib.suppress(OSError):
            os.chmod(folder, 0o700)  # noqa: PTH101 - ours, and about to go; no pathlib, as in the zygote
            for entry in list(os.scandir(folder)):
                if entry.is_dir(follow_symlinks=False):
                    moved += 1
                    waiting.append(f"{path}.{moved}")
                    os.chmod(entry.path, 0o700)  # noqa: PTH101 - as above
                    os.rename(entry.path, waiting[-1])  # noqa: PTH104 - as above
                else:
                    os.unlink(entry.path)  # noqa: PTH108 - as above
            os.rmdir(folder)  # noqa: PTH106 - as above
