"""Find out whether the content of a region is elsewhere in the other picture: a slide, a banner that floats.

It is searched for only where the other picture differs, at any place, and the search is bounded.
"""

from collections.abc import Iterable

from PIL import ImageChops

from archiver.render.difference.picture import Picture, ink_box, is_uniform
from archiver.render.difference.region import Box, Region

_LEAST_HEIGHT, _LEAST_WIDTH = 24, 128
"""One of the two, in pixels. Smaller content is a word: two words that changed places are news."""
_MOST_BYTES, _MOST_REGIONS = 400_000_000, 100
"""How many bytes are searched in all, for how many regions; the largest come first."""
_MOST_HITS = 8
_PROBES = 8


class Elsewhere:
    """Tells which regions have their content elsewhere in the other picture."""

    def __init__(self, before: Picture, after: Picture, regions: Iterable[Region]) -> None:
        everything = sorted(regions, key=lambda each: max(each.before.area, each.after.area), reverse=True)
        self._in_before = _DifferingRows(before, [each.before for each in everything])
        self._in_after = _DifferingRows(after, [each.after for each in everything])
        self._found = {each for each in everything[:_MOST_REGIONS] if self._is_elsewhere(before, after, each)}

    def has(self, region: Region) -> bool:
        """Tell whether all that a region shows or showed is elsewhere in the other picture."""
        return region in self._found

    def _is_elsewhere(self, before: Picture, after: Picture, region: Region) -> bool:
        came, went = (region.kind in kinds for kinds in (("inserted", "changed"), ("removed", "changed")))
        return (not came or self._in_before.have(after, region.after)) and (
            not went or self._in_after.have(before, region.before)
        )


class _DifferingRows:
    """The rows of a picture that have regions."""

    def __init__(self, picture: Picture, boxes: list[Box]) -> None:
        self._picture = picture
        self._depth = len(picture.getbands())
        self._bands = [Box(0, top, picture.width, bottom) for top, bottom in _rows_of(boxes)]
        self._left = _MOST_BYTES // 2

    def have(self, other: Picture, box: Box) -> bool:
        """Tell whether the content of a box of the other picture is here."""
        if box.height < _LEAST_HEIGHT and box.width < _LEAST_WIDTH:
            return False
        content = other.crop(ink_box(other, box))
        if is_uniform(content):
            return False
        down = _telling_row(content)
        row = content.crop((0, down, content.width, down + 1)).tobytes()
        return any(self._has_in(band, content, row, down) for band in self._bands)

    def _has_in(self, band: Box, content: Picture, row: bytes, down: int) -> bool:
        if self._left <= 0 or band.height < content.height:
            return False
        pixels = self._picture.crop(band).tobytes()
        self._left -= len(pixels)
        start = 0
        for _ in range(_MOST_HITS):
            start = pixels.find(row, start)
            if start < 0:
                return False
            place, off = divmod(start, self._depth)
            top, left = divmod(place, band.width)
            if not off and self._is_at(content, left, band.top + top - down):
                return True
            start += 1
        return False

    def _is_at(self, content: Picture, left: int, top: int) -> bool:
        right, bottom = left + content.width, top + content.height
        if top < 0 or right > self._picture.width or bottom > self._picture.height:
            return False
        return ImageChops.difference(content, self._picture.crop((left, top, right, bottom))).getbbox() is None


def _rows_of(boxes: Iterable[Box]) -> list[tuple[int, int]]:
    """Return the ranges of rows that boxes take, joined where they overlap."""
    ranges: list[tuple[int, int]] = []
    for top, bottom in sorted((box.top, box.bottom) for box in boxes if box.area):
        if ranges and top <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(bottom, ranges[-1][1]))
        else:
            ranges.append((top, bottom))
    return ranges


def _telling_row(picture: Picture) -> int:
    """Return the number of the row, of some, that has the most different bytes."""
    rows = [picture.height * number // _PROBES for number in range(_PROBES)]
    return max(rows, key=lambda row: len(set(picture.crop((0, row, picture.width, row + 1)).tobytes())))
