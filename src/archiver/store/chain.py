"""The chain of visits: each row's link is a SHA-256 over the link before and everything the row says.

The canonical form is part of the archive's format and documented to the byte in docs/reference/evidence.md, so that
another program can check an archive. `text/digest.py` makes the link; this file says what goes into it.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from archiver.store.connection import Row

VISITS = (
    "SELECT t.*, p.url AS page_url, r.method, r.address, r.head, r.content FROM _visit t "
    "JOIN _page p ON p.page_id = t.page_id JOIN _request r ON r.request_id = t.request_id"
)
"""Rows of `_visit` with what `canonical` needs of other tables."""

_PLAIN = (
    "visit_id", "page_id", "run_id", "visited_at", "method", "address", "status", "outcome", "location", "media_type",
    "bytes", "milliseconds", "sent", "note",
)  # fmt: skip


def canonical(row: Mapping[str, Any] | Row) -> dict[str, str | int | None]:
    """What a row of `VISITS` says, in the form that is chained.

    Digests are SHA-256 in lower-case hex: of the body, of the block, of the header lines and of the content we sent.
    """
    values: dict[str, str | int | None] = {name: row[name] for name in _PLAIN}
    values["url"] = row["asked"] or row["page_url"]
    values["sha256"] = _hex(row["sha256"])
    values["block_sha256"] = _hex(row["block_sha256"])
    values["request_sha256"] = hashlib.sha256(row["head"]).hexdigest()
    values["content_sha256"] = hashlib.sha256(row["content"]).hexdigest()
    return values


def _hex(digest: bytes | None) -> str | None:
    return None if digest is None else digest.hex()
