"""Helpers for tests of redactions: a site with unique words, and a search for them in all files of an archive."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from archiver.store.archive import Store
from archiver.store.frame_store import FrameStore
from archiver.store.open_file import read_only
from archiver.store.real_file import vault_path
from watched import Town

SECRET = (
    "Zxqtitel",
    "Zxqtomtat",
    "zxqnoidung",
    "zxqchuthich",
    "zxqtacgia",
    "zxqthe",
    "zxqtaptin",
    "zxqlienket",
    "zxqhead",
)
"""One word for each field, and one for the headers; no other page has them."""
FIELDS = """captions = { css = "figcaption", take = "all" }
bylines = { css = ".by", take = "all" }
tags = { css = ".tag", take = "all" }
note = ".note"
"""
_PAGE = (
    "<html><head><title>{0}</title></head><body><h1>{0}</h1><span id=d>2022-10-01</span><p id=s>{1}</p>"
    "<div id=b><p>Mở đầu. {2} {n}</p><p>Đoạn sau của bài, như mọi bài.</p><figure><img src=/i.png><figcaption>{3}</figcaption></figure>"
    "<p><a href=/f/{6}.pdf>{6}</a></p><p><a href=/a/2>{7}</a></p></div>"
    "<p class=by>{4}</p><p class=tag>{5}</p><p class=note>{2}-x</p><span id=v>{6} 1{n}</span>"
    "<ul>{more}</ul></body></html>"
)
_MORE = "".join(f"<li class=c{number}>Mục lục chung số {number}</li>" for number in range(120))


def secret_page(day: int, words: tuple[str, ...] = SECRET) -> bytes:
    """Return the page with the words, as of a day."""
    return _PAGE.format(*words, n=day, more=_MORE).encode()


def plain_page(number: int, day: int) -> bytes:
    """Return another page of the same template."""
    words = [f"{name} {number}" for name in ("Tin", "Tóm tắt", "Bài", "Ảnh", "Người viết", "thẻ", "tep", "xem")]
    return _PAGE.format(*words, n=day, more=_MORE).encode()


def watch(town: Town, days: int = 3, pages: int = 5) -> None:
    """Crawl the site for some days; page 1, whose frames others lean on, has the secret words."""
    town.profile(fallback="false", more="")
    text = (town.server.selectors / "town.toml").read_text(encoding="utf-8")
    text = text.replace(
        '[page.readings]\nviews = "#v"', f"{FIELDS}[page.readings]\nviews = {{ css = \"#v\", pattern = '(\\d+)$' }}"
    )
    (town.server.selectors / "town.toml").write_text(text, encoding="utf-8")
    for day in range(1, days + 1):
        town.articles(pages, "")
        for number in range(1, pages + 1):
            body = secret_page(day) if number == 1 else plain_page(number, day)
            headers = {"X-Secret": SECRET[-1]} if number == 1 else {}
            town.server.answers[f"/a/{number}"] = (200, headers, body)
        town.crawl()


def rows(path: Path, query: str) -> list[dict[str, Any]]:
    """Return the rows of a query."""
    with Store.open(path, write=False) as store:
        return list(store.sql(query))


def found(path: Path, words: tuple[str, ...] = SECRET) -> set[str]:
    """Return the words whose bytes are in a file of the archive's folder or in a block of its vault, and where."""
    places = set()
    for file in sorted(path.parent.iterdir()):
        if file.is_file() and not file.is_symlink():
            data = file.read_bytes().lower()
            places |= {f"{word} in {file.name}" for word in words if word.lower().encode() in data}
    with closing(read_only(vault_path(path))) as vault:
        frames = FrameStore(vault)
        for table, read in (("_frame", frames.read), ("_mirror", frames.read_mirror)):
            for (number,) in vault.rows(f"SELECT frame_id FROM {table}"):
                block = read(number).lower()
                places |= {f"{word} in {table} {number}" for word in words if word.lower().encode() in block}
    with closing(sqlite3.connect(path)) as connection:  # also text that is stored in pieces
        tables = [
            row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")
        ]
        for table in tables:
            if table not in ("found", "found_plain"):
                text = repr(connection.execute(f"SELECT * FROM {table}").fetchall()).lower()
                places |= {f"{word} in {table}" for word in words if word.lower() in text}
    return places
