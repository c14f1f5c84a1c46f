"""The report as one self-contained HTML page: no script, no request, everything escaped, less than 2 MB."""

import sys
from base64 import b64encode
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined, Template
from jinja2.bccache import Bucket

from grader.core.report import GradeReport
from grader.report.views import Bounds, view

LARGEST = 2_000_000
"""Bytes of a page: what a browser on a phone still opens at once."""

_TEMPLATES = Path(__file__).with_name("templates")
_BOUNDS = (Bounds(), Bounds(text=160, many=3, evidence=2, source=0), Bounds(text=80, many=1, evidence=0, source=0))
_WIDE = 40  # characters of a line that a phone shows without scrolling


def to_html(report: GradeReport) -> str:
    """The report as a page; one that would be too large is written again with less of each text."""
    template, style_hash = _template()
    for bounds in _BOUNDS:
        page = template.render(page=view(report, bounds), style_hash=style_hash, shortened=bounds is not _BOUNDS[0])
        if len(page.encode()) <= LARGEST:
            break
    return page


class _Compiled(FileSystemBytecodeCache):
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
def _template() -> tuple[Template, str]:
    """The compiled template, and the hash by which its security policy admits its one stylesheet."""
    # select_autoescape(["html"]) would leave a .j2 file unescaped
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, loader=FileSystemLoader(_TEMPLATES), trim_blocks=True, lstrip_blocks=True,
        bytecode_cache=_Compiled(str(_TEMPLATES / "__pycache__")),
    )
    environment.filters["wide"] = lambda text: any(len(line) > _WIDE for line in text.split("\n"))
    # the parser of a browser sees the stylesheet as the template includes it: without the newline at its end
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8").removesuffix("\n")
    return environment.get_template("report.html.j2"), b64encode(sha256(style.encode()).digest()).decode()
