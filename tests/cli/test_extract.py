"""`extract`: read every capture again. Differences are reinterpretations, not changes; an interruption loses nothing."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archiver.app.crawling import reread_workers as readers
from archiver.app.crawling.reread_workers import RereadWorkers
from archiver.cli import run
from archiver.extract.profile import parse_profile
from archiver.maintain.verify.verify import verify
from archiver.model.profile import Profile
from archiver.model.record import FIELDS
from scripted import Scripted

HISTORY = ("versions", "changes", "readings", "absences", "reinterpretations", "sources", "pages", "bylines", "runs")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    """Twelve articles over five days; one edited, one gone for a day."""
    scripted = Scripted(tmp_path / "archive.db")
    scripted.answers["/robots.txt"] = (200, {}, b"")
    for day in range(5):
        _serve(scripted, day)
        scripted.archive.crawl(_profile(scripted), everything=True)
        scripted.clock.advance(days=1)
    yield scripted
    scripted.close()


def _serve(site: Scripted, day: int) -> None:
    links = "".join(f"<a href=/a/{number}>{number}</a>" for number in range(12))
    site.page("/", "Home", extra=links)
    for number in range(12):
        text = f"<p>Văn bản {number}{' đã sửa' if number == 3 and day > 2 else ''}.</p><p>BTQ</p>"
        body = f"<h1>Bài {number}</h1><div id=b>{text}</div><i>{day * 10 + number}</i>"
        site.answers[f"/a/{number}"] = (200, {}, body.encode())
    if day == 2:
        site.answers["/a/5"] = (410, {}, b"")


PLAIN = '[page.fields]\ntitle = "h1"\nbody = "#b"\n[page.readings]\nviews = "i"\n'
SIGNED = """[page.fields]\ntitle = "h1"\nbody = "#b"\nbylines = { css = "#b p", pattern = '^([A-Z]{3})$', cut = true }
[page.readings]\nviews = "i"\n"""


def _profile(site: Scripted, fields: str = PLAIN) -> Profile:
    text = f"""[site]\nname = "t"\nhome = "{site.url}/"\n[crawl]\ndelay = 0.0\nsitemaps = []\nfeeds = []\n
        [[page]]\nkind = "listing"\nurl = '/$'\n[[page]]\nkind = "article"\n{fields}"""
    (site.selectors / "t.toml").write_text(text, encoding="utf-8")
    return parse_profile(text, "t")


def _state(site: Scripted) -> dict[str, list[tuple[Any, ...]]]:
    return {view: _rows(site, f"SELECT * FROM {view}") for view in HISTORY}


def _rows(site: Scripted, query: str) -> list[tuple[Any, ...]]:
    return sorted(site.rows(query), key=repr)


def _extract(site: Scripted, *options: str) -> int:
    return run(
        ["--archive", str(site.archive.settings.archive), "--selectors", str(site.selectors), "extract", *options]
    )


def _staged(site: Scripted) -> list[Path]:
    return list(site.selectors.parent.glob(".*.reading*"))


def _rows_staged(site: Scripted) -> int:
    """Return the number of results in the staging file."""
    try:
        with closing(sqlite3.connect(next(path for path in _staged(site) if path.name.endswith(".reading")))) as file:
            return int(file.execute("SELECT count(*) FROM reading").fetchone()[0])
    except (StopIteration, sqlite3.Error):
        return 0


def test_a_dry_run_prints_the_differences_and_changes_nothing(
    site: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    before = _state(site)
    _profile(site, SIGNED)
    assert _extract(site, "--dry-run") == 0
    result = capsys.readouterr().out
    assert "t: 65 captures would be read again" in result
    assert "versions 14 → 14, changes 1 → 1" in result
    assert "body\t14 on 12 pages" in result
    assert "bylines\t14 on 12 pages (14 that were empty)" in result
    assert "24 of them in the newest captures; none counts as a change by the site" in result
    assert _state(site) == before


def test_differences_are_reinterpretations_and_changes_of_the_site_stay(
    site: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = _rows(site, "SELECT url, not_before, not_after FROM changes")
    readings = _rows(site, "SELECT url, read_at, value, gained FROM readings")
    absences = _rows(site, "SELECT url, last_seen, gone_by, back_by FROM absences")
    _profile(site, SIGNED)
    _extract(site, "--dry-run", "--json")
    assert _extract(site) == 0
    assert "bylines\t14 on 12 pages" in capsys.readouterr().out
    assert not _staged(site)
    assert _rows(site, "SELECT url, not_before, not_after FROM changes") == changes
    assert _rows(site, "SELECT url, read_at, value, gained FROM readings") == readings
    assert _rows(site, "SELECT url, last_seen, gone_by, back_by FROM absences") == absences
    assert site.rows("SELECT DISTINCT name FROM bylines") == [("BTQ",)]
    assert set(site.rows("SELECT DISTINCT field FROM reinterpretations")) == {("body",), ("bylines",)}
    assert site.rows("SELECT kind, visits, ended FROM runs ORDER BY run_id DESC LIMIT 1") == [("extract", 65, "done")]
    rule = "SELECT rule, rank FROM sources s JOIN versions v USING (version_id) WHERE s.field = 'bylines' LIMIT 1"
    assert site.rows(rule)[0][1] == 1
    assert verify(site.archive.settings.archive, deep=True).whole
    assert _extract(site) == 0
    assert "the current profile and reader have read it already" in capsys.readouterr().out
    summary = site.archive.crawl(_profile(site, SIGNED), everything=True)
    assert (summary.tally.changed, summary.tally.new_versions) == (0, 0)


def test_a_crawl_moves_pages_to_another_profile_one_by_one(site: Scripted, tmp_path: Path) -> None:
    """A crawl reads each page's last capture again before it compares; `extract` reads all captures again."""
    _profile(site, SIGNED)
    copy = tmp_path / "copy"
    copy.mkdir()
    site.archive.store.close()
    for each in tmp_path.glob("archive*.db"):
        (copy / each.name).write_bytes(each.read_bytes())
    assert _extract(site) == 0
    with site.open(tmp_path / "archive.db") as one, site.open(copy / "archive.db") as other:
        before = list(other.sql("SELECT url, field, not_before, not_after FROM changes"))
        summary = other.crawl("t", everything=True)
        assert (summary.tally.changed, summary.tally.new_versions) == (0, 0)
        assert list(other.sql("SELECT url, field, not_before, not_after FROM changes")) == before
        newest = "SELECT url, version, title, body, bylines, captions FROM pages WHERE state = 'live' ORDER BY url"
        assert list(one.sql(newest)) == list(other.sql(newest))
        query = "SELECT url, field, was, now FROM reinterpretations x JOIN pages p USING (url) WHERE x.seen_from = p.seen_from AND state = 'live' ORDER BY 1, 2"
        assert list(one.sql(query)) == list(other.sql(query))
    assert verify(copy / "archive.db", deep=True).whole


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_after_an_interruption_the_old_reading_is_shown_and_the_next_run_continues(
    site: Scripted, how: signal.Signals
) -> None:
    before = _state(site)
    _profile(site, SIGNED)
    archive = site.archive.settings.archive
    slow = "import archiver.app.crawling.reread_workers as r, sys; r.CHUNK = 1\nimport archiver.app.crawling.reread_site as e\n"
    slow += "import pathlib, time\nput = e.Staging.put\ngo_on = pathlib.Path(sys.argv.pop())\nstaged = []\n"
    slow += "def late(self, rows):\n    put(self, rows); staged.append(rows)\n"
    slow += "    while len(staged) == 4 and not go_on.exists(): time.sleep(0.01)\n"
    slow += "e.Staging.put = late\nfrom archiver.cli import run\nsys.exit(run(sys.argv[1:]))"
    options = ["--archive", str(archive), "--selectors", str(site.selectors), "extract", "--workers", "1"]
    go_on = site.selectors / "go-on"
    process = subprocess.Popen([sys.executable, "-c", slow, *options, str(go_on)], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while _rows_staged(site) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(how)
    go_on.touch()
    result = process.communicate(timeout=120)[1]
    assert process.returncode == (130 if how is signal.SIGINT else -how)
    if how is signal.SIGINT:
        assert "the archive shows the old reading; run the same command again to continue" in result
    assert _state(site) == before
    done = site.archive.extract("t", workers=1)
    assert 0 < done.read < done.captures == 65
    assert not _staged(site)


def test_a_damaged_body_is_left_out_and_reported(site: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    _profile(site, SIGNED)
    vault = site.archive.settings.archive.with_name("archive.vault.db")
    site.archive.store.close()
    frames = _damage(vault)
    assert frames
    assert _extract(site) == 1
    result = capsys.readouterr()
    assert "captures are damaged and were left out (visits " in result.err
    assert "captures read again" in result.out


def _damage(vault: Path) -> int:
    import sqlite3

    with sqlite3.connect(vault) as connection:
        (number,) = connection.execute("SELECT max(frame_id) FROM _frame").fetchone()
        connection.execute("UPDATE _frame SET data = zeroblob(length(data)) WHERE frame_id = ?", (number,))
    connection.close()
    return int(number)


def test_a_capture_that_crashes_its_worker_costs_only_itself(site: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [row[0] for row in site.rows("SELECT visit_id FROM visits ORDER BY visit_id LIMIT 5")]
    with RereadWorkers(site.archive.settings.archive, _profile(site, SIGNED), workers=1) as reading:
        whole = [each for chunk in reading.read(numbers) for each in chunk]
    assert [each.visit_id for each in whole] == numbers
    monkeypatch.setattr(readers, "PATIENCE", 0.0)
    with RereadWorkers(site.archive.settings.archive, _profile(site, SIGNED), workers=1) as reading:
        cut = [each for chunk in reading.read(numbers) for each in chunk]
    assert [each.visit_id for each in cut] == numbers
    assert all(each.died and each.data is None for each in cut)


def test_a_site_is_not_read_again_while_it_is_crawled(site: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    _profile(site, SIGNED)
    with site.archive.lock_site("t"):
        assert _extract(site) == 1
    assert "another crawl of this site is running" in capsys.readouterr().err
    assert _extract(site, "--site", "nobody") != 0
    assert "no such site" in capsys.readouterr().err


def test_a_profile_with_faults_is_reported_and_nothing_is_read(site: Scripted) -> None:
    (site.selectors / "t.toml").write_text('[site]\nname = "t"\nhme = "x"\n')
    assert _extract(site) == 3


def test_an_invalid_staging_file_is_replaced(site: Scripted) -> None:
    _profile(site, SIGNED)
    (site.selectors.parent / ".archive.db.t.reading").write_bytes(os.urandom(5000))
    done = site.archive.extract("t")
    assert (done.read, done.captures) == (65, 65)


EVERY_FIELD = """[page.fields]\ntitle = "h1"\npublished = { css = "time", type = "datetime" }\nsection = "#sec"\nsummary = "#sum"
body = "#b"\ncaptions = "figcaption"\nbylines = "#by"\ntags = ".tag"\nimages = { css = "img", attr = "src" }
files = ".file"\nplace = "#place"\n"""
FULL = """<html lang=vi><h1>Tiêu đề</h1><time>21/10/2022 15:55</time><p id=sec>Mục</p><p id=sum>Tóm tắt</p>
<div id=b><p>Văn bản.</p></div><figcaption>Ảnh</figcaption><p id=by>LQH</p><b class=tag>dân vận</b><img src=/1.png>
<a class=file href=/1.pdf>Tệp</a><p id=place>Phường 1</p><i>{}</i>"""


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Scripted]:
    """One article that has a value for every field, seen twice."""
    scripted = Scripted(tmp_path / "archive.db")
    for views in range(2):
        scripted.answers["/a"] = (200, {}, FULL.format(views).encode())
        scripted.archive.crawl(_profile(scripted, EVERY_FIELD), everything=True)
        scripted.archive.capture(f"{scripted.url}/a", site="t")
        scripted.clock.advance(days=1)
    yield scripted
    scripted.close()


def test_a_record_with_every_field_is_read_again_without_loss(full: Scripted) -> None:
    """Only the counter that the new profile reads differs; no field is lost between the processes."""
    (version,) = full.archive.sql("SELECT * FROM versions")
    assert [name for name in (*FIELDS, "extra") if name in version and not version[name]] == ["file"]  # it is no file
    assert [len(full.rows(f"SELECT * FROM {view}")) for view in ("captions", "bylines", "tags", "files")] == [1] * 4
    _profile(full, EVERY_FIELD + '[page.readings]\nviews = "i"\n')
    assert _extract(full) == 0
    assert full.rows("SELECT name, value FROM readings ORDER BY read_at") == [("views", 0), ("views", 1)]
    assert full.rows("SELECT field, was, now FROM reinterpretations") == []
    (again,) = full.archive.sql("SELECT * FROM versions")
    assert {name for name in version if version[name] != again[name]} == {"version_id"}


def test_a_site_without_a_profile_keeps_its_name(site: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    (site.selectors / "t.toml").unlink()
    address = f"{site.url}/file.bin"
    site.answers["/file.bin"] = (200, {"Content-Type": "application/octet-stream"}, b"x")
    common = ["--archive", str(site.archive.settings.archive), "--selectors", str(site.selectors)]
    assert run([*common, "site", "learn", "other", address]) == 2, "it is no page"
    capsys.readouterr()
    assert run([*common, "extract", "--json"]) == 0
    names = [json.loads(line)["site"] for line in capsys.readouterr().out.splitlines()]
    assert names == ["other", "t"], "not a name that is made from the host"
