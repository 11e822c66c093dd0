"""What we export, held against what the web-archiving world reads it with: validators and a replay machine, for real.

A portal of a few pages is watched for eight days (an article that is edited and one that stands, a validator that is
honest, a redirect, a PDF, addresses and words in Vietnamese, a page that goes), exported as WARC and as WACZ, then

- checked by `warcio check`, `fastwarc check`, `wacz validate` and our own `check-warc`;
- replayed by pywb, from the WARC files and from the package: every capture gives the bytes the archive holds, a revisit and
  a 304 those of what they refer to;
- replayed by ReplayWeb.page in Chromium, from the package: the same, and the signature verifies;
- asked for its TimeMaps, which must tell the same captures as ours;
- imported into an empty archive, which must hold the same captures, versions and changes.

The demo portal is crawled with requisites, and its pages are looked at in pywb and in ReplayWeb.page (`shown`); as a single-page
application it is crawled with a browser, and its articles are looked at in ReplayWeb.page (`single_page`).

Nothing is rewritten before others read it: a test that rewrites our files hides their faults.

Run by `make replay`: replay.py --tools VENV, where VENV has warcio, fastwarc, wacz and pywb. ReplayWeb.page comes from npm
into VENV/viewer; screenshots are in VENV/screenshots. Chromium and npm are packages of the system: apt-get install chromium npm.
"""

import argparse
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from browser import browser_path
from captures import Expected, expected_of
from machine import Failed, Machine, check, run
from shown import shown
from single_page import single_page
from viewer import Viewer, fetched_viewer, is_verified, same_bytes

from archiver.app.archive import Archive
from archiver.model.clock import SettableClock
from archiver.model.policy import Retries
from archiver.settings import Settings

DAYS = 8
START = datetime(2024, 3, 1, 2, 0, tzinfo=UTC)
WORDS = "Ủy ban nhân dân quận tổ chức hội nghị tổng kết phong trào thi đua yêu nước năm học. "
VIETNAMESE = "/tin/" + quote("bài-viết-số-một.html")
PDF = "/tai-lieu/" + quote("Biểu mẫu.pdf")
LINKS = ("/tin/song.html", "/tin/dung.html", "/tin/co-nhan.html", "/tin/cu.html", "/tin/mat.html", VIETNAMESE, PDF)
PROFILE = """
[site]
name = "replay"
home = "{home}"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"

[crawl]
delay = 0.0
sitemaps = []
feeds = []
files = ["pdf"]

[[page]]
kind = "listing"
url = '/$'

[[page]]
kind = "article"
url = '/tin/'

[page.fields]
title = "h1"
body = "div.noidung"

[page.readings]
views = {{ css = ".luot", pattern = '([0-9]+)' }}
"""


class Portal(BaseHTTPRequestHandler):
    """The portal. `day` moves its life on; `hits` is its counter."""

    day = 0
    hits = 0

    def do_GET(self) -> None:
        """A page, by its path and the day."""
        type(self).hits += 1
        path = unquote(urlsplit(self.path).path)
        if path == "/robots.txt":
            self.send(200, b"User-agent: *\n", "text/plain")
        elif path == "/":
            links = "".join(f'<li><a href="{link}">{unquote(link)}</a></li>' for link in LINKS)
            self.send(200, f"<html><body><ul>{links}</ul></body></html>".encode())
        elif path == "/tin/cu.html":
            self.send(301, b"", Location="/tin/dung.html")
        elif path == "/tin/mat.html" and self.day >= 3:
            self.send(404, b"<h1>Not found</h1>")
        elif path.endswith(".pdf"):
            self.send(200, b"%PDF-1.4\n" + bytes(range(256)) * 40, "application/pdf")
        elif path == "/tin/co-nhan.html":
            same = self.headers.get("If-None-Match") == '"mot"'
            self.send(304 if same else 200, b"" if same else self.article("Có nhãn", ""), ETag='"mot"')
        elif path.startswith("/tin/"):
            counter = f'<p class="luot">{self.hits}</p>' if path == "/tin/song.html" else ""
            self.send(200, self.article(path + " v2" * (path == "/tin/song.html" and self.day >= 4), counter))
        else:
            self.send(404, b"<h1>Not found</h1>")

    @staticmethod
    def article(title: str, more: str) -> bytes:
        text = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{more}<div class='noidung'><p>{WORDS * 8}</p></div>"
        return (text + "</body></html>").encode()

    def send(self, status: int, body: bytes, media_type: str = "text/html; charset=utf-8", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": media_type, "Content-Length": str(len(body)), **headers}.items():
            if status != 304 or name == "ETag":
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def watched(work: Path) -> Settings:
    """The portal's archive after its days."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home = f"http://127.0.0.1:{server.server_address[1]}/"
    (work / "replay.toml").write_text(PROFILE.format(home=home), encoding="utf-8")
    clock = SettableClock(START)
    settings = Settings(work / "a.db", (work,), clock, Retries(1, 0.0, 0.0))
    with Archive(settings) as archive:
        for day in range(DAYS):
            Portal.day = day
            archive.crawl("replay", everything=True)
            clock.advance(days=1, seconds=1)
    server.shutdown()
    server.server_close()
    return settings


def validated(tools: Path, warcs: list[Path], package: Path) -> None:
    """The validators of others read the files as they are."""
    run(tools / "warcio", "check", *warcs)
    run(tools / "fastwarc", "check", *warcs)
    check("is valid" in run(tools / "wacz", "validate", "-f", package), "wacz validate does not call it valid")
    print("replay: warcio check, fastwarc check and wacz validate find nothing wrong")


def replayed(machine: Machine, expected: list[Expected]) -> None:
    """Every capture, as the machine shows it, is what the archive holds."""
    shown = Counter[str]()
    for each in expected:
        status, headers, got = machine.get(f"/all/{each.stamp}id_/{each.url}")
        called = f"{each.url} {each.stamp} {each.kind}"
        check(status == each.status, called, "is replayed with status", status, "instead of", each.status)
        at = f"{unquoted(headers['memento-datetime']):%Y%m%d%H%M%S}"
        check(at == each.stamp, called, "is shown at", at)
        check(got == each.body, called, "is replayed as other bytes:", len(got), "instead of", len(each.body))
        shown[each.kind] += 1
    for kind in ("ok", "revisit", "not_modified", "moved", "gone"):
        check(shown[kind], "no capture of this kind was replayed:", kind, shown)
    for path in (PDF, VIETNAMESE):
        check(any(path in each.url for each in expected), "not replayed:", path)
    print("replay: pywb shows", ", ".join(f"{count} {kind}" for kind, count in sorted(shown.items())))


def mapped(machine: Machine, archive: Archive, command: list[str]) -> None:
    """The machine's TimeMaps and ours tell the same captures."""
    count = 0
    for row in archive.sql("SELECT url FROM pages WHERE kind IN ('article', 'file') ORDER BY url"):
        status, _, theirs = machine.get(f"/all/timemap/link/{row['url']}")
        check(status == 200, "no TimeMap of", row["url"])
        ours = run(*command, "export", "timemap", row["url"])
        of_theirs, of_ours = ({unquoted(found) for found in _DATES.findall(text)} for text in (theirs.decode(), ours))
        missing = of_ours ^ of_theirs
        check(not missing, row["url"], "the TimeMaps differ:", sorted(missing)[:5])
        count += len(of_ours)
    print(f"replay: TimeMaps agree on {count} captures")


_DATES = re.compile(r'memento"; datetime="([^"]+)"')


def unquoted(text: str) -> datetime:
    return datetime.strptime(text, "%a, %d %b %Y %H:%M:%S %Z").replace(tzinfo=UTC)


CAPTURES = (
    "SELECT coalesce(t.asked, p.url), visited_at, hex(block_sha256), outcome, location, milliseconds FROM _visit t "
    "JOIN _page p USING (page_id) WHERE block_sha256 IS NOT NULL"
)
HISTORY = (
    CAPTURES,
    "SELECT url, version, seen_from, seen_last, seen_until, title, body FROM versions",
    "SELECT url, field, old, new, not_before, not_after FROM changes",
    "SELECT url, last_seen, gone_by, back_by, misses FROM absences",
)


def came_back(settings: Settings, files: list[Path], work: Path) -> None:
    """An empty archive that takes the files holds the same."""
    for number, each in enumerate(files):
        path = work / f"back{number}.db"
        command = [sys.executable, "-m", "archiver", "--archive", path, "--selectors", work, "import", "warc"]
        run(*command, each)
        with (
            Archive(settings, write=False) as one,
            Archive(Settings(path, (work,), settings.clock), write=False) as other,
        ):
            for query in HISTORY:
                here, there = (sorted(map(repr, archive.store.sql(query))) for archive in (one, other))
                check(here == there and here, each, "does not come back the same:", query)
    print("replay: imported into empty archives, WARC and WACZ give the same captures, versions, changes and absences")


def in_pywb(
    tools: Path, work: Path, settings: Settings, sets: tuple[list[Path], ...], command: list[str]
) -> list[Expected]:
    """Replay the archive from each set of files; return its captures."""
    with Archive(settings, write=False) as archive:
        expected = expected_of(archive)
        for number, files in enumerate(sets):
            machine = Machine(tools, work / f"machine{number}", files)
            try:
                replayed(machine, expected)
                mapped(machine, archive, command)
            finally:
                machine.close()
    return expected


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tools", type=Path, required=True)
    parser.add_argument("--browser", default="", help="A Chromium; default: $ARCHIVER_CHROMIUM, or the one on PATH.")
    options = parser.parse_args()
    tools, browser = options.tools.absolute() / "bin", browser_path(options.browser)
    viewer, screenshots = fetched_viewer(options.tools.absolute() / "viewer"), options.tools.absolute() / "screenshots"
    with tempfile.TemporaryDirectory(prefix="archiver-replay.") as name:
        work = Path(name)
        settings = watched(work)
        command = [sys.executable, "-m", "archiver", "--archive", str(settings.archive), "--selectors", str(work)]
        run(*command, "export", "warc", work / "warcs", "--records")
        run(*command, "export", "wacz", work / "a.wacz", "--text")
        warcs = sorted((work / "warcs").glob("*.warc.gz"))
        run(*command, "check-warc", *warcs)
        run(*command, "check-warc", work / "a.wacz")
        validated(tools, warcs, work / "a.wacz")
        expected = in_pywb(tools, work, settings, (warcs, [work / "a.wacz"]), command)
        with Viewer(viewer, browser, work / "a.wacz", work, screenshots) as opened:
            same_bytes(opened, expected)
            is_verified(opened)
        came_back(settings, [*warcs, work / "a.wacz"], work)
        shown(tools, work / "shown", browser, viewer, screenshots)
        single_page(tools, work / "single", viewer, browser, screenshots)
    print("replay: all holds", timedelta(seconds=round(time.process_time())))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failed:
        print(f"replay: FAILED: {failed}", file=sys.stderr)
        sys.exit(1)
