"""Find what differs in two pictures of one size, by blocks of 16 x 16 pixels; neighbouring blocks are one box."""

from itertools import chain

from archiver.render.difference.picture import Picture, difference_mask
from archiver.render.difference.region import Box

_BLOCK = 16
_MOST_BOXES = 200


def changed_boxes(before: Picture, after: Picture) -> list[Box]:
    """Return the boxes that differ, each as small as its pixels allow; at most 200, else one box of all."""
    mask = difference_mask(before, after)
    blocks = mask.reduce(_BLOCK)
    marked = blocks.tobytes()
    places = {place for place, level in enumerate(marked) if level}
    groups = [list(places)] if len(places) == len(marked) else _groups(places, blocks.width)
    if len(groups) > _MOST_BOXES:
        groups = [list(chain(*groups))]
    return [_exact(mask, group, blocks.width) for group in groups]


def _groups(places: set[int], width: int) -> list[list[int]]:
    """Return groups of blocks that touch each other, also at a corner; `places` is emptied."""
    groups = []
    while places:
        waiting, group = [places.pop()], []
        while waiting:
            place = waiting.pop()
            group.append(place)
            near = places.intersection(_neighbours(place, width))
            places -= near
            waiting += near
        groups.append(group)
    return groups


def _neighbours(place: int, width: int) -> list[int]:
    column = place % width
    steps = [step for step in (-1, 0, 1) if 0 <= column + step < width]
    return [place + row + step for row in (-width, 0, width) for step in steps]


def _exact(mask: Picture, group: list[int], width: int) -> Box:
    """Return the box of the pixels that differ in a group of blocks."""
    columns, rows = [place % width for place in group], [place // width for place in group]
    left, top = min(columns) * _BLOCK, min(rows) * _BLOCK
    right, bottom = (max(columns) + 1) * _BLOCK, (max(rows) + 1) * _BLOCK
    bounds = mask.crop((left, top, min(right, mask.width), min(bottom, mask.height))).getbbox()
    inner = bounds or (0, 0, right - left, bottom - top)
    return Box(left + inner[0], top + inner[1], left + inner[2], top + inner[3])
