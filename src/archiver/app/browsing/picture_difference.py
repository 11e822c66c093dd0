"""The visual difference of the screenshots of two visits of a page: which regions changed, and both pictures drawn."""

import threading
from dataclasses import dataclass
from typing import Any, Literal

from archiver.app.browsing.kept_values import KeptValues
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import ArchiveDamaged, BodyPruned, UnreadableScreenshot, UsageError
from archiver.model.rendition import SCREENSHOT, BoxOf, MadeBy, parse_made_by
from archiver.render.difference.region import Box, Region, Screenshot, VisualDifference
from archiver.render.difference.visual_difference import draw, draw_side_by_side, visual_difference
from archiver.store.rendition_queries import RenditionRow

Side = Literal["before", "after", "both"]
_MOST_KEPT = 64_000_000  # bytes of drawn pictures that are kept in memory
_MOST_DIFFERENCES = 200
_OURS = (
    ("viewport", "viewports"),
    ("browser", "browsers"),
    ("script", "versions of archiver's script"),
    ("language", "languages"),
    ("timezone", "time zones"),
)


@dataclass(frozen=True, slots=True)
class ScreenshotPair:
    """The screenshots of two visits.

    Attributes:
        problem: why they are not compared; "" when they are.
        rows: the renditions; None where there is none.
    """

    problem: str
    rows: tuple[RenditionRow | None, RenditionRow | None]


@dataclass(frozen=True, slots=True)
class PictureDifference:
    """The visual difference of two visits.

    Attributes:
        problem: why there is none; "" when there is.
        found: the regions; None without a difference.
        visits: the visits that the screenshots are of. An earlier one may stand for one that showed the same.
    """

    problem: str
    found: VisualDifference | None = None
    visits: tuple[int, int] = (0, 0)

    def as_json(self) -> dict[str, Any]:
        """Return the values of `data.picture`, of the tables, and of `diff --picture --json`."""
        if self.found is None:
            return {"problem": self.problem, "regions": []}
        regions = [_region_json(number, each) for number, each in enumerate(self.found.regions, 1)]
        return {
            "problem": "",
            "before_visit": self.visits[0],
            "after_visit": self.visits[1],
            "before_size": list(self.found.before_size),
            "after_size": list(self.found.after_size),
            "changed_share": round(self.found.changed_share, 6),
            "news": len(self.found.news),
            "no_news": len(self.found.regions) - len(self.found.news),
            "regions": regions,
        }


def _region_json(number: int, region: Region) -> dict[str, Any]:
    """Return a row of the table of regions. Boxes are left, top, width and height, in pixels."""
    row: dict[str, Any] = {"number": number, "kind": region.kind, "is_news": region.is_news}
    for name, box in (("before", region.before), ("after", region.after)):
        values = (box.left, box.top, box.width, box.height)
        row |= dict(zip((f"{name}_{part}" for part in ("left", "top", "width", "height")), values, strict=True))
    return row


_DIFFERENCES: KeptValues[VisualDifference] = KeptValues(_MOST_DIFFERENCES)
_DRAWN: KeptValues[tuple[bytes, bytes]] = KeptValues(_MOST_KEPT)
_MAKING = threading.Lock()
"""Comparing large pictures takes hundreds of megabytes: one at a time, and each only once."""


def picture_difference(archive: ArchiveReader, visits: tuple[int, int]) -> PictureDifference:
    """Return which regions of the screenshots of two visits of a page differ, or why that is not known."""
    pair = _pair(archive, visits)
    if pair.problem:
        return PictureDifference(pair.problem)
    try:
        found = _difference(_screenshots(archive, pair), pair)
        return PictureDifference("", found, _visits(pair))
    except (BodyPruned, ArchiveDamaged, UnreadableScreenshot, UsageError) as error:
        return PictureDifference(f"The screenshots are not compared: {error}.")


def drawn_picture(archive: ArchiveReader, visits: tuple[int, int], side: Side) -> bytes:
    """Return the screenshots of two visits with the regions outlined and numbered, as PNG: one of them, or both.

    Raises:
        UsageError: they are not compared, or Pillow is not installed.
        UnreadableScreenshot: one is no PNG, damaged, or too large.
        ArchiveDamaged: the bytes of one do not match their digest.
        BodyPruned: they were pruned or redacted.
    """
    pair = _pair(archive, visits)
    if pair.problem:
        raise UsageError(pair.problem)
    before, after = _screenshots(archive, pair)
    found = _difference((before, after), pair)
    if side == "both":
        with _MAKING:
            return draw_side_by_side(before.png, after.png, found)

    def make() -> tuple[tuple[bytes, bytes], int]:
        pictures = draw(before.png, after.png, found)
        return pictures, sum(map(len, pictures))

    with _MAKING:
        return _DRAWN.get(_key(pair), make)[side == "after"]


def _difference(screenshots: tuple[Screenshot, Screenshot], pair: ScreenshotPair) -> VisualDifference:
    with _MAKING:
        return _DIFFERENCES.get(_key(pair), lambda: (visual_difference(*screenshots), 1))


def _visits(pair: ScreenshotPair) -> tuple[int, int]:
    before, after = (row.visit_id if row is not None else 0 for row in pair.rows)
    return before, after


def _key(pair: ScreenshotPair) -> tuple[str, ...]:
    """Return what a difference depends on: both digests, and the boxes that are no news."""
    rows = [row for row in pair.rows if row is not None]
    return (*(row.sha256 or "" for row in rows), *(row.made_by for row in rows))


def _pair(archive: ArchiveReader, visits: tuple[int, int]) -> ScreenshotPair:
    """Return the screenshots of two visits, and why they are not compared.

    With another viewport or another browser, pages look otherwise: that difference is ours, not the site's.
    """
    of_visit = archive.store.browsing.renditions.of_visit
    rows = [of_visit(visit_id).get(SCREENSHOT) for visit_id in visits]
    before, after = (row if row is not None and row.sha256 else None for row in rows)
    missing = [f"visit {visit}" for visit, row in zip(visits, (before, after), strict=True) if row is None]
    if before is None or after is None:
        problem = f"There is no screenshot of {' or '.join(dict.fromkeys(missing))}: no browser opened the page then."
        return ScreenshotPair(problem, (before, after))
    return ScreenshotPair(_ours(parse_made_by(before.made_by), parse_made_by(after.made_by)), (before, after))


def _ours(before: MadeBy, after: MadeBy) -> str:
    """Return why a difference of two screenshots would be ours; "" when it is the site's."""
    for name, said in _OURS:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            return (
                f"The screenshots are not compared: they were made with other {said} "
                f"({old or 'none given'}; {new or 'none given'}), so they differ by our doing."
            )
    return ""


def _screenshots(archive: ArchiveReader, pair: ScreenshotPair) -> tuple[Screenshot, Screenshot]:
    found = []
    for row in pair.rows:
        assert row is not None  # noqa: S101  (a pair without a problem has both)
        made = parse_made_by(row.made_by)
        png = archive.store.evidence.block(row.rendition_id)
        found.append(Screenshot(png, tuple(map(_box, made.counters)), tuple(map(_box, made.floating))))
    return found[0], found[1]


def _box(box: BoxOf) -> Box:
    left, top, width, height = box
    return Box(left, top, left + width, top + height)
