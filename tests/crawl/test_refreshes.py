"""A page that is nothing but a refresh is a redirect: in crawls, captures, imports, and when it is read again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.app.exporting.warc_out import export_warc
from archiver.app.exporting.warc_target import WarcOptions
from archiver.maintain.verify.verify import verify
from archiver.model.capture import Capture
from archiver.model.event import ignore
from scripted import Answer, Scripted

TEXT = "Hơn ba trăm học sinh đã tham gia ngày hội đọc sách. " * 8


def stub(target: str) -> Answer:
    html = (
        f'<title>Redirecting</title><meta http-equiv="refresh" content="0; url={target}"><p><a href="{target}">here</a>'
    )
    return 200, {}, html.encode()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    made = Scripted(tmp_path / "archive.db")
    made.page("/", "Home", extra="<a href=/meta>a</a> <a href=/header>b</a> <a href=/x>c</a> <a href=/news>d</a>")
    made.answers |= {
        "/meta": stub("/new"),
        "/header": (200, {"Refresh": "0;url=/other"}, b""),
        "/x": stub("/y"),
        "/y": stub("/x"),
    }
    made.page("/new", "New", TEXT)
    made.page("/other", "Other", TEXT)
    made.page("/news", "News", TEXT, '<meta http-equiv="refresh" content="300">')
    yield made
    made.close()


def outcomes(site: Scripted) -> dict[str, tuple[str, int]]:
    rows = site.rows("SELECT url, outcome, status FROM visits WHERE url NOT LIKE '%robots.txt'")
    return {url.removeprefix(site.url): (outcome, status) for url, outcome, status in rows}


def test_a_crawl_follows_refreshes_and_circles_end(site: Scripted) -> None:
    site.crawl()
    moved = dict.fromkeys(("/meta", "/header", "/x", "/y"), ("moved", 200))
    assert outcomes(site) == moved | dict.fromkeys(("/", "/new", "/other", "/news"), ("ok", 200))
    assert len(site.asked) == len(set(site.asked))
    assert {url for (url,) in site.rows("SELECT DISTINCT url FROM versions")} == {
        site.url + path for path in ("/", "/new", "/other", "/news")
    }
    assert verify(site.archive.settings.archive, deep=True).whole
    before = site.rows("SELECT visit_id, outcome, final_url FROM visits ORDER BY visit_id")
    site.archive.extract("t")
    assert site.rows("SELECT visit_id, outcome, final_url FROM visits ORDER BY visit_id") == before


@pytest.mark.parametrize(("path", "title"), [("/meta", "New"), ("/header", "Other")])
def test_a_capture_shows_the_target(site: Scripted, path: str, title: str) -> None:
    site.archive.capture(site.url + path)
    content = site.archive.page(site.url + path).state_at(None, None).content
    assert content is not None
    assert content.title == title


def test_a_capture_of_a_circle_ends(site: Scripted) -> None:
    site.archive.capture(f"{site.url}/x")
    assert site.asked.count("/x") == site.asked.count("/y") == 1
    assert "redirect loop" in str(site.rows("SELECT note FROM visits ORDER BY visit_id DESC LIMIT 1"))


def test_a_capture_of_an_earlier_version_is_read_as_a_redirect(site: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    def unchanged(capture: Capture) -> Capture:
        return capture

    with monkeypatch.context() as earlier:
        for module in ("archiver.fetch.http", "archiver.crawl.read_capture"):
            earlier.setattr(f"{module}.followed", unchanged)
        earlier.setattr("archiver.extract.reader_version.CODE_VERSION", "0")
        site.crawl()
    assert (outcomes(site)["/meta"], outcomes(site)["/header"]) == (("ok", 200), ("ok", 200))
    site.archive.extract("t")
    assert outcomes(site)["/meta"] == outcomes(site)["/header"] == ("moved", 200)
    assert site.rows("SELECT count(*) FROM versions WHERE url LIKE '%/meta'") == [(0,)]
    assert verify(site.archive.settings.archive, deep=True).whole
    site.crawl()
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]


def test_an_import_decides_alike(site: Scripted, tmp_path: Path) -> None:
    site.crawl()
    export_warc(site.archive.store, site.archive.settings, tmp_path / "warc", WarcOptions(), ignore)
    query = "SELECT url, outcome, final_url FROM visits ORDER BY url"
    with site.open(tmp_path / "imported.db") as other:
        other.import_files(sorted((tmp_path / "warc").glob("*.warc.gz")))
        assert list(other.sql(query)) == list(site.archive.sql(query))
