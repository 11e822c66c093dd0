"""The values of a visual difference: boxes, regions, and the difference as a whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, Self

Kind = Literal["changed", "inserted", "removed", "moved", "counter"]
NEWS: frozenset[Kind] = frozenset({"changed", "inserted", "removed"})


class Box(NamedTuple):
    """A rectangle of a picture, in pixels. `right` and `bottom` are not part of it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Return the width, in pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Return the height, in pixels."""
        return self.bottom - self.top

    @property
    def area(self) -> int:
        """Return the number of its pixels."""
        return self.width * self.height

    def joined(self, other: Self) -> "Box":
        """Return the smallest box that has both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def grown(self, across: int, down: int) -> "Box":
        """Return the box with a margin, in pixels."""
        return Box(self.left - across, self.top - down, self.right + across, self.bottom + down)

    def touches(self, other: Self) -> bool:
        """Tell whether both have a point in common, borders included."""
        return (
            self.left <= other.right
            and other.left <= self.right
            and self.top <= other.bottom
            and other.top <= self.bottom
        )

    def is_inside(self, others: Iterable["Box"]) -> bool:
        """Tell whether it lies in one of these boxes."""
        return any(
            each.left <= self.left and each.top <= self.top and self.right <= each.right and self.bottom <= each.bottom
            for each in others
        )


class DifferingPart(NamedTuple):
    """A box of the earlier picture, and the box that the later picture has in its place. One may have no area."""

    before: Box
    after: Box


@dataclass(frozen=True, slots=True)
class Screenshot:
    """A screenshot, and what is known of the page that it shows. One pixel of CSS is one pixel of the picture.

    Attributes:
        png: the picture.
        counters: the boxes of counters: views, likes, comments.
        floating: the boxes of elements that stay in place while the page scrolls (`position: sticky` or `fixed`). What
            they cover in one picture and not in the other is no news.
    """

    png: bytes
    counters: tuple[Box, ...] = ()
    floating: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Region:
    """One rectangle that is different.

    Attributes:
        kind: `changed`, `inserted`, `removed`; or no news: `moved` (it is elsewhere in the other picture, or a
            floating element covers it there) or `counter`.
        before: its box in the earlier picture. Of an inserted region: the place, often without area.
        after: its box in the later picture. Of a removed region: the place, often without area.
    """

    kind: Kind
    before: Box
    after: Box

    @property
    def is_news(self) -> bool:
        """Tell whether it counts as a change of the page."""
        return self.kind in NEWS


@dataclass(frozen=True, slots=True)
class VisualDifference:
    """What is different in two screenshots of a page.

    Attributes:
        before_size: width and height of the earlier picture, in pixels.
        after_size: the same of the later picture.
        regions: at most 50, from top to bottom. Content that only stands higher or lower than before is in none.
        changed_share: the area of the regions that are news, as a share of the larger picture: 0.0 to 1.0.
    """

    before_size: tuple[int, int]
    after_size: tuple[int, int]
    regions: tuple[Region, ...]
    changed_share: float

    @property
    def news(self) -> tuple[Region, ...]:
        """Return the regions that count as a change of the page."""
        return tuple(each for each in self.regions if each.is_news)
