"""What an archive holds, as a replay machine has to show it."""

import hashlib
import re
from dataclasses import dataclass

from archiver.app.archive import Archive

_ROWS = (
    "SELECT v.visit_id, v.visited_at, v.outcome, v.status, coalesce(t.asked, v.url) AS asked FROM visits v "
    "JOIN _visit t ON t.visit_id = v.visit_id JOIN _request r ON r.request_id = t.request_id "
    "WHERE v.bytes IS NOT NULL AND r.method = 'GET' ORDER BY v.visit_id"
)


@dataclass(frozen=True)
class Expected:
    """A capture.

    Attributes:
        url: the address that was requested.
        stamp: its time, 14 digits.
        kind: its outcome, or `revisit` when the same bytes were captured before.
        status: the status with which it is replayed: 200 for a 304.
        body: the bytes of the archive; of a 304, those that it confirms.
    """

    url: str
    stamp: str
    kind: str
    status: int
    body: bytes


def expected_of(archive: Archive) -> list[Expected]:
    """Return every capture of an archive, oldest first, but for answers to forms: their addresses show the page itself."""
    found: list[Expected] = []
    last: dict[str, bytes] = {}
    seen: set[str] = set()
    for row in archive.sql(_ROWS):
        body, kind = archive.store.evidence.visit(row["visit_id"]).capture.body, row["outcome"]
        if kind == "not_modified":
            body = last[row["asked"]]
        elif kind == "ok":
            digest = hashlib.sha256(body).hexdigest()
            kind = "revisit" if digest in seen else kind
            seen.add(digest)
            last[row["asked"]] = body
        status = 200 if kind == "not_modified" else row["status"]
        found.append(Expected(row["asked"], re.sub(r"\D", "", row["visited_at"]), kind, status, body))
    return found
