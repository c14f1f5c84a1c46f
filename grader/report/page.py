"""What the pages share: how their templates are compiled, and the hashes by which a page admits its own style and script."""

import sys
from base64 import b64encode
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

_TEMPLATES = Path(__file__).with_name("templates")
_WIDE = 40  # characters of a line that a phone shows without scrolling


class Compiled(FileSystemBytecodeCache):
    """Keeps the compiled template beside it, as Python keeps a module's: compiling takes 45 ms, half of a whole run.

    Where Python would not write a module's bytecode, neither is this written: under ``-B``, or in a read-only installation.
    """

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write what was compiled, if it can be written."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                Path(self.directory).mkdir(exist_ok=True)
                super().dump_bytecode(bucket)


@cache
def environment() -> Environment:
    """Everything is escaped, and a name that is not defined is an error."""
    # select_autoescape(["html"]) would leave a .j2 file unescaped
    found = Environment(
        autoescape=True, undefined=StrictUndefined, loader=FileSystemLoader(_TEMPLATES), trim_blocks=True, lstrip_blocks=True,
        bytecode_cache=Compiled(str(_TEMPLATES / "__pycache__")),
    )
    found.globals["cached"] = cache  # of a macro: what it writes for equal arguments is made once
    found.filters["wide"] = lambda text: any(len(line) > _WIDE for line in text.split("\n"))
    return found


def fitted(name: str, pages: Iterable[object], largest: int, **hashes: str) -> str:
    """The first page that is not too large, or the last; all but the first say that they were shortened.

    Parameters
    ----------
    name : str
        The template's.
    pages : iterable
        Views of the same, each with less of each text than the one before.
    largest : int
        Bytes.
    """
    template = environment().get_template(name)
    for n, page in enumerate(pages):
        text = template.render(page=page, shortened=n > 0, **hashes)
        if len(text.encode()) <= largest:
            break
    return text


@cache
def digest(*names: str) -> str:
    """The hash by which a security policy admits these files, included one after the other with a newline between.

    The parser of a browser sees each as the template includes it: without the newline at its end.
    """
    text = "\n".join((_TEMPLATES / name).read_text(encoding="utf-8").removesuffix("\n") for name in names)
    return b64encode(sha256(text.encode()).digest()).decode()
