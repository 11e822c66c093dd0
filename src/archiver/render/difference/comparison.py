"""Compare two decoded screenshots. Only `visual_difference` imports it: it needs Pillow."""

from archiver.render.difference.differing_parts import differing_parts
from archiver.render.difference.picture import Picture, comparable, fits_in_colour
from archiver.render.difference.region import Box, DifferingPart, Screenshot, VisualDifference
from archiver.render.difference.regions import changed_share, regions_of
from archiver.render.png_header import png_size


def compared(before: Screenshot, after: Screenshot) -> VisualDifference:
    """Return the visual difference of two screenshots."""
    sizes = png_size(before.png), png_size(after.png)
    if before.png == after.png:
        return VisualDifference(*sizes, (), 0.0)
    in_colour = fits_in_colour(*sizes)
    one, other = comparable(before.png, in_colour=in_colour), comparable(after.png, in_colour=in_colour)
    regions = regions_of(one, other, _parts(one, other), (before, after))
    area = max(width * height for width, height in sizes)
    return VisualDifference(*sizes, tuple(regions), changed_share(regions, area))


def _parts(before: Picture, after: Picture) -> list[DifferingPart]:
    """Return the parts that differ. What one picture has more of at its right is a part."""
    width = min(before.width, after.width)
    parts = differing_parts(
        before.crop((0, 0, width, before.height)) if before.width > width else before,
        after.crop((0, 0, width, after.height)) if after.width > width else after,
    )
    if before.width != after.width:
        parts.append(
            DifferingPart(Box(width, 0, before.width, before.height), Box(width, 0, after.width, after.height))
        )
    return parts
