"""`import warc` and `import wacz`: an exported archive is imported unchanged; files of other programs are imported."""

import gzip
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from archiver.app.archive import Archive
from archiver.demo.portal import Portal
from archiver.model.clock import SettableClock
from archiver.model.policy import Retries
from archiver.settings import Settings, bundled_profiles
from made import START
from shell import Shell
from warcs import DATE, PAGE, URL, http, name, packed, record, response, revisit

HISTORY = {
    "captures": "asked, visited_at, hex(block_sha256), sent, location, outcome, note, method, hex(head), address, "
    "milliseconds, code, reason FROM (SELECT coalesce(t.asked, p.url) AS asked, t.*, r.*, w.code, w.reason FROM _visit t "
    "JOIN _page p USING (page_id) JOIN _request r USING (request_id) LEFT JOIN _reason w USING (reason_id)) WHERE block_sha256 IS NOT NULL",
    "versions": "url, version, seen_from, seen_last, seen_until, content_id > 0, title, published, body, captions, bylines, "
    "extra FROM versions",
    "changes": "url, field, old, new, not_before, not_after, chars_added, chars_removed FROM changes",
    "readings": "url, name, read_at, value, gained FROM readings",
    "absences": "url, last_seen, gone_by, back_by, misses, evidence FROM absences",
    "pages": "url, kind, state, first_seen, last_visited, views FROM pages",
    "links": "from_url, to_url, text, seen_from, seen_last FROM links",
}


_WARCIO = """
import io, sys
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

form, url = sys.argv[1:]
page = sys.stdin.buffer.read()
heads = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
asked = StatusAndHeaders("GET /tin/1 HTTP/1.0", [("Host", "portal.example")], is_http_request=True)
with open(form, "wb") as file:
    writer = WARCWriter(file, gzip=form.endswith(".gz"))
    for number in range(3):
        answer = writer.create_warc_record(f"{url}{number}", "response", io.BytesIO(page), http_headers=heads)
        request = writer.create_warc_record(f"{url}{number}", "request", http_headers=asked)
        writer.write_request_response_pair(request, answer)
    said = answer.rec_headers.get_header
    args = (f"{url}9", said("WARC-Payload-Digest"), f"{url}2", said("WARC-Date"), heads)
    writer.write_record(writer.create_revisit_record(*args))
"""


def _rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return database.execute(f"SELECT {query}").fetchall()


def _same_history(one: Path, other: Path) -> None:
    for what, query in HISTORY.items():
        here, there = (sorted(_rows(path, query), key=repr) for path in (one, other))
        assert here == there, what
        assert here, what


@pytest.fixture(scope="module")
def five_days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portal crawled for five days: an edit, an absence and a return, forms, files, a day of compressed responses."""
    folder = tmp_path_factory.mktemp("five")
    with Portal(articles=10) as portal:
        text = (bundled_profiles() / "demo.toml").read_text(encoding="utf-8")
        (folder / "demo.toml").write_text(text.replace("http://127.0.0.1:8911/", portal.url), encoding="utf-8")
        clock = SettableClock(START)
        with Archive(Settings(folder / "archive.db", (folder,), clock, Retries(1, 0.0, 0.0))) as archive:
            for day in range(5):
                portal.gzip = day == 2
                archive.crawl("demo", everything=True)
                if day == 0:
                    portal.edit_sentence(portal.items[0])
                    portal.withdraw(portal.items[1])
                if day == 2:
                    portal.restore(portal.items[1])
                clock.advance(days=1)
                portal.age(days=1)
    return folder


def _elsewhere(shell: Shell, called: str = "other.db") -> Path:
    """Give the shell another archive; return the previous one."""
    before = shell.archive
    shell.archive = before.with_name(called)
    return before


@pytest.fixture
def alive(shell: Shell, five_days: Path) -> Shell:
    """A shell on a copy of that archive."""
    for file in ("archive.db", "archive.vault.db"):
        shutil.copy(five_days / file, shell.archive.parent)
    shutil.copy(five_days / "demo.toml", shell.selectors)
    return shell


class TestRoundTrip:
    def test_exported_captures_are_imported_unchanged(self, alive: Shell, tmp_path: Path) -> None:
        alive("export", "warc", str(tmp_path / "w"), "--size", "200kB")
        files = sorted(map(str, (tmp_path / "w").glob("*.warc.gz")))
        assert len(files) > 2
        before = _elsewhere(alive)
        (result,) = alive.json("import", "warc", *reversed(files))
        assert (result["lost"], result["unresolved"], result["flaws"]) == (0, 0, [])
        _same_history(before, alive.archive)
        assert "whole" in alive("verify", "--deep")
        captures = "count(*) FROM visits WHERE bytes IS NOT NULL"
        assert [(result["captures"],)] == _rows(before, captures) == _rows(alive.archive, "count(*) FROM imported")
        (again,) = alive.json("import", "warc", *files)
        assert (again["captures"], again["known"]) == (0, result["captures"])
        _same_history(before, alive.archive)

    def test_a_package_is_imported_unchanged_and_is_known_to_its_own_archive(
        self, alive: Shell, tmp_path: Path
    ) -> None:
        dest = tmp_path / "a.wacz"
        alive("export", "wacz", str(dest))
        (here,) = alive.json("import", "wacz", str(dest))
        assert here["captures"] == 0
        before = _elsewhere(alive)
        alive("import", "wacz", str(dest))
        _same_history(before, alive.archive)
        assert all(row[0].startswith(f"{dest}/archive/") for row in _rows(alive.archive, "file FROM imported"))

    def test_importing_the_newer_half_first_gives_the_same_history(self, alive: Shell, tmp_path: Path) -> None:
        alive("export", "warc", str(tmp_path / "new"), "--since", "2022-10-23")
        alive("export", "warc", str(tmp_path / "old"), "--until", "2022-10-22")
        before = _elsewhere(alive)
        for half in ("new", "old"):
            alive("import", "warc", *map(str, (tmp_path / half).glob("*.warc.gz")))
        for what in ("captures", "versions", "changes", "readings", "absences"):
            query = HISTORY[what]
            assert sorted(_rows(before, query), key=repr) == sorted(_rows(alive.archive, query), key=repr), what

    def test_a_killed_import_that_is_run_again_gives_the_same_history(self, alive: Shell, tmp_path: Path) -> None:
        alive("export", "warc", str(tmp_path / "w"))
        (file,) = map(str, (tmp_path / "w").glob("*.warc.gz"))
        before = _elsewhere(alive)
        command = [
            sys.executable,
            "-m",
            "archiver",
            "--archive",
            str(alive.archive),
            "--selectors",
            str(alive.selectors),
        ]
        hit = 0
        for delay in (0.0, 0.05, 0.15):
            process = subprocess.Popen([*command, "-q", "import", "warc", file], stdout=subprocess.DEVNULL)
            while not alive.archive.exists() and process.poll() is None:
                time.sleep(0.01)
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            hit += process.wait() < 0
        assert hit
        alive("import", "warc", file)
        _same_history(before, alive.archive)
        assert "whole" in alive("verify", "--deep")

    def test_an_interrupted_import_keeps_what_it_imported(self, alive: Shell, tmp_path: Path) -> None:
        alive("export", "warc", str(tmp_path / "w"))
        (file,) = map(str, (tmp_path / "w").glob("*.warc.gz"))
        before = _elsewhere(alive)
        command = [
            sys.executable,
            "-m",
            "archiver",
            "--archive",
            str(alive.archive),
            "--selectors",
            str(alive.selectors),
        ]
        process = subprocess.Popen([*command, "import", "warc", file], stderr=subprocess.PIPE, text=True)
        while not alive.archive.exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, result = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "run the same command again" in result
        alive("import", "warc", file)
        _same_history(before, alive.archive)


class TestOthersFiles:
    def _import(
        self, shell: Shell, folder: Path, *parts: bytes, code: int = 0, called: str = "a.warc.gz"
    ) -> dict[str, Any]:
        path = folder / called
        path.write_bytes(b"".join(parts) if called.endswith(".warc") else packed(*parts))
        (result,) = shell.json("import", "warc", str(path), code=code)
        return result

    def test_a_site_without_a_profile_is_read_generically(self, shell: Shell, tmp_path: Path) -> None:
        robots = record("response", http(b"User-agent: *\n"), "http://portal.example/robots.txt")
        info = record("warcinfo", b"software: spider/1.0\r\n", None)
        result = self._import(shell, tmp_path, info, robots, response())
        assert (result["captures"], result["sites"]) == (2, {"portal.example": 2})
        (state,) = shell.json("show", URL)
        assert state["visited_at"] == "2022-10-22 03:00:00"
        assert state["record"]["title"] == "Tin"
        (row,) = _rows(
            shell.archive, "file, place > 0, record_id, software, url FROM imported WHERE url NOT LIKE '%robots%'"
        )
        assert row == (str(tmp_path / "a.warc.gz"), 1, name(("response", URL, DATE, http()))[1:-1], "spider/1.0", URL)
        assert _rows(shell.archive, "kind, ended FROM runs") == [("import", "done")]
        assert _rows(shell.archive, "kind FROM _page WHERE url LIKE '%robots.txt'") == [("robots",)]

    @pytest.mark.parametrize("form", ["w.warc.gz", "w.warc"])
    def test_files_of_warcio_are_imported(self, shell: Shell, tmp_path: Path, form: str) -> None:
        script = tmp_path / "write.py"
        script.write_text(_WARCIO, encoding="utf-8")
        subprocess.run([sys.executable, str(script), form, URL], cwd=tmp_path, input=PAGE, check=True)
        (result,) = shell.json("import", "warc", str(tmp_path / form))
        assert (result["captures"], result["flaws"]) == (4, [])
        assert len(set(_rows(shell.archive, "sha256 FROM visits"))) == 1

    @pytest.mark.skipif(not shutil.which("wget"), reason="wget is not here")
    def test_files_of_wget_are_imported(self, shell: Shell, tmp_path: Path) -> None:
        start = f"{shell.portal.url}tintuc/default.aspx"
        words = ["-q", "-r", "-l1", "-e", "robots=off", "--warc-file=site", "--warc-cdx", "--delete-after", start]
        subprocess.run([str(shutil.which("wget")), *words], cwd=tmp_path, check=False, timeout=60)
        (result,) = shell.json("import", "warc", str(tmp_path / "site.warc.gz"))
        assert result["captures"] > 10
        assert (result["flaws"], result["sites"]) == ([], {"demo": result["captures"]})
        assert len(shell.json("search", "quận")) > 0
        assert "no fault" in shell("check-warc", str(tmp_path / "site.warc.gz"))

    def test_a_revisit_finds_its_payload_in_files_and_archive(self, shell: Shell, tmp_path: Path) -> None:
        own = name(("response", URL, DATE, http()))
        bare: dict[str, Any] = {"WARC_Refers_To": None, "WARC_Refers_To_Target_URI": URL, "WARC_Refers_To_Date": DATE}
        by_address = revisit(own, date="2022-10-24T03:00:00Z", **bare)
        by_digest = revisit(own, date="2022-10-25T03:00:00Z", WARC_Refers_To=None)
        without_head = record(
            "revisit", b"", date="2022-10-26T03:00:00Z", WARC_Refers_To=own, Content_Type=None,
            WARC_Profile="http://netpreserve.org/warc/1.0/revisit/identical-payload-digest",
        )  # fmt: skip
        result = self._import(shell, tmp_path, revisit(own), by_address, response(), by_digest, without_head)
        assert (result["captures"], result["unresolved"], result["flaws"]) == (5, 0, [])
        assert len(set(_rows(shell.archive, "sha256, status FROM visits"))) == 1
        assert _rows(shell.archive, "version, seen_from, seen_last FROM versions") == [
            (1, "2022-10-22 03:00:00", "2022-10-26 03:00:00")
        ]
        assert _rows(shell.archive, "count(*) FROM visits WHERE note LIKE '%keeps no headers%'") == [(1,)]

    def test_a_revisit_without_its_payload_is_reported_and_imported_when_the_payload_is_there(
        self, shell: Shell, tmp_path: Path
    ) -> None:
        own = name(("response", URL, DATE, http()))
        wrong = revisit(own, b"another body", date="2022-10-27T03:00:00Z")
        result = self._import(shell, tmp_path, revisit(own), code=1)
        assert (result["captures"], result["unresolved"], result["lost"]) == (0, 1, 1)
        assert own[1:-1] in result["flaws"][0]["what"]
        self._import(shell, tmp_path, response(), called="b.warc.gz")
        result = self._import(shell, tmp_path, revisit(own), wrong, code=1)
        assert (result["captures"], result["unresolved"]) == (1, 1)

    def test_a_304_confirms_the_current_version(self, shell: Shell, tmp_path: Path) -> None:
        unchanged = record(
            "revisit", b"", date="2022-10-24T03:00:00Z", Content_Type=None, WARC_Refers_To_Target_URI=URL,
            WARC_Profile="http://netpreserve.org/warc/1.1/revisit/server-not-modified",
        )  # fmt: skip
        self._import(shell, tmp_path, response(), unchanged)
        assert _rows(shell.archive, "outcome, status FROM visits ORDER BY visited_at") == [
            ("ok", 200),
            ("not_modified", 304),
        ]
        assert _rows(shell.archive, "seen_last FROM versions") == [("2022-10-24 03:00:00",)]

    def test_older_captures_are_inserted_into_the_history(
        self, shell: Shell, clock: SettableClock, tmp_path: Path
    ) -> None:
        bodies = [PAGE.replace(b">Tin<", b">Tin %d<" % number) for number in (1, 2, 2, 3)]
        parts = [
            response(body, date=f"2022-10-{day:02}T03:00:00Z") for day, body in zip((1, 5, 9, 20), bodies, strict=True)
        ]
        self._import(shell, tmp_path, parts[0], parts[3], called="a.warc")
        assert _rows(shell.archive, "old, new, not_before, not_after FROM changes WHERE field = 'title'")[0][2:] == (
            "2022-10-01 03:00:00",
            "2022-10-20 03:00:00",
        )
        self._import(shell, tmp_path, parts[2], parts[1], called="b.warc")
        found = _rows(
            shell.archive, "old, new, not_before, not_after FROM changes WHERE field = 'title' ORDER BY not_after"
        )
        assert [row[2:] for row in found] == [
            ("2022-10-01 03:00:00", "2022-10-05 03:00:00"),
            ("2022-10-09 03:00:00", "2022-10-20 03:00:00"),
        ]

    def test_only_captures_of_one_site(self, shell: Shell, tmp_path: Path) -> None:
        inside = response(url=shell.portal.url + "tintuc/trang.html")
        path = tmp_path / "a.warc.gz"
        path.write_bytes(packed(inside, response()))
        (result,) = shell.json("import", "warc", str(path), "--site", "demo")
        assert (result["captures"], result["outside"]) == (1, 1)
        shell("import", "warc", str(path), "--site", "demmo", code=3)
        assert "demo" in shell.err

    def test_robots_txt_belongs_to_the_site_even_outside_its_scope(self, shell: Shell, tmp_path: Path) -> None:
        path = shell.selectors / "demo.toml"
        scoped = path.read_text(encoding="utf-8").replace(
            "[crawl]", f'[crawl]\nscope = ["{shell.portal.url}tintuc/"]', 1
        )
        path.write_text(scoped, encoding="utf-8")
        rules = record("response", http(b"User-agent: *"), f"{shell.portal.url}robots.txt")
        for only in ((), ("--site", "demo")):
            _elsewhere(shell, f"{len(only)}.db")
            (tmp_path / "a.warc").write_bytes(rules + response(url=f"{shell.portal.url}tintuc/1"))
            (result,) = shell.json("import", "warc", str(tmp_path / "a.warc"), *only)
            assert result["sites"] == {"demo": 2}

    def test_faults_are_reported_with_their_position(self, shell: Shell, tmp_path: Path) -> None:
        path = tmp_path / "a.warc.gz"
        first, second = packed(response()), packed(response(url=f"{URL}/2"))
        path.write_bytes(first + second[:-20])
        out = shell("import", "warc", str(path), code=1)
        assert f"{path}:{len(first)}: the file ends within a gzip member" in shell.err
        assert "2 captures imported" in out
        assert "1 are cut in the file" in shell.err
        shell("import", "warc", str(tmp_path / "none.warc"), code=2)
        shell("import", "warc", code=2)
        shell("import", "warc", str(path), "--max-bytes", "much", code=2)
        big = self._import(shell, tmp_path, response(b"x" * 5000, f"{URL}/big"), called="c.warc.gz")
        assert big["captures"] == 1
        _elsewhere(shell)
        (result,) = shell.json("import", "warc", str(tmp_path / "c.warc.gz"), "--max-bytes", "1kB")
        assert _rows(shell.archive, "outcome, bytes FROM visits") == [("too_big", 0)]
        assert (result["captures"], result["not_kept"]) == (1, {"large": 1})

    def test_bodies_that_are_not_kept_are_counted_by_their_reason(self, shell: Shell, tmp_path: Path) -> None:
        bomb = http(gzip.compress(bytes(2_000_000)), "Content-Encoding: gzip")
        parts = [
            record("response", bomb, f"{URL}/bomb"),
            response(b"x" * 500_000, f"{URL}/large"),
            response(b"", f"{URL}/left", WARC_Truncated="length"),
            response(),
        ]
        path = tmp_path / "a.warc.gz"
        path.write_bytes(packed(*parts))
        shell("import", "warc", str(path), "--max-bytes", "100kB")
        assert (
            "3 bodies were not kept: 1 decompressed to more than the limit, 1 larger than the limit, "
            "1 left out by the crawler that wrote the file"
        ) in shell.err

    def test_like_faults_of_a_file_are_one_line(self, shell: Shell, tmp_path: Path) -> None:
        for called, count in (("a.warc", 5), ("b.warc", 2)):
            parts = [
                response(url=f"{URL}/{each}", date=f"2022-10-{each:02} 03:00:00") for each in range(10, 10 + count)
            ]
            (tmp_path / called).write_bytes(response(url=f"{URL}/{called}") + b"".join(parts))
        shell("import", "warc", str(tmp_path / "a.warc"), str(tmp_path / "b.warc"))
        lines = [line for line in shell.err.splitlines() if "WARC-Date is not written" in line]
        assert [line.rsplit("; ", 1)[1] for line in lines] == [
            f"{more} more of this kind in this file" for more in (4, 1)
        ]
        _elsewhere(shell)
        (result,) = shell.json("import", "warc", str(tmp_path / "a.warc"))
        (flaw,) = result["flaws"]
        assert (flaw["count"], flaw["place"], result["flawed"]) == (5, len(response(url=f"{URL}/a.warc")), 5)

    def test_a_revisit_before_its_original_in_one_member_is_found_again(self, shell: Shell, tmp_path: Path) -> None:
        own = name(("response", f"{URL}/2", DATE, http()))
        data = response(b"<p>other</p>") + revisit(own, url=f"{URL}/2") + response(url=f"{URL}/2")
        (tmp_path / "a.warc.gz").write_bytes(gzip.compress(data))
        (result,) = shell.json("import", "warc", str(tmp_path / "a.warc.gz"))
        assert (result["captures"], result["unresolved"]) == (3, 0)

    def test_the_response_to_a_form_is_a_separate_page(self, shell: Shell, tmp_path: Path) -> None:
        asked = (
            b"POST /tin/1 HTTP/1.1\r\nHost: portal.example\r\n\r\n__EVENTTARGET=pager&__EVENTARGUMENT=%d&__VIEWSTATE=x"
        )
        parts = [response()]
        for page in (2, 3):
            date = f"2022-10-22T03:00:0{page}Z"
            parts += [record("request", asked % page, date=date), response(PAGE + b"%d" % page, date=date)]
        self._import(shell, tmp_path, *parts)
        assert _rows(shell.archive, "count(DISTINCT page_id) FROM visits") == [(3,)]

    def test_a_site_that_is_being_crawled_is_left_out_and_reported(self, shell: Shell, tmp_path: Path) -> None:
        shell("capture", shell.portal.address(shell.portal.items[0]))
        path = tmp_path / "a.warc.gz"
        path.write_bytes(packed(response(), response(url=shell.portal.url)))
        with FileLock(shell.archive.with_name(f".{shell.archive.name}.demo.lock")):
            (result,) = shell.json("import", "warc", str(path), code=1)
        assert (result["captures"], result["lost"]) == (1, 1)
        assert "later" in result["flaws"][0]["what"]


def test_hostile_names_are_harmless(shell: Shell, tmp_path: Path) -> None:
    """Text from a file is printed without control characters and bound as a value in SQL."""
    info = record("warcinfo", b"software: \x1b[31m'; DROP TABLE _visit; --\r\n", None)
    path = tmp_path / "a\x1b[31m.warc.gz"
    path.write_bytes(packed(info, response(url="http://portal.example/\x1b[31m"), response(url="http://\x1b/")))
    shell("import", "warc", str(path), code=1)
    assert "\x1b" not in shell.err
    assert os.path.basename(str(path)) not in shell.err  # noqa: PTH119
    assert _rows(shell.archive, "count(*) FROM visits") == [(1,)]


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_record_with_an_impossible_date_is_skipped(timed: Shell, tmp_path: Path, date: str) -> None:
    url = timed.portal.address(timed.portal.items[0])
    file = tmp_path / "a.warc"
    file.write_bytes(response(url=url, date=date) + response(url=url, date="2022-10-20T03:00:00Z"))
    (summary,) = timed.json("import", "warc", str(file), "--site", "demo", code=1)
    assert (summary["captures"], summary["lost"]) == (1, 1)
    (flaw,) = summary["flaws"]
    assert (flaw["place"], date in flaw["what"]) == (0, True)
    timed("crawl", "demo", "--limit", "3")
    timed("verify", "--deep")
