"""Rows of visits as captures."""

import json

from archiver.model.capture import Capture, Headers, Request, parse_head, split_block
from archiver.model.clock import instant
from archiver.model.outcome import Outcome
from archiver.model.rendition import CONTENT_TYPES, DOM, urn
from archiver.store.connection import Row

IS_DOM = f"t.made_by IS NOT NULL AND p.url LIKE '{urn(DOM, '')}%'"
"""The condition of the documents that a browser made, in `store.chain.VISITS`."""


def capture_of(row: Row, block: bytes) -> Capture:
    """Return the capture of a row of `store.chain.VISITS` and its block; b"" for its facts alone.

    Raises:
        ValueError: a value of the row is damaged.
    """
    head, body = split_block(block)
    return Capture(
        request=Request(row["asked"] or row["page_url"], row["method"], (), row["content"]),
        visited_at=instant(row["visited_at"]),
        outcome=Outcome(row["read_outcome"] or row["outcome"]),
        status=row["status"],
        head=head,
        headers=_typed(row["media_type"]) if row["made_by"] else parse_head(head),
        body=body,
        location=row["location"],
        milliseconds=row["milliseconds"],
        request_head=row["head"],
        address=row["address"] or None,
        sent=json.loads(row["sent"]) if row["sent"] else {},
        note=row["read_note"] or row["note"] or "",
        via=row["via"] or "",
        made_by=row["made_by"] or "",
    )


def _typed(media_type: str | None) -> Headers:
    """Return the Content-Type of a rendition, which has no head."""
    if media_type is None:
        return ()
    full = next((each for each in CONTENT_TYPES.values() if each.startswith(f"{media_type};")), media_type)
    return ((b"Content-Type", full.encode("latin-1", "replace")),)
