"""Archives of captures that a test writes itself, for replay: any address, moment, header and body."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archiver.model.capture import Capture, Outcome, Request, parse_head
from archiver.model.profile import SiteInfo
from archiver.store.archive import Store
from archiver.store.new_visit import NewVisit

HOME = "http://portal.example/"
_OUTCOMES = {200: Outcome.OK, 304: Outcome.NOT_MODIFIED, 301: Outcome.MOVED, 302: Outcome.MOVED, 404: Outcome.GONE}


@dataclass(frozen=True)
class Kept:
    """A capture to write: `at` as 14 digits."""

    url: str
    body: bytes | str = b""
    at: str = "20221101100000"
    media_type: str = "text/html; charset=utf-8"
    status: int = 200
    location: str | None = None
    head: bytes = b""


def capture_of(kept: Kept) -> Capture:
    body = kept.body.encode() if isinstance(kept.body, str) else kept.body
    fields = b"Content-Type: " + kept.media_type.encode("latin-1") + b"\r\n" if kept.media_type else b""
    head = b"HTTP/1.1 %d X\r\n" % kept.status + fields + kept.head + b"\r\n"
    moment = datetime.strptime(kept.at, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return Capture(
        Request(kept.url), moment, _OUTCOMES[kept.status], kept.status, head, parse_head(head), body, kept.location
    )


def copied(path: Path, captures: Iterable[Kept], language: str = "vi") -> Path:
    """Write an archive of captures in the order given; nothing of them is read."""
    with Store.open(path) as store:
        site = store.pages.put_site(SiteInfo("portal", "Portal", HOME, language, "Asia/Ho_Chi_Minh"))
        visits = []
        for kept in captures:
            page = store.pages.put_page(site, kept.url, kept.url, "2022-11-01 10:00:00")[0]
            visits.append(NewVisit(page, capture_of(kept), is_page=False))
        store.evidence.keep(visits, None)
    return path
