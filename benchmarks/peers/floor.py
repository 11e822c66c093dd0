"""The floor of the crawl benchmark: the least that a crawler in Python does, in one file.

    python floor.py BASE DATABASE LANGUAGE…

It fetches with httpx2, parses with selectolax, reads eight fields by CSS, computes a SHA-256, and stores the compressed
page with its fields in SQLite, fifty pages a commit. It obeys no robots.txt, keeps no headers and no history.
"""

import asyncio
import hashlib
import sqlite3
import sys
import time
import zlib
from urllib.parse import urljoin

import httpx2
from selectolax.lexbor import LexborHTMLParser, LexborNode

BATCH, CONNECTIONS = 50, 4
SINGLE = (".titlepage h1.title, .titlepage h2.title", "div.section, div.chapter, div.preface, div.appendix, div.book",
          ".titlepage p.edition", "title")  # fmt: skip
LISTS = (".figure > .title", ".authorgroup h3.author")


def text(node: LexborNode | None) -> str | None:
    return None if node is None else " ".join(node.text(separator=" ").split())


class Floor:
    """Fetches all pages of some languages."""

    def __init__(self, base: str, database: str, languages: list[str]) -> None:
        self.scopes = tuple(f"{base}{language}/" for language in languages)
        self.todo = [f"{scope}index.html" for scope in self.scopes]
        self.seen = set(self.todo)
        self.rows: list[tuple[object, ...]] = []
        self.busy = 0
        self.database = sqlite3.connect(database, isolation_level=None)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.execute("CREATE TABLE page(url, at, status, sha256, html, f1, f2, f3, f4, f5, f6, f7, f8)")

    async def run(self) -> None:
        headers = {"User-Agent": "floor/1", "Accept": "text/html", "Accept-Encoding": "identity"}
        limits = httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        async with httpx2.AsyncClient(headers=headers, trust_env=False, limits=limits, timeout=30) as client:
            await asyncio.gather(*(self.work(client) for _ in range(CONNECTIONS)))
        self.write()

    async def work(self, client: httpx2.AsyncClient) -> None:
        while self.todo or self.busy:
            if not self.todo:
                await asyncio.sleep(0.002)
                continue
            url = self.todo.pop(0)
            self.busy += 1
            response = await client.get(url)
            self.take(url, response.status_code, response.content)
            self.busy -= 1

    def take(self, url: str, status: int, body: bytes) -> None:
        page = LexborHTMLParser(body)
        up, package = page.css_first("link[rel=up]"), page.css_first('meta[name="package"]')
        fields = [text(page.css_first(css)) for css in SINGLE]
        fields += ["\n".join(filter(None, map(text, page.css(css)))) for css in LISTS]
        fields += [up and up.attributes.get("title"), package and package.attributes.get("content")]
        now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        self.rows.append((url, now, status, hashlib.sha256(body).digest(), zlib.compress(body, 6), *fields))
        if len(self.rows) >= BATCH:
            self.write()
        for link in {urljoin(url, node.attributes.get("href") or "").split("#")[0] for node in page.css("a[href]")}:
            if link.startswith(self.scopes) and link.endswith(".html") and link not in self.seen:
                self.seen.add(link)
                self.todo.append(link)

    def write(self) -> None:
        self.database.execute("BEGIN")
        self.database.executemany(f"INSERT INTO page VALUES ({', '.join('?' * 13)})", self.rows)
        self.database.execute("COMMIT")
        self.rows.clear()


if __name__ == "__main__":
    asyncio.run(Floor(sys.argv[1], sys.argv[2], sys.argv[3:]).run())
