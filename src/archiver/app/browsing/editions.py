"""The editions of a listing: as marks of its strip, and with the items that came and went."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from archiver.app.browsing.strip_marks import MOST_MARKS, StripMark, unit_for
from archiver.model.clock import instant
from archiver.store.archive import Store
from archiver.store.span_queries import Window

_MOST_EDITIONS = 5_000  # that are grouped; of a listing with more, the newest
_MOST_ITEMS = 6_000  # that are compared for one page of the table
_SHOWN = 12  # items of an edition that came or went
_LENGTHS = {"minute": 16, "hour": 13, "day": 10, "week": 10, "month": 7, "quarter": 7, "year": 4, "century": 2}


def edition_marks(store: Store, window: Window) -> tuple[tuple[StripMark, ...], str, int]:
    """Return the marks of a listing's editions, the unit of time that groups them ("": none), and their number."""
    rows = store.browsing.editions.spans(window, _MOST_EDITIONS)[::-1]
    if len(rows) <= MOST_MARKS:
        return tuple(map(_mark, rows)), "", len(rows)
    unit = unit_for(rows[0]["seen_from"], rows[-1]["seen_from"])
    groups = groupby(rows, lambda row: _bucket(row["seen_from"], unit))
    return tuple(_group(list(each)) for _, each in groups), unit, len(rows)


def _bucket(moment: str, unit: str) -> str:
    if unit == "week":
        return "{}-{}".format(*instant(moment).isocalendar()[:2])
    if unit == "quarter":
        return f"{moment[:4]}-{(int(moment[5:7]) + 2) // 3}"
    return moment[: _LENGTHS[unit]]


def _mark(row: Mapping[str, Any]) -> StripMark:
    number = row["edition"]
    kind = "first" if number == 1 else "edition"
    what = f"{row['came']} came, {row['went']} went" if row["came"] or row["went"] else ""
    return StripMark(
        number, number, row["seen_from"], row["seen_last"], None, kind, row["came"], row["went"], int(number > 1), what
    )


def _group(rows: Sequence[Mapping[str, Any]]) -> StripMark:
    largest = max(row["came"] + row["went"] for row in rows)
    first, last = rows[0], rows[-1]
    return StripMark(
        first["edition"], last["edition"], first["seen_from"], last["seen_last"], None, "group", largest, 0, len(rows)
    )


def edition_rows(store: Store, window: Window, limit: int) -> list[dict[str, Any]]:
    """Return the editions of a window, newest first, each with the items that came and went: at most twelve of each.

    Args:
        store: the archive.
        window: the listing and the span of time.
        limit: the most editions.
    """
    rows = store.browsing.editions.spans(window, limit)
    if not rows:
        return []
    newest, oldest = rows[0]["edition"], rows[-1]["edition"]
    items = store.browsing.editions.items(window.page, max(1, oldest - 1), newest, _MOST_ITEMS)
    return [{**row, **_difference(items.get(row["edition"] - 1), items.get(row["edition"]))} for row in rows]


def _difference(
    before: Sequence[tuple[str, str, int | None]] | None, now: Sequence[tuple[str, str, int | None]] | None
) -> dict[str, Any]:
    """Return what came and went between two editions; None for what is not known."""
    if now is None:
        return {"items": None, "new": [], "gone": [], "retitled": [], "moved": False}
    old = {item[0]: item for item in before or ()}
    new = {item[0]: item for item in now}
    came = [] if before is None else [item for url, item in new.items() if url not in old]
    went = [item for url, item in old.items() if url not in new]
    both = [url for url in new if url in old]
    return {
        "items": len(now),
        "came": len(came),
        "went": len(went),
        "new": [_item(item) for item in came[:_SHOWN]],
        "gone": [_item(item) for item in went[:_SHOWN]],
        "retitled": [{**_item(new[url]), "old": old[url][1]} for url in both if old[url][1] != new[url][1]][:_SHOWN],
        "moved": both != [url for url in old if url in new],
    }


def _item(item: tuple[str, str, int | None]) -> dict[str, Any]:
    return {"url": item[0], "title": item[1], "page_id": item[2]}
