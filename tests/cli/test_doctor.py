"""`doctor` names what is wrong with an archive and around it, with the command that mends it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.app.watching.doctor import Advice, advise
from archiver.maintain.backup.backup import back_up
from archiver.maintain.verify.record_verification import record_verification
from archiver.maintain.verify.verify import verify
from archiver.model.clock import written
from scripted import Scripted
from shell import Commands


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    scripted.page("/", "Home", extra="<a href=/a>a</a>")
    scripted.page("/a", "A")
    scripted.crawl()
    yield scripted
    scripted.close()


def _topics(site: Scripted, backup: Path | None = None) -> dict[str, Advice]:
    return {each.topic: each for each in advise(site.archive, backup)}


def _verified(site: Scripted) -> None:
    path = site.archive.settings.archive
    record_verification(path, verify(path), deep=False, now=site.clock())


def test_an_archive_that_was_never_verified(site: Scripted) -> None:
    assert _topics(site)["verification"].command == "archiver verify"


def test_pages_that_are_long_overdue(site: Scripted) -> None:
    assert "schedule" not in _topics(site)
    site.clock.advance(days=60)
    late = _topics(site)["schedule"]
    assert late.text.startswith("t: 2 pages due since ")
    assert late.command == "archiver crawl t"
    site.crawl()
    assert "schedule" not in _topics(site)


def test_a_clock_that_was_ahead(site: Scripted) -> None:
    site.clock.advance(days=-10)
    assert "dated later than now" in _topics(site)["clock"].text


def test_the_age_of_a_backup(site: Scripted, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder, path = tmp_path_factory.mktemp("elsewhere") / "copy", site.archive.settings.archive
    assert _topics(site, folder)["backup"].text == f"{folder} has no backup"
    back_up(path, folder, made_at=written(site.clock()), version="0", progress=lambda *_: None)
    assert "backup" not in _topics(site, folder)
    site.clock.advance(days=8)
    assert "backup" not in _topics(site, folder)  # nothing is new
    site.crawl()
    old = _topics(site, folder)["backup"]
    assert "lacks 2 visits" in old.text or "lacks 3 visits" in old.text
    assert old.command == f"archiver backup {folder}"


def test_drift_of_the_last_crawl(site: Scripted) -> None:
    for number in range(24):
        site.page(f"/p{number}", f"P{number}")
    site.page("/", "Home", extra="".join(f"<a href=/p{number}>p</a>" for number in range(24)))
    fields = 'section = "h1"'
    site.crawl(fields=fields)
    site.crawl(fields=fields)
    for number in range(24):
        site.answers[f"/p{number}"] = (200, {}, f"<h2>P{number}</h2><div id=b><p>Text.</p></div>".encode())
    site.crawl(fields=fields)
    drift = _topics(site)["drift"]
    assert drift.command == "archiver site health t"
    assert "t: article: title: " in drift.text, "the advice does not name the field"


def test_the_command(site: Scripted, tmp_path: Path, capsys: pytest.CaptureFixture[Any]) -> None:
    archiver = Commands(tmp_path / "archive.db", tmp_path / "selectors", capsys)
    assert "verification: the archive was never verified; archiver verify\n" in archiver("doctor", code=1)
    lines = [json.loads(line) for line in archiver("doctor", "--json", code=1).splitlines()]
    assert {"topic": "verification", "text": "the archive was never verified", "command": "archiver verify"} in lines
    assert archiver.err == ""


def test_a_broken_profile(site: Scripted, tmp_path: Path) -> None:
    (tmp_path / "selectors" / "broken.toml").write_text("[site]\nname = 3\n")
    assert "broken.toml" in _topics(site)["profiles"].text


def test_nothing_to_do(site: Scripted) -> None:
    site.archive.close()
    _verified(site)
    site.archive = site.open(site.archive.settings.archive)
    site.clock.advance(days=-1)
    found = _topics(site)
    assert "verification" not in found
    site.clock.advance(days=40)
    assert "the last verification was at" in _topics(site)["verification"].text
