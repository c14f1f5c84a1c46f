"""Options of the command line that several modules of commands have."""

from pathlib import Path
from typing import Annotated

import typer

COURSE = Annotated[Path | None, typer.Option(help="The folder with reference/ and rubrics/; if left out the current one, one above, "
                                                  "or the one that grade is installed from.")]
"""``--course``"""
