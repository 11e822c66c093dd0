"""Pruner by rule: which bodies a site's `[keep]` lets go, and letting them go.

Only bytes are let go. The visit's row, its digests and its link of the chain stay, and so do versions, changes and
readings: what was seen can still be proved to have been seen, but no more be read again. Visits that are no part of a
version (errors, redirects, absences) are always kept, and so is what nobody has read yet. Of a page that has no versions
(a file, a listing), bodies that are byte for byte the same count as a version.

A body that is kept may lean on one that is let go. Such pages are written anew, as if only the kept visits had been.

A page with a body that does not read is left as it is. A visit that was let go says that a rule did it: damage must not
pass for that, while a copy may still heal it and `verify` names it.
"""

from collections.abc import Collection
from dataclasses import dataclass

from archiver.store.connection import Connection
from archiver.store.evidence import EvidenceStore
from archiver.store.vault import Block, Vault

_GROUPS = """
WITH body AS (
  SELECT t.visit_id, t.page_id, t.bytes, t.visited_at, coalesce(
    (SELECT v.version_id FROM _version v WHERE v.page_id = t.page_id AND v.current = 1
      AND t.visited_at BETWEEN v.seen_from AND v.seen_last ORDER BY v.version DESC LIMIT 1),
    CASE WHEN EXISTS (SELECT 1 FROM _version v WHERE v.page_id = t.page_id) THEN NULL ELSE hex(t.sha256) END) AS span
  FROM _visit t JOIN _page p ON p.page_id = t.page_id
  WHERE p.site_id = :site AND t.frame_id IS NOT NULL AND coalesce(t.read_outcome, t.outcome) = 'ok'
    AND t.visit_id NOT IN (SELECT visit_id FROM _unread)),
ranked AS (
  SELECT *, row_number() OVER (PARTITION BY page_id, span ORDER BY visited_at DESC, visit_id DESC) AS from_end,
    row_number() OVER (PARTITION BY page_id, span ORDER BY visited_at, visit_id) AS from_start
  FROM body WHERE span IS NOT NULL)
SELECT visit_id, page_id, bytes FROM ranked WHERE from_end > :newest AND from_start > :first ORDER BY page_id, visit_id
"""


@dataclass(frozen=True, slots=True)
class PrunePlan:
    """What a rule lets go.

    Attributes:
        visits: for each page, the visits whose bytes go.
        sizes: for each page, what those bodies were as sent.
        kept: how many bodies of the site stay.
    """

    visits: dict[int, list[int]]
    sizes: dict[int, int]
    kept: int

    @property
    def count(self) -> int:
        """How many bodies go."""
        return sum(map(len, self.visits.values()))

    @property
    def bytes(self) -> int:
        """What the bodies that go were as sent."""
        return sum(self.sizes.values())

    def without(self, pages: Collection[int]) -> "PrunePlan":
        """The same plan, but these pages keep all bodies."""
        staying = sum(len(visits) for page, visits in self.visits.items() if page in pages)
        return PrunePlan(
            {page: visits for page, visits in self.visits.items() if page not in pages},
            {page: size for page, size in self.sizes.items() if page not in pages},
            self.kept + staying,
        )


class Pruner:
    """PrunePlan and carry out."""

    def __init__(self, connection: Connection, vault: Vault, evidence: EvidenceStore) -> None:
        self._connection = connection
        self._vault = vault
        self._evidence = evidence

    def plan(self, site_id: int, *, newest: int, first: int = 0) -> PrunePlan:
        """Which bodies go when so many newest and so many first ones of each version are kept."""
        visits: dict[int, list[int]] = {}
        sizes: dict[int, int] = {}
        for row in self._connection.rows(_GROUPS, {"site": site_id, "newest": newest, "first": first}):
            visits.setdefault(row["page_id"], []).append(row["visit_id"])
            sizes[row["page_id"]] = sizes.get(row["page_id"], 0) + row["bytes"]
        return PrunePlan(visits, sizes, self.bodies(site_id) - sum(map(len, visits.values())))

    def bodies(self, site_id: int) -> int:
        """How many visits of a site have their bytes."""
        return int(
            self._connection.value(
                "SELECT count(*) FROM _visit t JOIN _page p ON p.page_id = t.page_id "
                "WHERE p.site_id = ? AND t.frame_id IS NOT NULL",
                (site_id,),
            )
        )

    def prune(self, site_id: int, page_id: int, visits: list[int]) -> None:
        """Let go of the bodies of some visits of a page, and write those that stay so that they lean on none of them.

        Frames that nobody names any more stay until `check.clean`: another writer may just be about to name one of them
        (the same bytes again are no new frame). Interrupted, the page is as it was, or as it is to be.

        Raises:
            ArchiveDamaged: a body of the page cannot be read, be it to go or to stay; nothing was changed.
            ArchiveFull: the disk has no room for what is written anew; nothing was changed.
        """
        gone = set(visits)
        rows = self._connection.rows(
            "SELECT visit_id, frame_id FROM _visit WHERE page_id = ? AND frame_id IS NOT NULL ORDER BY visit_id",
            (page_id,),
        )
        kept = [row["visit_id"] for row in rows if row["visit_id"] not in gone]
        for visit in visits:
            self._evidence.block(visit)
        frames: list[int] = []
        for visit in kept:
            block = Block(site_id, page_id, self._evidence.block(visit), frames[-1] if frames else None)
            frames += self._vault.write([block])
        with self._connection.transaction():
            self._evidence.place(dict.fromkeys(visits))
            self._evidence.place(dict(zip(kept, frames, strict=True)))
