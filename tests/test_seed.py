"""The first page that the project archived: served like its portal did, and captured three times.

Runs when the seed's text lies beside the checkout (`$ARCHIVER_SEED` or ../shared/seed); its words are read at test
time and never copied here. The markup around them is ours.
"""

import json
import os
import re
import sqlite3
import threading
from collections.abc import Iterator
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from archiver.cli import run

FOLDER = Path(os.environ.get("ARCHIVER_SEED", Path(__file__).parent.parent.parent / "shared" / "seed"))
SEEDS = sorted(FOLDER.glob("*.txt")) if FOLDER.is_dir() else []

pytestmark = pytest.mark.skipif(not SEEDS, reason="the founding page's text is not beside this checkout")


class SeedPortal:
    """Serve the page's text in the portal's markup, with counters that change."""

    def __init__(self, text: str) -> None:
        lines = [line.strip(" \xa0") for line in text.splitlines()]
        self.counter_label = lines[0]
        digits = [line for line in lines[:12] if re.fullmatch(r"\d", line)]
        self.visitors = int("".join(digits))
        start = next(n for n, line in enumerate(lines) if re.search(r"\d{4} \d{1,2}:\d{2}:\d{2} (SA|CH)$", line))
        found = re.match(r"(.+?) (\d{1,2} Tháng .+)$", lines[start])
        assert found is not None
        self.section, self.date = found[1], found[2]
        end = next(n for n, line in enumerate(lines) if re.search(r": \d+$", line) and n > start)
        views = re.match(r"(.+: )(\d+)$", lines[end])
        assert views is not None
        self.views_label, self.views = views[1], int(views[2])
        content = [line for line in lines[start + 1 : end] if line]
        self.title, self.paragraphs = content[0], content[1:]
        self.menus = [line for line in lines[end + 1 :] if line]
        self.swap = ("", "")

    def page(self) -> bytes:
        digits = "\n".join(f"<span>{digit}</span>" for digit in f"{self.visitors:08d}")
        body = "\n".join(f"<p>{escape(text)}</p><p>&nbsp;</p>" for text in self.paragraphs)
        side = "\n".join(f"<li><a href='/x{n}.aspx'>{escape(text)}</a></li>" for n, text in enumerate(self.menus))
        html = f"""<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>Trang chủ</title></head><body>
        <form action="post.aspx" method="post"><input type="hidden" name="__VIEWSTATE" value="{os.urandom(600).hex()}">
        <div class="visitors"><b>{escape(self.counter_label)}</b>{digits}</div>
        <div id="content"><div class="chuyenmuc-ngay"><span class="chuyenmuc">{escape(self.section)}</span>
        <span class="ngay">{escape(self.date)}</span></div><h3 class="tieude">{escape(self.title)}</h3>
        <div class="noidung">{body}</div><div class="luotxem">{escape(self.views_label)}{self.views}&nbsp;</div></div>
        <div id="sidebar"><ul>{side}</ul></div></form></body></html>"""
        return html.replace(*self.swap).encode() if self.swap[0] else html.encode()


@pytest.fixture
def portal() -> Iterator[tuple[SeedPortal, str]]:
    seed = SeedPortal(SEEDS[0].read_text(encoding="utf-8"))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"" if "robots" in self.path else seed.page()
            self.send_response(404 if "robots" in self.path else 200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield seed, f"http://127.0.0.1:{server.server_address[1]}/tintuc/lists/posts/post.aspx?Source=/tintuc&ItemID=5678"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_first_page_is_read_and_only_real_edits_are_changes(  # noqa: PLR0915  (one story)
    portal: tuple[SeedPortal, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed, url = portal
    archive = tmp_path / "archive.db"

    def capture() -> dict[str, Any]:
        assert run(["--archive", str(archive), "capture", url, "--site", "quan11", "--json"]) == 0
        printed: dict[str, Any] = json.loads(capsys.readouterr().out)
        return printed

    first = capture()
    record = first["record"]
    assert record["section"] == "Hoạt động Đảng - Đoàn thể"
    assert (record["published"], record["published_utc"]) == ("2022-10-21 15:55:00", "2022-10-21 08:55:00")
    assert record["title"] == seed.title
    captions = [re.sub(r"^Ảnh:\s*-?\s*", "", text) for text in seed.paragraphs if text.startswith("Ảnh:")]
    assert len(captions) == 2
    assert record["captions"] == captions
    assert record["bylines"] == ["BTQ"]
    expected = [text for text in seed.paragraphs if not text.startswith("Ảnh:") and text != "BTQ"]
    assert record["body"] == "\n\n".join(" ".join(text.split()) for text in expected)
    assert first["readings"] == {"views": 375, "site_visits": 37412003}
    assert not any(menu in json.dumps(record, ensure_ascii=False) for menu in seed.menus if len(menu) > 12)
    assert (first["version"], first["new_version"]) == (1, True)

    seed.views, seed.visitors = 402, seed.visitors + 1204
    again = capture()
    assert (again["version"], again["new_version"], again["fields_changed"]) == (1, False, [])
    assert again["sha256"] != first["sha256"]
    assert again["readings"] == {"views": 402, "site_visits": 37413207}

    seed.swap = ("nhấn mạnh", "khẳng định")
    edited = capture()
    assert (edited["version"], edited["new_version"], edited["fields_changed"]) == (2, True, ["body"])
    database = sqlite3.connect(archive)
    changes = database.execute("SELECT field, not_before, not_after FROM changes").fetchall()
    readings = database.execute(
        "SELECT name, value, gained FROM readings WHERE name = 'views' ORDER BY visit_id"
    ).fetchall()
    database.close()
    assert changes == [("body", again["visited_at"], edited["visited_at"])]
    assert readings == [("views", 375, None), ("views", 402, 27), ("views", 402, 0)]
