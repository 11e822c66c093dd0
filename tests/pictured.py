"""An archive of pages that a browser opened, with screenshots: edited, of two browsers, hostile, and failed."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from archiver.model.rendition import MadeBy, RequestLogged
from browsed import HOME, MADE_BY, Browsed, Opened, dom_of

WIDTH, HEIGHT = 320, 400
_GREY, _RED = b"\xf0\xf0\xf0", b"\xb0\x10\x10"
Box = tuple[int, int, int, int]

WORDS: Box = (20, 100, 120, 30)
COUNTER: Box = (20, 300, 60, 20)
ACTIVE = (
    "<script>document.title = 'ran'</script><img src=x onerror=\"document.title = 'ran'\">"
    "<my-box><template shadowrootmode=open><b>Trong bóng</b><a href='http://evil.example/'>ra</a></template></my-box>"
)
HTML_AS_PNG = b"<!doctype html><script>alert(1)</script>"


def png_with(*boxes: Box, size: tuple[int, int] = (WIDTH, HEIGHT)) -> bytes:
    """Return a grey picture with red boxes: left, top, width, height."""
    width, height = size
    rows = []
    for y in range(height):
        row = bytearray(_GREY * width)
        for left, top, wide, high in boxes:
            if top <= y < top + high:
                row[left * 3 : (left + wide) * 3] = _RED * wide
        rows.append(b"\0" + bytes(row))
    return _png(size, zlib.compress(b"".join(rows)))


def _png(size: tuple[int, int], data: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    chunks = (struct.pack(">I", len(body)) + kind + body + _crc(kind + body) for kind, body in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _crc(data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(data))


HUGE = _png((100_000, 100_000), zlib.compress(b"\0"))
PATHS = {
    "edited": "/a/1",
    "counted": "/a/2",
    "two browsers": "/a/3",
    "hostile": "/a/4",
    "without": "/a/5",
    "failed": "/a/6",
    "plain": "/a/7",
    "counting": "/a/8",
}
URLS = {name: HOME + path for name, path in PATHS.items()}


def fill(site: Browsed) -> None:
    """Visit each page of `PATHS` twice: two versions, except of the last three.

    At the second visit of `counting` only a counter is another one, so no screenshot was kept.
    """
    log = (
        RequestLogged("http://ads.example/track.js", type="Script", refused="ads"),
        RequestLogged(f"{HOME}/app.js", type="Script", status=200, media_type="text/javascript", from_cache=True),
        RequestLogged(f"{HOME}/<script>alert(1)</script>", "POST", "Fetch", refused="<img src=x onerror=alert(2)>"),
    )
    counting = replace(MADE_BY, counters=(COUNTER,))
    other = replace(
        MADE_BY,
        browser="<script>alert(3)</script>",
        actions=("click .more ×3",),
        language="vi",
        timezone="Asia/Ho_Chi_Minh",
        final_url=f"{HOME}/a/3#cuoi",
    )
    more = (COUNTER, (90, 300, 20, 20))
    _twice(site, "edited", (png_with(COUNTER), png_with(WORDS, *more)), (counting, counting), log)
    _twice(site, "counted", (png_with(COUNTER), png_with((30, 300, 50, 20))), (counting, counting))
    _twice(site, "two browsers", (png_with(), png_with(WORDS)), (MADE_BY, other))
    _twice(site, "hostile", (HTML_AS_PNG, HUGE), (MADE_BY, MADE_BY))
    _twice(site, "without", (b"", b""), (MADE_BY, MADE_BY))
    same = replace(MADE_BY, shows="5" * 32)
    for views, picture in ((1, png_with(COUNTER)), (2, b"")):
        site.visit(Opened(dom_of("Tin", "Bài.", views), picture, made_by=same), path=PATHS["counting"])
    site.failed(PATHS["failed"])
    site.profile("")
    site.visit(None, path=PATHS["plain"], body=b"<h1>Tin</h1><div class=body><p>From the server.</p></div>")


def _twice(
    site: Browsed,
    name: str,
    pictures: tuple[bytes, bytes],
    made_by: Sequence[MadeBy],
    log: tuple[RequestLogged, ...] = (),
) -> None:
    for number, picture in enumerate(pictures, 1):
        dom = dom_of(f"Tin {name}", f"Bài lần {number}.{ACTIVE}", number)
        api = {f"/api{PATHS[name]}.json": f'{{"lan": {number}}}'.encode()}
        site.visit(Opened(dom, picture, api, log=log, made_by=made_by[number - 1]), path=PATHS[name])


def make(folder: Path) -> Path:
    """Make the archive in a folder; return its path."""
    site = Browsed(folder)
    fill(site)
    site.close()
    return site.path
