"""Blocks of listings that rotate: at each visit they show other pages that are long known. They are no part of editions.

A list of news that turns over at each visit shows new pages, and stays. A block that showed mostly other old pages at
three differing visits in a row is left out from then on, until the profile or the reader changes.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from archiver.model.record import ListedItem
from archiver.store.connection import Connection

_TURNS = 3
"""After so many visits in a row, a block rotates."""
_LEAST = 3
"""The least number of items of a block that can rotate: a single item is often replaced."""

OldPages = Callable[[list[str]], int]
"""Returns how many pages of these addresses the archive knew before the last visit of the listing."""


class Rotation:
    """The blocks of one listing: at how many differing visits in a row each showed mostly other old pages."""

    def __init__(self, turns: dict[str, int]) -> None:
        self.turns = turns

    def without(self, items: Iterable[ListedItem]) -> tuple[ListedItem, ...]:
        """Return the items that are not in a block that rotates."""
        blocks = self._rotating()
        return tuple(each for each in items if each.block not in blocks) if blocks else tuple(items)

    def see(self, items: Sequence[ListedItem], before: Iterable[str], old_pages: OldPages) -> tuple[ListedItem, ...]:
        """Return the items that are not in a block that rotates, after a visit that differs from the one before.

        Args:
            items: what the visit showed.
            before: the addresses that the edition before showed.
            old_pages: counts pages that are no news.
        """
        known = set(before)
        blocks: defaultdict[str, list[str]] = defaultdict(list)
        for each in self.without(items):
            if each.block:
                blocks[each.block].append(each.url)
        for block, urls in blocks.items():
            came = [url for url in urls if url not in known]
            is_turned = len(urls) >= _LEAST and 2 * len(came) >= len(urls) and 2 * old_pages(came) >= len(urls)
            if is_turned:
                self.turns[block] = self.turns.get(block, 0) + 1
            else:
                self.turns.pop(block, None)
        return self.without(items)

    def _rotating(self) -> set[str]:
        return {block for block, turns in self.turns.items() if turns >= _TURNS}


class Rotations:
    """Reads and writes the blocks of listings that rotate, or may."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, pages: Sequence[int]) -> dict[int, Rotation]:
        """Return the blocks of each page."""
        found = {page_id: Rotation({}) for page_id in pages}
        sql = "SELECT page_id, block, turns FROM json_each(?) j CROSS JOIN _rotation r ON r.page_id = j.value"
        for row in self._connection.rows(sql, (json.dumps(list(pages)),)) if pages else ():
            found[row["page_id"]].turns[row["block"]] = row["turns"]
        return found

    def put(self, page_id: int, rotation: Rotation) -> None:
        """Replace the blocks of a page."""
        self._connection.execute("DELETE FROM _rotation WHERE page_id = ?", (page_id,))
        rows = [(page_id, block, turns) for block, turns in rotation.turns.items()]
        if rows:
            self._connection.executemany("INSERT INTO _rotation(page_id, block, turns) VALUES (?, ?, ?)", rows)

    def old_pages(self, site_id: int, keys: Iterable[str], moment: str) -> int:
        """Return how many pages with these identities the archive knew before a time (UTC text)."""
        sql = (
            "SELECT count(*) FROM json_each(?) j CROSS JOIN _page p ON p.site_id = ? AND p.key = j.value "
            "WHERE p.first_seen < ?"
        )
        return int(self._connection.value(sql, (json.dumps(list(keys)), site_id, moment)))
