"""Pages that appear at another address with the same content while the old address does not answer any more."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archiver.app.watching.page_events import EventFilter, PageEvent, page_events
from archiver.cli import run
from archiver.cli.context import GLOBAL_OPTIONS
from archiver.maintain.verify.verify import verify
from archiver.store.move_rows import _ARRIVED
from scripted import Answer, Scripted

TEXT = "Sáng nay bà con khu phố ra quân dọn vệ sinh, trồng cây và nhặt rác ở bờ kênh. " * 5
OTHER = "Trường học trong quận khai giảng năm học mới với nhiều học sinh hơn năm ngoái. " * 5
GONE: Answer = (404, {}, b"none")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    yield scripted
    scripted.close()


def home(site: Scripted, *paths: str) -> None:
    links = "".join(f"<a href={path}>{path}</a>" for path in paths)
    site.page("/", "Trang nhà", "Chào mừng quý vị đến với trang của phường.", extra=links)


def put(site: Scripted, path: str, text: str = TEXT, title: str = "Ra quân") -> None:
    site.page(path, title, text)


def redirect(site: Scripted, path: str, target: str, status: int = 301) -> None:
    site.answers[path] = (status, {"Location": target}, b"")


def moves(site: Scripted) -> list[tuple[Any, ...]]:
    """The moves that stand."""
    rows = site.rows("SELECT url, moved_to, how FROM moves WHERE until IS NULL ORDER BY url")
    return [(old.removeprefix(site.url), new.removeprefix(site.url), how) for old, new, how in rows]


def all_moves(site: Scripted) -> list[tuple[Any, ...]]:
    """All moves, with the days of October on which they were found and ended."""
    rows = site.rows("SELECT url, moved_to, how, found_at, until FROM moves ORDER BY found_at, url")
    return [
        (old.removeprefix(site.url), new.removeprefix(site.url), how, found[8:10], until and until[8:10])
        for old, new, how, found, until in rows
    ]


def events(site: Scripted, path: str) -> list[tuple[str, str]]:
    """The kinds of the events of a page, each with the day of October on which it was found."""
    rows = site.rows(f"SELECT kind, not_after FROM events WHERE url = '{site.url}{path}' ORDER BY not_after, kind DESC")
    return [(kind, at[8:10]) for kind, at in rows]


def state(site: Scripted, path: str) -> str:
    return str(site.rows(f"SELECT state FROM pages WHERE url = '{site.url}{path}'")[0][0])


def crawl(site: Scripted, /, **rules: str) -> Any:
    summary = site.archive.crawl(site.profile(**rules), everything=True)
    site.clock.advance(days=1)
    assert verify(site.archive.settings.archive, deep=True).whole
    return summary


def start(site: Scripted, *paths: str) -> None:
    for path in paths:
        put(site, path)
    home(site, *paths)
    crawl(site)


def test_the_same_content_at_a_new_address(site: Scripted) -> None:
    start(site, "/a")
    site.answers["/a"] = GONE
    put(site, "/b")
    home(site, "/b")
    summary = crawl(site)
    assert moves(site) == [("/a", "/b", "same_content")]
    assert state(site, "/a") == "moved"
    tally = summary.tally
    assert (tally.moved, tally.new_pages, tally.gone, summary.missing) == (1, 0, 0, 0)
    tally = crawl(site).tally
    assert (tally.moved, tally.gone) == (0, 0), "the second miss proves what is known"
    assert state(site, "/a") == "moved"
    ended = [row["ended_by"] for row in site.archive.sql("SELECT ended_by FROM versions WHERE url LIKE '%/a'")]
    assert ended == ["moved"]


@pytest.mark.parametrize("days", [0, 1])
def test_the_copy_is_found_before_the_old_address_is_missing(site: Scripted, days: int) -> None:
    start(site, "/a")
    put(site, "/b")
    home(site, "/a", "/b")
    crawl(site)
    assert moves(site) == [], "both are there"
    for _ in range(days):
        crawl(site)
    site.answers["/a"] = GONE
    tally = crawl(site).tally
    assert moves(site) == [("/a", "/b", "same_content")]
    assert (tally.moved, tally.gone) == (1, 0)


def test_a_permanent_redirect(site: Scripted) -> None:
    start(site, "/a")
    put(site, "/b", OTHER)
    redirect(site, "/a", "/b")
    tally = crawl(site).tally
    assert moves(site) == [("/a", "/b", "redirect")]
    assert (tally.moved, tally.new_pages) == (1, 0)
    assert site.rows("SELECT moved_to_page = (SELECT page_id FROM pages WHERE url LIKE '%/b') FROM moves") == [(1,)]
    crawl(site)
    assert len(moves(site)) == 1


def test_a_new_address_that_is_visited_before_the_old_one_redirects_is_no_new_page(site: Scripted) -> None:
    start(site, "/a")
    site.answers["/a"] = (503, {}, b"")
    put(site, "/b", OTHER)
    home(site, "/a", "/b")
    crawl(site)
    redirect(site, "/a", "/b")
    assert crawl(site).tally.moved == 1
    assert [kind for kind, _ in events(site, "/b")] == []


def test_an_old_page_to_which_another_one_redirects_stays_a_page_of_its_own(site: Scripted) -> None:
    put(site, "/b", OTHER)
    start(site, "/a", "/b")
    redirect(site, "/a", "/b")
    crawl(site)
    assert [kind for kind, _ in events(site, "/b")] == ["new"]


def test_a_temporary_redirect_to_the_same_content(site: Scripted) -> None:
    start(site, "/a")
    put(site, "/b")
    redirect(site, "/a", "/b", 302)
    crawl(site)
    assert moves(site) == [("/a", "/b", "same_content")]


def test_an_address_that_always_redirected_did_not_move(site: Scripted) -> None:
    put(site, "/b")
    redirect(site, "/a", "/b")
    home(site, "/a")
    tally = crawl(site).tally
    assert moves(site) == []
    assert (tally.moved, tally.new_pages) == (0, 2)


def test_nearly_the_same_text_under_the_same_title(site: Scripted) -> None:
    start(site, "/a")
    site.answers["/a"] = GONE
    put(site, "/b", TEXT + "Xin cảm ơn.")
    home(site, "/b")
    crawl(site)
    assert moves(site) == [("/a", "/b", "near")]


NOT_MOVED: dict[str, tuple[str, str, str, str]] = {
    "another title": ("/a", "/b", TEXT + "Xin cảm ơn.", "Khác"),
    "another text": ("/a", "/b", OTHER, "Ra quân"),
    "a folder and its index page": ("/x/", "/x/index.html", TEXT, "Ra quân"),
    "pages of a list": ("/x?page=1", "/x?page=2", TEXT, "Ra quân"),
}


@pytest.mark.parametrize(("old", "new", "text", "title"), NOT_MOVED.values(), ids=NOT_MOVED.keys())
def test_what_is_no_move(site: Scripted, old: str, new: str, text: str, title: str) -> None:
    start(site, old)
    site.answers[old] = GONE
    put(site, new, text, title)
    home(site, new)
    crawl(site)
    assert moves(site) == []


def test_a_tiny_text_is_no_proof(site: Scripted) -> None:
    put(site, "/a", "Đang cập nhật.")
    home(site, "/a")
    crawl(site)
    site.answers["/a"] = GONE
    put(site, "/b", "Đang cập nhật.")
    home(site, "/b")
    crawl(site)
    assert moves(site) == []


def test_a_text_of_many_pages_is_no_proof(site: Scripted) -> None:
    start(site, "/a", "/c", "/d", "/e")
    site.answers["/a"] = GONE
    put(site, "/b")
    home(site, "/b", "/c", "/d", "/e")
    crawl(site)
    assert moves(site) == []


def test_a_page_that_is_back_did_not_move(site: Scripted) -> None:
    start(site, "/a")
    site.answers["/a"] = GONE
    put(site, "/b")
    home(site, "/b")
    crawl(site)
    put(site, "/a")
    crawl(site)
    assert moves(site) == []
    assert state(site, "/a") == "live"
    site.answers["/a"] = GONE
    crawl(site)
    assert moves(site) == [("/a", "/b", "same_content")]
    assert all_moves(site) == [("/a", "/b", "same_content", "22", "23"), ("/a", "/b", "same_content", "24", None)]
    assert events(site, "/a") == [("new", "21"), ("moved", "22"), ("back", "23"), ("moved", "24")]


def redirected(site: Scripted) -> None:
    redirect(site, "/a", "/b")
    put(site, "/b")


def absent(site: Scripted) -> None:
    site.answers["/a"] = GONE
    put(site, "/b")


def redirected_then_absent(site: Scripted) -> None:
    redirected(site)
    crawl(site)
    site.answers["/a"] = GONE


def absent_then_redirected(site: Scripted) -> None:
    absent(site)
    crawl(site)
    crawl(site)
    redirect(site, "/a", "/b")


@pytest.mark.parametrize("text", [TEXT, OTHER], ids=["same", "different"])
@pytest.mark.parametrize("days", [1, 3])
@pytest.mark.parametrize("away", [redirected, absent, redirected_then_absent, absent_then_redirected])
def test_a_move_stays_in_history_when_the_old_page_is_back(
    site: Scripted, away: Callable[[Scripted], None], days: int, text: str
) -> None:
    start(site, "/a")
    home(site, "/a", "/b")
    away(site)
    for _ in range(days):
        crawl(site)
    entry = {each.evidence for each in _moved(site)}
    put(site, "/a", text)
    tally = crawl(site).tally
    day = site.rows("SELECT max(substr(visited_at, 9, 2)) FROM visits WHERE url LIKE '%/a'")[0][0]
    assert [each for each in events(site, "/a") if each[0] != "edited"] == [
        ("new", "21"),
        ("moved", "22"),
        ("back", day),
    ]
    assert events(site, "/b") == [], "it was announced as the address of a page that moved"
    assert [each[-2:] for each in all_moves(site)] == [("22", day)]
    assert (tally.moved, tally.back, tally.gone, state(site, "/a")) == (0, 1, 0, "live")
    assert site.rows("SELECT moved_to FROM pages WHERE url LIKE '%/a'") == [(None,)]
    assert {each.evidence for each in _moved(site)} == entry, "its entry in feeds keeps its id"
    (report,) = site.archive.report("t", since="2000-01-01")
    assert (report.counts["moved"], len(report.moved), len(report.back), report.gone) == (1, 1, 1, ())
    ended = [row["ended_by"] for row in site.archive.sql("SELECT ended_by FROM versions WHERE url LIKE '%/a' LIMIT 1")]
    assert ended in (["moved"], ["standing"], ["edit"])
    before = site.rows("SELECT * FROM moves"), events(site, "/a"), events(site, "/b")
    (site.selectors / "t.toml").write_text(site.profile(fields="section = '.s'").text, encoding="utf-8")
    site.archive.extract("t")
    assert (site.rows("SELECT * FROM moves"), events(site, "/a"), events(site, "/b")) == before
    assert verify(site.archive.settings.archive, deep=True).whole


def _moved(site: Scripted) -> list[PageEvent]:
    return list(page_events(site.archive.store, EventFilter(kinds=("moved",))))


def test_a_page_that_redirects_elsewhere_moved_twice(site: Scripted) -> None:
    start(site, "/a")
    for path in ("/b", "/c"):
        put(site, path)
        redirect(site, "/a", path)
        assert crawl(site).tally.moved == 1
    assert all_moves(site) == [("/a", "/b", "redirect", "22", "23"), ("/a", "/c", "redirect", "23", None)]
    assert events(site, "/a") == [("new", "21"), ("moved", "22"), ("moved", "23")]
    assert site.rows("SELECT moved_to FROM pages WHERE url LIKE '%/a'") == [(f"{site.url}/c",)]


def test_a_page_that_was_gone_and_then_redirects_moved(site: Scripted) -> None:
    start(site, "/a")
    site.answers["/a"] = GONE
    crawl(site)
    crawl(site)
    redirected(site)
    tally = crawl(site).tally
    assert (tally.moved, tally.back) == (1, 0)
    assert events(site, "/a") == [("new", "21"), ("gone", "22"), ("moved", "24")]


def test_out_of_order_visits_find_ended_moves_again(site: Scripted) -> None:
    start(site, "/a")
    home(site, "/a", "/b")
    absent(site)
    crawl(site)
    crawl(site)
    put(site, "/a")
    crawl(site)
    site.answers["/a"] = GONE
    crawl(site)
    before = all_moves(site), events(site, "/a"), events(site, "/b")
    assert before[0] == [("/a", "/b", "same_content", "22", "24"), ("/a", "/b", "same_content", "25", None)]
    (site.selectors / "t.toml").write_text(site.profile().text, encoding="utf-8")
    for hours in (-84, 84):  # between the second crawl and the third; and again today, which completes the history
        site.clock.advance(hours=hours)
        for path in ("/a", "/b"):
            site.archive.capture(f"{site.url}{path}")
    assert (all_moves(site), events(site, "/a"), events(site, "/b")) == before
    assert verify(site.archive.settings.archive, deep=True).whole


def test_a_rebuilt_history_finds_no_move_to_a_copy_that_came_after_the_return(site: Scripted) -> None:
    start(site, "/a")
    site.answers["/a"] = GONE
    crawl(site)
    crawl(site)
    put(site, "/a")
    crawl(site)
    home(site, "/a", "/b")
    absent(site)
    crawl(site)
    crawl(site)
    before = all_moves(site), events(site, "/a"), events(site, "/b")
    assert before[0] == [("/a", "/b", "same_content", "25", None)]
    (site.selectors / "t.toml").write_text(site.profile().text, encoding="utf-8")
    for hours in (-84, 84):
        site.clock.advance(hours=hours)
        site.archive.capture(f"{site.url}/a")
    assert (all_moves(site), events(site, "/a"), events(site, "/b")) == before
    assert verify(site.archive.settings.archive, deep=True).whole


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE _move SET until = '2022-10-23 09:00:01'",
        "UPDATE _move SET until = '2022-10-21 09:00:00'",
        "UPDATE _move SET until = ''",
        "UPDATE _move SET until = NULL",
    ],
)
def test_the_end_of_a_move_is_verified_and_repaired(
    site: Scripted, tmp_path_factory: pytest.TempPathFactory, statement: str
) -> None:
    start(site, "/a")
    redirected(site)
    crawl(site)
    put(site, "/a")
    crawl(site)
    before = all_moves(site)
    assert before == [("/a", "/b", "redirect", "22", "23")]
    path, copy = site.archive.settings.archive, tmp_path_factory.mktemp("elsewhere") / "copy"
    site.archive.close()
    GLOBAL_OPTIONS.settings = site.archive.settings
    try:
        assert run(["--archive", str(path), "backup", str(copy)]) == 0
        with closing(sqlite3.connect(path)) as database, database:
            database.execute(statement)
        assert not verify(path).whole
        assert run(["--archive", str(path), "repair", "--from", str(copy)]) == 0
    finally:
        GLOBAL_OPTIONS.settings = None
    assert verify(path, deep=True).whole
    site.archive = site.open(path)
    assert all_moves(site) == before


def test_history_shows_each_move_with_its_own_address_and_time(
    site: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    """/a → /b → /c → /a: no row has the end of the chain under the date of another step."""
    start(site, "/a")
    for old, new in (("/a", "/b"), ("/b", "/c"), ("/c", "/a")):
        put(site, new)
        redirect(site, old, new)
        crawl(site)
        crawl(site)
    GLOBAL_OPTIONS.settings = site.archive.settings
    site.archive.close()

    def rows(path: str) -> list[tuple[Any, ...]]:
        capsys.readouterr()
        assert run(["--archive", str(site.archive.settings.archive), "history", f"{site.url}{path}", "--json"]) == 0
        found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return [
            (each["from"][8:10], each["until"] and each["until"][8:10], each["what"].replace(site.url, ""))
            for each in found
            if each["kind"] in ("moved", "formerly")
        ]

    try:
        a, b, c = "(permanent redirect)", "22", "24"
        assert rows("/a") == [(b, "26", f"moved to /b {a}"), ("26", None, f"formerly at /c {a}")]
        assert rows("/b") == [
            (b, "26", f"formerly at /a {a}"),
            (c, None, f"moved to /c {a}; now at /a".replace(site.url, "")),
        ]
        assert rows("/c") == [(c, None, f"formerly at /b {a}"), ("26", None, f"moved to /a {a}")]
    finally:
        GLOBAL_OPTIONS.settings = None


def test_another_profile_finds_the_moves_again(site: Scripted) -> None:
    start(site, "/a", "/c")
    site.answers["/a"] = GONE
    put(site, "/b")
    put(site, "/d", OTHER)
    redirect(site, "/c", "/d")
    home(site, "/b", "/c")
    crawl(site)
    crawl(site)
    before = moves(site)
    assert before == [("/a", "/b", "same_content"), ("/c", "/d", "redirect")]
    text = site.profile(fields="section = '.s'").text
    (site.selectors / "t.toml").write_text(text, encoding="utf-8")
    site.archive.extract("t")
    assert moves(site) == before
    assert verify(site.archive.settings.archive, deep=True).whole


def test_out_of_order_visits_find_the_same_moves(site: Scripted) -> None:
    start(site, "/a")
    site.answers["/a"] = GONE
    put(site, "/b")
    home(site, "/b")
    crawl(site)
    (site.selectors / "t.toml").write_text(site.profile().text, encoding="utf-8")
    site.clock.advance(hours=-33)  # between the first crawl and the second
    site.archive.capture(f"{site.url}/a")
    site.archive.capture(f"{site.url}/b")
    put(site, "/a")
    site.clock.advance(hours=-6)
    site.archive.capture(f"{site.url}/a")
    assert moves(site) == [("/a", "/b", "same_content")]
    assert verify(site.archive.settings.archive, deep=True).whole


def test_two_sites_do_not_share_moves(site: Scripted, tmp_path: Path) -> None:
    start(site, "/a")
    site.answers["/a"] = GONE
    home(site)
    crawl(site)
    (tmp_path / "other").mkdir()
    other = Scripted(tmp_path / "other" / "archive.db")
    try:
        put(other, "/b")
        text = other.profile().text.replace('name = "t"', 'name = "u"')
        (site.selectors / "u.toml").write_text(text, encoding="utf-8")
        site.archive.capture(f"{other.url}/b", site="u")
    finally:
        other.close()
    assert moves(site) == []


def test_commands_lead_from_one_address_to_the_other(site: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    start(site, "/a")
    site.answers["/a"] = GONE
    put(site, "/b")
    home(site, "/b")
    crawl(site)
    GLOBAL_OPTIONS.settings = site.archive.settings
    site.archive.close()
    try:
        old, new = f"{site.url}/a", f"{site.url}/b"
        for words, expected in {
            ("history", old): f"moved to {new} (same content)",
            ("history", new): f"formerly at {old} (same content)",
            ("show", old): f"the page moved to {new}",
            ("cite", old): f"now at {new}",
            ("cite", old, "--format", "bibtex"): "now at",
            ("search", "bờ kênh"): f"the same document is now at {new}",
            ("report",): f"moved\t{old}\t{new}",
            ("changes",): f"{old}\t\t\t{new}",
        }.items():
            capsys.readouterr()
            assert run(["--archive", str(site.archive.settings.archive), *words]) == 0
            assert expected in capsys.readouterr().out, words
        for command in ("show", "history", "cite", "search"):
            capsys.readouterr()
            assert (
                run(
                    [
                        "--archive",
                        str(site.archive.settings.archive),
                        command,
                        old if command != "search" else "kênh",
                        "--json",
                    ]
                )
                == 0
            )
            found = [json.loads(line)["moved_to"] for line in capsys.readouterr().out.splitlines()]
            assert new in found
        capsys.readouterr()
        assert run(["--archive", str(site.archive.settings.archive), "report", "--json"]) == 0
        report = json.loads(capsys.readouterr().out)
        assert report["moved"] == 1
        assert report["pages"]["moved"] == [{"url": old, "moved_to": new, "how": "same_content"}]
        assert report["pages"]["gone"] == report["pages"]["new"] == []
        assert (report["gone"], report["new_pages"]) == (0, 0)
    finally:
        GLOBAL_OPTIONS.settings = None


def test_a_page_that_redirects_keeps_its_own_history(site: Scripted) -> None:
    """Its old address leads to it, also when the new address was visited later."""
    start(site, "/a")
    redirect(site, "/a", "/b")
    put(site, "/b", TEXT + OTHER)
    home(site, "/a")
    crawl(site)
    home(site, "/b")
    crawl(site)
    (site.selectors / "t.toml").write_text(site.profile().text, encoding="utf-8")
    site.archive.capture(f"{site.url}/b")
    assert moves(site) == [("/a", "/b", "redirect")]
    old, new = (site.archive.page(site.url + path) for path in ("/a", "/b"))
    assert [(page.url, len(page.versions)) for page in (old, new)] == [(site.url + "/a", 1), (site.url + "/b", 1)]
    assert (old.versions[0].seen_from, new.versions[0].seen_from) == ("2022-10-21 09:00:00", "2022-10-22 09:00:00")


def test_an_import_finds_the_same_moves_and_claims(site: Scripted, tmp_path: Path) -> None:
    rules = {"site": 'language = "vi"', "fields": 'modified = ".u"'}
    for day in (5, 6):
        site.page("/a", "Ra quân", TEXT, extra=f"<p class=u>0{day}/09/2022</p>")
        home(site, "/a")
        crawl(site, **rules)
    site.answers["/a"] = GONE
    put(site, "/b")
    home(site, "/b")
    crawl(site, **rules)
    crawl(site, **rules)
    claims = "SELECT url, modified, seen_from, seen_last FROM modified ORDER BY url, seen_from"
    before = moves(site), site.rows(claims)
    assert before[0] == [("/a", "/b", "same_content")]
    (site.selectors / "t.toml").write_text(site.profile(**rules).text, encoding="utf-8")
    folder = tmp_path / "warcs"
    GLOBAL_OPTIONS.settings = site.archive.settings
    try:
        assert run(["--archive", str(site.archive.settings.archive), "export", "warc", str(folder)]) == 0
    finally:
        GLOBAL_OPTIONS.settings = None
    site.archive.close()
    site.archive = site.open(tmp_path / "imported.db")
    site.archive.import_files(sorted(folder.glob("*.warc.gz")), site="t")
    assert (moves(site), site.rows(claims)) == before
    assert verify(site.archive.settings.archive, deep=True).whole


def test_the_search_is_bounded_where_all_pages_have_one_text(site: Scripted) -> None:
    """A site that answers each address with the same page: no page moved, and few versions are compared."""
    paths = [f"/p{number}" for number in range(24)]
    start(site, *paths)
    for path in paths[:12]:
        site.answers[path] = GONE
    home(site, *paths)
    crawl(site)
    crawl(site)
    assert moves(site) == []
    store = site.archive.store
    plan = [str(row["detail"]) for row in store.sql("EXPLAIN QUERY PLAN " + _ARRIVED, ("[]",))]
    assert not [step for step in plan if step.startswith("SCAN ") and "_" in step], plan


def test_an_older_capture_of_the_new_address_refutes_a_move(site: Scripted) -> None:
    """Both addresses had the text before the first crawl, so it did not move from one to the other."""
    start(site, "/a")
    site.answers["/a"] = GONE
    put(site, "/b")
    home(site, "/b")
    crawl(site)
    found = site.rows("SELECT found_at FROM moves")
    (site.selectors / "t.toml").write_text(site.profile().text, encoding="utf-8")
    site.clock.advance(hours=-1)
    site.archive.capture(f"{site.url}/b")
    assert moves(site) == [("/a", "/b", "same_content")]
    assert site.rows("SELECT found_at FROM moves") == found
    site.clock.advance(days=-5)
    site.archive.capture(f"{site.url}/b")
    assert moves(site) == []


def test_a_redirect_whose_address_differs_at_each_visit_is_one_move(site: Scripted) -> None:
    start(site, "/a")
    put(site, "/b?utm_x=1", OTHER)
    put(site, "/b?utm_x=2", OTHER)
    redirect(site, "/a", "/b?utm_x=1")
    assert crawl(site).tally.moved == 1
    redirect(site, "/a", "/b?utm_x=2")
    assert crawl(site).tally.moved == 0
    assert len(moves(site)) == 1


def test_a_chain_of_moves_leads_to_its_end(site: Scripted) -> None:
    start(site, "/a")
    redirect(site, "/a", "/b")
    put(site, "/b")
    crawl(site)
    redirect(site, "/b", "/c")
    put(site, "/c")
    crawl(site)
    assert [each[:2] for each in moves(site)] == [("/a", "/b"), ("/b", "/c")]
    move = site.archive.page(f"{site.url}/a").moved_to
    assert move is not None
    assert move.moved_to == f"{site.url}/c"
    assert [each.url for each in site.archive.page(f"{site.url}/c").moved_from] == [f"{site.url}/b"]
