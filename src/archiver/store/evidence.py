"""Evidence: visits as rows, their bytes in the vault, chained by hash; kept before anybody reads them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from archiver.errors import ArchiveDamaged, BodyPruned
from archiver.model.capture import Capture, Outcome, Request, parse_head, split_block
from archiver.model.clock import instant, written
from archiver.model.warc import Origin
from archiver.store.chain import VISITS, canonical
from archiver.store.connection import Door, Row, Value
from archiver.store.import_origins import note_origin
from archiver.store.lost_ids import new_number
from archiver.store.vault import Block, Vault
from archiver.text.digest import GENESIS, chain_link

_COLUMNS = (
    "visit_id", "page_id", "run_id", "visited_at", "asked", "request_id", "status", "outcome", "location", "media_type",
    "bytes", "sha256", "block_sha256", "frame_id", "milliseconds", "sent", "note",
)  # fmt: skip
_INSERT = f"INSERT INTO _visit({', '.join(_COLUMNS)}, chain, reason) VALUES ({', '.join('?' * (len(_COLUMNS) + 2))})"


@dataclass(frozen=True, slots=True)
class Seen:
    """A capture, the page it is a visit of, whether somebody is to read it, why it was made, and what file it is of."""

    page_id: int
    capture: Capture
    is_page: bool = True
    reason: str | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class KeptVisit:
    """A visit as the archive holds it."""

    visit_id: int
    page_id: int
    run_id: int | None
    visited_at: datetime
    capture: Capture


class Evidence:
    """Write visits once, read them for ever."""

    def __init__(self, door: Door, vault: Vault) -> None:
        self._door = door
        self._vault = vault

    def keep(self, seen: Sequence[Seen], run_id: int | None) -> list[int]:
        """Keep visits; all are durable when this returns, and none is when it raises.

        The bodies commit first, then the rows: a frame without a visit is rubbish, never the reverse.

        Returns:
            The visits' numbers, in the order given.
        """
        frames = iter(self._vault.write([self._block(item) for item in seen if item.capture.has_answer]))
        numbers = []
        with self._door.transaction():
            last = self._door.row("SELECT visit_id, lower(hex(chain)) FROM _visit ORDER BY visit_id DESC LIMIT 1")
            number, chain = (last[0], last[1]) if last else (0, GENESIS)
            number = max(number, int(self._door.value("SELECT value FROM _meta WHERE key = 'last_visit'") or 0))
            for item in seen:
                number += 1
                row = self._row(item, number, run_id, next(frames) if item.capture.has_answer else None)
                chain = chain_link(chain, canonical(row))
                self._door.execute(_INSERT, (*(row[name] for name in _COLUMNS), bytes.fromhex(chain), item.reason))
                if item.is_page:
                    self._door.execute("INSERT INTO _unread(visit_id) VALUES (?)", (number,))
                if item.origin is not None:
                    note_origin(self._door, number, item.origin)
                numbers.append(number)
        return numbers

    def _block(self, item: Seen) -> Block:
        site = self._door.value("SELECT site_id FROM _page WHERE page_id = ?", (item.page_id,))
        previous = self._door.value(
            "SELECT frame_id FROM _visit WHERE page_id = ? AND frame_id IS NOT NULL AND bytes > 0 ORDER BY visited_at DESC LIMIT 1",
            (item.page_id,),
        )
        return Block(site, item.page_id, item.capture.block, previous)

    def _row(self, item: Seen, number: int, run_id: int | None, frame: int | None) -> dict[str, Value]:
        capture = item.capture
        request = (capture.request.method, capture.address or "", capture.request_head, capture.request.content)
        page_url = self._door.value("SELECT url FROM _page WHERE page_id = ?", (item.page_id,))
        return {
            "visit_id": number,
            "page_id": item.page_id,
            "run_id": run_id,
            "visited_at": written(capture.visited_at),
            "asked": capture.url if capture.url != page_url else None,
            "request_id": self._request_id(request),
            "status": capture.status,
            "outcome": capture.outcome,
            "location": capture.location,
            "media_type": capture.media_type,
            "bytes": len(capture.body) if capture.has_answer else None,
            "sha256": bytes.fromhex(capture.sha256) if capture.has_answer else None,
            "block_sha256": hashlib.sha256(capture.block).digest() if capture.has_answer else None,
            "frame_id": frame,
            "milliseconds": capture.milliseconds,
            "sent": json.dumps(capture.sent, sort_keys=True) if capture.sent else None,
            "note": capture.note or None,
            "page_url": page_url,
            **dict(zip(("method", "address", "head", "content"), request, strict=True)),
        }

    def _request_id(self, request: tuple[str, str, bytes, bytes]) -> int:
        found: int | None = self._door.value(
            "SELECT request_id FROM _request WHERE method = ? AND address = ? AND head = ? AND content = ?", request
        )
        return found or self._door.insert(
            f"INSERT INTO _request(request_id, method, address, head, content) VALUES ({new_number('_request')}, ?, ?, ?, ?)",
            request,
        )

    def block(self, visit_id: int) -> bytes:
        """The exact block a visit brought; b"" when the server sent nothing.

        Raises:
            ArchiveDamaged: what is kept does not match the visit's digest.
        """
        row = self._door.row("SELECT frame_id, block_sha256 FROM _visit WHERE visit_id = ?", (visit_id,))
        if row is None or row["block_sha256"] is None:
            return b""
        if row["frame_id"] is None:
            raise BodyPruned(
                f"visit {visit_id}: its bytes were pruned by the profile's [keep]; its row and digest remain"
            )
        return self._vault.read(row["frame_id"], row["block_sha256"])

    def visit(self, visit_id: int) -> KeptVisit:
        """A visit with its capture, as it was kept.

        Raises:
            ArchiveDamaged: there is no such visit, or its bytes do not match its digest.
        """
        row = self._door.row(
            f"{VISITS} WHERE t.visit_id = ?",
            (visit_id,),
        )
        if row is None:
            raise ArchiveDamaged(f"visit {visit_id}: no such visit in this archive")
        block = self.block(visit_id)
        try:
            return KeptVisit(visit_id, row["page_id"], row["run_id"], instant(row["visited_at"]), _capture(row, block))
        except ValueError as fault:
            raise ArchiveDamaged(
                f"visit {visit_id}: its row is damaged ({fault}); run `archiver verify`, then `archiver repair`"
            ) from fault

    def facts(self, visit_id: int) -> KeptVisit:
        """A visit without its bytes: when, what was asked, how it ended."""
        row = self._door.row(f"{VISITS} WHERE t.visit_id = ?", (visit_id,))
        assert row is not None  # noqa: S101  (its number came from the archive)
        return KeptVisit(visit_id, row["page_id"], row["run_id"], instant(row["visited_at"]), _capture(row, b""))

    def unread(self, site_id: int) -> tuple[list[int], list[int]]:
        """Visits that were kept and never read: those that nobody tried to read, and the others.

        Page by page, oldest first.
        """
        rows = self._door.rows(
            "SELECT u.visit_id, u.tries FROM _unread u JOIN _visit t ON t.visit_id = u.visit_id "
            "JOIN _page p ON p.page_id = t.page_id WHERE p.site_id = ? ORDER BY t.page_id, t.visited_at, u.visit_id",
            (site_id,),
        )
        fresh = [row["visit_id"] for row in rows if not row["tries"]]
        return fresh, [row["visit_id"] for row in rows if row["tries"]]

    def trying(self, numbers: Sequence[int]) -> int:
        """Count a try to read visits that were left unread, before it is made; gives the most that any has had."""
        with self._door.transaction():
            for number in numbers:
                self._door.execute("UPDATE _unread SET tries = tries + 1 WHERE visit_id = ?", (number,))
        tried = (self._door.value("SELECT tries FROM _unread WHERE visit_id = ?", (number,)) for number in numbers)
        return max((int(each or 0) for each in tried), default=0)

    def take_back(self, numbers: Sequence[int]) -> None:
        """Do not count the last try to read these visits: it was none of the pages' doing that nothing came of it."""
        with self._door.transaction():
            for number in numbers:
                self._door.execute("UPDATE _unread SET tries = tries - 1 WHERE visit_id = ?", (number,))

    def is_unread(self, visit_id: int) -> bool:
        """Whether a visit was kept and not read yet."""
        return self._door.row("SELECT 1 FROM _unread WHERE visit_id = ?", (visit_id,)) is not None

    def sha256_before(self, page_id: int, visit_id: int) -> bytes | None:
        """The body's digest of the last good visit before this one: has a file changed?"""
        found: bytes | None = self._door.value(
            "SELECT sha256 FROM _visit WHERE page_id = ? AND visit_id < ? AND outcome = 'ok' ORDER BY visit_id DESC LIMIT 1",
            (page_id, visit_id),
        )
        return found

    def outcome(self, visit_id: int) -> Outcome:
        """How a visit ended, as its reader found."""
        return Outcome(
            self._door.value("SELECT coalesce(read_outcome, outcome) FROM _visit WHERE visit_id = ?", (visit_id,))
        )

    def readable(self, site_id: int) -> list[int]:
        """Every visit of a site whose bytes were not pruned, oldest first: what a re-reading goes through."""
        rows = self._door.rows(
            "SELECT t.visit_id FROM _visit t JOIN _page p ON p.page_id = t.page_id WHERE p.site_id = ? "
            "AND coalesce(p.kind, '') NOT IN ('robots', 'probe') AND (t.frame_id IS NOT NULL OR t.block_sha256 IS NULL) ORDER BY t.visited_at, t.visit_id",
            (site_id,),
        )
        return [row["visit_id"] for row in rows]

    def missing(self, site_id: int) -> list[int]:
        """Visits that show what a missing page looks like on a site: the newest answers 404 and 410, and of the probe."""
        some = "SELECT t.visit_id FROM _visit t JOIN _page p ON p.page_id = t.page_id WHERE p.site_id = ? AND t.frame_id IS NOT NULL AND t.bytes > 0 "
        gone = "AND t.outcome = 'gone' AND t.outcome NOT IN ('ok','not_modified','moved') ORDER BY t.visited_at DESC LIMIT 3"
        probe = "AND p.kind = 'probe' AND t.outcome = 'ok' ORDER BY t.visited_at DESC LIMIT 1"
        return [row["visit_id"] for end in (gone, probe) for row in self._door.rows(some + end, (site_id,))]

    def probed_at(self, site_id: int) -> str | None:
        """When the site was last asked for an address that nobody uses (UTC)."""
        found: str | None = self._door.value(
            "SELECT max(t.visited_at) FROM _visit t JOIN _page p ON p.page_id = t.page_id "
            "WHERE p.site_id = ? AND p.kind = 'probe' AND t.status IS NOT NULL",
            (site_id,),
        )
        return found

    def refine(self, visit_id: int, outcome: Outcome, note: str | None) -> None:
        """What a reader knows better than the status line did: the page says it is gone, or cannot be read."""
        self._door.execute(
            "UPDATE _visit SET read_outcome = ?, read_note = ? WHERE visit_id = ?",
            (outcome, note or None, visit_id),
        )

    def place(self, frames: Mapping[int, int | None]) -> None:
        """Where the blocks of some visits are from now on; None for one that was pruned."""
        self._door.executemany(
            "UPDATE _visit SET frame_id = ? WHERE visit_id = ?", [(frame, visit) for visit, frame in frames.items()]
        )

    def done(self, visit_id: int) -> None:
        """The visit has been read."""
        self._door.execute("DELETE FROM _unread WHERE visit_id = ?", (visit_id,))


def _capture(row: Row, block: bytes) -> Capture:
    head, body = split_block(block)
    return Capture(
        request=Request(row["asked"] or row["page_url"], row["method"], (), row["content"]),
        visited_at=instant(row["visited_at"]),
        outcome=Outcome(row["read_outcome"] or row["outcome"]),
        status=row["status"],
        head=head,
        headers=parse_head(head),
        body=body,
        location=row["location"],
        milliseconds=row["milliseconds"],
        request_head=row["head"],
        address=row["address"] or None,
        sent=json.loads(row["sent"]) if row["sent"] else {},
        note=row["read_note"] or row["note"] or "",
    )
