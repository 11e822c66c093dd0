"""The demo portal as a single-page application: each address answers the same shell, and a script makes the page from JSON."""

import json
import re
from hashlib import sha256
from html import escape
from pathlib import Path

from archiver.demo import pages
from archiver.demo.articles import ZONE, Article
from archiver.demo.portal import ARTICLE_PATH, LISTINGS, Portal
from archiver.demo.server import PortalResponse

_SCRIPT = Path(__file__).with_name("app.js")
_SHELL = f"""<!doctype html>
<html lang="vi-VN">
<head>
  <meta charset="utf-8">
  <title>{escape(pages.TITLE)}</title>
  <link rel="alternate" type="application/rss+xml" title="Tin mới" href="/rss.xml">
  <link rel="shortcut icon" href="/PublishingImages/bieu-tuong.png">
  <link rel="stylesheet" href="/Style/portal.css">
</head>
<body>
  <div id="app"></div>
  <script src="/app.js"></script>
</body>
</html>
"""
_ARTICLE_DATA = re.compile(r"/api/articles/([0-9]{1,9})\.json")


class SinglePagePortal(Portal):
    """The portal with the same articles, addresses and days, whose pages only a browser can read.

    An article that is withdrawn is a 404 of its JSON; its address answers the shell, with status 200. A moved article
    redirects as in the plain portal. `restyle` changes nothing.
    """

    def _page(self, path: str, query: dict[str, str], form: bytes | None) -> PortalResponse:
        if path.startswith("/api/"):
            return _as_json(self._data(path, query))
        if path == "/app.js":
            return _static(_SCRIPT.read_bytes(), "text/javascript; charset=utf-8")
        article = self._asked_article(query.get("itemid", "")) if path == ARTICLE_PATH else None
        if path == "/" or (article is not None and article.moved_to is not None):
            return super()._page(path, query, form)
        return _static(_SHELL.encode(), "text/html; charset=utf-8")

    def _data(self, path: str, query: dict[str, str]) -> object:
        """Return the data at an address under /api/; None when there is none."""
        if path == "/api/site.json":
            return self._site()
        if path == "/api/articles.json":
            return self._listing_data(query.get("list", ""), self._asked_page(query, None))
        found = _ARTICLE_DATA.fullmatch(path)
        return self._article_data(found[1]) if found else None

    def _site(self) -> dict[str, object]:
        """Return what is around each page, with the count of visitors, which goes up by this request."""
        frame = self._frame()
        return {
            "title": pages.TITLE,
            "menu": pages.MENU,
            "visitors": frame.visitors,
            "newer": [_link(one, "sidebar") for one in frame.newer],
            "older": [_link(one, "sidebar") for one in frame.older],
        }

    def _listing_data(self, path: str, number: int) -> dict[str, object] | None:
        parts = self._listed(path) if path in LISTINGS else []
        if number > len(parts):
            return None
        items = [_link(one, "listing") for one in parts[number - 1]]
        return {"name": LISTINGS[path], "page": number, "pages": len(parts), "items": items}

    def _article_data(self, number: str) -> dict[str, object] | None:
        """Return an article, and count that it was read."""
        article = self._asked_article(number)
        if article is None or article.state != "live" or article.moved_to is not None:
            return None
        article.views += 1
        return {
            **_link(article, "plain"),
            "section": article.section,
            "summary": article.summary,
            "body": pages.article_body(article),
            "views": article.views,
        }


def _link(article: Article, spelling: str) -> dict[str, str | int]:
    published = article.published.replace(tzinfo=ZONE).isoformat()
    return {
        "id": article.item,
        "url": pages.spellings(article)[spelling],
        "title": article.title,
        "published": published,
    }


def _as_json(data: object) -> PortalResponse:
    body = json.dumps(data or {"error": "not found"}, ensure_ascii=False).encode()
    headers = {"Cache-Control": "no-store"}
    return PortalResponse(200 if data else 404, body, "application/json; charset=utf-8", headers)


def _static(body: bytes, media_type: str) -> PortalResponse:
    headers = {"ETag": f'"{sha256(body).hexdigest()[:16]}"', "Cache-Control": "max-age=600"}
    return PortalResponse(200, body, media_type, headers)
