"""What a listing showed on a day, beside another day: items that came, left, rose and fell."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from archiver.app.browsing.days import known_day, shifted
from archiver.app.reading.find import known_site
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import NotInArchive
from archiver.model.clock import instant, written
from archiver.store.listing_history import ShownEdition, ShownItem

MOST_ITEMS = 60
"""Items of a listing that are shown."""
_TOP = 5


@dataclass(frozen=True, slots=True)
class FrontQuestion:
    """What is asked. `day`, `before`: YYYY-MM-DD; None: the day of the newest change, and the day before `day`."""

    site: str | None = None
    page_id: int | None = None
    day: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class FrontPage:
    """The answer. Times are UTC text.

    Attributes:
        listing: the listing; `listings`: those that can be chosen.
        old, new: what it showed at the end of the two days, with `items`; None when nothing was seen by then. Each
            item has `move`: came, left, rose, fell or same; `other`: its position on the other day; `was`: another
            headline on the other day.
        counts: the number of items by move, and `reworded`.
        last_change, next_change: the days of the changes before and after `day`.
        on_top: what stood longest at the top.
    """

    listing: dict[str, Any]
    listings: list[dict[str, Any]]
    day: str
    before: str
    old: dict[str, Any] | None
    new: dict[str, Any] | None
    counts: dict[str, int]
    last_change: str | None
    next_change: str | None
    on_top: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """Return the answer as JSON has it."""
        return asdict(self)


def front_page(archive: ArchiveReader, asked: FrontQuestion) -> FrontPage | None:
    """Return what a listing showed on two days; None when the archive has no listing.

    Raises:
        UsageError: a text is not a day.
        NotInArchive: there is no such site or listing.
    """
    known_site(archive.store, asked.site)
    queries, hidden = archive.store.browsing.listings, archive.embargoed_pages()
    site_id = None if asked.site is None else archive.store.pages.site_id(asked.site)
    listings = queries.listings(site_id, hidden)
    if asked.page_id is None and not listings:
        return None
    listing = listings[0] if asked.page_id is None else queries.listing(asked.page_id)
    if listing is None or not listing["editions"] or listing["page_id"] in hidden:
        raise NotInArchive(f"page {asked.page_id} is no listing of {archive.store.path}")
    page_id = listing["page_id"]
    newest = queries.changes_around(page_id, "", "")["newest"]
    day = known_day(asked.day or (newest or written(archive.settings.clock()))[:10])
    before = known_day(asked.before) if asked.before else shifted(day, -1)
    around = queries.changes_around(page_id, day, shifted(day, 1))
    old, new = (archive.store.listings.at(page_id, f"{each} 23:59:59") for each in (before, day))
    sides = _compared(old, new)
    return FrontPage(
        listing,
        listings,
        day,
        before,
        sides[0],
        sides[1],
        _counts(*sides),
        (around["before"] or "")[:10] or None,
        (around["after"] or "")[:10] or None,
        _longest_on_top(queries.on_top(page_id)),
    )


def _identity(item: ShownItem) -> int | str:
    return item.page_id or item.url


def _compared(
    old: ShownEdition | None, new: ShownEdition | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return both editions as JSON, with what became of each item."""
    then = {_identity(item): item for item in reversed(old.items if old else ())}
    now = {_identity(item): item for item in reversed(new.items if new else ())}
    return (
        None if old is None else _side(old, now if new else None, "left"),
        None if new is None else _side(new, then if old else None, "came"),
    )


def _side(edition: ShownEdition, other: Mapping[int | str, ShownItem] | None, alone: str) -> dict[str, Any]:
    """Return an edition; `alone`: what an item is called that the other one does not have."""
    items = []
    for item in edition.items:
        twin = None if other is None else other.get(_identity(item))
        move = alone if other is not None and twin is None else "same"
        if twin is not None:
            earlier, later = (item, twin) if alone == "left" else (twin, item)
            move = _move(earlier.position, later.position)
        reworded = twin.title if twin is not None and twin.title != item.title else None
        items.append({**asdict(item), "move": move, "other": twin.position if twin else None, "was": reworded})
    shown = {name: value for name, value in asdict(edition).items() if name != "items"}
    return {**shown, "total": len(items), "items": items[:MOST_ITEMS]}


def _move(earlier: int, later: int) -> str:
    return "same" if earlier == later else "rose" if later < earlier else "fell"


def _counts(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> dict[str, int]:
    counts = dict.fromkeys(("came", "left", "rose", "fell", "same", "reworded"), 0)
    for item in new["items"] if new else ():
        counts[item["move"]] += 1
        counts["reworded"] += item["was"] is not None
    counts["left"] = sum(item["move"] == "left" for item in (old["items"] if old else ()))
    return counts


def _longest_on_top(tops: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what stood longest at the top, with the time that is certain, the longest first."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for top in tops:
        stood = instant(top["seen_last"]) - instant(top["seen_from"])
        known = found.setdefault((top["to_url"], top["title"]), {**top, "seconds": 0})
        known["seconds"] += int(stood.total_seconds())
        known["seen_last"] = top["seen_last"]
    return sorted(found.values(), key=lambda top: (-top["seconds"], top["seen_from"]))[:_TOP]
