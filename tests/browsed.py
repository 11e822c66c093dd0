"""A site whose pages a browser opened, filled without a browser: a test says what it made of each page."""

import zlib
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from archiver.app.archive import Archive
from archiver.app.crawling.run import end_run, recorded_run
from archiver.crawl.fetched import Fetched, page_of
from archiver.crawl.render_pages import rendered_page
from archiver.crawl.requisites import RequisiteCounts
from archiver.crawl.reread import open_site
from archiver.extract.profile import parse_profile
from archiver.model.capture import Capture, Outcome, Request, parse_head
from archiver.model.clock import SettableClock, written
from archiver.model.event import Visited, ignore
from archiver.model.policy import Retries
from archiver.model.profile import Profile
from archiver.model.rendition import MadeBy, Rendered, RequestLogged
from archiver.settings import Settings
from archiver.store.open_file import read_only
from archiver.store.real_file import vault_path
from damaged import alter
from made import START

HOME = "http://spa.example"
SHELL = b"<!doctype html><html><head><title>App</title></head><body><div id=app>Loading</div><script src=/app.js></script></body></html>"
MADE_BY = MadeBy("Chromium 156", "1", "1280x1000", "quiet")
_PROFILE = """[site]\nname = "spa"\nhome = "http://spa.example/"\ntimezone = "UTC"\n[crawl]\nsitemaps = []\nfeeds = []\n{more}
[[page]]\nkind = "listing"\nurl = '/$'\n{render}
[[page]]\nkind = "article"\n{render}
{gone}
[page.fields]\ntitle = "h1"\nbody = ".body"\n[page.readings]\nviews = ".views"\n"""


def dom_of(title: str, text: str, views: int = 1) -> bytes:
    """Return the document of an article at the end of its scripts."""
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title></head><body><div id=app><article><h1>{title}</h1>"
        f"<div class=body><p>{text}</p></div><span class=views>{views}</span></article></div></body></html>"
    ).encode()


def sent_page(text: str, title: str = "Tin") -> bytes:
    """Return an article as a server sends it, with scripts."""
    return f"<html><title>{title}</title><h1>{title}</h1><div class=body><p>{text}</p></div><script src=/app.js></script>".encode()


def png_of(text: str, size: int = 3_000) -> bytes:
    """Return bytes like those of a screenshot: not compressible, and the same for the same text."""
    seed, found = zlib.crc32(text.encode()), bytearray(b"\x89PNG\r\n\x1a\n")
    while len(found) < size:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        found += (seed >> 24).to_bytes(5, "big")
    return bytes(found[:size])


def answer(url: str, body: bytes, at: Any, status: int = 200, kind: bytes = b"text/html; charset=utf-8") -> Capture:
    """Return the capture of an answer."""
    head = b"HTTP/1.1 %d X\r\nContent-Type: %s\r\n\r\n" % (status, kind)
    outcome = Outcome.OK if status < 300 else Outcome.GONE if status in (404, 410) else Outcome.SERVER_ERROR
    return Capture(Request(url), at, outcome, status, head, parse_head(head), body, milliseconds=5)


@dataclass
class Opened:
    """What a browser made of a page. `dom` b"": it failed. `api`, `styles`, `images`: bodies of answers by path.

    `log`: more requests of its log. `made_by`: how it was made.
    """

    dom: bytes
    screenshot: bytes = b""
    api: dict[str, bytes] = field(default_factory=dict)
    failure: str = ""
    styles: dict[str, bytes] = field(default_factory=dict)
    images: dict[str, bytes] = field(default_factory=dict)
    log: tuple[RequestLogged, ...] = ()
    made_by: MadeBy = MADE_BY


class Browsed:
    """An archive of the site. The clock advances an hour with each visit."""

    def __init__(self, folder: Path, *, render: str = "always", gone: str = "", more: str = "") -> None:
        self.path, self.selectors = folder / "a.db", folder / "selectors"
        self.selectors.mkdir(exist_ok=True)
        self.clock = SettableClock(START)
        self.settings = Settings(self.path, (self.selectors,), self.clock, Retries(1, 0.0, 0.0))
        self.archive = Archive(self.settings)
        self.last_requisites = RequisiteCounts()
        self.profile(render, gone=gone, more=more)

    def profile(self, render: str = "always", *, gone: str = "", more: str = "") -> Profile:
        """Write the profile; `render` "": no page is opened in a browser."""
        text = _PROFILE.format(render=f'render = "{render}"' if render else "", gone=gone, more=more)
        (self.selectors / "spa.toml").write_text(text, encoding="utf-8")
        self._profile = parse_profile(text, "spa")
        return self._profile

    def article(self, text: str, views: int = 1, title: str = "Tin", path: str = "/a/1", **more: Any) -> Visited:
        """Visit a page, of which a browser made this article by one answer of an API."""
        api = {f"/api{path}.json": f'{{"text": "{text}", "views": {views}}}'.encode()}
        opened = Opened(dom_of(title, text, views), png_of(f"{title} {text}"), api)
        return self.visit(opened, path=path, **more)

    def failed(self, path: str = "/a/1", **more: Any) -> Visited:
        """Visit a page of which the browser made nothing."""
        return self.visit(Opened(b"", failure="the page's scripts did not end within 30 s"), path=path, **more)

    def visit(
        self, opened: Opened | None, *, path: str = "/a/1", body: bytes = SHELL, status: int = 200, back: float = 0
    ) -> Visited:
        """Visit a page. `opened`: what a browser made of it; None: none opened it. `back`: hours before the present."""
        at = self.clock() - timedelta(hours=back)
        plain = answer(HOME + path, body, at, status)
        others: tuple[Capture, ...] = ()
        if opened is not None:
            rendered = self._rendered(opened, at)
            page = rendered_page(plain, rendered)
            plain, others = page.capture, page.others
        (visited,) = self._process([(plain, others)])
        self.clock.advance(hours=1)
        return visited

    def fail_together(self, paths: list[str]) -> None:
        """Visit pages in one run, of which the browser made nothing."""
        failed = self._rendered(Opened(b"", failure="the page's scripts did not end within 30 s"), self.clock())
        pages = [rendered_page(answer(HOME + path, SHELL, self.clock()), failed) for path in paths]
        self._process([(each.capture, each.others) for each in pages])

    def _rendered(self, opened: Opened, at: Any) -> Rendered:
        made = [answer(HOME + path, body, at, kind=b"application/json") for path, body in opened.api.items()]
        made += [answer(HOME + path, body, at, kind=b"text/css") for path, body in opened.styles.items()]
        made += [answer(HOME + path, body, at, kind=b"image/png") for path, body in opened.images.items()]
        log = tuple(RequestLogged(each.url, type="Fetch", status=200, sha256=each.sha256) for each in made) + opened.log
        return Rendered(opened.made_by, at, 40, opened.dom, opened.screenshot, log, tuple(made), opened.failure)

    def plain(self, text: str, path: str = "/a/1", **more: Any) -> Visited:
        """Visit a page that the server sends with its text, and that no browser opens."""
        return self.visit(None, path=path, body=sent_page(text), **more)

    def _process(self, pages: list[tuple[Capture, tuple[Capture, ...]]]) -> list[Visited]:
        self.archive._make()
        store = self.archive.store
        site = open_site(store, self._profile, self.clock, ignore, has_profile=True)
        with recorded_run(store, self.clock, "crawl", site, "crawl spa", None) as pipeline:
            items = [Fetched(page_of(store, site, plain), plain, 0, rendered=others) for plain, others in pages]
            visited = pipeline.process(items)
            end_run(store, pipeline, written(self.clock()), "done")
            self.last_requisites = pipeline.requisites
        return visited

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return [tuple(row.values()) for row in self.archive.sql(query)]

    def inside(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query of the tables behind the views."""
        return [tuple(row) for row in self.archive.store._main.rows(query)]

    def damage(self, visit_id: int) -> None:
        """Damage the stored bytes of a visit, and their copy."""
        ((frame, tail),) = self.vault(f"SELECT frame_id, tail FROM _frame WHERE frame_id = {self._frame(visit_id)}")
        for table in ("_frame", "_mirror"):
            alter(vault_path(self.path), f"UPDATE {table} SET data = x'00' WHERE frame_id = {tail or frame}")

    def _frame(self, visit_id: int) -> int:
        frame: int = self.inside(f"SELECT frame_id FROM _visit WHERE visit_id = {visit_id}")[0][0]
        self.archive.release_files()
        return frame

    def vault(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query of the vault."""
        with closing(read_only(vault_path(self.path))) as vault:
            return [tuple(row) for row in vault.rows(query)]

    def value(self, query: str) -> Any:
        """Return the first column of the first row."""
        return self.rows(query)[0][0]

    def close(self) -> None:
        """Close the archive."""
        self.archive.close()
