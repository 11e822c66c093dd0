"""Sitemaps and feeds: the pages that they list are found, and their hints count by their accuracy."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.extract.profile import parse_profile
from archiver.maintain.verify.verify import verify
from archiver.model.profile import Profile
from scripted import Scripted

XML = {"Content-Type": "application/xml"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    scripted.page("/", "Home")
    for name in "abcd":
        scripted.page(f"/{name}", name.upper())
    yield scripted
    scripted.close()


def _profile(site: Scripted, crawl: str = "") -> Profile:
    text = f"""[site]\nname = "t"\nhome = "{site.url}/"\n[crawl]\ndelay = 0.0\n{crawl}
        [[page]]\nkind = "article"\n[page.fields]\ntitle = "h1"\nbody = "#b"\n"""
    return parse_profile(text, "t")


def _sitemap(site: Scripted, *rows: tuple[str, str], root: str = "urlset") -> bytes:
    item = "url" if root == "urlset" else "sitemap"
    actual = "".join(
        f"<{item}><loc>{site.url if path.startswith('/') else ''}{path}</loc>{f'<lastmod>{when}</lastmod>' if when else ''}</{item}>"
        for path, when in rows
    )
    return f'<?xml version="1.0"?><{root}>{actual}</{root}>'.encode()


def _titles(site: Scripted) -> list[str]:
    return [row[0] for row in site.rows("SELECT title FROM pages WHERE title IS NOT NULL ORDER BY title")]


def test_a_robots_txt_names_an_index_of_gzip_sitemaps(site: Scripted) -> None:
    site.answers["/robots.txt"] = (200, {}, f"User-agent: *\nDisallow: /d\nSitemap: {site.url}/index.xml".encode())
    site.answers["/index.xml"] = (
        200,
        XML,
        _sitemap(site, ("/maps/1.xml.gz", ""), ("/index.xml", ""), root="sitemapindex"),
    )
    packed = gzip.compress(
        _sitemap(site, ("/a", ""), ("/b", "2022-10-01"), ("/d", ""), ("http://elsewhere.example/x", ""))
    )
    site.answers["/maps/1.xml.gz"] = (200, {"Content-Type": "application/x-gzip"}, packed)
    site.archive.crawl(_profile(site))
    assert _titles(site) == ["A", "B", "Home"]
    actual = dict(site.rows("SELECT url, reason FROM visits"))
    assert actual[f"{site.url}/index.xml"] == "robots.txt names it"
    assert actual[f"{site.url}/maps/1.xml.gz"] == "a sitemap index lists it"
    assert actual[f"{site.url}/a"] == "sitemap"
    kinds = dict(site.rows("SELECT url, kind FROM pages"))
    assert kinds[f"{site.url}/index.xml"] == kinds[f"{site.url}/maps/1.xml.gz"] == "sitemap"
    assert "http://elsewhere.example/x" not in kinds
    assert dict(site.rows("SELECT url, outcome FROM visits"))[f"{site.url}/d"] == "refused"
    assert site.asked.count("/sitemap.xml") == 0
    assert verify(site.archive.settings.archive, deep=True).whole


TXT = {"Content-Type": "text/plain"}


@pytest.mark.parametrize(
    ("path", "headers", "text"),
    [
        ("/one.txt", TXT, "{u}/a\n{u}/b"),
        ("/a/nl", TXT, "\n\n{u}/a\n\n  {u}/b  \n"),
        ("/cr.txt", TXT, "\ufeff{u}/a\r{u}/b\r"),
        ("/export?type=all", {}, "# our pages\r\n{u}/a\r\n{u}/b"),
        ("/pages.txt", {"Content-Type": "text/html; charset=utf-8"}, "{u}/a\n{u}/b\n"),
        ("/pages", {"Content-Type": "application/octet-stream"}, "{u}/a\n{u}/b\n"),
    ],
)
@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("named_by", ["robots", "profile"])
def test_a_plain_list_that_is_named_is_read_whatever_its_name(
    site: Scripted, path: str, headers: dict[str, str], text: str, is_packed: bool, named_by: str
) -> None:
    body = text.format(u=site.url).encode()
    if is_packed:
        path, headers, body = f"{path}.gz", {"Content-Type": "application/gzip"}, gzip.compress(body)
    site.answers[path] = (200, headers, body)
    robots = f"Sitemap: {site.url}{path}" if named_by == "robots" else ""
    site.answers["/robots.txt"] = (200, TXT, robots.encode())
    site.archive.crawl(_profile(site, f'sitemaps = ["{path}"]' if named_by == "profile" else ""))
    assert _titles(site) == ["A", "B", "Home"]
    (outcome,) = site.rows(f"SELECT outcome, note FROM visits WHERE url LIKE '%{path}'")
    assert outcome == ("ok", None)


@pytest.mark.parametrize("text", ["Dear reader\n{u}/a\n", "{u}/a\n/b\n", "{u}/a {u}/b\n", "# nothing\n"])
def test_a_text_with_anything_else_is_no_list(site: Scripted, text: str) -> None:
    site.answers["/one.txt"] = (200, TXT, text.format(u=site.url).encode())
    site.answers["/robots.txt"] = (200, TXT, f"Sitemap: {site.url}/one.txt".encode())
    site.archive.crawl(_profile(site))
    assert _titles(site) == ["Home"]
    assert site.rows("SELECT outcome FROM visits WHERE url LIKE '%one.txt'") == [("skipped",)]


def test_a_text_file_of_addresses_that_nobody_names_as_a_list_is_a_file(site: Scripted) -> None:
    site.answers["/one.txt"] = (200, TXT, f"{site.url}/a\n".encode())
    site.archive.capture(f"{site.url}/one.txt")
    assert site.rows("SELECT body FROM pages WHERE url LIKE '%one.txt'") == [(f"{site.url}/a",)]


def test_a_guessed_sitemap_is_requested_once(site: Scripted) -> None:
    for _ in range(3):
        site.archive.crawl(_profile(site), everything=True)
        site.clock.advance(days=1)
    assert site.asked.count("/sitemap.xml") == 1
    assert site.rows("SELECT count(*) FROM absences") == [(0,)]
    site.answers["/sitemap.xml"] = (200, XML, _sitemap(site, ("/c", "")))
    site.archive.crawl(_profile(site, 'sitemaps = ["/sitemap.xml"]'), everything=True)
    assert site.asked.count("/sitemap.xml") == 2, (
        "a guessed sitemap that failed is requested again when the profile names it"
    )
    assert _titles(site) == ["C", "Home"]


@pytest.mark.parametrize("robots", ["", "Sitemap: /nowhere.xml", "Sitemap: //"])
@pytest.mark.parametrize("path", ["/sitemap.xml", "/sitemap_index.xml"])
def test_a_sitemap_is_found_although_robots_txt_names_none_or_a_wrong_one(
    site: Scripted, robots: str, path: str
) -> None:
    site.answers["/robots.txt"] = (200, {}, f"User-agent: *\nDisallow:\n{robots}\n".encode())
    site.answers[path] = (200, {"Content-Type": "text/html; charset=utf-8"}, _sitemap(site, ("/a", ""), ("/b", "")))
    site.archive.crawl(_profile(site))
    assert _titles(site) == ["A", "B", "Home"]
    asked = [each for each in site.asked if each.startswith("/sitemap")]
    assert len(asked) == len(set(asked))
    site.clock.advance(days=1)
    site.archive.crawl(_profile(site), everything=True)
    assert site.asked.count("/sitemap_index.xml") <= 2


def test_a_named_sitemap_that_answers_stops_the_guess(site: Scripted) -> None:
    site.answers["/robots.txt"] = (200, {}, b"Sitemap: /my.xml\n")
    site.answers["/my.xml"] = (200, XML, b"\n<!-- made by hand -->\n" + _sitemap(site, ("/a", "")))
    site.archive.crawl(_profile(site))
    assert _titles(site) == ["A", "Home"]
    assert [each for each in site.asked if each.startswith("/sitemap")] == []


def test_an_html_page_at_the_address_of_a_sitemap_is_no_page(site: Scripted) -> None:
    site.page("/sitemap.xml", "Trang chủ")
    site.archive.crawl(_profile(site))
    assert _titles(site) == ["Home"]
    assert dict(site.rows("SELECT url, outcome FROM visits"))[f"{site.url}/sitemap.xml"] == "skipped"


def test_a_feed_that_a_page_names_and_one_that_the_profile_names(site: Scripted) -> None:
    site.page("/", "Home", extra="<link rel=alternate type=application/rss+xml href=/feed>")
    rss = f"<rss version='2.0'><channel><item><link>{site.url}/a</link></item></channel></rss>"
    site.answers["/feed"] = (200, {"Content-Type": "application/rss+xml"}, rss.encode())
    atom = f"<feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='{site.url}/b'/></entry></feed>"
    site.answers["/atom"] = (200, {"Content-Type": "application/atom+xml"}, atom.encode())
    site.archive.crawl(_profile(site, "sitemaps = []"))
    assert _titles(site) == ["A", "Home"]
    site.archive.crawl(_profile(site, 'sitemaps = []\nfeeds = ["/atom"]'))
    assert _titles(site) == ["A", "B", "Home"]


def test_a_hint_makes_a_page_due_once(site: Scripted) -> None:
    rules = 'sitemaps = ["/sitemap.xml"]\nrevisit = { min = "1h", max = "30d" }'
    site.answers["/sitemap.xml"] = (200, XML, _sitemap(site, ("/a", "2022-10-01"), ("/b", "2022-10-01")))
    site.archive.crawl(_profile(site, rules))
    for _ in range(40):  # until all pages have a long wait
        site.clock.advance(days=2)
        site.archive.crawl(_profile(site, rules))
    site.page("/a", "A", "Một câu khác.")
    site.answers["/sitemap.xml"] = (200, XML, _sitemap(site, ("/a", "2023-01-09T10:00:00Z"), ("/b", "2022-10-01")))
    site.asked.clear()
    site.clock.advance(days=1)
    site.archive.crawl(_profile(site, rules))
    assert site.asked == ["/robots.txt", "/sitemap.xml", "/", "/a"], "what was hinted at, and the start page each day"
    reason = site.rows(f"SELECT reason FROM visits WHERE url = '{site.url}/a' ORDER BY visit_id DESC LIMIT 1")
    assert reason == [("hint: sitemap says newer",)]


def test_hints_of_a_sitemap_that_dates_all_pages_now_lose_their_effect(site: Scripted) -> None:
    names = [f"/p{number}" for number in range(40)]
    for name in names:
        site.page(name, name)
    rules = 'sitemaps = ["/sitemap.xml"]\nrevisit = { min = "1h", max = "30d" }'
    visits = []
    for _ in range(40):
        now = site.clock().isoformat()
        site.answers["/sitemap.xml"] = (200, XML, _sitemap(site, *((name, now) for name in names)))
        visits.append(site.archive.crawl(_profile(site, rules)).tally.visits)
        site.clock.advance(hours=6)
    assert sum(visits[-10:]) < 10 * len(names) / 4, visits
