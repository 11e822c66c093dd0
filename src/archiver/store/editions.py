"""The editions of listings: what each showed at every visit that differed from the one before, stored as differences.

`_edition` has a row for each edition. `_placed` has a row for each span of editions in which an item was there without
moving against the others. Volumes of 64 editions bound the rows that one edition is found in: each begins with
all its items. A visit that shows the same items writes nothing.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from archiver.model.outcome import DOUBTS, Outcome
from archiver.model.record import ListedItem
from archiver.store.connection import Connection, Value
from archiver.store.placement import Item, moved, places_of, respelled
from archiver.store.rotation import Rotation, Rotations
from archiver.store.targets import put_targets
from archiver.store.visit_result import SeenListing

_VOLUME = 64
_SHOWS = (
    "coalesce(t.read_outcome, t.outcome) IN ('ok', 'not_modified') "
    f"AND coalesce(t.cause, '') NOT IN {DOUBTS} AND t.visit_id NOT IN (SELECT visit_id FROM _unread)"
)
"""The visits that showed a listing."""
_NEWEST = (
    "SELECT e.page_id, e.number, e.volume, e.extractor_id, e.first_visit, l.first, l.place, k.to_url, k.text FROM json_each(?) j "
    "CROSS JOIN _edition e ON e.page_id = j.value AND e.number = (SELECT max(x.number) FROM _edition x WHERE x.page_id = j.value) "
    "LEFT JOIN _placed l ON l.page_id = e.page_id AND l.volume = e.volume AND l.last IS NULL "
    "LEFT JOIN _target k ON k.target_id = l.target_id ORDER BY e.page_id, l.place"
)
_ALL = (
    "SELECT e.number, e.first_visit, a.visited_at AS first_at, e.last_visit, z.visited_at AS last_at, e.extractor_id, k.to_url, k.text "
    "FROM _edition e JOIN _page p ON p.page_id = e.page_id JOIN _visit a ON a.visit_id = e.first_visit "
    "LEFT JOIN _visit z ON z.visit_id = coalesce(e.last_visit, p.links_visit) "
    "LEFT JOIN _placed l ON l.page_id = e.page_id AND l.volume = e.volume AND l.first <= e.number "
    "AND coalesce(l.last, e.number) >= e.number LEFT JOIN _target k ON k.target_id = l.target_id "
    "WHERE e.page_id = ? ORDER BY e.number, l.place"
)
_SHOWINGS = (
    "SELECT t.page_id, t.visit_id, t.visited_at, coalesce(t.read_outcome, t.outcome) AS outcome, "
    "t.frame_id IS NOT NULL AS has_body, t.visited_at < t.newest AS out_of_order FROM ("
    "SELECT x.*, max(CASE WHEN x.visited_at <= ?2 THEN x.visited_at ELSE '' END) OVER "
    "(PARTITION BY x.page_id ORDER BY x.visit_id) AS newest FROM _page p CROSS JOIN _visit x ON x.page_id = p.page_id "
    "WHERE p.site_id = ?1 AND (p.kind = 'listing' OR EXISTS (SELECT 1 FROM _edition e WHERE e.page_id = p.page_id))) t "
    f"WHERE {_SHOWS} ORDER BY t.page_id, t.visited_at, t.visit_id"
)
_NEW_EDITION = "INSERT INTO _edition(page_id, number, volume, first_visit, extractor_id) VALUES (?, ?, ?, ?, ?)"
_NEW_PLACED = (
    "INSERT INTO _placed(page_id, volume, first, place, target_id, to_page) SELECT ?1, ?2, ?3, ?4, min(target_id), "
    "(SELECT page_id FROM _page WHERE site_id = ?7 AND key = ?8) FROM _target WHERE to_url = ?5 AND text = ?6"
)
_ENDED = "UPDATE _placed SET last = ? WHERE page_id = ? AND volume = ? AND first = ? AND place = ?"


@dataclass(frozen=True, slots=True)
class Edition:
    """What a listing showed from one visit to another, as an extractor read it. Times are UTC text.

    `last_visit` None: it is current, and the listing was last shown at `last_at`.
    """

    first_visit: int
    first_at: str
    last_visit: int | None
    last_at: str
    extractor_id: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Showing:
    """A visit of a page that has editions, or that is a listing, at which it was shown.

    `at`: UTC text. `out_of_order`: a visit of the page that was recorded before it is dated later.
    """

    page_id: int
    visit_id: int
    at: str
    outcome: Outcome
    has_body: bool
    out_of_order: bool


@dataclass(slots=True)
class _Newest:
    """The newest edition of a page: its number, its volume, and its items with their places and first editions."""

    number: int
    volume: int
    extractor_id: int
    first_visit: int
    placed: list[tuple[int, Item]]
    firsts: dict[int, int]


class Editions:
    """Reads and writes the editions of listings.

    Attributes:
        rotations: their blocks that rotate.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.rotations = Rotations(connection)

    def write(self, seen: Sequence[SeenListing]) -> None:
        """Store what visits of different pages showed. Visits that show what the last one did write nothing."""
        pages = [each.page_id for each in seen]
        newest = self._newest(pages) if seen else {}
        rotations = self.rotations.of(pages)
        for each in seen:
            rotation, last = rotations[each.page_id], newest.get(each.page_id)
            if each.out_of_order:
                self._insert(replace(each, items=rotation.without(each.items)))
                continue
            items = respelled(each.items, [url for _, (url, _) in last.placed] if last else (), each.key_of)
            self._append(self._without_rotating(replace(each, items=items), last, rotation), last)

    def _without_rotating(self, seen: SeenListing, newest: _Newest | None, rotation: Rotation) -> SeenListing:
        """Return what a visit showed without blocks that rotate, and store which do."""
        if newest is None or newest.extractor_id != seen.extractor_id:
            before = None if seen.before is None else rotation.without(seen.before)
            return replace(seen, items=rotation.without(seen.items), before=before)
        known = dict(rotation.turns)
        moment = self._connection.value("SELECT visited_at FROM _visit WHERE visit_id = ?", (seen.shown_last,)) or ""

        def old_pages(urls: list[str]) -> int:
            return self.rotations.old_pages(seen.site_id, map(seen.key_of, urls), moment)

        items = rotation.see(seen.items, (url for _, (url, _) in newest.placed), old_pages)
        if rotation.turns != known:
            self.rotations.put(seen.page_id, rotation)
        return replace(seen, items=items)

    def rotating(self, seen: Sequence[SeenListing]) -> dict[int, set[str]]:
        """Return, by page, the addresses that visits showed in blocks that rotate."""
        rotations = self.rotations.of([each.page_id for each in seen])
        items = {each.page_id: (each.items, rotations[each.page_id].without(each.items)) for each in seen}
        return {
            page: {each.url for each in shown} - {each.url for each in kept} for page, (shown, kept) in items.items()
        }

    # a new visit

    def _newest(self, pages: list[int]) -> dict[int, _Newest]:
        found: dict[int, _Newest] = {}
        for row in self._connection.rows(_NEWEST, (json.dumps(pages),)):
            one = found.setdefault(
                row["page_id"],
                _Newest(row["number"], row["volume"], row["extractor_id"], row["first_visit"], [], {}),
            )
            if row["place"] is not None:
                one.placed.append((row["place"], (row["to_url"], row["text"])))
                one.firsts[row["place"]] = row["first"]
        return found

    def _append(self, seen: SeenListing, newest: _Newest | None) -> None:
        items = items_of(seen.items)
        if newest is None:
            self._begin_volume(seen, 1, items)
            return
        if newest.extractor_id != seen.extractor_id and seen.before is not None:
            newest = self._reread_newest(seen, newest, items_of(seen.before))
        if items == tuple(item for _, item in newest.placed):
            return
        number = newest.number + 1
        self._connection.execute(
            "UPDATE _edition SET last_visit = ? WHERE page_id = ? AND number = ?",
            (seen.shown_last or newest.first_visit, seen.page_id, newest.number),
        )
        move = moved(newest.placed, items) if number - newest.volume < _VOLUME else None
        if move is None:
            self._begin_volume(seen, number, items)
            return
        self._connection.execute(_NEW_EDITION, (seen.page_id, number, newest.volume, seen.visit_id, seen.extractor_id))
        self._many(
            _ENDED,
            [(newest.number, seen.page_id, newest.volume, newest.firsts[place], place) for place in move.ended],
        )
        self._put(seen, newest.volume, number, move.begun)

    def _begin_volume(self, seen: SeenListing, number: int, items: tuple[Item, ...]) -> None:
        self._connection.execute(_NEW_EDITION, (seen.page_id, number, number, seen.visit_id, seen.extractor_id))
        self._put(seen, number, number, places_of(items))

    def _put(self, seen: SeenListing, volume: int, first: int, begun: list[tuple[int, Item]]) -> None:
        put_targets(self._connection, [item for _, item in begun])
        self._many(
            _NEW_PLACED,
            [(seen.page_id, volume, first, place, *item, seen.site_id, seen.key_of(item[0])) for place, item in begun],
        )

    def _reread_newest(self, seen: SeenListing, newest: _Newest, items: tuple[Item, ...]) -> _Newest:
        """Replace the newest edition by what the current extractor reads in its capture: that is no change of the page."""
        if items != tuple(item for _, item in newest.placed):
            editions = self.of(seen.page_id)
            last = replace(editions[-1], items=items, extractor_id=seen.extractor_id)
            self.replace(seen.page_id, seen.site_id, [*editions[:-1], last], seen.key_of)
            return self._newest([seen.page_id])[seen.page_id]
        self._connection.execute(
            "UPDATE _edition SET extractor_id = ? WHERE page_id = ? AND number = ?",
            (seen.extractor_id, seen.page_id, newest.number),
        )
        return newest

    # a visit that is older than others

    def _insert(self, seen: SeenListing) -> None:
        editions = self.of(seen.page_id)
        earlier = [each for each in editions if each.first_at <= seen.at]
        later = editions[len(earlier) :]
        items = items_of(respelled(seen.items, (url for each in earlier[-1:] for url, _ in each.items), seen.key_of))
        new = Edition(seen.visit_id, seen.at, seen.visit_id, seen.at, seen.extractor_id, items)
        if earlier and (earlier[-1].last_at >= seen.at or earlier[-1].last_visit is None):
            if earlier[-1].items == items:
                return
            parts = self._split(seen.page_id, earlier.pop(), new)
        else:
            parts = [new]
        if not later and parts[-1] is new:
            parts[-1] = replace(new, last_visit=None)
        self.replace(seen.page_id, seen.site_id, [*earlier, *parts, *later], seen.key_of)

    def _split(self, page_id: int, edition: Edition, new: Edition) -> list[Edition]:
        """Return the parts of an edition before and after a visit that showed something else, and that visit."""
        sql = (
            f"SELECT t.visit_id, t.visited_at FROM _visit t WHERE t.page_id = ? AND t.visited_at {{}} ? AND t.visit_id <> ? "
            f"AND {_SHOWS} ORDER BY t.visited_at {{}} LIMIT 1"
        )
        values = (page_id, new.first_at, new.first_visit)
        before = self._connection.row(sql.format("<=", "DESC"), values)
        after = self._connection.row(sql.format(">", "ASC"), values)
        parts = [new]
        if before is not None and before["visited_at"] >= edition.first_at:
            parts.insert(0, replace(edition, last_visit=before["visit_id"], last_at=before["visited_at"]))
        if after is not None and after["visited_at"] <= edition.last_at:
            parts.append(replace(edition, first_visit=after["visit_id"], first_at=after["visited_at"]))
        return parts

    # all editions of a page

    def of(self, page_id: int) -> list[Edition]:
        """Return all editions of a page, oldest first."""
        found: dict[int, Edition] = {}
        items: defaultdict[int, list[Item]] = defaultdict(list)
        for row in self._connection.rows(_ALL, (page_id,)):
            number, first_at, last_at = row["number"], row["first_at"], row["last_at"] or ""
            if number not in found:
                spans = (row["first_visit"], first_at, row["last_visit"], max(first_at, last_at))
                found[number] = Edition(*spans, row["extractor_id"], ())
            if row["to_url"] is not None:
                items[number].append((row["to_url"], row["text"]))
        return [replace(each, items=tuple(items[number])) for number, each in found.items()]

    def showings(self, site_id: int, latest: str) -> Iterator[Showing]:
        """Yield the visits of a site's listings that showed them, of each page oldest first.

        Visits dated after `latest` (UTC text) do not make others out of order.
        """
        for row in self._connection.rows(_SHOWINGS, (site_id, latest)):
            visit = (row["page_id"], row["visit_id"], row["visited_at"])
            yield Showing(*visit, Outcome(row["outcome"]), bool(row["has_body"]), bool(row["out_of_order"]))

    def replace(
        self,
        page_id: int,
        site_id: int,
        editions: Sequence[Edition],
        key_of: Callable[[str], str],
        rotation: Rotation | None = None,
    ) -> None:
        """Replace all editions of a page, given oldest first, and its blocks that rotate, unless they are None."""
        if rotation is not None:
            self.rotations.put(page_id, rotation)
        editions = _joined(_respelled(editions, key_of))
        self._many("DELETE FROM _placed WHERE page_id = ?", [(page_id,)])
        self._many("DELETE FROM _edition WHERE page_id = ?", [(page_id,)])
        newest: _Newest | None = None
        for each in editions:
            listed = tuple(ListedItem(*item) for item in each.items)
            visit = (page_id, site_id, each.first_visit, each.first_at)
            self._append(SeenListing(*visit, each.extractor_id, listed, key_of), newest)
            newest = self._newest([page_id])[page_id]
        self._many(
            "UPDATE _edition SET last_visit = ? WHERE page_id = ? AND number = ?",
            [(each.last_visit, page_id, number) for number, each in enumerate(editions, 1)],
        )

    def _many(self, sql: str, rows: Sequence[Sequence[Value]]) -> None:
        if rows:
            self._connection.executemany(sql, rows)


def items_of(items: Iterable[ListedItem]) -> tuple[Item, ...]:
    """Return items as addresses and headlines, each once."""
    return tuple(dict.fromkeys((each.url, each.text) for each in items))


def _respelled(editions: Iterable[Edition], key_of: Callable[[str], str]) -> Iterator[Edition]:
    """Yield editions in which pages that stay have one address."""
    before: tuple[Item, ...] = ()
    for each in editions:
        items = respelled([ListedItem(*item) for item in each.items], (url for url, _ in before), key_of)
        before = items_of(items)
        yield replace(each, items=before)


def _joined(editions: Iterable[Edition]) -> list[Edition]:
    """Return editions, each of which differs from the one before it."""
    found: list[Edition] = []
    for each in editions:
        if found and found[-1].items == each.items:
            found[-1] = replace(each, first_visit=found[-1].first_visit, first_at=found[-1].first_at)
        else:
            found.append(each)
    return found
