"""Draw the regions of a visual difference into screenshots: each kind with a colour and a line of its own."""

import io
from collections.abc import Iterator
from typing import Literal, NamedTuple

from PIL import Image, ImageDraw

from archiver.render.difference.picture import Picture, decoded
from archiver.render.difference.region import Box, Kind, Region, VisualDifference

Side = Literal["before", "after"]


class _LineStyle(NamedTuple):
    """How a kind is drawn: its colour, the width, and the lengths of dashes and gaps, in pixels (no gap: solid)."""

    colour: str
    width: int
    dash: int
    gap: int


_LINES: dict[Kind, _LineStyle] = {  # colours of Okabe and Ito, which people with any colour vision can tell apart
    "changed": _LineStyle("#d55e00", 4, 1, 0),
    "inserted": _LineStyle("#009e73", 4, 16, 8),
    "removed": _LineStyle("#cc3377", 4, 4, 6),
    "moved": _LineStyle("#0072b2", 2, 24, 12),
    "counter": _LineStyle("#666666", 2, 2, 6),
}
_MARGIN = 4
_LEAST = 12
"""The least side of an outline, in pixels: also a place without area is seen."""
_GAP = 16
_COMPRESSION = 3


def outlined(png: bytes, difference: VisualDifference, side: Side) -> bytes:
    """Return a screenshot with outlined and numbered regions, as PNG."""
    picture = decoded(png)
    _draw(picture, difference, side, 1)
    return _as_png(picture)


def side_by_side(before: bytes, after: bytes, difference: VisualDifference, width: int) -> bytes:
    """Return both screenshots with their regions in one picture of at most `width` pixels across, as PNG."""
    most = max((width - _GAP) // 2, 1)
    sides: list[Picture] = []
    names: tuple[tuple[bytes, Side], ...] = ((before, "before"), (after, "after"))
    for png, side in names:
        picture = decoded(png)
        scale = min(1.0, most / picture.width)
        if scale < 1:
            size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
            picture = picture.resize(size, Image.Resampling.BOX)
        _draw(picture, difference, side, scale)
        sides.append(picture)
    left, right = sides
    sheet = Image.new("RGB", (left.width + _GAP + right.width, max(left.height, right.height)), "#cccccc")
    sheet.paste(left, (0, 0))
    sheet.paste(right, (left.width + _GAP, 0))
    return _as_png(sheet)


def _draw(picture: Picture, difference: VisualDifference, side: Side, scale: float) -> None:
    pencil = ImageDraw.Draw(picture)
    for number, region in enumerate(difference.regions, 1):
        _outline(pencil, picture, _frame(region, side, scale), _LINES[region.kind])
        _number(pencil, _frame(region, side, scale), number, _LINES[region.kind])


def _frame(region: Region, side: Side, scale: float) -> Box:
    """Return where the outline of a region stands: around it, and never too small to see."""
    box = region.before if side == "before" else region.after
    scaled = Box(*(round(each * scale) for each in box)).grown(_MARGIN, _MARGIN)
    return Box(
        scaled.left,
        scaled.top,
        max(scaled.right, scaled.left + _LEAST),
        max(scaled.bottom, scaled.top + _LEAST),
    )


def _outline(pencil: ImageDraw.ImageDraw, picture: Picture, frame: Box, line: _LineStyle) -> None:
    """Draw the four sides inside the picture, over a white line that keeps them apart from the page."""
    left, top = max(frame.left, 2), max(frame.top, 2)
    right, bottom = max(min(frame.right, picture.width - 3), left), max(min(frame.bottom, picture.height - 3), top)
    pencil.rectangle((left, top, right, bottom), outline="white", width=line.width + 2)
    for first, last in _dashes(left, right, line):
        for y in (top, bottom):
            pencil.line((first, y, last, y), fill=line.colour, width=line.width)
    for first, last in _dashes(top, bottom, line):
        for x in (left, right):
            pencil.line((x, first, x, last), fill=line.colour, width=line.width)


def _dashes(start: int, end: int, line: _LineStyle) -> Iterator[tuple[int, int]]:
    """Yield the beginning and end of each dash between two points."""
    if not line.gap:
        yield start, end
        return
    for place in range(start, end + 1, line.dash + line.gap):
        yield place, min(place + line.dash, end)


def _number(pencil: ImageDraw.ImageDraw, frame: Box, number: int, line: _LineStyle) -> None:
    """Write the number of a region into its upper left corner, on a ground of its colour."""
    text, at = str(number), (max(frame.left, 0), max(frame.top - 12, 0))
    bounds = pencil.textbbox((at[0] + 3, at[1] + 1), text)
    pencil.rectangle((at[0], at[1], bounds[2] + 3, bounds[3] + 2), fill=line.colour)
    pencil.text((at[0] + 3, at[1] + 1), text, fill="white")


def _as_png(picture: Picture) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=_COMPRESSION)
    return file.getvalue()
