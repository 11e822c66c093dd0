"""Make regions of the parts that differ: say what each is (changed, inserted, moved, …), and join neighbours."""

from collections.abc import Iterable, Iterator

from archiver.render.difference.changed_blocks import changed_boxes
from archiver.render.difference.elsewhere import Elsewhere
from archiver.render.difference.picture import Picture, ink_box, is_background
from archiver.render.difference.region import NEWS, Box, DifferingPart, Kind, Region, Screenshot

MOST_REGIONS = 50
_ACROSS, _DOWN = 24, 14
"""Regions no further apart than this, in pixels, are one: words of a line, lines of a paragraph."""


def regions_of(
    before: Picture, after: Picture, parts: Iterable[DifferingPart], shots: tuple[Screenshot, Screenshot]
) -> list[Region]:
    """Return the regions of two pictures, at most 50, from top to bottom."""
    found = [each for part in parts for each in _classified(before, after, part)]
    elsewhere = Elsewhere(before, after, found)
    return _joined([_excused(each, shots, elsewhere) for each in found])


def _classified(before: Picture, after: Picture, part: DifferingPart) -> Iterator[Region]:
    """Yield the regions of a part: none when only empty space came or went."""
    old, new = part
    if old.area and (old.width, old.height) == (new.width, new.height):
        for left, top, right, bottom in changed_boxes(before.crop(old), after.crop(new)):
            yield _in_place(
                before,
                after,
                Box(old.left + left, old.top + top, old.left + right, old.top + bottom),
                Box(new.left + left, new.top + top, new.left + right, new.top + bottom),
            )
        return
    was_empty, is_empty = is_background(before, old), is_background(after, new)
    if was_empty and is_empty:
        return
    kind: Kind = "inserted" if was_empty else "removed" if is_empty else "changed"
    yield Region(
        kind,
        old if was_empty else ink_box(before, old),
        new if is_empty else ink_box(after, new),
    )


def _in_place(before: Picture, after: Picture, old: Box, new: Box) -> Region:
    """Return the region of two boxes of one size."""
    was_empty, is_empty = is_background(before, old), is_background(after, new)
    kind: Kind = "changed" if was_empty == is_empty else "inserted" if was_empty else "removed"
    return Region(kind, old, new)


def _excused(region: Region, shots: tuple[Screenshot, Screenshot], elsewhere: Elsewhere) -> Region:
    """Return a region with its kind when it is no news."""
    before, after = shots
    if region.before.is_inside(before.counters) or region.after.is_inside(after.counters):
        return Region("counter", region.before, region.after)
    is_covered = region.before.is_inside(before.floating) != region.after.is_inside(after.floating)
    if is_covered or elsewhere.has(region):
        return Region("moved", region.before, region.after)
    return region


def _joined(regions: list[Region]) -> list[Region]:
    """Join neighbours until none is near another, and there are at most 50."""
    across, down = _ACROSS, _DOWN
    joined = _join_once(regions, across, down)
    while len(joined) > MOST_REGIONS:
        across, down = across * 2, down * 2
        joined = _join_once(joined, across, down)
    return sorted(joined, key=lambda each: (each.after.top, each.after.left, each.before))


def _join_once(regions: list[Region], across: int, down: int) -> list[Region]:
    """Join regions that are near each other in both pictures."""
    kept: list[Region] = []
    for region in sorted(regions, key=lambda each: (each.after.top, each.after.left)):
        grown = region
        while (near := next((each for each in kept if _belong(each, grown, across, down)), None)) is not None:
            kept.remove(near)
            grown = Region(_common(near, grown), near.before.joined(grown.before), near.after.joined(grown.after))
        kept.append(grown)
    return kept


def _belong(one: Region, other: Region, across: int, down: int) -> bool:
    """Tell whether two regions are one: near each other in both pictures, and of one kind or both news."""
    if one.kind != other.kind and not (one.is_news and other.is_news):
        return False
    return one.before.grown(across, down).touches(other.before) and one.after.grown(across, down).touches(other.after)


def _common(one: Region, other: Region) -> Kind:
    return one.kind if one.kind == other.kind else "changed"


def changed_share(regions: Iterable[Region], area: int) -> float:
    """Return the area of the regions that are news as a share of a picture's area, 0.0 to 1.0."""
    changed = sum(max(each.before.area, each.after.area) for each in regions if each.kind in NEWS)
    return min(1.0, changed / area)
