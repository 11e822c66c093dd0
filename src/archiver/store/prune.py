"""Pruning: deletes bodies that the profile's `[keep]` rule does not retain.

Only bytes are deleted. The visit's row, its digests and its link of the chain stay, and so do versions, changes and
readings. The visit remains proved, but its body cannot be read again. Visits that belong to no version (errors,
redirects, absences, what may not be the page) and unread visits keep their bodies. So does the visit before one that may
not show the page: `archiver extract` compares the two again. For a page without versions (a file, a listing), identical
bodies count as a version.

What a browser made of a page at a visit, and the data that it fetched for that, is deleted with the body of that visit,
and stays with it. Style sheets, scripts, fonts and images that it fetched are for other visits and pages, too: they are
pruned like those that the archiver fetched itself.

A retained body may reference a deleted one. The frames of such pages are written again from the retained visits only.

A page with a damaged body is not pruned. A pruned visit is marked as deleted by rule; damage must not be hidden by that
mark, because `verify` reports it and a copy can repair it.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from archiver.model.outcome import Cause
from archiver.store.connection import Connection
from archiver.store.evidence import EvidenceStore
from archiver.store.new_visit import shares_bodies
from archiver.store.pages import RENDITION
from archiver.store.renditions import GOES_WITH_PAGE, SHOWN
from archiver.store.vault import Block, Vault

_IN_DOUBT = f"IN ('{Cause.DOUBTFUL}', '{Cause.BROKEN}', '{Cause.SHARED_TEXT}', '{Cause.NO_FILE}')"
"""The causes of visits that may not show the page, by comparison with the visit before."""
_FOLLOWERS = f"""
SELECT t.visit_id, t.page_id, t.bytes, p.kind FROM _visit t JOIN _page p ON p.page_id = t.page_id
WHERE p.site_id = ?1 AND t.frame_id IS NOT NULL AND {GOES_WITH_PAGE} AND (t.of_visit IN (SELECT value FROM json_each(?2))
  OR t.of_visit IN (SELECT visit_id FROM _pruned)) ORDER BY t.page_id, t.visit_id
"""
_GROUPS = f"""
WITH body AS (
  SELECT t.visit_id, t.page_id, t.bytes, t.visited_at, coalesce(t.cause, '') {_IN_DOUBT} AS is_in_doubt,
    coalesce(lead(t.cause) OVER (PARTITION BY t.page_id ORDER BY t.visited_at, t.visit_id), '') {_IN_DOUBT} AS is_compared, coalesce(
    (SELECT v.version_id FROM _version v WHERE v.page_id = t.page_id AND v.current = 1
      AND t.visited_at BETWEEN v.seen_from AND v.seen_last ORDER BY v.version DESC LIMIT 1),
    CASE WHEN EXISTS (SELECT 1 FROM _version v WHERE v.page_id = t.page_id) THEN NULL ELSE {SHOWN.format("t")} END) AS span
  FROM _visit t JOIN _page p ON p.page_id = t.page_id
  WHERE p.site_id = :site AND t.frame_id IS NOT NULL AND NOT {GOES_WITH_PAGE}
    AND (coalesce(t.read_outcome, t.outcome) = 'ok' OR t.cause {_IN_DOUBT}) AND t.visit_id NOT IN (SELECT visit_id FROM _unread)),
ranked AS (
  SELECT *, row_number() OVER (PARTITION BY page_id, span ORDER BY visited_at DESC, visit_id DESC) AS from_end,
    row_number() OVER (PARTITION BY page_id, span ORDER BY visited_at, visit_id) AS from_start
  FROM body WHERE span IS NOT NULL AND NOT is_in_doubt)
SELECT visit_id, page_id, bytes FROM ranked WHERE from_end > :newest AND from_start > :first AND NOT is_compared
ORDER BY page_id, visit_id
"""


@dataclass(frozen=True, slots=True)
class PrunePlan:
    """The bodies that a rule deletes.

    Attributes:
        visits: for each page, the visits whose bytes are deleted.
        sizes: for each page, the bytes of those bodies (content-decoded).
        kept: the number of bodies of the site that stay.
        renditions: those of `visits` that are no pages, but what a browser made of some.
    """

    visits: dict[int, list[int]]
    sizes: dict[int, int]
    kept: int
    renditions: frozenset[int] = frozenset()

    @property
    def pages(self) -> int:
        """Return the number of pages with bodies to delete."""
        return len(self.visits.keys() - self.renditions)

    @property
    def count(self) -> int:
        """Return the number of bodies to delete."""
        return sum(map(len, self.visits.values()))

    @property
    def bytes(self) -> int:
        """Return the bytes of the bodies to delete (content-decoded)."""
        return sum(self.sizes.values())

    def without(self, pages: Collection[int]) -> "PrunePlan":
        """Return the same plan without these pages."""
        staying = sum(len(visits) for page, visits in self.visits.items() if page in pages)
        return PrunePlan(
            {page: visits for page, visits in self.visits.items() if page not in pages},
            {page: size for page, size in self.sizes.items() if page not in pages},
            self.kept + staying,
            self.renditions,
        )


class Pruner:
    """Plans and performs pruning."""

    def __init__(self, connection: Connection, vault: Vault, evidence: EvidenceStore) -> None:
        self._connection = connection
        self._vault = vault
        self._evidence = evidence

    def plan(self, site_id: int, *, newest: int, first: int = 0) -> PrunePlan:
        """Return which bodies are deleted when each version keeps so many newest and so many first ones."""
        rows = self._connection.rows(_GROUPS, {"site": site_id, "newest": newest, "first": first})
        pruned = json.dumps([row["visit_id"] for row in rows])
        followers = self._connection.rows(_FOLLOWERS, (site_id, pruned))
        visits: dict[int, list[int]] = {}
        sizes: dict[int, int] = {}
        for row in [*rows, *followers]:
            visits.setdefault(row["page_id"], []).append(row["visit_id"])
            sizes[row["page_id"]] = sizes.get(row["page_id"], 0) + row["bytes"]
        kept = self.bodies(site_id) - sum(map(len, visits.values()))
        renditions = frozenset(row["page_id"] for row in followers if row["kind"] == RENDITION)
        return PrunePlan(visits, sizes, kept, renditions)

    def bodies(self, site_id: int) -> int:
        """Return the number of visits of a site whose bytes are stored."""
        return int(
            self._connection.value(
                "SELECT count(*) FROM _visit t JOIN _page p ON p.page_id = t.page_id "
                "WHERE p.site_id = ? AND t.frame_id IS NOT NULL",
                (site_id,),
            )
        )

    def prune(self, site_id: int, page_id: int, visits: list[int]) -> None:
        """Delete the bodies of some visits of a page, and rewrite the retained frames that reference them.

        Nothing is deleted that goes with a visit whose body stays: its page has a damaged body. Unused frames stay until `clean`: another writer may be about to reference one of them, because identical bytes
        share a frame. An interruption leaves the page either as it was or fully pruned.

        Raises:
            ArchiveDamaged: a body of the page cannot be read; nothing was changed.
            ArchiveFull: the disk has no room for the rewritten frames; nothing was changed.
        """
        visits = self._without_page(visits)
        gone = set(visits)
        rows = self._connection.rows(
            "SELECT t.visit_id, p.kind, p.url, t.media_type FROM _visit t JOIN _page p ON p.page_id = t.page_id "
            "WHERE t.page_id = ? AND t.frame_id IS NOT NULL ORDER BY t.visit_id",
            (page_id,),
        )
        kept = [row for row in rows if row["visit_id"] not in gone]
        for visit in visits:
            self._evidence.block(visit)
        frames: list[int] = []
        for row in kept:
            data, is_shared = self._evidence.block(row["visit_id"]), shares_bodies(*row[1:])
            frames += self._vault.write([Block(site_id, page_id, data, frames[-1] if frames else None, is_shared)])
        with self._connection.transaction():
            self._evidence.place(dict.fromkeys(visits))
            self._evidence.place(dict(zip((row["visit_id"] for row in kept), frames, strict=True)))

    def _without_page(self, visits: Sequence[int]) -> list[int]:
        """Return those of some visits that go with no visit whose body stays."""
        rows = self._connection.rows(
            f"SELECT t.visit_id FROM json_each(?) j CROSS JOIN _visit t ON t.visit_id = j.value "
            f"WHERE NOT {GOES_WITH_PAGE} OR t.of_visit IN (SELECT visit_id FROM _pruned)",
            (json.dumps(list(visits)),),
        )
        return [row["visit_id"] for row in rows]
