"""The last fallback may fail: the rest of the record is kept, and no change of the page is claimed."""

import subprocess
import sys
from pathlib import Path

import pytest

from archiver.app.archive import Archive
from archiver.app.crawling import fallback_worker as slow
from archiver.demo.portal import Portal
from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.model.clock import SettableClock
from archiver.model.policy import Retries
from archiver.settings import Settings
from made import START, capture

PAGE = (
    b"<html lang=en><title>The pond</title><meta property='article:published_time' content='2022-10-21T15:55:00Z'>"
    b"<body><article><h1>The pond</h1><p>" + b"Ducks swim in circles. " * 40 + b"</p></article>"
)


@pytest.fixture
def nobody_s(tmp_path: Path) -> Archive:
    """An archive without profiles, so that every body comes from the last fallback."""
    return Archive(Settings(tmp_path / "archive.db", (), SettableClock(START), Retries(1, 0.0, 0.0)))


def test_without_the_package_only_the_body_is_missing(
    nobody_s: Archive, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    with nobody_s as archive:
        state = archive.capture(portal.address(portal.items[0])).state
    assert state.content is not None
    assert state.content.title == portal.article(portal.items[0]).title
    assert (state.outcome, state.version, state.content.body) == ("ok", 1, None)
    assert "body: not read, the last fallback failed here" in (state.note or "")
    assert "trafilatura" in (state.note or "")


def test_a_failing_fallback_and_its_repair_are_no_changes_of_the_page(
    nobody_s: Archive, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = portal.address(portal.items[0])
    with nobody_s as archive:
        archive.capture(address)
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, "trafilatura", None)
            archive.capture(address)
        state = archive.capture(address).state
        assert state.content is not None
        assert state.content.body
        assert archive.changes("edited") == []


def test_the_worker_does_not_run_the_script_again(portal: Portal, tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text(
        f"""[site]\nname = "t"\nhome = "{portal.address(portal.items[0])}"\n[crawl]\ndepth = 0\ndelay = 0.0\nsitemaps = []\nfeeds = []\n"""
    )
    script = tmp_path / "script.py"
    script.write_text(
        """print("begun")\nimport archiver\nwith archiver.open("archive.db", selectors=".") as archive:
    archive.crawl("t")\n    print(len(next(iter(archive.sql("SELECT body FROM versions")))["body"]))\n"""
    )
    command = [sys.executable, str(script)]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=300)
    begun, length = result.stdout.split()
    assert (begun, int(length) > 200) == ("begun", True)


def test_when_the_worker_takes_too_long_only_the_body_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow, "PATIENCE", 0.0)
    profile = parse_profile('[site]\nname = "a"\nhome = "http://a.example/"\n', "a")
    with slow.FallbackWorker() as reading:
        record = read(capture("http://a.example/1", PAGE), profile, guess=reading.guess)
    assert (record.content.title, record.content.body, record.unread) == ("The pond", None, ("body", "files", "images"))
    assert record.content.published is not None
    assert "TimeoutError" in record.notes[-1]


def test_a_known_body_is_kept_while_the_reader_fails(
    nobody_s: Archive, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        __spec__ = sys.modules[__name__].__spec__

        def bare_extraction(self, *_: object, **__: object) -> str:
            raise MemoryError

    address = portal.address(portal.items[0])
    with nobody_s as archive:
        archive.capture(address)
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, "trafilatura", Broken())
            state = archive.capture(address).state
        assert state.content is not None
        assert (state.outcome, state.version, state.new_version) == ("ok", 1, False)
        assert state.content.body
        assert "MemoryError" in (state.note or "")
