"""Sites without a profile: crawled by address, host or name, and captured from stdin, with limits for one command."""

import io
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from archiver.app import profiles
from archiver.app.profiles import generic_profile
from archiver.model.profile import Profile
from hostile.faults_host import certified
from scripted import Scripted
from shell import Commands


class Line(Commands):
    """The command line on one archive, with a site on loopback."""

    def __init__(self, site: Scripted, folder: Path, capsys: pytest.CaptureFixture[Any]) -> None:
        self.site = site
        self.name = site.url.removeprefix("http://").replace(":", "-")
        self.host = site.url.removeprefix("http://")
        super().__init__(folder / "other.db", site.selectors, capsys)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the archive."""
        with closing(sqlite3.connect(self.archive)) as database:
            return database.execute(query).fetchall()

    def asked(self) -> list[str]:
        """Return the pages that were asked for since the last call."""
        asked = [path for path in self.site.asked if path.rpartition(".")[2] not in ("txt", "xml")]
        self.site.asked.clear()
        return [path for path in asked if "-not-there" not in path]


@pytest.fixture
def line(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    def without_delay(url: str, suffix: str = "") -> Profile:
        profile = generic_profile(url, suffix)
        return replace(profile, crawl=replace(profile.crawl, delay=0.0))

    monkeypatch.setattr(profiles, "generic_profile", without_delay)
    site = Scripted(tmp_path / "archive.db")
    yield Line(site, tmp_path, capsys)
    site.close()


@pytest.fixture
def secure() -> Iterator[str]:
    """A server whose certificate nobody signed."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<title>Safe</title><h1>Safe</h1><p>A page behind a certificate of its own, with a sentence.</p>"
            self.send_response(404 if self.path == "/robots.txt" else 200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = certified(is_expired=False).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_an_address_is_crawled_by_generic_rules_in_its_folder(line: Line) -> None:
    line.site.page("/docs/", "Docs", extra="<a href=a>a</a> <a href=/blog/>blog</a>")
    line.site.page("/docs/a", "A")
    line.site.page("/blog/", "Blog")
    summary = line.json("crawl", f"{line.site.url}/docs/")[-1]
    assert (summary["site"], summary["ended"]) == (line.name, "done")
    assert f"generic rules crawl {line.site.url}/docs/ (at most 20 links deep" in line.err
    assert line.asked() == ["/docs/", "/docs/a"]
    line("crawl", f"{line.host}/blog/")
    assert line.asked() == ["/blog/"]
    assert line.json("plan", line.name)[-1]["known"] == 3


def test_depth_and_limit_end_a_crawl_by_address(line: Line) -> None:
    line.site.page("/", "Home", extra="<a href=/1>1</a>")
    line.site.page("/1", "One", extra="<a href=/2>2</a>")
    line.site.page("/2", "Two")
    line("crawl", f"{line.site.url}/", "--depth", "1")
    assert line.asked() == ["/", "/1"]
    line("crawl", line.name, "--all", "--limit", "1")
    assert line.asked() == ["/"]


def test_a_crawl_by_address_fetches_what_shows_its_pages(line: Line) -> None:
    line.site.page("/", "Home", extra="<link rel=stylesheet href=/a.css><img src=/a.png>")
    line.site.answers["/a.css"] = (200, {"Content-Type": "text/css"}, b"i{background:url(b.png)}")
    for path in ("/a.png", "/b.png"):
        line.site.answers[path] = (200, {"Content-Type": "image/png"}, b"\x89PNG\r\n\x1a\n")
    summary = line.json("crawl", f"{line.site.url}/")[-1]
    assert summary["requisites"]["fetched"] == 3
    assert summary["new_pages"] == 1
    line.asked()
    line("capture", f"{line.site.url}/")
    assert line.asked() == ["/"]


def test_a_captured_host_is_crawled_and_scheduled_by_its_name(line: Line) -> None:
    line.site.page("/", "Home", extra="<a href=/a>a</a>")
    line.site.page("/a", "A")
    line("capture", f"{line.site.url}/a")
    line.site.asked.clear()
    line("crawl", line.name)
    assert line.asked() == ["/", "/a"]
    assert f" crawl {line.name} " in line("schedule", line.name, "--every", "6h", "--cron")
    assert f" crawl {line.site.url}/new/ " in line("schedule", f"{line.site.url}/new/", "--every", "6h", "--cron")


def test_an_address_in_the_scope_of_a_profile_is_crawled_by_it(line: Line) -> None:
    line.site.page("/", "Home", extra="<a href=/a>a</a>")
    line.site.page("/a", "A")
    (line.site.selectors / "t.toml").write_text(line.site.profile().text, encoding="utf-8")
    assert line.json("crawl", f"{line.site.url}/a")[-1]["site"] == "t"
    assert f"t: its profile has {line.site.url}/a in its scope" in line.err
    assert line.asked() == ["/", "/a"]
    assert " crawl t " in line("schedule", f"{line.site.url}/a", "--every", "6h", "--cron")


def test_an_unknown_name_is_no_site(line: Line) -> None:
    line("crawl", "nope", code=3)
    assert "nope: no profile of this name" in line.err
    line("schedule", "nope", "--every", "6h", "--cron", code=3)


def test_addresses_are_read_from_stdin(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    line.site.page("/a", "A")
    line.site.page("/b", "B")
    text = f"\ufeff# a list\r\n\r\n{line.site.url}/a\r\nnot an address\r\n  {line.host}/b  \n{line.site.url}/none"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    states = line.json("capture", "-", code=1)
    assert [(state["outcome"], (state["record"] or {}).get("title")) for state in states] == [
        ("ok", "A"),
        ("ok", "B"),
        ("gone", None),
    ]
    assert "stdin:4: not a web address: 'not an address'" in line.err
    assert f"stdin:6: {line.site.url}/none: gone" in line.err
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\n# nothing\n")))
    assert line("capture", "-", code=2) == ""


def test_a_large_body_needs_max_bytes(line: Line) -> None:
    line.site.page("/", "Large", "x" * 3000)
    line("capture", f"{line.site.url}/", "--max-bytes", "2kB", code=1)
    assert f"{line.site.url}/: `--max-bytes 100MB` keeps larger bodies" in line.err
    assert "Large" in line("capture", f"{line.site.url}/", "--max-bytes", "2MiB")
    line("capture", f"{line.site.url}/", "--max-bytes", "many", code=2)


def test_an_address_without_a_scheme_is_https_when_the_server_has_it(line: Line, secure: str) -> None:
    line.site.page("/a", "A")
    assert line.json("capture", f"{line.host}/a")[0]["url"] == f"{line.site.url}/a"
    assert f"{line.host}/a has no scheme; {line.site.url}/a is asked" in line.err
    (state,) = line.json("capture", f"{secure}/", code=1)
    assert (state["url"], state["outcome"]) == (f"https://{secure}/", "tls_error")
    assert f"https://{secure}/: `--insecure` accepts its certificate" in line.err


def test_an_insecure_capture_is_recorded(line: Line, secure: str) -> None:
    (state,) = line.json("capture", f"https://{secure}/", "--insecure")
    assert state["record"]["title"] == "Safe"
    assert state["note"].startswith("certificate not trusted; the page was read anyway")


def test_an_empty_stdin_is_an_error(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    for given in (b"", b"\n# no address\n\n"):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
        line("capture", "-", code=2)
        assert "no addresses on stdin" in line.err


def test_a_crawl_names_the_option_for_a_certificate_and_visits_at_once_with_it(line: Line, secure: str) -> None:
    line("crawl", f"https://{secure}/", code=1)
    assert line.err.count("`--insecure` accepts its certificate") == 1
    assert "nothing is due" in (line("crawl", f"https://{secure}/") and line.err)
    summary = line.json("crawl", f"https://{secure}/", "--insecure")[-1]
    assert summary["visits"]
    assert (summary["new_pages"], summary["errors"]) == (1, 0)


def test_site_new_names_the_option_for_a_certificate_and_writes_it(line: Line, secure: str, tmp_path: Path) -> None:
    line("site", "new", f"https://{secure}/a", "-o", "-", code=2)
    assert "`--insecure` accepts its certificate" in line.err
    assert "typical page" not in line.err
    assert '[crawl]\ntls = "record"\n' in line("site", "new", f"https://{secure}/a", "--insecure", "-o", "-")


def test_the_reason_of_a_failed_visit_is_printed(line: Line) -> None:
    line.site.page(
        "/", "Home", extra="<a href=/blank>b</a><a href=/empty>e</a><a href=/wall>w</a><a href=/d/1.pdf>f</a>"
    )
    line.site.answers["/blank"] = (200, {}, b" \n")
    line.site.answers["/empty"] = (200, {}, b"")
    line.site.answers["/wall"] = (403, {}, b"no")
    line.site.answers["/d/1.pdf"] = (200, {"Content-Type": "application/pdf"}, b"Loi he thong")
    line("crawl", f"{line.site.url}/", "--depth", "1", code=1)
    assert "(at most 1 link deep" in line.err
    printed = {
        row.split("\t")[2].removeprefix(line.site.url): row.split("\t")[3]
        for row in line.err.splitlines()
        if row.count("\t") == 3
    }
    notes = {url.removeprefix(line.site.url): note for url, note in line.rows("SELECT url, note FROM visits")}
    assert {"/blank", "/d/1.pdf"} <= printed.keys()
    assert printed == {url: notes[url] or "" for url in printed}
    assert printed["/blank"]
    assert "/empty" not in printed  # a whole answer, of nothing
    assert notes["/empty"] == "the body is empty"
    assert printed["/d/1.pdf"]
