"""Conditional requests go to servers with reliable validators; wrong 304s are found and change nothing."""

import hashlib
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest

from archiver.maintain.verify.verify import verify
from archiver.store.validators import EVERY
from scripted import Answer, Scripted

NOT_MODIFIED: Answer = (304, {}, b"")
DATE = "Fri, 21 Oct 2022 08:55:00 GMT"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    scripted.page("/", "Home", extra="<a href=/a>a</a> <a href=/b>b</a>")
    scripted.page("/a", "A")
    scripted.page("/b", "B")
    yield scripted
    scripted.close()


class Tags:
    """Answers with a weak ETag of the body, and with 304 to a request with the same ETag."""

    def __init__(self, site: Scripted, tag: str | None = None) -> None:
        self.site = site
        self.tag = tag
        self.shown: list[tuple[str, str]] = []

    def __call__(self, path: str, headers: Message) -> Answer | None:
        if path not in self.site.answers:
            return None
        body = self.site.answers[path][2]
        tag = self.tag or f'W/"{hashlib.sha256(body).hexdigest()[:8]};v=1"'
        shown = headers.get("If-None-Match")
        if shown is not None:
            self.shown.append((path, shown))
        return NOT_MODIFIED if shown == tag else (200, {"ETag": tag}, body)


def _outcomes(site: Scripted, path: str) -> list[str]:
    return [
        row[0] for row in site.rows(f"SELECT outcome FROM visits WHERE url = '{site.url}{path}' ORDER BY visited_at")
    ]


def test_a_server_with_reliable_validators_gets_conditional_requests(site: Scripted) -> None:
    site.rule = tags = Tags(site)
    for _ in range(2 + EVERY):
        site.crawl()
    # in the second crawl three pages have the same tag, so the third crawl is conditional; each eighth visit is not
    assert _outcomes(site, "/a") == ["ok", "ok", *["not_modified"] * (EVERY - 1), "ok"]
    assert tags.shown[0][1].startswith('W/"')
    assert site.rows("SELECT title, version, seen_last, seen_until FROM versions WHERE title = 'A'") == [
        ("A", 1, "2022-10-30 09:00:00", None)
    ]
    site.page("/a", "A", "Văn bản mới.")
    site.crawl()
    assert _outcomes(site, "/a")[-1] == "ok"
    (change,) = site.rows("SELECT field, not_before, not_after FROM changes")
    assert change == ("body", "2022-10-30 09:00:00", "2022-10-31 09:00:00")
    assert site.rows("SELECT count(*) FROM links WHERE seen_last < '2022-10-31'") == [(0,)]
    assert verify(site.archive.settings.archive, deep=True).whole


def test_a_wrong_304_is_found_and_ends_conditional_requests(site: Scripted) -> None:
    site.rule = tags = Tags(site, '"always"')
    for _ in range(4):
        site.crawl()
    assert _outcomes(site, "/a") == ["ok", "ok", "not_modified", "not_modified"]
    site.page("/a", "A", "Một câu khác.")
    for _ in range(6):
        site.crawl()
    assert _outcomes(site, "/a")[-1] == "ok"
    assert "not_modified" not in _outcomes(site, "/a"), "what was refuted is no proof any longer"
    (change,) = site.rows("SELECT not_before, not_after FROM changes")
    assert change == ("2022-10-22 09:00:00", "2022-10-30 09:00:00"), "between the last true visit and the first new"
    (version,) = site.rows("SELECT seen_from, seen_last, seen_until FROM versions WHERE title = 'A' AND version = 1")
    assert version == ("2022-10-21 09:00:00", "2022-10-22 09:00:00", "2022-10-30 09:00:00")
    actual = site.rows("SELECT DISTINCT note FROM visits WHERE outcome = 'server_error'")
    assert actual == [("the server answered 304, but the bytes had changed under the same validator",)]
    asked = len(tags.shown)
    for _ in range(3):
        site.crawl()
    assert len(tags.shown) == asked, "a server that lied is asked in full"


def test_a_missing_page_is_requested_without_a_condition(site: Scripted) -> None:
    site.rule = tags = Tags(site)
    for _ in range(3):
        site.crawl()
    shown = len([path for path, _ in tags.shown if path == "/a"])
    body = site.answers.pop("/a")
    site.crawl()
    site.crawl()
    site.answers["/a"] = body
    site.crawl()
    assert _outcomes(site, "/a") == ["ok", "ok", "not_modified", "gone", "gone", "ok"]
    assert len([path for path, _ in tags.shown if path == "/a"]) == shown
    assert site.rows("SELECT version, seen_from FROM versions WHERE title = 'A' ORDER BY version") == [
        (1, "2022-10-21 09:00:00"),
        (2, "2022-10-26 09:00:00"),
    ]


def test_reading_again_gives_the_same_history_with_304s(site: Scripted) -> None:
    site.rule = Tags(site)
    for _ in range(4):
        site.crawl()
    query = "SELECT title, version, seen_from, seen_last, seen_until FROM versions ORDER BY title"
    before = site.rows(query)
    site.crawl(fields='summary = "#none"')
    after = site.rows(query)
    assert [row[:3] for row in after] == [row[:3] for row in before]
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]
    assert site.rows("SELECT count(*) FROM reinterpretations") == [(0,)]
    assert site.rows("SELECT DISTINCT seen_last FROM versions") == [("2022-10-25 09:00:00",)]


def test_the_visit_after_a_304_is_stored_as_a_delta(site: Scripted) -> None:
    text = " ".join(hashlib.sha256(b"%d" % number).hexdigest() for number in range(400))
    site.page("/a", "A", text)
    site.rule = Tags(site)
    for _ in range(4):
        site.crawl()
    before = site.archive.stats()["bodies_kept_bytes"]
    site.page("/a", "A", text + " Một câu mới.")
    site.crawl()
    assert _outcomes(site, "/a")[-2:] == ["not_modified", "ok"]
    assert site.archive.stats()["bodies_kept_bytes"] - before < 1500


def test_a_validator_is_sent_unchanged(site: Scripted) -> None:
    site.rule = tags = Tags(site, '"é 1"')
    heard: list[str] = []

    def rule(path: str, headers: Message) -> Answer | None:
        heard.extend(headers.get_all("If-Modified-Since") or [])
        answer = tags(path, headers)
        return answer and (answer[0], {**answer[1], "Last-Modified": "21.10.2022 gegen neun"}, answer[2])

    site.rule = rule
    for _ in range(3):
        site.crawl()
    assert {tag.encode("latin-1") for _, tag in tags.shown} == {'"é 1"'.encode("latin-1")}
    assert set(heard) == {"21.10.2022 gegen neun"}
