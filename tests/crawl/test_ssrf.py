"""No page, list or redirect of a public site leads a request into this machine or network, by any route."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.app.archive import Archive
from archiver.app.crawling.explain_robots import explain_robots
from archiver.app.crawling.probe_site import probe_site
from archiver.errors import UsageError
from archiver.extract.profile import parse_profile
from archiver.model.clock import SettableClock
from archiver.model.policy import Retries
from archiver.model.profile import Profile
from archiver.settings import Settings
from internet import INSIDE, OTHER, PUBLIC, Internet
from made import START

TEXT = "<p>" + "Some longer text of the article for a reader. " * 20 + "</p>"


@pytest.fixture
def internet() -> Iterator[Internet]:
    """A public site whose pages, lists and redirects name servers of this network in every way."""
    internet = Internet()
    internet.hosts |= {
        "pub.example": [PUBLIC],
        "other.example": [OTHER],
        "mixed.example": [PUBLIC, INSIDE],
        "inside.example": [INSIDE],
    }
    inner, public = internet.url(INSIDE), internet.url("pub.example")
    site = {
        "/robots.txt": f"User-agent: *\nDisallow: /no\nSitemap: {inner}sm.xml\nSitemap: {public}sm.xml\nSitemap: /lists\n",
        "/sm.xml": f"<urlset><url><loc>{inner}fromsm</loc></url><url><loc>{public}p1</loc></url></urlset>",
        "/feed.xml": f"<rss><channel><item><link>{inner}fromfeed</link></item></channel></rss>",
        "/": f"""<html><head><link rel=alternate type=application/rss+xml href={inner}feed.xml>
            <link rel=alternate type=application/rss+xml href=/feed.xml><link rel=canonical href={inner}canon>
            <link rel=next href={inner}next><link rel=stylesheet href={inner}s.css><base target=x>
            <meta http-equiv=refresh content='5;url={inner}refresh'></head><body><h1>Home</h1>{TEXT}
            <a href={inner}link>x</a> <a href=/redir>y</a> <a href=/chain>z</a> <a href=/hosts>z</a>
            <a href={inner}a.pdf>pdf</a> <a href=/r.pdf>pdf2</a> <img src={inner}i.png srcset='{inner}j.png 2x'>
            <iframe src={inner}frame></iframe> <area href={inner}area>
            <button onclick="location.href='{inner}button'">b</button> <a href=/decimal>d</a> <a href=/mapped>m</a>
            <a href=/named>n</a> <a href=/refresh>r</a></body></html>""",
        "/refresh": f"<meta http-equiv=refresh content='0;url={inner}refreshed'>",
        "/p1": f"<h1>P1</h1>{TEXT}<p><a href={inner}b.pdf>file</a> <a href=/r.pdf>file</a></p>",
    }
    redirects = {
        "/redir": f"{inner}secret",
        "/chain": internet.url("other.example", "/redir"),
        "/r.pdf": f"{inner}secret.pdf",
        "/decimal": internet.url("2130706433", "/decimal"),
        "/mapped": internet.url("[::ffff:127.0.0.1]", "/mapped"),
        "/named": internet.url("inside.example", "/named"),
        "/hosts": internet.url("localhost", "/localhost"),
        "/lists": f"{inner}lists",
    }
    for path, body in site.items():
        internet.answers[PUBLIC, path] = (
            200,
            {"Refresh": f"9; url={inner}header"} if path == "/" else {},
            body.encode(),
        )
    for path, target in redirects.items():
        internet.answers[PUBLIC, path] = internet.answers[OTHER, path] = (302, {"Location": target}, b"")
    internet.rule = lambda address, _path: (200, {}, f"<h1>Secret</h1>{TEXT}".encode()) if address == INSIDE else None
    yield internet
    internet.close()


@pytest.fixture
def archive(internet: Internet, tmp_path: Path) -> Iterator[Archive]:
    (tmp_path / "selectors").mkdir()
    hosts = [internet.url(host) for host in ("pub.example", "mixed.example", "inside.example", PUBLIC)]
    text = profile(internet, crawl=f"scope = {hosts}").text
    (tmp_path / "selectors" / "t.toml").write_text(text, encoding="utf-8")
    settings = Settings(
        tmp_path / "a.db", (tmp_path / "selectors",), SettableClock(START), Retries(1, 0.0, 0.01), guard=internet.guard
    )
    with Archive(settings) as archive:
        yield archive


def profile(internet: Internet, host: str = "pub.example", crawl: str = "") -> Profile:
    return parse_profile(
        f'[site]\nname = "t"\nhome = "{internet.url(host)}"\n[crawl]\ndelay = 0.0\nfiles = ["pdf"]\n{crawl}\n'
        '[[page]]\nkind = "article"\n[page.fields]\ntitle = "h1"\nbody = "p"\n',
        "t",
    )


def test_a_crawl(internet: Internet, archive: Archive) -> None:
    archive.crawl(profile(internet), everything=True)
    archive.crawl(profile(internet), everything=True)
    assert internet.reached == set()
    assert (PUBLIC, f"pub.example:{internet.port}", "/redir") in internet.asked
    assert (PUBLIC, f"pub.example:{internet.port}", "/p1") in internet.asked


@pytest.mark.parametrize("is_crawl", [True, False])
def test_requisites(internet: Internet, archive: Archive, is_crawl: bool) -> None:
    """A host of the site's own domain, a style sheet and a redirect name servers of this network; a listed host does, too."""
    internet.hosts["static.pub.example"] = [INSIDE]
    inner, listed = internet.url("static.pub.example"), internet.url("inside.example")
    html = f"<h1>A</h1>{TEXT}<link rel=stylesheet href=/a.css><img src={inner}i.png><img src=/redir><img src={listed}k.png>"
    internet.answers[PUBLIC, "/p1"] = (200, {}, html.encode())
    css = f"@import '{inner}b.css'; i{{background:url({internet.url(INSIDE)}j.png)}}".encode()
    internet.answers[PUBLIC, "/a.css"] = (200, {"Content-Type": "text/css"}, css)
    rules = profile(
        internet, crawl=f'requisites = "first"\nrequisite_hosts = ["{INSIDE}", "inside.example"]\nstart = ["/p1"]'
    )
    if is_crawl:
        archive.crawl(rules, everything=True)
    else:
        (archive.settings.selectors[0] / "t.toml").write_text(rules.text, encoding="utf-8")
        archive.capture(internet.url("pub.example", "/p1"), requisites=True)
    assert (PUBLIC, f"pub.example:{internet.port}", "/a.css") in internet.asked
    assert internet.reached == set()


def test_a_named_start_in_this_network_is_crawled(internet: Internet, archive: Archive) -> None:
    start = internet.url("inside.example", "/x")
    archive.crawl(profile(internet, crawl=f'scope = ["{start}"]\nstart = ["{start}"]'), everything=True)
    assert "/x" in internet.reached


@pytest.mark.parametrize(
    "path", ["/", "/redir", "/chain", "/r.pdf", "/decimal", "/mapped", "/named", "/hosts", "/refresh", "/p1"]
)
@pytest.mark.parametrize("host", ["pub.example", "mixed.example", PUBLIC])
def test_captures(internet: Internet, archive: Archive, host: str, path: str) -> None:
    archive.capture(internet.url(host, path), files=True)
    assert internet.reached == set()
    assert list(archive.sql(f"SELECT 1 FROM visits WHERE url LIKE '%{path}'"))


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "0x7f000001", "0"])
def test_a_redirect_to_a_number_says_why_it_is_refused(internet: Internet, archive: Archive, host: str) -> None:
    internet.answers[PUBLIC, "/decimal"] = (302, {"Location": internet.url(host, "/inner")}, b"")
    archive.capture(internet.url("pub.example", "/decimal"))
    rows = [
        tuple(row.values()) for row in archive.sql("SELECT outcome, note FROM visits ORDER BY visit_id DESC LIMIT 2")
    ]
    assert [outcome for outcome, _ in rows] == ["refused", "moved"]
    assert "is a server of this machine or network, so it was not requested" in rows[0][1]
    assert internet.reached == set()


def test_a_capture_of_several_addresses(internet: Internet, archive: Archive) -> None:
    """An address of this network that the user names is captured; it opens nothing for the others."""
    assert archive.capture(internet.url("inside.example", "/wanted")).state.outcome == "ok"
    assert archive.capture(internet.url("pub.example", "/redir")).state.outcome == "refused"
    assert internet.reached == {"/robots.txt", "/wanted"}


def test_robots_txt_that_redirects_inside(internet: Internet, archive: Archive) -> None:
    internet.answers[PUBLIC, "/robots.txt"] = (302, {"Location": internet.url(INSIDE, "/robots.txt")}, b"")
    state = archive.capture(internet.url("pub.example", "/p1")).state
    assert (state.outcome, internet.reached) == ("refused", set())
    assert "robots.txt could not be fetched" in (state.note or "")
    assert explain_robots(internet.url("pub.example", "/p1"), archive.settings, fresh=True).status is None
    assert internet.reached == set()


@pytest.mark.parametrize("path", ["/", "/redir", "/chain"])
def test_a_new_profile(internet: Internet, archive: Archive, path: str) -> None:
    try:
        probe_site(internet.url("pub.example", path), archive.settings)
    except UsageError as error:
        assert "is a server of this machine or network" in str(error)  # noqa: PT017
    assert internet.reached == set()
    assert internet.asked


def test_a_site_of_this_network_is_archived(internet: Internet, archive: Archive) -> None:
    internet.hosts["cdn.inside.example"] = [INSIDE]
    found = {"/": f"<h1>Home</h1>{TEXT}<a href=/in>x</a><a href=/out>x</a>".encode()}

    def answer(address: str, path: str) -> tuple[int, dict[str, str], bytes] | None:
        if address != INSIDE:
            return None
        if path == "/in":
            return 302, {"Location": internet.url("cdn.inside.example", "/moved")}, b""
        return 200, {}, found.get(path, f"<h1>Page</h1>{TEXT}".encode())

    internet.rule = answer
    assert archive.capture(internet.url("inside.example", "/in")).state.final_url.endswith("/moved")
    archive.crawl(profile(internet, "inside.example"), everything=True)
    assert {"/", "/in", "/out"} <= internet.reached


def test_a_site_that_moves_inside_during_a_crawl(internet: Internet, archive: Archive) -> None:
    """The DNS server of a public site answers with a private address from the third question on."""
    asked = 0

    def found() -> list[str]:
        nonlocal asked
        asked += 1
        return [PUBLIC] if asked <= 2 else [INSIDE]

    internet.hosts["pub.example"] = found
    archive.crawl(replace(profile(internet)), everything=True)
    assert internet.reached == set()
    assert asked > 2
