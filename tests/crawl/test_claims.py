"""What a page claims about its latest change: a field that makes no version, silent edits, and claims without an edit."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from archiver.app.watching.report_text import lines
from archiver.cli import run
from archiver.cli.context import GLOBAL_OPTIONS
from archiver.cli.silent import _print_blocks
from archiver.extract.profile import parse_profile
from archiver.store.connection import Connection
from scripted import Answer, Scripted

TEXT = "Sáng nay bà con khu phố ra quân dọn vệ sinh, trồng cây và nhặt rác ở bờ kênh. " * 5
DATED = 'modified = ".u"'
VIETNAMESE = 'language = "vi"'


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    yield scripted
    scripted.close()


def put(site: Scripted, text: str, claim: str, path: str = "/") -> None:
    site.page(path, "Ra quân", text, extra=f"<p class=u>{claim}</p>" if claim else "")


def crawl(site: Scripted, *pages: tuple[str, str], fields: str = DATED) -> None:
    """Crawl once for each (text, claim)."""
    for text, claim in pages:
        put(site, text, claim)
        site.crawl(site=VIETNAMESE, fields=fields)


def silent(site: Scripted) -> list[tuple[Any, ...]]:
    return site.rows("SELECT kind, claim, field, modified_before, modified_after FROM silent_edits ORDER BY not_after")


def test_a_claim_makes_no_version(site: Scripted) -> None:
    crawl(site, (TEXT, "Cập nhật lúc 08:30, 05/09/2022"), (TEXT, "Cập nhật lúc 10:00, 06/09/2022"))
    assert site.rows("SELECT count(*) FROM versions") == [(1,)]
    assert site.rows("SELECT modified, modified_raw, seen_from, seen_last FROM modified ORDER BY seen_from") == [
        ("2022-09-05 08:30:00", "Cập nhật lúc 08:30, 05/09/2022", "2022-10-21 09:00:00", "2022-10-21 09:00:00"),
        ("2022-09-06 10:00:00", "Cập nhật lúc 10:00, 06/09/2022", "2022-10-22 09:00:00", "2022-10-22 09:00:00"),
    ]
    assert site.rows("SELECT modified FROM pages WHERE modified IS NOT NULL") == [("2022-09-06 10:00:00",)]
    assert silent(site) == [("only_claimed", "moved", None, "2022-09-05 08:30:00", "2022-09-06 10:00:00")]
    assert site.rows("SELECT rule, rank FROM sources WHERE field = 'modified'") == [("css:.u", 1)]


EDITS: dict[str, tuple[str, str, list[tuple[Any, ...]]]] = {
    "owned up to": ("05/09/2022 08:30", "21/10/2022 20:00", []),
    "unchanged": ("05/09/2022 08:30", "05/09/2022 08:30", [("silent", "unchanged", "body", "05", "05")]),
    "unchanged day": ("05/09/2022", "05/09/2022", [("silent", "unchanged", "body", "05", "05")]),
    "the day of the visit": ("21/10/2022", "21/10/2022", [("silent", "same_day", "body", "21", "21")]),
    "no claim": ("", "", [("silent", "none", "body", None, None)]),
    "a claim that appears": ("", "21/10/2022 20:00", []),
    "a claim that vanishes": ("05/09/2022 08:30", "", [("silent", "removed", "body", "05", None)]),
    "no certain date": ("hôm qua", "hôm nay", [("silent", "unreadable", "body", None, None)]),
    "no certain date after a date": ("05/09/2022", "hôm nay", [("silent", "unreadable", "body", "05", None)]),
    "no certain date, then none": ("hôm qua", "", [("silent", "removed", "body", None, None)]),
    "a date after no certain date": ("hôm qua", "21/10/2022 20:00", []),
}


@pytest.mark.parametrize(("before", "after", "expected"), EDITS.values(), ids=EDITS.keys())
def test_an_edit_is_silent_when_the_claim_stays(
    site: Scripted, before: str, after: str, expected: list[tuple[Any, ...]]
) -> None:
    crawl(site, (TEXT, before), (f"{TEXT} Thêm một câu.", after))
    found = [(*row[:3], *(each and each[8:10] for each in row[3:])) for row in silent(site)]
    assert found == expected
    assert len(site.rows("SELECT 1 FROM changes")) == 1


def test_a_claim_that_is_no_certain_date_keeps_its_text(site: Scripted) -> None:
    """It is one row, although the text differs at each visit, and no value in the health of the site."""
    crawl(site, (TEXT, "2 giờ trước"), (TEXT, "3 giờ trước"), (TEXT, "4 giờ trước"))
    assert site.rows("SELECT modified, modified_raw, seen_from, seen_last FROM modified") == [
        (None, "2 giờ trước", "2022-10-21 09:00:00", "2022-10-23 09:00:00")
    ]
    counts = "SELECT read, found, before_read, before_found FROM health WHERE field = 'modified' ORDER BY run_id DESC"
    assert site.rows(counts)[0] == (1, 0, 1, 0)
    crawl(site, (TEXT + "!", "05/09/2022"))
    assert site.rows(counts)[0] == (1, 1, 1, 0)


def test_the_language_of_the_label_decides_the_order_of_day_and_month(site: Scripted) -> None:
    put(site, TEXT, "Cập nhật lúc 01/11/2022")
    site.crawl(site='language = "en"', fields=DATED)
    assert site.rows("SELECT modified FROM modified") == [("2022-11-01",)]


def test_a_clock_is_no_claim_after_the_first_visit(site: Scripted) -> None:
    """A page that prints the time of the visit would claim another change at each visit."""
    for _ in range(3):
        put(site, TEXT, f"{site.clock():%Y-%m-%dT%H:%M:%SZ}")
        site.crawl(site=VIETNAMESE, fields=DATED)
    assert len(site.rows("SELECT 1 FROM modified")) == 1
    assert silent(site) == []


def test_the_only_date_of_an_article_stays_its_publication(site: Scripted) -> None:
    """Portals print "updated" next to the only date: its first value is the publication, later values are claims."""
    profile = parse_profile(f'[site]\nname = "t"\nhome = "{site.url}/"\nlanguage = "vi"\n[crawl]\ndelay = 0.0', "t")
    for day in (5, 6, 7):
        body = f"<h1>Ra quân</h1><p>Cập nhật lúc 08:30, 0{day}/09/2022</p><p>{TEXT}</p><p>{TEXT}</p>"
        site.answers["/"] = (200, {}, f"<html lang=vi><title>Ra quân</title>{body}".encode())
        site.archive.crawl(profile, everything=True)
        site.clock.advance(days=1)
    assert site.rows("SELECT published, modified, version FROM pages WHERE version_id IS NOT NULL") == [
        ("2022-09-05 08:30:00", "2022-09-07 08:30:00", 1)
    ]


def test_another_profile_reads_claims_again_without_a_false_one(site: Scripted) -> None:
    crawl(site, (TEXT, "05/09/2022"), (TEXT, "05/09/2022"), fields="")
    assert site.rows("SELECT 1 FROM modified") == []
    crawl(site, (TEXT, "05/09/2022"))
    assert site.rows("SELECT modified, seen_from FROM modified") == [("2022-09-05", "2022-10-21 09:00:00")]
    crawl(site, (TEXT, "06/09/2022"))
    assert silent(site) == [("only_claimed", "moved", None, "2022-09-05", "2022-09-06")]
    before = site.rows("SELECT modified, seen_from, seen_last, visit_id FROM modified ORDER BY seen_from")
    path = site.selectors / "t.toml"
    path.write_text(site.profile(site=VIETNAMESE, fields=DATED + "\nsection = '.s'").text, encoding="utf-8")
    site.archive.extract("t")
    assert site.rows("SELECT modified, seen_from, seen_last, visit_id FROM modified ORDER BY seen_from") == before
    assert site.rows("SELECT 1 FROM changes") == []


def test_a_visit_without_news_writes_no_claim(site: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    crawl(site, (TEXT, "05/09/2022"), (TEXT, "05/09/2022"))
    written: list[str] = []
    for name in ("execute", "executemany"):
        inner = getattr(Connection, name)

        def run(connection: Connection, sql: str, *rest: object, inner: Any = inner) -> object:
            written.append(sql)
            return inner(connection, sql, *rest)

        monkeypatch.setattr(Connection, name, run)
    crawl(site, (TEXT, "05/09/2022"))
    assert not [sql for sql in written if "_modified" in sql or "_move" in sql]


def test_show_prints_the_claim(site: Scripted) -> None:
    crawl(site, (TEXT, "05/09/2022"), (TEXT, "06/09/2022"))
    page = site.archive.page(f"{site.url}/")
    record = page.state_at().as_json()["record"]
    assert (record["modified"], record["modified_utc"], record["modified_raw"]) == ("2022-09-06", None, "06/09/2022")
    assert page.state_at("2022-10-21 10:00").as_json()["record"]["modified"] == "2022-09-05"


def test_changes_lists_silent_edits(site: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    crawl(site, (TEXT, "05/09/2022"), (f"{TEXT} Thêm.", "05/09/2022"), (f"{TEXT} Thêm.", "06/09/2022"))
    GLOBAL_OPTIONS.settings = site.archive.settings
    site.archive.close()
    try:
        start = ["--archive", str(site.archive.settings.archive), "changes", "--silent"]
        assert run([*start]) == 0
        printed = capsys.readouterr().out.splitlines()
        assert [line.split("\t")[:2] for line in printed[1:]] == [["silent", "unchanged"], ["only_claimed", "moved"]]
        assert "\tbody\twords\t2022-09-05\t" in printed[1]
        assert printed[1].endswith("{+ Thêm.+}")
        assert printed[2].endswith("\t\t\t2022-09-05 → 2022-09-06\t")
        assert run([*start, "--field", "body", "--json"]) == 0
        assert [json.loads(line)["kind"] for line in capsys.readouterr().out.splitlines()] == ["silent"]
        for words, kinds in {
            ("--limit", "1", "--newest-first"): ["only_claimed"],
            ("--limit", "1"): ["silent"],
            ("--nature", "words"): ["silent"],
            ("--nature", "figures"): [],
            ("--cause", "template"): [],
        }.items():
            assert run([*start, *words, "--json"]) == 0
            assert [json.loads(line)["kind"] for line in capsys.readouterr().out.splitlines()] == kinds, words
        assert run([*start, "--kind", "gone"]) == 2
    finally:
        GLOBAL_OPTIONS.settings = None


def test_silent_edits_leave_out_typography_unless_it_is_asked_for(site: Scripted) -> None:
    crawl(site, (TEXT, "05/09/2022"), (TEXT.replace(",", ";"), "05/09/2022"))
    assert site.archive.silent_edits() == []
    assert [row["nature"] for row in site.archive.silent_edits(natures="typography")] == ["typography"]


def test_silent_edits_on_a_terminal_are_blocks(site: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    crawl(site, (TEXT, "05/09/2022"), (f"{TEXT} Thêm.", "05/09/2022"))
    (row,) = site.archive.silent_edits()
    row |= {"title": "Trang", "url": "http://a.example/wiki/Qu%E1%BA%ADn_11"}
    _print_blocks([row])
    first, address, words, said = capsys.readouterr().out.splitlines()
    assert first == f"silent  between {row['not_before']} and {row['not_after']}  Trang"
    assert address == "  http://a.example/wiki/Quận_11"
    assert words.startswith("  body: …")
    assert words.endswith("{+ Thêm.+}")
    assert said == "  the page still says that it was changed on 2022-09-05"


SAID = {
    "unchanged": ("05/09/2022", "05/09/2022", "the page still says that it was changed on 2022-09-05"),
    "same_day": ("21/10/2022", "21/10/2022", "the page says only the day: 2022-10-21"),
    "removed": ("05/09/2022", "", "the page said that it was changed on 2022-09-05, and says nothing now"),
    "unreadable": ("05/09/2022", "2 giờ trước", "the page says when it was changed, but not as a certain date"),
    "none": ("", "", "the page does not say when it was changed"),
}


@pytest.mark.parametrize("claim", SAID)
def test_a_terminal_says_what_the_page_claims(site: Scripted, claim: str, capsys: pytest.CaptureFixture[str]) -> None:
    before, after, said = SAID[claim]
    crawl(site, (TEXT, before), (f"{TEXT} Thêm.", after))
    rows = site.archive.silent_edits()
    assert [row["claim"] for row in rows] == [claim]
    _print_blocks(rows)
    assert capsys.readouterr().out.splitlines()[-1] == f"  {said}"


def test_a_folder_and_its_index_page_are_one_edited_page(site: Scripted) -> None:
    put(site, TEXT, "", "/index.html")
    link = "<a href=/index.html>a</a>"
    crawl(site, (TEXT, link), fields="")
    put(site, f"{TEXT} Thêm.", "", "/index.html")
    crawl(site, (f"{TEXT} Thêm.", link), fields="")
    (report,) = site.archive.report("t")
    assert report.edited == ({"url": f"{site.url}/", "fields": ["body"], "also": [f"{site.url}/index.html"]},)
    assert f"edited\t{site.url}/\tbody (also {site.url}/index.html)" in "\n".join(lines(report))


def test_an_edit_of_a_time_without_claims_is_unknown(site: Scripted) -> None:
    """Readers before version 9 read no claims, so nobody knows whether the page made one."""
    crawl(site, (TEXT, ""), (f"{TEXT} Thêm.", ""))
    with closing(sqlite3.connect(site.archive.settings.archive, isolation_level=None)) as database:
        database.execute("UPDATE _extractor SET code_version = '8 (lxml 6.0.2)'")
    assert silent(site) == [("silent", "unknown", "body", None, None)]


def test_a_304_keeps_the_claim(site: Scripted) -> None:
    def tagged(path: str, headers: Message) -> Answer:
        body = site.answers[path][2] if path in site.answers else b""
        if headers["If-None-Match"] == '"a"':
            return 304, {}, b""
        return (200, {"ETag": '"a"'}, body) if body else (404, {}, b"")

    links = "".join(f"<a href=/{name}>{name}</a>" for name in "abc")
    put(site, TEXT, f"05/09/2022 {links}")
    for name in "abc":
        put(site, TEXT, "", f"/{name}")
    site.rule = tagged
    for _ in range(3):
        site.crawl(site=VIETNAMESE, fields=DATED)
    assert site.rows("SELECT outcome FROM visits WHERE url LIKE '%/' ORDER BY visited_at")[-1] == ("not_modified",)
    assert site.rows("SELECT modified, seen_from, seen_last FROM modified") == [
        ("2022-09-05", "2022-10-21 09:00:00", "2022-10-23 09:00:00")
    ]
