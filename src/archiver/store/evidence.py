"""Evidence: visits as rows of a hash chain, their bytes in the vault; stored before they are read."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from archiver.errors import ArchiveDamaged, BodyPruned, BodyRedacted
from archiver.model.capture import Capture
from archiver.model.clock import instant, written
from archiver.model.outcome import Cause, Outcome
from archiver.store.captured_rows import IS_DOM, capture_of
from archiver.store.chain import VISITS, canonical
from archiver.store.connection import Connection, Row, Value
from archiver.store.import_origins import note_origin
from archiver.store.lost_ids import new_number
from archiver.store.missing_samples import MissingSamples
from archiver.store.new_visit import NewVisit, block_of, reason_values
from archiver.store.pages import REQUISITE
from archiver.store.read_by_others import read_by_others
from archiver.store.redaction_notes import note_of
from archiver.store.renditions import note_last_visits
from archiver.store.vault import Vault
from archiver.store.view_sql import IS_PAGE
from archiver.text.digest import GENESIS, chain_link

_COLUMNS = (
    "visit_id", "page_id", "run_id", "visited_at", "asked", "request_id", "status", "outcome", "location", "media_type",
    "bytes", "sha256", "block_sha256", "frame_id", "milliseconds", "sent", "note", "via", "of_visit", "made_by",
)  # fmt: skip
_INSERT = (
    f"INSERT INTO _visit({', '.join(_COLUMNS)}, chain, reason_id) VALUES ({', '.join('?' * (len(_COLUMNS) + 1))}, "
    "(SELECT reason_id FROM _reason WHERE code = ? AND reason = ?))"
)


@dataclass(frozen=True, slots=True)
class KeptVisit:
    """A stored visit. `visited_at` is UTC."""

    visit_id: int
    page_id: int
    run_id: int | None
    visited_at: datetime
    capture: Capture


class EvidenceStore:
    """Stores visits, and reads them back."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault
        self._samples = MissingSamples(connection)

    def keep(self, seen: Sequence[NewVisit], run_id: int | None) -> list[int]:
        """Store visits. All are durable when this returns, and none is stored when it raises.

        The bodies are committed before the rows, so every row has its frame. A frame without a row is unused space.

        Returns:
            The visit ids, in the order given.
        """
        pages = self._pages_of(seen)
        blocks = [block_of(item, pages[item.page_id]) for item in seen if item.capture.has_answer]
        frames = iter(self._vault.write(blocks))
        numbers: list[int] = []
        with self._connection.transaction():
            last = self._connection.row("SELECT visit_id, lower(hex(chain)) FROM _visit ORDER BY visit_id DESC LIMIT 1")
            number, chain = (last[0], last[1]) if last else (0, GENESIS)
            number = max(number, int(self._connection.value("SELECT value FROM _meta WHERE key = 'last_visit'") or 0))
            self._reasons(seen)
            for item in seen:
                number += 1
                frame = next(frames) if item.capture.has_answer else None
                row = self._row(item, pages[item.page_id]["url"], number, run_id, frame)
                row["of_visit"] = item.of_visit if item.of is None else numbers[item.of]
                chain = chain_link(chain, canonical(row))
                self._connection.execute(
                    _INSERT, (*(row[name] for name in _COLUMNS), bytes.fromhex(chain), *reason_values(item.reason))
                )
                if item.is_page:
                    self._connection.execute("INSERT INTO _unread(visit_id) VALUES (?)", (number,))
                if item.origin is not None:
                    note_origin(self._connection, number, item.origin)
                numbers.append(number)
            self._add_samples(seen, numbers, pages)
            by_browser = [
                number
                for item, number in zip(seen, numbers, strict=True)
                if item.of is not None or item.of_visit is not None
            ]
            note_last_visits(self._connection, by_browser)
        return numbers

    def _add_samples(self, seen: Sequence[NewVisit], numbers: Sequence[int], pages: Mapping[int, Row]) -> None:
        """Note which visits show what missing pages look like."""
        found: dict[tuple[int, bool], list[int]] = {}
        for item, number in zip(seen, numbers, strict=True):
            page, capture = pages[item.page_id], item.capture
            is_probe, is_missing = page["kind"] == "probe", capture.outcome is Outcome.GONE and capture.body
            if capture.status is not None if is_probe else is_missing and page["kind"] != REQUISITE:
                found.setdefault((page["site_id"], is_probe), []).append(number)
        for (site_id, is_probe), visits in found.items():
            self._samples.add(site_id, visits, is_probe=is_probe)

    def _reasons(self, seen: Sequence[NewVisit]) -> None:
        """Add the reasons that the archive does not have yet."""
        reasons = dict.fromkeys(reason_values(item.reason) for item in seen if item.reason is not None)
        self._connection.executemany(
            f"INSERT OR IGNORE INTO _reason(reason_id, code, reason) VALUES ({new_number('_reason')}, ?, ?)", reasons
        )

    def _pages_of(self, seen: Sequence[NewVisit]) -> dict[int, Row]:
        """Return the pages of visits: site, address, kind, and the frame of the last body."""
        rows = self._connection.rows(
            "SELECT p.page_id, p.site_id, p.url, p.kind, (SELECT t.frame_id FROM _visit t WHERE t.page_id = p.page_id "
            "AND t.frame_id IS NOT NULL AND t.bytes > 0 ORDER BY t.visited_at DESC LIMIT 1) AS frame_id "
            "FROM json_each(?) j CROSS JOIN _page p ON p.page_id = j.value",
            (json.dumps(sorted({item.page_id for item in seen})),),
        )
        return {row["page_id"]: row for row in rows}

    def _row(
        self, item: NewVisit, page_url: str, number: int, run_id: int | None, frame: int | None
    ) -> dict[str, Value]:
        capture = item.capture
        request = (capture.request.method, capture.address or "", capture.request_head, capture.request.content)
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
            "via": capture.via or None,
            "made_by": capture.made_by or None,
            "page_url": page_url,
            **dict(zip(("method", "address", "head", "content"), request, strict=True)),
        }

    def _request_id(self, request: tuple[str, str, bytes, bytes]) -> int:
        found: int | None = self._connection.value(
            "SELECT request_id FROM _request WHERE method = ? AND address = ? AND head = ? AND content = ?", request
        )
        return found or self._connection.insert(
            f"INSERT INTO _request(request_id, method, address, head, content) VALUES ({new_number('_request')}, ?, ?, ?, ?)",
            request,
        )

    def block(self, visit_id: int) -> bytes:
        """Return the exact block of a visit; b"" when the server sent nothing.

        Raises:
            ArchiveDamaged: the stored block does not match the visit's digest.
            BodyPruned: the block was pruned.
            BodyRedacted: the block was redacted.
        """
        row = self._connection.row("SELECT frame_id, block_sha256 FROM _visit WHERE visit_id = ?", (visit_id,))
        if row is None or row["block_sha256"] is None:
            return b""
        if row["frame_id"] is None:
            if (note := note_of(self._connection, visit_id)) is not None:
                raise BodyRedacted(f"visit {visit_id}: {note}; its row and digest remain")
            raise BodyPruned(
                f"visit {visit_id}: its bytes were pruned by the profile's [keep]; its row and digest remain"
            )
        return self._vault.read(row["frame_id"], row["block_sha256"])

    def visit(self, visit_id: int) -> KeptVisit:
        """Return a visit with its capture, as it was stored, and the document that a browser made of it.

        Raises:
            ArchiveDamaged: the visit does not exist, or its bytes or those of the document do not match their digests.
            BodyPruned: its bytes, or those of the document, were pruned or redacted.
        """
        kept = self.sent(visit_id)
        return replace(kept, capture=replace(kept.capture, dom=self._dom(visit_id)))

    def sent(self, visit_id: int) -> KeptVisit:
        """Return a visit with its capture, without the document that a browser made of it.

        Raises:
            ArchiveDamaged: the visit does not exist, or its bytes do not match its digest.
            BodyPruned: its bytes were pruned or redacted.
        """
        row = self._connection.row(f"{VISITS} WHERE t.visit_id = ?", (visit_id,))
        if row is None:
            raise ArchiveDamaged(f"visit {visit_id}: no such visit in this archive")
        block = self.block(visit_id)
        try:
            return KeptVisit(
                visit_id, row["page_id"], row["run_id"], instant(row["visited_at"]), capture_of(row, block)
            )
        except ValueError as fault:
            raise ArchiveDamaged(
                f"visit {visit_id}: its row is damaged ({fault}); run `archiver verify`, then `archiver repair`"
            ) from fault

    def _dom(self, visit_id: int) -> Capture | None:
        """Return the document that a browser made of the page of a visit; None when no browser opened it.

        One that the browser could not make has no body.

        Raises:
            ArchiveDamaged: its bytes do not match its digest.
            BodyPruned: it was pruned or redacted.
        """
        row = self._connection.row(f"{VISITS} WHERE t.of_visit = ? AND {IS_DOM}", (visit_id,))
        if row is None:
            return None
        try:
            return capture_of(row, self.block(row["visit_id"]))
        except ValueError as fault:
            raise ArchiveDamaged(f"visit {row['visit_id']}: its row is damaged ({fault})") from fault

    def answer_to(self, page_id: int, key: str, address: str, since: str, until: str) -> int | None:
        """Return the first visit of the target of a redirect.

        Args:
            page_id: the page that redirects; its visits of this address count, too.
            key: the identity of the page at the address.
            address: the target.
            since: the start of the span of time (UTC text).
            until: its end.
        """
        number: int | None = self._connection.value(
            "SELECT t.visit_id FROM _visit t WHERE t.page_id IN (?1, (SELECT q.page_id FROM _page p JOIN _page q "
            "ON q.site_id = p.site_id AND q.key = ?2 WHERE p.page_id = ?1)) AND t.visited_at BETWEEN ?4 AND ?5 "
            "AND (t.page_id <> ?1 OR t.asked = ?3) ORDER BY t.visited_at, t.visit_id LIMIT 1",
            (page_id, key, address, since, until),
        )
        return number

    def facts(self, visit_id: int) -> KeptVisit:
        """Return a visit without its bytes: its time, its request and its outcome."""
        row = self._connection.row(f"{VISITS} WHERE t.visit_id = ?", (visit_id,))
        assert row is not None  # noqa: S101  (its number came from the archive)
        return KeptVisit(visit_id, row["page_id"], row["run_id"], instant(row["visited_at"]), capture_of(row, b""))

    def unread(self, site_id: int, reader: str, *, again: bool = False) -> list[int]:
        """Return the unread captures of a site, page by page, oldest first.

        Args:
            site_id: the site.
            reader: the version of the reader. Captures that this version failed to read are left out.
            again: include them.
        """
        rows = self._connection.rows(
            "SELECT u.visit_id FROM _unread u CROSS JOIN _visit t ON t.visit_id = u.visit_id CROSS JOIN _page p ON p.page_id = t.page_id "
            "WHERE p.site_id = ? AND (u.failed_by IS NOT ? OR ?) ORDER BY t.page_id, t.visited_at, u.visit_id",
            (site_id, reader, again),
        )
        return [row["visit_id"] for row in rows]

    def reader_died(self, visit_id: int, most: int) -> bool:
        """Count the death of a process that read a capture; return whether the present reader gives up on the capture.

        Args:
            visit_id: the capture.
            most: the number of deaths after which the reader gives up.
        """
        with self._connection.transaction():
            self._connection.execute("UPDATE _unread SET tries = tries + 1 WHERE visit_id = ?", (visit_id,))
            tries = self._connection.value("SELECT tries FROM _unread WHERE visit_id = ?", (visit_id,))
        return tries is None or int(tries) >= most

    def reset_readings(self, visits: Sequence[int]) -> None:
        """Delete what readers found in visits, before they are read again. Refuted 304s stay refuted."""
        self._connection.execute(
            "UPDATE _visit SET read_outcome = NULL, read_note = NULL, cause = NULL "
            "WHERE visit_id IN (SELECT value FROM json_each(?)) AND cause IS NOT ? "
            "AND (read_outcome IS NOT NULL OR read_note IS NOT NULL OR cause IS NOT NULL)",
            (json.dumps(list(visits)), Cause.FALSE_304),
        )

    def killed_readers(self, site_id: int) -> set[int]:
        """Return the pages of a site with an unread capture that killed a reading process."""
        rows = self._connection.rows(
            "SELECT DISTINCT t.page_id FROM _unread u CROSS JOIN _visit t ON t.visit_id = u.visit_id CROSS JOIN _page p ON p.page_id = t.page_id "
            "WHERE p.site_id = ? AND u.tries > 0",
            (site_id,),
        )
        return {row["page_id"] for row in rows}

    def read_by_others(self, pages: Sequence[int], extractor_id: int) -> dict[int, Capture]:
        """Return the captures of pages' newest versions, or of listings' newest editions, that another extractor read.

        Pages whose bytes are pruned or damaged are left out.
        """
        found = {}
        for page_id, visit_id in read_by_others(self._connection, pages, extractor_id).items():
            with suppress(ArchiveDamaged, BodyPruned):
                found[page_id] = self.visit(visit_id).capture
        return found

    def readable(self, site_id: int) -> list[int]:
        """Return the visits of a site whose bytes are stored, oldest first; and those that alone showed a redacted version."""
        rows = self._connection.rows(
            "SELECT t.visit_id FROM _visit t JOIN _page p ON p.page_id = t.page_id WHERE p.site_id = ? "
            f"AND {IS_PAGE} AND (t.frame_id IS NOT NULL OR t.block_sha256 IS NULL "
            "OR t.visit_id IN (SELECT visit_id FROM _redacted WHERE mark IS NOT NULL)) ORDER BY t.visited_at, t.visit_id",
            (site_id,),
        )
        return [row["visit_id"] for row in rows]

    def place(self, frames: Mapping[int, int | None]) -> None:
        """Set the frames of some visits; None for a pruned visit."""
        self._connection.executemany(
            "UPDATE _visit SET frame_id = ? WHERE visit_id = ?", [(frame, visit) for visit, frame in frames.items()]
        )
        pruned = [(visit,) for visit, frame in frames.items() if frame is None]
        self._connection.executemany("INSERT OR IGNORE INTO _pruned(visit_id) VALUES (?)", pruned)
