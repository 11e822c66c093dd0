"""Pages that appear at another address with the same content while the old address does not answer any more."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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
    rows = site.rows("SELECT url, moved_to, how FROM moves ORDER BY url")
    return [(old.removeprefix(site.url), new.removeprefix(site.url), how) for old, new, how in rows]


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
    paths = [f"/p{number}" for number in range(60)]
    start(site, *paths)
    for path in paths[:30]:
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
