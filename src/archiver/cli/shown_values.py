"""Lines with values of pages: safe for a terminal, and cut to its width."""

import shutil

from archiver.cli.context import OUTPUT
from archiver.text.clean import printable

_LONGEST = 400


def cut_line(text: str) -> str:
    """Return a text as one line: on a terminal cut to its width, elsewhere to 400 characters."""
    width = shutil.get_terminal_size().columns if OUTPUT.is_terminal else _LONGEST
    return printable(text, max(20, width - 1))
