"""Rare orders of visits, profiles and failures: none of them invents, hides or loses an edit."""

import sqlite3
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest

from archiver.app.reading.state import CrawlSummary
from archiver.extract import read as reader
from archiver.extract.profile import parse_profile
from archiver.model.profile import Profile
from scripted import Answer, Scripted
from trials import lasting


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    yield scripted
    scripted.close()


def _profile(site: Scripted, fields: str = 'title = "h1"\nbody = "#b"', page: str = "") -> Profile:
    text = (
        f'[site]\nname = "t"\nhome = "{site.url}/a"\nlanguage = "vi"\n[crawl]\ndelay = 0.0\nsitemaps = []\nfeeds = []\n'
        f'[[page]]\nkind = "article"\n{page}\n[page.fields]\n{fields}\n'
    )
    return parse_profile(text, "t")


def _answer(site: Scripted, title: str = "T", body: str = "One.", path: str = "/a", extra: str = "") -> None:
    text = f"<h1>{title}</h1><h2>Sub</h2><div id=b><p>{body}</p></div>{extra}"
    site.answers[path] = (200, {}, text.encode())


def _crawl(site: Scripted, profile: Profile) -> CrawlSummary:
    summary = site.archive.crawl(profile, everything=True)
    site.clock.advance(days=1)
    return summary


def _fails(*_args: object, **_kwargs: object) -> None:
    raise KeyError("bug")


def _db(site: Scripted) -> sqlite3.Connection:
    return sqlite3.connect(site.archive.settings.archive)


@pytest.mark.soak
def test_a_clock_that_was_set_back_starves_no_page(site: Scripted) -> None:
    pages = lasting(60, 120)
    _answer(site, extra="".join(f"<a href=/p{n}>x</a>" for n in range(pages)))
    for n in range(pages):
        site.page(f"/p{n}", f"T{n}")
    profile = _profile(site)
    assert site.archive.crawl(profile).tally.visits == pages + 1
    site.clock.advance(hours=-1)
    assert site.archive.crawl(profile, everything=True).tally.visits == pages + 1
    site.clock.advance(hours=1, days=60)
    site.archive.crawl(profile)
    site.clock.advance(days=-100)
    assert site.archive.crawl(profile).tally.visits == pages + 1
    assert site.archive.crawl(profile).tally.visits == 0


def test_a_change_stays_when_the_profile_is_changed_back(site: Scripted) -> None:
    whole, less = _profile(site), _profile(site, 'title = "h1"', "fallback = false")
    _answer(site, "T1")
    _crawl(site, whole)
    _answer(site, "T2")
    _crawl(site, whole)
    assert site.rows("SELECT field, old, new FROM changes") == [("title", "T1", "T2")]
    _crawl(site, less)
    _answer(site, "T2", "Two.")
    _crawl(site, less)
    _crawl(site, whole)
    assert site.rows("SELECT field, old, new FROM changes") == [("title", "T1", "T2")]
    assert site.rows("SELECT title, body FROM versions ORDER BY version") == [("T1", "One."), ("T2", "Two.")]


def test_a_late_visit_leaves_versions_whose_bytes_are_pruned(site: Scripted) -> None:
    old, new = _profile(site), _profile(site, 'title = "h2"\nbody = "#b"')
    for n in range(4):
        _answer(site, f"T{n}")
        _crawl(site, old)
    visits = site.rows("SELECT visit_id, page_id FROM visits WHERE url LIKE '%/a' ORDER BY 1")
    site.archive.store.pruning.prune(1, visits[0][1], [visit for visit, _ in visits[:3]])
    _crawl(site, new)
    titles = "SELECT title FROM versions ORDER BY version"
    assert site.rows(titles) == [("T0",), ("T1",), ("T2",), ("Sub",)]
    site.clock.advance(days=-1.5)
    _crawl(site, new)
    assert site.rows(titles) == [("T0",), ("T1",), ("T2",), ("Sub",)]
    assert ("title", "T0", "T1") in site.rows("SELECT field, old, new FROM changes")


def test_extract_goes_on_from_pages_that_went_over_at_a_visit(site: Scripted) -> None:
    old, new = _profile(site), _profile(site, 'title = "h2"\nbody = "#b"')
    _answer(site, extra="<a href=/b>b</a>")
    _answer(site, path="/b")
    _crawl(site, old)
    site.archive.crawl(new, everything=True, limit=1)
    (site.selectors / "t.toml").write_text(new.text)
    done = site.archive.extract("t")
    assert [(each.field, each.pages) for each in done.fields] == [("title", 2)]
    assert len(site.rows("SELECT url FROM reinterpretations WHERE field = 'title'")) == 2


def test_extract_leaves_a_page_of_which_nothing_can_be_read(site: Scripted) -> None:
    old, new = _profile(site), _profile(site, 'title = "h2"\nbody = "#b"')
    _answer(site, extra="<a href=/b>b</a>")
    _answer(site, "B", path="/b")
    _crawl(site, old)
    ((visit, page),) = site.rows("SELECT visit_id, page_id FROM visits WHERE url LIKE '%/b'")
    site.archive.store.pruning.prune(1, page, [visit])
    (site.selectors / "t.toml").write_text(new.text)
    site.archive.extract("t")
    assert _db(site).execute("SELECT count(*) FROM _version WHERE current = 3").fetchone() == (0,)
    assert site.rows("SELECT title FROM pages ORDER BY page_id") == [("Sub",), ("B",)]


def test_a_page_that_a_redirect_leads_to_first_has_that_address(site: Scripted) -> None:
    _answer(site, extra="<a href=/old>o</a>")
    site.answers["/old"] = (301, {"Location": "/new"}, b"")
    _answer(site, "New", path="/new")
    _crawl(site, _profile(site))
    rows = _db(site).execute("SELECT u.url, p.url, how FROM _page_url u JOIN _page p USING (page_id)").fetchall()
    assert rows == [(f"{site.url}/old", f"{site.url}/new", "redirect")]


def test_a_304_to_a_capture_nobody_could_read_confirms_no_version(
    site: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = {"etag": '"1"', "body": "One."}

    def rule(path: str, headers: Message) -> Answer | None:
        if path == "/robots.txt":
            return None
        if headers.get("If-None-Match") == now["etag"]:
            return 304, {"ETag": now["etag"]}, b""
        links = "<a href=/b>b</a><a href=/c>c</a>"
        return 200, {"ETag": now["etag"]}, f"<h1>T</h1><div id=b>{now['body']}</div>{links}".encode()

    site.rule = rule
    profile = _profile(site)
    for _ in range(9):
        _crawl(site, profile)
    now.update(etag='"2"', body="Two.")
    with monkeypatch.context() as patch:
        patch.setattr(reader, "_read_page", _fails)
        assert _crawl(site, profile).tally.unread == 3
    failed_at = site.rows("SELECT max(visited_at) FROM visits WHERE cause = 'reader_failed'")[0][0]
    _crawl(site, profile)
    assert site.rows(f"SELECT 1 FROM versions WHERE body = 'One.' AND seen_last > '{failed_at}'") == []


def test_bytes_that_another_profile_found_nothing_in_are_no_proof_of_the_old_version(site: Scripted) -> None:
    article = _profile(site)
    listing = parse_profile(article.text.replace('"article"', '"listing"').split("[page.fields]")[0], "t")
    _answer(site, "T1")
    _crawl(site, article)
    _answer(site, "T2")
    _crawl(site, listing)
    _crawl(site, article)
    assert site.rows("SELECT field, old, new FROM changes") == [("title", "T1", "T2")]


def test_what_could_not_be_read_at_first_is_no_change_later(site: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    from archiver.app.crawling.fallback_worker import FallbackWorker
    from archiver.extract.fallback import FallbackFailed

    def fails(*_: object) -> str:
        raise FallbackFailed("it took too long")

    text = "<h1>T</h1><article><p>" + "Ao làng được nạo vét hôm thứ Hai. " * 20 + "</p></article>"
    site.answers["/a"] = (200, {}, text.encode())
    profile = _profile(site, 'title = "h1"')
    with monkeypatch.context() as patch:
        patch.setattr(FallbackWorker, "guess", fails)
        _crawl(site, profile)
    assert _crawl(site, profile).tally.changed == 0
    assert site.rows("SELECT field FROM changes") == []
    assert len(site.rows("SELECT body FROM pages WHERE body IS NOT NULL")) == 1


def test_a_page_visited_in_the_batch_of_its_sitemap_is_not_due_again_at_once(site: Scripted) -> None:
    def sitemap(moment: str) -> None:
        urls = "".join(f"<url><loc>{site.url}/p{n}</loc><lastmod>{moment}</lastmod></url>" for n in range(6))
        text = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'
        site.answers["/map.xml"] = (200, {"Content-Type": "application/xml"}, text.encode())

    text = _profile(site).text.replace("sitemaps = []", f'connections = 4\nsitemaps = ["{site.url}/map.xml"]')
    profile = parse_profile(text, "t")
    _answer(site)
    for n in range(6):
        site.page(f"/p{n}", "P")
    for _ in range(4):
        sitemap(f"{site.clock():%Y-%m-%dT%H:%M:%SZ}")
        site.archive.crawl(profile, everything=True)
        late = _db(site).execute(
            "SELECT url, due_at, last_visited FROM _frontier JOIN _page USING (page_id) WHERE due_at < last_visited"
        )
        assert late.fetchall() == []
        site.clock.advance(days=1)


def test_a_page_is_not_gone_once_no_reading_says_so(site: Scripted) -> None:
    gone = _profile(site, page='gone = { css = "h2", pattern = "Sub" }')
    blind = _profile(site, 'title = "h4"\nbody = "#zz"', "fallback = false")
    _answer(site)
    _crawl(site, gone)
    _crawl(site, gone)
    assert site.rows("SELECT state FROM pages") == [("gone",)]
    (site.selectors / "t.toml").write_text(blind.text)
    site.archive.extract("t")
    assert site.rows("SELECT * FROM absences") == []
    assert site.rows("SELECT state FROM pages") == [("unknown",)]
