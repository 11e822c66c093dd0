"""The proof of a capture: its digest, its place in the hash chain, and what confirmed it."""

from typing import Any

from archiver.app.browsing.renditions import opened_by_browser
from archiver.app.reading.page import Page
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import ArchiveDamaged, BodyPruned, NotInArchive
from archiver.model.capture import parse_head, split_block

_MOST_BYTES = 32_000_000  # of a capture whose headers are shown
_MOST_HEADERS = 200
_LARGEST = 2**62  # SQLite accepts no larger number


def proof_of(archive: ArchiveReader, visit_id: int) -> dict[str, Any]:
    """Return the place of a visit in the chain: position, of how many, the head, and the archive's newest check."""
    queries = archive.store.browsing.about
    head = queries.head() or {}
    return {
        "position": visit_id,
        "of": head.get("visit_id"),
        "head": head.get("chain"),
        "verification": queries.verified(),
        "archive_id": archive.store.archive_id,
    }


def capture(archive: ArchiveReader, page: Page, visit_id: int) -> dict[str, Any]:
    """Return one visit with everything that proves it.

    Raises:
        NotInArchive: the page has no such visit.
    """
    known = archive.store.browsing.page_facts
    visit = known.visit(page.page_id, visit_id) if visit_id < _LARGEST else None
    if visit is None:
        raise NotInArchive(f"visit {visit_id}: {page.url} has no such visit")
    version = archive.store.history.version_at(page.page_id, visit["visited_at"])
    row = known.page(page.page_id) or {}
    before, after = known.neighbours(page.page_id, visit["visited_at"], visit_id)
    return {
        "page": {
            "page_id": page.page_id,
            "url": page.url,
            "site": page.site,
            "title": row.get("title"),
            "language": row.get("language"),
            "is_page": bool(row),
        },
        "visit": visit,
        "version": None if version is None else version.version,
        "before": before,
        "after": after,
        "origin": known.origin(visit_id),
        "answer": _answer(archive, visit),
        "browser": opened_by_browser(archive, page, visit_id, visit["visited_at"]),
        "readings": known.readings(visit_id),
        "proof": proof_of(archive, visit_id),
    }


def _answer(archive: ArchiveReader, visit: dict[str, Any]) -> dict[str, Any]:
    """Return what the server sent: its status line and headers, and whether the bytes match their digest."""
    if visit["block_sha256"] is None:
        return {"note": "the server sent nothing"}
    if (visit["bytes"] or 0) > _MOST_BYTES:
        return {"note": "too large to show its headers here; the exact bytes have them"}
    try:
        block = archive.store.evidence.block(visit["visit_id"])
    except (BodyPruned, ArchiveDamaged) as error:
        return {"note": str(error)}
    head, body = split_block(block)
    lines = head.decode("latin-1").splitlines()
    return {
        "note": None,
        "status_line": lines[0] if lines else "",
        "headers": [
            [name.decode("latin-1"), value.decode("latin-1")] for name, value in parse_head(head)[:_MOST_HEADERS]
        ],
        "bytes": len(body),
        "head_bytes": len(head),
    }
