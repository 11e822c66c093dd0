"""The hash chain of visits: each row's link is a SHA-256 of the previous link and of all values of the row.

The canonical form is part of the archive's format and documented to the byte in docs/reference/evidence.md, so that
another program can check an archive. `text/digest.py` computes the link; this file defines the values it covers.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from archiver.store.connection import Row

VISITS = (
    "SELECT t.*, p.url AS page_url, r.method, r.address, r.head, r.content FROM _visit t "
    "JOIN _page p ON p.page_id = t.page_id JOIN _request r ON r.request_id = t.request_id"
)
"""Selects rows of `_visit` with the values that `canonical` needs from other tables."""

_PLAIN = (
    "visit_id", "page_id", "run_id", "visited_at", "method", "address", "status", "outcome", "location", "media_type",
    "bytes", "milliseconds", "sent", "note",
)  # fmt: skip
_IF_ANY = ("via", "of_visit", "made_by")  # only in the links of visits that have them; others are as before schema 14


def canonical(row: Mapping[str, Any] | Row) -> dict[str, str | int | None]:
    """Return the values of a row of `VISITS` in the form that the chain covers.

    Digests are SHA-256 in lower-case hex: of the body, of the block, of the request's header lines and of the content sent.
    """
    values: dict[str, str | int | None] = {name: row[name] for name in _PLAIN}
    values["url"] = row["asked"] or row["page_url"]
    values["sha256"] = _hex(row["sha256"])
    values["block_sha256"] = _hex(row["block_sha256"])
    values["request_sha256"] = hashlib.sha256(row["head"]).hexdigest()
    values["content_sha256"] = hashlib.sha256(row["content"]).hexdigest()
    named = set(row.keys())  # a file of an earlier schema has no such columns
    values.update((name, row[name]) for name in _IF_ANY if name in named and row[name] is not None)
    return values


def _hex(digest: bytes | None) -> str | None:
    return None if digest is None else digest.hex()
