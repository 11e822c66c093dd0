"""An archive of pages that a browser opened, made by hand: what it got and made is given, and no browser is needed."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from archiver.app.archive import Archive
from archiver.app.crawling.run import end_run, recorded_run
from archiver.crawl.fetched import Fetched
from archiver.crawl.fetched import page_of as page_at
from archiver.crawl.read_capture import is_page
from archiver.crawl.render_pages import rendered_page
from archiver.crawl.reread import open_site
from archiver.extract.profile import parse_profile
from archiver.maintain.verify.verify import verify
from archiver.model.capture import Capture, Outcome, Request, parse_head
from archiver.model.clock import SettableClock, written
from archiver.model.event import ignore
from archiver.model.policy import Retries
from archiver.model.rendition import MadeBy, Rendered, RequestLogged
from archiver.settings import Settings
from made import START

HOME = "http://portal.example/"
PROFILE = """
[site]
name = "spa"
home = "http://portal.example/"
language = "vi"
[crawl]
sitemaps = []
feeds = []
[[page]]
kind = "article"
url = '/a/'
render = "always"
[page.fields]
title = "h1"
body = "div.body"
[page.readings]
views = "b.views"
"""
ROWS = {
    "visits": "SELECT p.kind, p.key, p.url, t.visited_at, t.asked, t.status, t.outcome, t.media_type, t.bytes, hex(t.sha256), "
    "hex(t.block_sha256), t.milliseconds, t.note, t.via, t.made_by, r.method, r.address, hex(r.head), w.code, "
    "(SELECT q.url || ' ' || o.visited_at FROM _visit o JOIN _page q USING (page_id) WHERE o.visit_id = t.of_visit) "
    "FROM _visit t JOIN _page p USING (page_id) JOIN _request r USING (request_id) LEFT JOIN _reason w USING (reason_id)",
    "versions": "SELECT url, version, seen_from, seen_last, title, body FROM versions",
    "changes": "SELECT url, field, old, new, not_before, not_after FROM changes",
    "readings": "SELECT url, name, read_at, value, gained FROM readings",
    "read": "SELECT url, visited_at, outcome, note, cause FROM visits",
    "sources": "SELECT url, field, read_from FROM sources",
    "renditions": "SELECT url, kind, made_at, sha256, made_by, outcome, note, media_type FROM renditions",
}
"""Queries of all that an import of an export brings back."""
SHELL = b'<!doctype html><title>x</title><div id="app"></div><script src="/app.js"></script>'
MADE_BY = MadeBy("Chromium 156", "1", "1280x1000", "quiet", ("click .m\u2028re \xd73",), HOME)
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Opened:
    """A visit whose page a browser opened.

    Attributes:
        page: the number of the page.
        day, second: when, after the start.
        text: what the document says; "" when the browser failed.
        answers: addresses that it got, with their bodies, after one second each.
        is_logged: there is a log of its requests, and a screenshot.
    """

    page: int
    day: int
    second: int = 0
    text: str = "Hội nghị diễn ra tại hội trường."
    answers: tuple[tuple[str, bytes], ...] = (("/app.js", b"start()"),)
    is_logged: bool = True

    @property
    def at(self) -> datetime:
        """When the page was visited, UTC."""
        return START + timedelta(days=self.day, seconds=self.second)

    @property
    def url(self) -> str:
        """The page's address."""
        return f"{HOME}a/{self.page}"

    def capture(self) -> Capture:
        """Return the plain capture."""
        return answer(self.url, SHELL, "text/html; charset=utf-8", self.at)

    def rendered(self) -> Rendered:
        """Return what the browser got and made."""
        article = f"<h1>Tin {self.page}</h1><div class=body><p>{self.text}</p></div><b class=views>{self.day + 7}</b>"
        kinds = {True: "text/javascript", False: "application/json"}
        got = [
            answer(HOME + path.lstrip("/"), body, kinds[path.endswith(".js")], self.at + timedelta(seconds=number))
            for number, (path, body) in enumerate(self.answers, 1)
        ]
        return Rendered(
            MADE_BY,
            self.at + timedelta(seconds=len(got) + 1),
            712,
            f"<html><body>{article}</body></html>".encode() if self.text else b"",
            PNG + self.text.encode() + bytes([self.day]) if self.is_logged else b"",
            (RequestLogged(self.url), *(RequestLogged(each.url) for each in got)) if self.is_logged else (),
            tuple(got),
            "" if self.text else "the page's scripts did not end within 30 s",
            ("a dialog was closed",),
        )


def answer(url: str, body: bytes, media_type: str, at: datetime) -> Capture:
    """Return an answer of the portal."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nX-Raw: \xe9\r\n\r\n".encode("latin-1")
    request_head = b"User-Agent: archiver\r\n"
    return Capture(
        Request(url), at, Outcome.OK, 200, head, parse_head(head), body, request_head=request_head, milliseconds=12
    )


def archive_at(path: Path, clock: SettableClock | None = None) -> Archive:
    """Return an archive, with the profile beside it."""
    (path.parent / "spa.toml").write_text(PROFILE, encoding="utf-8")
    return Archive(Settings(path, (path.parent,), clock or SettableClock(START), Retries(1, 0.0, 0.0)))


def keep(archive: Archive, visits: Sequence[Opened]) -> None:
    """Keep and read visits, each in a batch of its own."""
    store, clock = archive.store, archive.settings.clock
    site = open_site(store, parse_profile(PROFILE, "spa"), clock, ignore, has_profile=True)
    with recorded_run(store, clock, "crawl", site, "crawl", None) as pipeline:
        for each in visits:
            opened = rendered_page(each.capture(), each.rendered())
            assert is_page(opened.capture)
            page = page_at(store, site, opened.capture)
            pipeline.process([Fetched(page, replace(opened.capture), rendered=opened.others)])
        end_run(store, pipeline, written(clock()), "done")


def split_warc(files: list[Path], folder: Path) -> dict[str, Path]:
    """Write the records of pages and those of what a browser got and made into files of their own, the latter reversed."""
    folder.mkdir()
    own: list[bytes] = []
    rendered: list[bytes] = []
    for path in files:
        data, at = path.read_bytes(), 0
        with path.open("rb") as file:
            records = ArchiveIterator(file)
            for each in records:
                each.content_stream().read()
                url = each.rec_headers.get_header("WARC-Target-URI") or ""
                at, length = records.get_record_offset(), records.get_record_length()
                (rendered if "urn:" in url or "/app.js" in url or "/api/" in url else own).append(
                    data[at : at + length]
                )
    # the records of a capture stay together
    groups: list[list[bytes]] = []
    for member in rendered:
        is_first = b"WARC-Type: res" in _unpacked(member) or b"WARC-Type: revisit" in _unpacked(member)
        groups += [[member]] if is_first else []
        groups[-1] += [] if is_first else [member]
    found = {"own": folder / "own.warc.gz", "rendered": folder / "rendered.warc.gz"}
    found["own"].write_bytes(b"".join(own))
    found["rendered"].write_bytes(b"".join(member for group in reversed(groups) for member in group))
    return found


def _unpacked(member: bytes) -> bytes:

    return zlib.decompress(member, 31)


def same_rows(one: Archive, other: Archive) -> None:
    """Check that two archives have the same captures and the same history, and that the second one is whole."""
    for what, query in ROWS.items():
        here, there = (sorted(map(repr, archive.store.sql(query))) for archive in (one, other))
        assert here == there, what
        assert here or what not in ("visits", "read"), what
    assert not verify(other.store.path, deep=True).findings
