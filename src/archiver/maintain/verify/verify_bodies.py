"""Compares the bodies of visits with their digests: a share of them, or all.

A body is read at most twice. The first read uses only the frames, without mirrors, to detect faults that a mirror hides.
If it fails, the second read uses mirrors, as every reader does, to tell a repairable body from a lost one.

Bodies are read page by page in the order of visits, because a delta references its page's previous visit: each frame is
decoded once. In the order of frames, a crawl of many pages would decode whole chains again for each page.
"""

import hashlib

from archiver.maintain.verify.finding import Finding, Findings, as_text
from archiver.maintain.verify.row_ranges import DAMAGE
from archiver.maintain.verify.verify_chain import ChainWalk
from archiver.maintain.verify.verify_frames import FrameCopies
from archiver.store.connection import Connection, Row
from archiver.store.evidence import EvidenceStore
from archiver.store.plain_files import Progress
from archiver.store.vault import Vault

Place = tuple[int, int]
"""A page and a visit: the order in which bodies are read."""

BEGINNING: Place = (0, 0)

_EVERY = 500  # bodies per query
_TO_READ, _READ = 1, 2
_COLUMNS = "SELECT t.page_id, t.visit_id, t.visited_at, t.frame_id, t.block_sha256, t.asked FROM _visit t"
_NEXT = f"{_COLUMNS} WHERE t.frame_id IS NOT NULL AND (t.page_id, t.visit_id) > (?, ?) ORDER BY t.page_id, t.visit_id LIMIT ?"


class BodyCheck:
    """Reads and checks bodies of one archive.

    Attributes:
        read: the number of bodies read.
    """

    def __init__(
        self, main: Connection, vault: Connection, walk: ChainWalk, findings: Findings, progress: Progress
    ) -> None:
        self._main = main
        self._file = vault.path.name
        self._first = FrameCopies(vault, "_frame")
        self._evidence = EvidenceStore(main, Vault(vault))
        self._left = walk.bodies
        self._total = walk.bodies.count(_TO_READ)
        self._findings = findings
        self._progress = progress
        self.read = 0

    def share(self, start: Place, count: int) -> Place:
        """Read so many bodies from a position on, and then from the start; return the position of the last."""
        place = self._from(start, count)
        if self.read < min(count, self._total):
            place = self._from(BEGINNING, count - self.read)
        return place

    def rest(self) -> None:
        """Read all bodies that were not read yet, also those missing in an index."""
        self._from(BEGINNING, self._total)
        for number in range(len(self._left)):
            if self._left[number] == _TO_READ:
                try:
                    row = self._main.row(f"{_COLUMNS} WHERE t.visit_id = ?", (number,))
                except DAMAGE:
                    continue  # reported when the rows were read
                if row is not None:
                    self._one(row)

    def _from(self, place: Place, count: int) -> Place:
        until = self.read + count
        while self.read < until:
            try:
                rows = self._main.rows(_NEXT, (*place, min(_EVERY, max(until - self.read, 1))))
            except DAMAGE:
                return place  # an index is damaged; SQLite's own check reports it, and `rest` needs no index
            for row in rows:
                place = (row["page_id"], row["visit_id"])
                self._one(row)
            if not rows:
                break
        return place

    def _one(self, row: Row) -> None:
        visit = row["visit_id"]
        if not 0 <= visit < len(self._left) or self._left[visit] != _TO_READ:
            return
        self._left[visit] = _READ
        self.read += 1
        if self.read % 100 == 0:
            self._progress("bodies", self.read, self._total)
        what = self._fault(row["frame_id"], row["block_sha256"])
        if what:
            self._findings.add(
                Finding(
                    "body",
                    self._file,
                    what,
                    healed=self._is_healed(visit),
                    visit_id=visit,
                    url=as_text(row["asked"]),
                    visited_at=as_text(row["visited_at"]),
                    frame_id=row["frame_id"] if isinstance(row["frame_id"], int) else None,
                )
            )

    def _fault(self, frame: int, digest: bytes) -> str:
        """Return the fault of a body read without mirrors; "" when there is none."""
        try:
            block = self._first.read(frame)
        except DAMAGE:
            cause = self._first.cause
            return f"frame {frame} does not decode" + (
                f", because it needs frame {cause}" if cause not in (None, frame) else ""
            )
        return "" if hashlib.sha256(block).digest() == digest else f"frame {frame} does not match the visit's digest"

    def _is_healed(self, visit: int) -> bool:
        try:
            return bool(self._evidence.block(visit))
        except DAMAGE:
            return False
