"""What a browser made of the page of a visit: how, the screenshot, the document, and the log of its requests."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from archiver.app.reading.page import Page
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import ArchiveDamaged, ArchiverError, BodyPruned, NotInArchive, UnreadableScreenshot
from archiver.model.rendition import DOM, REQUESTS, SCREENSHOT, parse_made_by
from archiver.render.png_header import png_size
from archiver.store.rendition_queries import RenditionRow

MOST_REQUESTS = 200
"""The requests of a page that are listed."""
_MOST_LOG = 8_000_000  # bytes of a log that are read
_LARGEST = 2**62  # SQLite accepts no larger number
_MOST_TEXT = 2_000  # characters of a value of the log
_TEXTS = ("url", "method", "type", "media_type", "protocol", "sha256", "refused")


@dataclass(frozen=True, slots=True)
class RenditionBytes:
    """The bytes of a rendition, and their SHA-256 in hex."""

    body: bytes
    sha256: str


def opened_by_browser(archive: ArchiveReader, page: Page, visit_id: int, visited_at: str) -> dict[str, Any] | None:
    """Return what a browser made of the page of a visit; None when none opened it.

    Args:
        archive: the archive.
        page: the page.
        visit_id: the visit.
        visited_at: when it was (UTC text).
    """
    queries = archive.store.browsing.renditions
    found = queries.of_visit(visit_id)
    shown = found.get(DOM) or next(iter(found.values()), None)
    if shown is None:
        return None
    answers, sent = queries.answers(visit_id)
    made = asdict(parse_made_by(shown.made_by))
    return {
        **{name: value for name, value in made.items() if name not in ("counters", "floating", "shows")},
        "made_at": shown.made_at,
        "milliseconds": shown.milliseconds,
        "note": shown.note,
        "failed": DOM in found and found[DOM].sha256 is None,
        "is_read_from": queries.is_read_from(page.page_id, visited_at),
        "answers": {"count": answers, "bytes": sent},
        DOM: _facts(found.get(DOM)),
        SCREENSHOT: _screenshot(archive, found.get(SCREENSHOT)),
        REQUESTS: _requests(archive, found.get(REQUESTS)),
    }


def rendition_bytes(archive: ArchiveReader, page: Page, visit_id: int, kind: str) -> RenditionBytes:
    """Return the exact bytes of a rendition of a visit: `dom`, `screenshot` or `requests`.

    Raises:
        NotInArchive: the page has no such visit, or the browser made no such thing.
        UnreadableScreenshot: what was stored as a screenshot is no PNG, or too large.
        ArchiveDamaged: the bytes do not match their digest.
        BodyPruned: they were pruned or redacted.
    """
    row = archive.store.browsing.renditions.of_visit(visit_id).get(kind) if visit_id < _LARGEST else None
    if row is None or not row.sha256 or archive.store.browsing.page_facts.visit(page.page_id, visit_id) is None:
        raise NotInArchive(f"visit {visit_id}: no browser made a {kind} of {page.url} then")
    body = archive.store.evidence.block(row.rendition_id)
    if kind == SCREENSHOT:
        png_size(body)
    return RenditionBytes(body, row.sha256)


def _facts(row: RenditionRow | None) -> dict[str, Any] | None:
    if row is None or row.sha256 is None:
        return None
    return {"rendition_id": row.rendition_id, "bytes": row.bytes, "sha256": row.sha256, "is_kept": row.is_kept}


def _screenshot(archive: ArchiveReader, row: RenditionRow | None) -> dict[str, Any] | None:
    """Return what is known of a screenshot, with its size in pixels, or why it is not shown.

    Its `visit_id` is that of an earlier visit when the page had the same content and layout then.
    """
    facts = _facts(row)
    if facts is None or row is None:
        return None
    try:
        width, height = png_size(archive.store.evidence.block(row.rendition_id))
    except (BodyPruned, ArchiveDamaged, UnreadableScreenshot) as error:
        return {**facts, "visit_id": row.visit_id, "problem": str(error)}
    return {**facts, "visit_id": row.visit_id, "problem": "", "width": width, "height": height}


def _requests(archive: ArchiveReader, row: RenditionRow | None) -> dict[str, Any] | None:
    """Return the beginning of the log of requests, or why it is not shown."""
    facts = _facts(row)
    if facts is None or row is None:
        return None
    try:
        if (row.bytes or 0) > _MOST_LOG:
            return {**facts, "problem": "the log is too long to be shown", "count": None, "rows": []}
        logged = json.loads(archive.store.evidence.block(row.rendition_id))
    except ArchiverError as error:
        return {**facts, "problem": str(error), "count": None, "rows": []}
    except (ValueError, RecursionError):
        return {**facts, "problem": "the log is not the JSON that archiver writes", "count": None, "rows": []}
    rows = [each for each in logged if isinstance(each, dict)] if isinstance(logged, list) else []
    return {**facts, "problem": "", "count": len(rows), "rows": [_request(each) for each in rows[:MOST_REQUESTS]]}


def _request(logged: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the log with all its keys, and only values of their types."""
    status = logged.get("status")
    texts = {name: value[:_MOST_TEXT] if isinstance(value := logged.get(name), str) else "" for name in _TEXTS}
    return {**texts, "status": status if type(status) is int else None, "from_cache": logged.get("from_cache") is True}
