"""Evidence: visits as rows, their bytes in the vault, chained by hash; kept before anybody reads them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from archiver.errors import ArchiveDamaged
from archiver.model.capture import Capture, Outcome, Request, parse_head, split_block
from archiver.model.clock import instant, written
from archiver.store.doors import Door, Row
from archiver.store.vault import Vault
from archiver.text.digest import GENESIS, chain_link


@dataclass(frozen=True, slots=True)
class Seen:
    """A capture and the page it is a visit of."""

    page_id: int
    capture: Capture


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
        with_bytes = [item.capture.block for item in seen if item.capture.has_answer]
        frames = iter(self._vault.write(with_bytes) if with_bytes else [])
        numbers = []
        with self._door.transaction():
            chain = self._head()
            for item in seen:
                frame = next(frames) if item.capture.has_answer else None
                number, chain = self._insert(item, frame, run_id, chain)
                numbers.append(number)
        return numbers

    def _head(self) -> str:
        last = self._door.value("SELECT lower(hex(chain)) FROM _visit ORDER BY visit_id DESC LIMIT 1")
        return last or GENESIS

    def _insert(self, item: Seen, frame: int | None, run_id: int | None, chain: str) -> tuple[int, str]:
        capture = item.capture
        page_url = self._door.value("SELECT url FROM _page WHERE page_id = ?", (item.page_id,))
        block = hashlib.sha256(capture.block).digest() if capture.has_answer else None
        visited_at = written(capture.visited_at)
        link = chain_link(
            chain,
            {
                "url": capture.url,
                "method": capture.request.method,
                "visited_at": visited_at,
                "status": capture.status,
                "block_sha256": block.hex() if block else None,
                "location": capture.location,
            },
        )
        number = self._door.insert(
            "INSERT INTO _visit(page_id, run_id, visited_at, method, asked, status, outcome, location, media_type, bytes, "
            "sha256, block_sha256, frame_id, milliseconds, request_id, content, address, sent, note, chain) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                item.page_id,
                run_id,
                visited_at,
                capture.request.method,
                capture.url if capture.url != page_url else None,
                capture.status,
                capture.outcome,
                capture.location,
                capture.media_type,
                len(capture.body) if capture.has_answer else None,
                bytes.fromhex(capture.sha256) if capture.has_answer else None,
                block,
                frame,
                capture.milliseconds,
                self._request_id(capture.request_head),
                capture.request.content or None,
                capture.address,
                json.dumps(capture.sent, sort_keys=True) if capture.sent else None,
                capture.note or None,
                bytes.fromhex(link),
            ),
        )
        self._door.execute("INSERT INTO _unread(visit_id) VALUES (?)", (number,))
        return number, link

    def _request_id(self, head: bytes) -> int | None:
        if not head:
            return None
        found = self._door.value("SELECT request_id FROM _request WHERE head = ?", (head,))
        return found or self._door.insert("INSERT INTO _request(head) VALUES (?)", (head,))

    def block(self, visit_id: int) -> bytes:
        """The exact block a visit brought; b"" when the server sent nothing.

        Raises:
            ArchiveDamaged: what is kept does not match the visit's digest.
        """
        row = self._door.row("SELECT frame_id, block_sha256 FROM _visit WHERE visit_id = ?", (visit_id,))
        if row is None or row["frame_id"] is None:
            return b""
        block = self._vault.read(row["frame_id"])
        if hashlib.sha256(block).digest() != row["block_sha256"]:
            raise ArchiveDamaged(f"visit {visit_id}: its bytes do not match its digest; restore them from a copy")
        return block

    def visit(self, visit_id: int) -> KeptVisit:
        """A visit with its capture, as it was kept.

        Raises:
            ArchiveDamaged: there is no such visit, or its bytes do not match its digest.
        """
        row = self._door.row(
            "SELECT t.*, p.url AS page_url, r.head AS request_head FROM _visit t JOIN _page p ON p.page_id = t.page_id "
            "LEFT JOIN _request r ON r.request_id = t.request_id WHERE t.visit_id = ?",
            (visit_id,),
        )
        if row is None:
            raise ArchiveDamaged(f"visit {visit_id}: no such visit in this archive")
        return KeptVisit(
            visit_id, row["page_id"], row["run_id"], instant(row["visited_at"]), _capture(row, self.block(visit_id))
        )

    def unread(self, site_id: int) -> list[int]:
        """Visits that were kept and never read: a reader died between the two. Oldest first."""
        rows = self._door.rows(
            "SELECT u.visit_id FROM _unread u JOIN _visit t ON t.visit_id = u.visit_id "
            "JOIN _page p ON p.page_id = t.page_id WHERE p.site_id = ? ORDER BY u.visit_id",
            (site_id,),
        )
        return [row["visit_id"] for row in rows]

    def readable(self, site_id: int) -> list[int]:
        """Every visit of a site, oldest first: what a re-reading goes through."""
        rows = self._door.rows(
            "SELECT t.visit_id FROM _visit t JOIN _page p ON p.page_id = t.page_id WHERE p.site_id = ? ORDER BY t.visit_id",
            (site_id,),
        )
        return [row["visit_id"] for row in rows]

    def refine(self, visit_id: int, outcome: Outcome, note: str | None) -> None:
        """What a reader knows better than the status line did: the page says it is gone, or cannot be read."""
        self._door.execute(
            "UPDATE _visit SET outcome = ?, note = coalesce(?, note) WHERE visit_id = ?",
            (outcome, note or None, visit_id),
        )

    def done(self, visit_id: int) -> None:
        """The visit has been read."""
        self._door.execute("DELETE FROM _unread WHERE visit_id = ?", (visit_id,))


def _capture(row: Row, block: bytes) -> Capture:
    head, body = split_block(block)
    return Capture(
        request=Request(row["asked"] or row["page_url"], row["method"], (), row["content"] or b""),
        visited_at=instant(row["visited_at"]),
        outcome=Outcome(row["outcome"]),
        status=row["status"],
        head=head,
        headers=parse_head(head),
        body=body,
        location=row["location"],
        milliseconds=row["milliseconds"],
        request_head=row["request_head"] or b"",
        address=row["address"],
        sent=json.loads(row["sent"]) if row["sent"] else {},
        note=row["note"] or "",
    )
