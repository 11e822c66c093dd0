"""Lines with values of pages: safe for a terminal, and cut to its width."""

from archiver.cli.context import OUTPUT
from archiver.text.clean import printable

_LONGEST = 400


def cut_line(text: str) -> str:
    """Return a text as one line: on a terminal cut to its width, elsewhere to 400 characters."""
    shown = printable(text, _LONGEST)
    if not OUTPUT.is_terminal:
        return shown
    from archiver.cli.terminal import cut_to_width  # noqa: PLC0415  (start-up)

    return cut_to_width(shown)
