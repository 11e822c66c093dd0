"""The demo portal, crawled twice with its requisites, in pywb and in ReplayWeb.page: every page has its styles and pictures.

Both get the same package, as it is. What pywb rewrites is followed: every style sheet and picture that a replayed page or
style sheet names must be there. In a Chromium, pages are opened in both, and nothing may be lacking.
"""

import re
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urljoin

from browser import Browser
from captures import Expected, expected_of
from machine import Machine, check, run
from viewer import Viewer, is_verified, same_bytes

from archiver.app import profiles
from archiver.app.archive import Archive
from archiver.demo.portal import Portal
from archiver.model.clock import SettableClock
from archiver.model.policy import Retries
from archiver.settings import Settings, bundled_profiles

_REWRITTEN = re.compile(r"/all/[0-9]+(?:cs|im|oe)_/http://[^\"')\s>]+")
_IN_CSS = re.compile(r"url\([\"']?([^\"')]+)")
_ANSWERED = re.compile(r'"GET (/all/[0-9]+(?:mp|cs|im)_/\S+) HTTP/1.1" ([0-9]+)')
_OPENED = 5  # pages that the browser opens in pywb
_START = datetime(2024, 3, 1, 2, 0, tzinfo=UTC)
_NEW_TITLE = "Thông báo mới về lịch tiếp công dân"
_STYLED = "getComputedStyle(document.querySelector('#top')).backgroundColor"
_PICTURES = "[...document.images].map(image => image.naturalWidth)"


@dataclass(frozen=True)
class Demo:
    """What was crawled, and its package.

    Attributes:
        pages: time (14 digits) and address of each version.
        edited: time, address, title of the two versions of an article with another title.
        expected: every capture.
    """

    pages: list[tuple[str, str]]
    edited: list[tuple[str, str, str]]
    expected: list[Expected]
    package: Path

    def one(self, words: str) -> tuple[str, str]:
        """Return time and address of the first capture whose decoded address has these words."""
        return next((each.stamp, each.url) for each in self.expected if words in unquote(each.url))


def crawled(work: Path) -> Demo:
    """Crawl the demo portal on two days, and export it."""
    work.mkdir()
    clock = SettableClock(_START)
    settings = Settings(work / "a.db", (work, bundled_profiles()), clock, Retries(1, 0.0, 0.0))
    with Portal(articles=24) as portal, Archive(settings) as archive:
        profile = profiles.at_home(profiles.by_name("demo", settings.selectors), portal.url)
        profile = replace(profile, crawl=replace(profile.crawl, requisites="first"))
        summary = archive.crawl(profile)
        check(summary.requisites["fetched"] and not summary.requisites["failed"], "requisites:", summary.requisites)
        clock.advance(days=2)
        portal.retitle(portal.items[5], _NEW_TITLE)
        archive.crawl(profile, everything=True)
        rows = list(archive.sql("SELECT * FROM versions ORDER BY page_id, version"))
        expected = expected_of(archive)
    stamped = [(re.sub(r"\D", "", row["seen_from"]), row["url"], row["title"]) for row in rows]
    (address,) = {url for _, url, title in stamped if title == _NEW_TITLE}
    package = work / "demo.wacz"
    run(sys.executable, "-m", "archiver", "--archive", settings.archive, "export", "wacz", package, "--text")
    return Demo([each[:2] for each in stamped], [each for each in stamped if each[1] == address], expected, package)


def shown(tools: Path, work: Path, browser: str, viewer: Path, screenshots: Path) -> None:
    """Crawl, export, and look at the package in both."""
    demo = crawled(work)
    check("is valid" in run(tools / "wacz", "validate", "-f", demo.package), "wacz validate does not call it valid")
    machine = Machine(tools, work, [demo.package])
    try:
        named = _named(machine, demo.pages)
        for ending in ("portal.css", "paging.css", "hoa-sen.png", "bieu-tuong.png"):
            check(any(address.endswith(ending) for address in named), "no page names", ending)
        print(f"replay: {len(demo.pages)} pages of the demo portal have their {len(named)} styles and pictures in pywb")
        _opened(machine, browser, demo.pages[:_OPENED])
    finally:
        machine.close()
    with Viewer(viewer, browser, demo.package, work, screenshots) as opened:
        same_bytes(opened, demo.expected)
        is_verified(opened)
        _searched(opened, demo)
        _looked_at(opened, demo)
        check(not opened.foreign(), "requests left for other servers:", opened.foreign()[:5])


def _named(machine: Machine, pages: list[tuple[str, str]]) -> set[str]:
    """Return what replayed pages name, and what that names; all of it is there."""
    named: set[str] = set()
    waiting = [f"/all/{stamp}mp_/{url}" for stamp, url in pages]
    while waiting:
        address = waiting.pop()
        status, headers, body = machine.get(address)
        check(status == 200, address, "is replayed with status", status)
        text = body.decode("utf-8", "replace")
        in_css = _IN_CSS.findall(text) if headers["content-type"].startswith("text/css") else ()
        new = {*_REWRITTEN.findall(text), *(urljoin(address, found) for found in in_css)} - named
        named |= new
        waiting += new
    return named


def _opened(machine: Machine, path: str, pages: list[tuple[str, str]]) -> None:
    before = len(machine.log.read_text(encoding="utf-8"))
    with Browser(path) as browser:
        for stamp, url in pages:
            browser.open(f"http://127.0.0.1:{machine.port}/all/{stamp}mp_/{url}")
            browser.until("document.readyState == 'complete'")
            browser.wait(1)
    answers = _ANSWERED.findall(machine.log.read_text(encoding="utf-8")[before:])
    missing = [address for address, status in answers if status != "200"]
    check(not missing, "the browser did not get", missing)
    for ending in ("portal.css", "paging.css", ".png"):
        check(any(address.endswith(ending) for address, _ in answers), "the browser did not ask for", ending)
    print(f"replay: a browser asked pywb for {len(answers)} pages, styles and pictures, and got them all")


def _searched(viewer: Viewer, demo: Demo) -> None:
    """The list has every page; search finds a title, and words of a text."""
    pages = viewer.described()["pages"]
    check(len(pages) == len(demo.pages), "the viewer lists", len(pages), "pages, not", len(demo.pages))
    viewer.shot("list")
    check(viewer.found(_NEW_TITLE) == [_NEW_TITLE], "search does not find the title alone")
    page = next(page for page in pages if page["title"] == _NEW_TITLE)
    sentence = next(line for line in page["text"].split(". ") if len(line) > 40 and not line.isascii())
    found = viewer.found(sentence)
    check(_NEW_TITLE in found and len(found) < len(pages), "search for", sentence, "finds", found)
    viewer.shot("search")
    print(f"replay: ReplayWeb.page lists {len(pages)} pages, and finds them by title and by text")


def _looked_at(viewer: Viewer, demo: Demo) -> None:
    """A listing, an article at two dates, an address in Vietnamese, a PDF."""
    run_in = viewer.browser.run
    listing = viewer.show(*reversed(demo.one("/tintuc/default.aspx")))
    links = run_in("document.querySelectorAll('a.title').length", listing)
    check(links > 5, "the listing has", links, "links")
    viewer.shot("listing")
    for stamp, url, title in demo.edited:
        article = viewer.show(url, stamp)
        check(
            run_in("document.querySelector('h3.tieude').textContent.trim()", article) == title, stamp, "is not", title
        )
        check(run_in(_STYLED, article) != "rgba(0, 0, 0, 0)", url, "has no styles")
        viewer.shot(f"article-{stamp}")
    check({title for _, _, title in demo.edited} - {_NEW_TITLE}, "the article has one title only")
    stamp, url = next((stamp, url) for stamp, url in demo.pages if "Văn+hóa" in unquote(url))
    frame = viewer.show(url, stamp)
    widths = run_in(_PICTURES, frame)
    check(widths and all(widths), url, "lacks pictures:", widths)
    viewer.shot("vietnamese-address")
    stamp, url = demo.one("Kế hoạch")
    kind = run_in("document.contentType", viewer.show(url, stamp))
    check(kind == "application/pdf", url, "is shown as", kind)
    viewer.shot("pdf")
    print(f"replay: screenshots are in {viewer.screenshots}")
