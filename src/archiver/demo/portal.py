"""A demo portal on loopback that changes while it is served: it publishes, edits, withdraws, moves and redesigns articles, and counts visitors."""

import random
import re
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from archiver.demo import pages
from archiver.demo.articles import ZONE, Article, write_article, write_articles
from archiver.demo.faults import PlannedFault, PlannedFaults
from archiver.demo.files import make_file
from archiver.demo.server import PortalResponse, PortalServer

ARTICLE_PATH = "/tintuc/lists/posts/post.aspx"
NOTICES = "/thongbao/default.aspx"
LISTINGS = {"/tintuc/default.aspx": "Tin tức sự kiện", NOTICES: "Thông báo"}
"""The names of the listings by path."""
_PER_PAGE = 12
_START = datetime(2022, 10, 24, 1, 0, tzinfo=UTC)


class Portal:
    """The portal. Use it as a context manager; every method may be called while it serves.

    Args:
        seed: the seed of the text; the same seed gives the same portal.
        articles: the number of articles at the start.
        start: its present moment, aware.
        port: 0 selects a free one.
    """

    def __init__(self, seed: int = 11, articles: int = 48, start: datetime = _START, port: int = 0) -> None:
        self._seed = seed
        self._now = start
        self._lock = threading.RLock()
        self._chance = random.Random(f"portal {seed}")  # noqa: S311
        self._life = random.Random(f"life {seed}")  # noqa: S311  (its own: requests do not change what happens)
        self._articles = write_articles(seed, articles, start)
        self._restyled = False
        self.site_visits = 37_412_003
        self.gzip = False
        self.robots = "User-agent: *\nDisallow: /_layouts/\nDisallow: /search\n"
        self.faults = PlannedFaults()
        self.requests: list[tuple[str, str, float]] = []
        self._server = PortalServer(self, port)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def is_served(self, for_seconds: float | None = None) -> bool:
        """Wait for this time (None: until the portal ends), and return whether it still serves."""
        self._thread.join(for_seconds)
        return self._thread.is_alive()

    # contents

    @property
    def url(self) -> str:
        """Return its home address, with its port."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    @property
    def items(self) -> list[int]:
        """Return the numbers of its articles, oldest first."""
        return list(self._articles)

    def article(self, item: int) -> Article:
        """Return an article."""
        return self._articles[item]

    def address(self, item: int, spelling: str = "plain") -> str:
        """Return an article's address: plain, or in the spelling of the listing or the sidebar."""
        return self.url.rstrip("/") + pages.spellings(self._articles[item])[spelling]

    # edits

    def edit(self, item: int, old: str, new: str) -> None:
        """Replace words in an article's body."""
        with self._lock:
            self._articles[item].replace(old, new)

    def edit_sentence(self, item: int) -> tuple[str, str]:
        """Change a figure in an article's body; return it before and after."""
        with self._lock:
            return self._articles[item].edit_sentence(self._life)

    def retitle(self, item: int, title: str) -> None:
        """Change an article's title."""
        with self._lock:
            self._articles[item].title = title

    def caption(self, item: int, old: str, new: str) -> None:
        """Replace words in a caption."""
        with self._lock:
            article = self._articles[item]
            article.blocks = [
                (kind, text.replace(old, new) if kind == "caption" else text) for kind, text in article.blocks
            ]

    def sign(self, item: int, byline: str) -> None:
        """Change an article's byline."""
        with self._lock:
            self._articles[item].byline = byline

    def withdraw(self, item: int, *, soft: bool = False) -> None:
        """Withdraw an article: 404, or a page with status 200 that says that it does not exist."""
        with self._lock:
            self._articles[item].state = "soft" if soft else "gone"

    def restore(self, item: int) -> None:
        """Restore an article."""
        with self._lock:
            self._articles[item].state = "live"

    def move(self, item: int) -> int:
        """Give an article another number and return it; the old address redirects permanently."""
        with self._lock:
            old, new = self._articles[item], max(self._articles) + 3
            fields = {**vars(old), "item": new, "blocks": list(old.blocks)}
            self._articles[new] = Article(**fields)
            old.moved_to = new
            return new

    def publish(self, title: str | None = None) -> int:
        """Publish a new article at the top of the listing; return its number."""
        with self._lock:
            item = max(self._articles) + 3
            said = self._now.astimezone(ZONE).replace(tzinfo=None, microsecond=0)
            article = write_article(self._seed, item, len(self._articles), said)
            article.title = title or article.title
            article.views = 0
            self._articles[item] = article
            return item

    def restyle(self, *, on: bool = True) -> None:
        """Redesign the article pages: other class names, other order, the same words."""
        self._restyled = on

    def age(self, **span: float) -> None:
        """Let time pass (days, hours, …): the portal's date moves and pages are read."""
        with self._lock:
            self._now += timedelta(**span)
            hours = timedelta(**span).total_seconds() / 3600
            self.site_visits += int(hours * self._life.randint(80, 240))
            for article in self._articles.values():
                article.views += int(hours * self._life.random() ** 4 * 9)

    def reset_counter(self, item: int, value: int = 0) -> None:
        """Reset an article's view counter."""
        with self._lock:
            self._articles[item].views = value

    # faults

    def fail(
        self, path: str, status: int = 503, times: int | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Respond with an error, for a number of requests."""
        self.faults.add(PlannedFault(re.compile(path), "status", times, status=status, headers=dict(headers or {})))

    def slow(self, path: str, seconds: float, times: int | None = None) -> None:
        """Respond late."""
        self.faults.add(PlannedFault(re.compile(path), "slow", times, seconds=seconds))

    def drop(self, path: str, times: int | None = None) -> None:
        """Close the connection without a response."""
        self.faults.add(PlannedFault(re.compile(path), "drop", times))

    def cut(self, path: str, times: int | None = None) -> None:
        """Send less than announced."""
        self.faults.add(PlannedFault(re.compile(path), "cut", times))

    def endless(self, path: str, times: int | None = None) -> None:
        """Send a body without end."""
        self.faults.add(PlannedFault(re.compile(path), "endless", times))

    # serving

    def note(self, method: str, path: str) -> None:
        """Log a request with its moment."""
        self.requests.append((method, path, time.monotonic()))

    def answer(self, target: str, form: bytes | None) -> PortalResponse:
        """Return the response to a request; `form` is a POST's body."""
        with self._lock:
            parts = urlsplit(target)
            path = unquote(parts.path).lower()
            query = {name.lower(): values[0] for name, values in parse_qs(parts.query).items()}
            if path.startswith(("/documents/", "/publishingimages/", "/style/")):
                return self._file(unquote(parts.path).rpartition("/")[2])
            fixed = {"/robots.txt": self._robots, "/sitemap.xml": self._sitemap, "/rss.xml": self._feed}
            if path in fixed:
                return fixed[path]()
            return self._page(path, query, form)

    def _page(self, path: str, query: dict[str, str], form: bytes | None) -> PortalResponse:
        """Return the response to a request for a page; the path and the names of the query are in lower case."""
        if path == "/":
            return PortalResponse(302, b"", headers={"Location": "/tintuc/default.aspx"})
        if path in LISTINGS:
            return self._listing(path, query, form)
        if path == ARTICLE_PATH:
            return self._article_page(query.get("itemid", ""))
        return PortalResponse(404, pages.error_page(self._frame(), 404))

    def _frame(self) -> pages.PageSurroundings:
        """Return what is around a page at this request, and count its visitor."""
        self.site_visits += self._chance.randint(1, 4)
        live = self._live()
        return pages.PageSurroundings(
            self.site_visits,
            self._chance,
            self._chance.sample(live, min(5, len(live))),
            self._chance.sample(live, min(8, len(live))),
            self._restyled,
        )

    def _asked_article(self, number: str) -> Article | None:
        return self._articles.get(int(number)) if number.isascii() and number.isdigit() else None

    def _article_page(self, number: str) -> PortalResponse:
        article = self._asked_article(number)
        if article is None or article.state == "gone":
            return PortalResponse(404, pages.error_page(self._frame(), 404))
        action = pages.spellings(article)["plain"]
        if article.state == "soft":
            return PortalResponse(200, pages.page(self._frame(), pages.TITLE, pages.missing_main(), action))
        if article.moved_to is not None:
            target = pages.spellings(self._articles[article.moved_to])["plain"]
            return PortalResponse(301, b"<h1>Object moved</h1>", headers={"Location": target})
        article.views += 1
        main = pages.restyled_main(article) if self._restyled else pages.article_main(article)
        return PortalResponse(200, pages.page(self._frame(), f"{article.title} - {pages.TITLE}", main, action))

    def _listing(self, path: str, query: dict[str, str], form: bytes | None) -> PortalResponse:
        forms = path == NOTICES
        name, parts = LISTINGS[path], self._listed(path)
        number = self._asked_page(query, form) if not forms or form is not None else 1
        shown = parts[number - 1] if number <= len(parts) else []
        main = pages.listing_main(name, shown, number, len(parts), path, forms=forms)
        return PortalResponse(200, pages.page(self._frame(), f"{name} - {pages.TITLE}", main, path))

    def _listed(self, path: str) -> list[list[Article]]:
        """Return the articles of a listing, newest first, by its pages; it has one page or more."""
        listed, per_page = self._live(), _PER_PAGE
        if path == NOTICES:
            listed, per_page = [one for one in listed if (one.item // 3) % 5 == 0], _PER_PAGE // 3
        return [listed[first : first + per_page] for first in range(0, max(len(listed), 1), per_page)]

    def _asked_page(self, query: dict[str, str], form: bytes | None) -> int:
        if form is not None:
            fields = {name: values[0] for name, values in parse_qs(form.decode("ascii", "replace")).items()}
            valid = (
                fields.get("__EVENTTARGET") == "ctl00$Pager" and "__VIEWSTATE" in fields and "__REQUESTDIGEST" in fields
            )
            asked = fields.get("__EVENTARGUMENT", "1") if valid else "1"
        else:
            asked = query.get("page", "1")
        return int(asked) if asked.isascii() and asked.isdigit() and 0 < int(asked) < 10_000 else 1  # noqa: PLR2004

    def _file(self, name: str) -> PortalResponse:
        made = make_file(name)
        if made is None:
            return PortalResponse(404, pages.error_page(self._frame(), 404))
        body, media_type = made
        tag = {"ETag": f'"{sha256(body).hexdigest()[:16]}"', "Last-Modified": "Fri, 21 Oct 2022 08:55:00 GMT"}
        return PortalResponse(200, body, media_type, tag)

    def _robots(self) -> PortalResponse:
        text = f"{self.robots}\nSitemap: {self.url}sitemap.xml\n"
        return PortalResponse(200, text.encode(), "text/plain")

    def _live(self) -> list[Article]:
        return [one for one in reversed(self._articles.values()) if one.state == "live" and one.moved_to is None]

    def _sitemap(self) -> PortalResponse:
        rows = "".join(
            f"<url><loc>{escape(self.address(one.item))}</loc><lastmod>{one.published:%Y-%m-%d}</lastmod></url>\n"
            for one in self._live()
        )
        text = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</urlset>\n'
        return PortalResponse(200, text.encode(), "application/xml")

    def _feed(self) -> PortalResponse:
        rows = "".join(
            f"<item><title>{escape(one.title)}</title><link>{escape(self.address(one.item))}</link>"
            f"<pubDate>{format_datetime(one.published.replace(tzinfo=ZONE))}</pubDate></item>\n"
            for one in self._live()[:20]
        )
        text = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>{escape(pages.TITLE)}</title>'
            f"<link>{self.url}</link><description>Tin mới</description>\n{rows}</channel></rss>\n"
        )
        return PortalResponse(200, text.encode(), "application/rss+xml")
