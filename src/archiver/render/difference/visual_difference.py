"""The visual difference of two screenshots of one page: which regions changed, and pictures that show them.

Content that only stands higher or lower, because something above it grew, is no difference. Counters and what floats
or rotates are regions, but no news.
"""

from importlib import import_module
from typing import Any

from archiver.errors import UsageError
from archiver.render.difference.region import Box, Region, Screenshot, VisualDifference
from archiver.text.install_advice import not_installed


def visual_difference(before: Screenshot, after: Screenshot) -> VisualDifference:
    """Compare two screenshots of one page.

    Raises:
        UnreadableScreenshot: one is no PNG, damaged, animated, or larger than 4000 x 15,000 pixels.
        UsageError: Pillow is not installed.
    """
    return _with_pillow("comparison").compared(before, after)  # type: ignore[no-any-return]


def draw(before: bytes, after: bytes, difference: VisualDifference) -> tuple[bytes, bytes]:
    """Return the two screenshots with their regions outlined and numbered, as PNG.

    Each kind has a colour and a line of its own: solid, dashed, dotted; thin for what is no news.

    Raises:
        UnreadableScreenshot: as `visual_difference`.
        UsageError: Pillow is not installed.
    """
    outlines = _with_pillow("outlines")
    return outlines.outlined(before, difference, "before"), outlines.outlined(after, difference, "after")


def draw_side_by_side(before: bytes, after: bytes, difference: VisualDifference, width: int = 1600) -> bytes:
    """Return one PNG with both screenshots, the earlier one on the left.

    Args:
        before: the earlier screenshot, as PNG.
        after: the later one.
        difference: what `visual_difference` found.
        width: the most pixels across; larger screenshots are made smaller.

    Raises:
        UnreadableScreenshot: as `visual_difference`.
        UsageError: Pillow is not installed.
    """
    return _with_pillow("outlines").side_by_side(before, after, difference, width)  # type: ignore[no-any-return]


def _with_pillow(name: str) -> Any:  # noqa: ANN401
    """Return a module of this package that needs Pillow.

    Raises:
        UsageError: Pillow is not installed.
    """
    try:
        return import_module(f"archiver.render.difference.{name}")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "PIL":
            raise
        raise UsageError(not_installed("comparing screenshots needs", "pillow")) from None


__all__ = ["Box", "Region", "Screenshot", "VisualDifference", "draw", "draw_side_by_side", "visual_difference"]
