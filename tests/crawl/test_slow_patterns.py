"""A crawl with a pattern that takes too long: it ends when it is stopped, and does not count against a page."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.crawl import batch_writer
from archiver.crawl.read_capture import read_capture
from archiver.extract.profile import parse_profile
from archiver.model.capture import Capture
from archiver.model.profile import Profile
from archiver.polite.stop import StopFlag
from archiver.text import patterns
from scripted import Scripted

SLOW = r"'(a|aa)+$'"
TEXT = "a" * 100 + "!"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    yield scripted
    scripted.close()


def slow(site: Scripted, fields: str = "", crawl: str = "") -> str:
    return f"""[site]\nname = "t"\nhome = "{site.url}/"\n[crawl]\ndelay = 0.0\nsitemaps = []\nfeeds = []\n{crawl}
        [[page]]\nkind = "article"\nfallback = false\n[page.fields]\ntitle = "h1"\nbody = "#b"\n{fields}"""


CAPTIONS = f'captions = {{ css = ".c", pattern = {SLOW}, take = "all" }}'


def test_a_field_with_a_timeout_is_no_change(site: Scripted) -> None:
    def profile() -> Profile:
        return parse_profile(slow(site, CAPTIONS), "t")

    site.page("/", "Home", extra="<p class=c>aa</p>")
    site.archive.crawl(profile(), everything=True)
    site.clock.advance(days=1)
    site.page("/", "Home", extra=f"<p class=c>{TEXT}</p>")
    site.archive.crawl(profile(), everything=True)
    site.clock.advance(days=1)
    site.page("/", "Home 2", extra=f"<p class=c>{TEXT}</p>")
    site.archive.crawl(profile(), everything=True)
    assert site.rows("SELECT version, title, captions FROM versions ORDER BY version") == [
        (1, "Home", '["a"]'),
        (2, "Home 2", '["a"]'),
    ]
    notes = [str(row[0]) for row in site.rows("SELECT note FROM visits WHERE url LIKE '%/' ORDER BY visit_id")]
    assert "captions: the pattern '(a|aa)+$' ran out of time on" in notes[1]


def test_links_are_followed_when_a_skip_pattern_times_out(site: Scripted, caplog: pytest.LogCaptureFixture) -> None:
    patterns._WARNED.clear()
    links = "".join(f"<a href='/p{number}{TEXT}'>x</a>" for number in range(3))
    site.page("/", "Home", extra=links + "<a href='/skip/aaa'>y</a>")
    site.archive.crawl(parse_profile(slow(site, crawl=r"skip = ['/skip/(a|aa)+$', '(a|aa)+$']"), "t"), everything=True)
    assert sum(path.startswith("/p") for path in site.asked) == 3
    assert "/skip/aaa" not in site.asked
    assert len([each for each in caplog.messages if "ran out of time" in each]) == 1


@pytest.mark.parametrize(
    ("sent", "more", "code"),
    [(None, ("--for", "2s"), 0), (signal.SIGINT, (), 130), (signal.SIGTERM, (), 130)],
)
def test_a_crawl_ends_when_it_is_stopped(
    site: Scripted, tmp_path: Path, sent: signal.Signals | None, more: tuple[str, ...], code: int
) -> None:
    fields = "".join(f"x{number} = {{ css = '.c', pattern = {SLOW} }}\n" for number in range(9))
    (site.selectors / "t.toml").write_text(slow(site, fields), encoding="utf-8")
    links = "".join(f"<a href='/p{number}'>{number}</a>" for number in range(20))
    site.page("/", "Home", extra=links + f"<p class=c>{TEXT}</p>")
    for number in range(20):
        site.page(f"/p{number}", f"P{number}", extra=f"<p class=c>{TEXT}</p>")
    command = [
        sys.executable,
        "-m",
        "archiver",
        "--archive",
        str(tmp_path / "b.db"),
        "--selectors",
        str(site.selectors),
    ]
    process = subprocess.Popen(
        [*command, "crawl", "t", *more], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ
    )
    try:
        if sent is not None:
            deadline = time.monotonic() + 30
            while len(site.asked) < 3 and time.monotonic() < deadline:
                time.sleep(0.02)
            process.send_signal(sent)
        _, actual = process.communicate(timeout=40)
    finally:
        process.kill()
    assert process.returncode == code, actual
    assert actual.count("ran out of time") == 1, actual
    assert "Traceback" not in actual


def test_a_stopped_crawl_leaves_what_it_has_no_time_to_read_to_the_next_command(
    site: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_writer, "READ_AFTER_STOP", 0.0)
    profile, stop = parse_profile(slow(site), "t"), StopFlag()
    links = "".join(f"<a href='/p{number}'>{number}</a>" for number in range(20))
    site.page("/", "Home", extra=links)
    for number in range(20):
        site.page(f"/p{number}", f"P{number}")

    def slow_read(capture: Capture, *others: Any) -> Any:
        if capture.url != f"{site.url}/":
            stop.wanted = True
            time.sleep(0.7)
        return read_capture(capture, *others)

    monkeypatch.setattr("archiver.crawl.read_capture.read_capture", slow_read)
    assert site.archive.crawl(profile, everything=True, stop=stop).ended == "interrupted"
    assert site.rows("SELECT count(*) FROM versions")[0][0] < len(site.asked) - 1
    monkeypatch.undo()
    site.archive.crawl(profile, everything=True)
    assert site.rows("SELECT count(*) FROM versions WHERE version = 1") == [(21,)]
    assert site.rows("SELECT url FROM visits WHERE url GLOB '*/p[0-9]*' AND outcome <> 'ok'") == []
