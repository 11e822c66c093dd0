"""Decode screenshots, within bounds, and ask about their pixels."""

import io
import struct
import zlib

from PIL import Image, ImageChops

from archiver.errors import UnreadableScreenshot
from archiver.render.difference.region import Box
from archiver.render.difference.row_alignment import Key
from archiver.render.png_header import png_size

Picture = Image.Image
"""A decoded picture: mode RGB, or L (shades of grey) when it is large."""

_MOST_IN_COLOUR = 24_000_000
"""Pictures with more pixels are compared in shades of grey: they would need more than 500 MB."""
SAME_COLOUR = 16
"""Colours that differ by no more than this, of 255, in each of red, green and blue are the same."""
_DIFFERS = [255 if level > SAME_COLOUR else 0 for level in range(256)]
_FAULTS = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, IndexError, OverflowError)


def decoded(png: bytes) -> Picture:
    """Return the picture, in mode RGB.

    Raises:
        UnreadableScreenshot: as `png_size`, or it is damaged, cut off, or animated.
    """
    png_size(png)
    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
            frames = getattr(picture, "n_frames", 1)
            if frames == 1:
                picture.load()
                return picture if picture.mode == "RGB" else picture.convert("RGB")
    except (*_FAULTS, Image.DecompressionBombError) as error:
        raise UnreadableScreenshot(f"the screenshot is damaged: {' '.join(str(error).split())[:120]}") from None
    raise UnreadableScreenshot("the screenshot is animated")


def comparable(png: bytes, *, in_colour: bool) -> Picture:
    """Return the picture as it is compared: in mode RGB, or L when not in colour."""
    picture = decoded(png)
    return picture if in_colour else picture.convert("L")


def fits_in_colour(*sizes: tuple[int, int]) -> bool:
    """Tell whether pictures of these sizes are compared in colour."""
    return max(width * height for width, height in sizes) <= _MOST_IN_COLOUR


def difference_mask(one: Picture, other: Picture) -> Picture:
    """Return a picture in mode L: 255 where two pictures of one size differ visibly, else 0."""
    levels = ImageChops.difference(one, other)
    if levels.mode == "L":
        return levels.point(_DIFFERS)
    red, green, blue = levels.split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue).point(_DIFFERS)


def is_uniform(picture: Picture) -> bool:
    """Tell whether a picture has one colour, or no pixel."""
    if not picture.width or not picture.height:
        return True
    extrema = picture.getextrema()
    pairs = extrema if isinstance(extrema[0], tuple) else (extrema,)
    return all(high - low <= SAME_COLOUR for low, high in pairs)


def inked(picture: Picture) -> tuple[list[int], list[int]]:
    """Tell of each column and of each row of pixels whether it has more than one colour."""
    width, height = picture.size
    down = ImageChops.difference(picture.crop((0, 0, width, height - 1)), picture.crop((0, 1, width, height)))
    across = ImageChops.difference(picture.crop((0, 0, width - 1, height)), picture.crop((1, 0, width, height)))
    columns = list(down.getprojection()[0]) if height > 1 else [0] * width
    rows = list(across.getprojection()[1]) if width > 1 else [0] * height
    return columns, rows


def ink_box(picture: Picture, box: Box) -> Box:
    """Return a box without the rows and columns at its sides that have one colour; the box itself when all have."""
    columns, rows = inked(picture.crop(box))
    if not any(columns) or not any(rows):
        return box
    left, right = _ends(columns)
    top, bottom = _ends(rows)
    return Box(box.left + left, box.top + top, box.left + right, box.top + bottom)


def _ends(flags: list[int]) -> tuple[int, int]:
    """Return the first place that is set, and the one after the last."""
    places = [place for place, flag in enumerate(flags) if flag]
    return places[0], places[-1] + 1


def is_background(picture: Picture, box: Box) -> bool:
    """Tell whether a box has no pixel, or one colour that goes on at one of its sides, or is the whole picture."""
    if not box.area:
        return True
    if not is_uniform(picture.crop(box)):
        return False
    colour = picture.getpixel((box.left, box.top))
    sides = (
        Box(box.left, box.top - 1, box.right, box.top),
        Box(box.left, box.bottom, box.right, box.bottom + 1),
        Box(box.left - 1, box.top, box.left, box.bottom),
        Box(box.right, box.top, box.right + 1, box.bottom),
    )
    whole = Box(0, 0, picture.width, picture.height)
    return box == whole or any(
        side.is_inside([whole]) and picture.getpixel(side[:2]) == colour and is_uniform(picture.crop(side))
        for side in sides
    )


def row_keys(picture: Picture) -> list[Key]:
    """Return what stands for each row of pixels in `row_alignment`."""
    pixels = picture.tobytes()
    length = len(pixels) // picture.height
    width = picture.width
    depth = length // width
    keys: list[Key] = []
    for start in range(0, len(pixels), length):
        row = pixels[start : start + length]
        colour = row[:depth]
        keys.append(colour if row == colour * width else hash(row))
    return keys
