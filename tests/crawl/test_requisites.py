"""A crawl fetches what browsers need to show its pages: once, politely, within bounds, and never as pages."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.app.maintenance.pruning import prune
from archiver.app.reading.state import CrawlSummary
from archiver.crawl.site import WorkingSite
from archiver.extract.profile import parse_profile
from archiver.maintain.verify.verify import verify
from archiver.model.event import Visited
from archiver.model.profile import Profile
from archiver.polite.stop import StopFlag
from archiver.store.archive import vault_path
from archiver.store.pages import Extractor
from scripted import Scripted

CSS = {"Content-Type": "text/css"}
PNG = {"Content-Type": "image/png"}
WHY: dict[str, dict[str, int]] = {"foreign": {}, "failed_why": {}, "left_out_why": {}}
PIXEL = b"\x89PNG\r\n\x1a\n" + b"x" * 500


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    scripted.page("/", "Home", extra="<link rel=stylesheet href=/a.css><img src=/a.png>")
    scripted.answers["/a.css"] = (200, CSS, b"@import 'b.css'; i{background:url(/b.png)}")
    scripted.answers["/b.css"] = (200, CSS, b"@import url(a.css); @font-face{src:url(f.woff2)}")
    for path in ("/a.png", "/b.png", "/c.png"):
        scripted.answers[path] = (200, PNG, PIXEL)
    scripted.answers["/f.woff2"] = (200, {"Content-Type": "font/woff2"}, b"wOF2")
    yield scripted
    scripted.close()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Scripted]:
    (tmp_path / "other").mkdir()
    scripted = Scripted(tmp_path / "other" / "archive.db")
    scripted.answers["/x.png"] = (200, PNG, PIXEL)
    yield scripted
    scripted.close()


def _profile(site: Scripted, crawl: str = "", mode: str = "first", more: str = "") -> Profile:
    text = f"""[site]\nname = "t"\nhome = "{site.url}/"\n[crawl]\ndelay = 0.0\nsitemaps = []\nfeeds = []\n
        requisites = "{mode}"\n{crawl}\n{more}\n[[page]]\nkind = "article"\n[page.fields]\ntitle = "h1"\nbody = "#b"\n"""
    return parse_profile(text, "t")


def _asked(site: Scripted) -> list[str]:
    """Return what was asked since the last call, without robots.txt."""
    asked = [path for path in site.asked if path != "/robots.txt"]
    site.asked.clear()
    return asked


def _crawl(
    site: Scripted, profile: Profile, days: float = 1, *, everything: bool = True, limit: int | None = None
) -> CrawlSummary:
    summary = site.archive.crawl(profile, everything=everything, limit=limit)
    site.clock.advance(days=days)
    return summary


def _is_whole(site: Scripted) -> bool:
    return not verify(site.archive.store.path, deep=True).findings


def test_a_page_gets_its_requisites_once(site: Scripted) -> None:
    summary = _crawl(site, _profile(site))
    assert sorted(_asked(site)) == [
        "/",
        "/a.css",
        "/a.png",
        "/b.css",
        "/b.png",
        "/f.woff2",
    ]  # a.css and b.css are a circle
    assert dict(summary.requisites) == {"fetched": 5, "bytes": 1110, "failed": 0, "left_out": 0} | WHY
    assert summary.tally.visits == 1
    _crawl(site, _profile(site))
    assert _asked(site) == ["/"]
    assert _is_whole(site)


def test_none_is_the_default(site: Scripted) -> None:
    site.archive.crawl(replace(_profile(site, mode="none")))
    assert _asked(site) == ["/"]
    assert site.profile().crawl.requisites == "none"


def test_requisites_are_no_pages(site: Scripted) -> None:
    _crawl(site, _profile(site))
    _crawl(site, _profile(site))
    assert site.rows("SELECT url FROM pages") == [(f"{site.url}/",)]
    assert site.rows("SELECT pages FROM sites") == [(1,)]
    assert len(site.rows("SELECT url FROM versions")) == 1
    assert site.rows("SELECT * FROM changes") == []
    assert site.rows("SELECT visits, new_pages, errors FROM runs") == [(1, 1, 0), (1, 0, 0)]
    assert {row[0] for row in site.rows("SELECT url FROM requisites WHERE state = 'live' AND sha256 IS NOT NULL")} == {
        f"{site.url}/{name}" for name in ("a.css", "b.css", "a.png", "b.png", "f.woff2")
    }
    assert site.rows("SELECT DISTINCT reason_code FROM visits WHERE url LIKE '%png'") == [("requisite",)]
    assert site.archive.store.frontier.size(1) == 1


def test_a_page_with_a_new_address_asks_only_for_that(site: Scripted) -> None:
    _crawl(site, _profile(site))
    _asked(site)
    site.page("/", "Home", extra="<link rel=stylesheet href=/a.css><img src=/a.png><img src=/c.png>")
    _crawl(site, _profile(site))
    assert _asked(site) == ["/", "/c.png"]
    site.page("/", "Home", extra="<link rel=stylesheet href=/a.css?v=2>")
    site.answers["/a.css?v=2"] = (200, CSS, b"i{background:url(c.png)}")
    _crawl(site, _profile(site, more='[url]\nkeep = ["ItemID"]'))  # a page's key ignores v, a requisite's does not
    assert _asked(site) == ["/", "/a.css?v=2"]


def test_all_asks_again_after_thirty_days_by_validators(site: Scripted) -> None:
    conditional: list[str] = []
    tags = {path: f'"{path}"' for path in ("/a.css", "/b.css", "/a.png", "/b.png", "/f.woff2")}

    def answer(path: str, headers: object) -> tuple[int, dict[str, str], bytes] | None:
        if path not in tags:
            return None
        if headers["If-None-Match"] == tags[path]:  # type: ignore[index]
            conditional.append(path)
            return 304, {"ETag": tags[path]}, b""
        status, kind, body = site.answers[path]
        return status, kind | {"ETag": tags[path]}, body

    site.rule = answer
    profile = _profile(site, mode="all")
    _crawl(site, profile, days=29)
    _asked(site)
    _crawl(site, profile, days=2)
    assert _asked(site) == ["/"]
    summary = _crawl(site, profile)
    assert sorted(_asked(site)) == ["/", *sorted(tags)]
    assert sorted(conditional) == sorted(tags)
    assert summary.requisites["fetched"] == 5
    assert site.rows("SELECT count(*) FROM visits WHERE outcome = 'not_modified'") == [(5,)]
    assert site.rows("SELECT pages FROM sites") == [(1,)]
    assert _is_whole(site)


def test_from_first_to_all(site: Scripted) -> None:
    _crawl(site, _profile(site), days=10)
    _asked(site)
    _crawl(site, _profile(site, mode="all"), days=21)
    assert _asked(site) == ["/"]
    _crawl(site, _profile(site, mode="all"))
    assert len(_asked(site)) == 6


def test_a_missing_requisite_is_asked_for_once_and_is_no_error(site: Scripted) -> None:
    site.page("/", "Home", extra="<img src=/none.png><img src=/shut.png>")
    site.answers["/shut.png"] = (403, {}, b"no")
    summary = _crawl(site, _profile(site))
    assert summary.requisites["failed"] == 2
    assert summary.tally.errors == summary.tally.gone == 0
    _asked(site)
    _crawl(site, _profile(site))
    assert _asked(site) == ["/"]
    assert site.rows("SELECT * FROM absences") == site.rows("SELECT * FROM blind") == []
    assert site.rows("SELECT state FROM requisites WHERE url LIKE '%none.png'") == [("gone",)]


def test_a_requisite_whose_server_fails_is_tried_again_and_given_up_in_the_end(site: Scripted) -> None:
    site.page("/", "Home", extra="<img src=/late.png>")
    site.answers["/late.png"] = (503, {}, b"")
    _crawl(site, _profile(site), days=0.5)
    _crawl(site, _profile(site))
    assert site.asked.count("/late.png") == 2
    for _ in range(12):
        _crawl(site, _profile(site), days=8)
    assert site.asked.count("/late.png") < 12
    assert site.rows("SELECT ended FROM runs WHERE ended <> 'done'") == []


def test_a_page_that_is_served_at_the_address_of_a_requisite_is_not_read(site: Scripted) -> None:
    text = "<title>Not here</title><h1>Not here</h1><div id=b><p>words</p></div><a href=/linked>x</a><img src=/c.png>"
    site.answers["/a.css"] = site.answers["/a.png"] = (200, {}, text.encode())
    _crawl(site, _profile(site))
    assert sorted(_asked(site)) == ["/", "/a.css", "/a.png"]
    assert len(site.rows("SELECT url FROM versions")) == 1
    assert site.rows("SELECT DISTINCT from_url FROM links WHERE from_url LIKE '%css'") == []


def test_other_hosts_only_when_listed(site: Scripted, elsewhere: Scripted) -> None:
    site.page("/", "Home", extra=f"<img src={elsewhere.url}/x.png>")
    _crawl(site, _profile(site))
    assert elsewhere.asked == []
    host = elsewhere.url.partition("//")[2]
    _crawl(site, _profile(site, f'requisite_hosts = ["{host}"]'))
    assert elsewhere.asked == ["/robots.txt", "/x.png"]
    assert site.rows("SELECT pages FROM sites") == [(1,)]
    assert _is_whole(site)


@pytest.mark.parametrize(
    ("url", "is_wanted"),
    [
        ("http://www.portal.example/x.png", True),
        ("https://portal.example/x.png", True),
        ("http://static.portal.example/x.png", True),
        ("http://otherportal.example/x.png", False),
        ("http://portal.example.org/x.png", False),
        ("http://portal.example:8080/x.png", False),
        ("http://cdn.example/x.png", True),
        ("http://a.cdn.example/x.png", False),
        ("http://www.portal.example/private/x.png", False),
        ("http://www.portal.example/static/x.png", True),
        ("http://127.0.0.1/x.png", False),
    ],
)
def test_which_hosts_belong_to_a_site(url: str, is_wanted: bool) -> None:
    text = """[site]\nname = "t"\nhome = "http://www.portal.example/vi/"\n[crawl]\nscope = ["http://www.portal.example/vi/"]
        skip = ['/static/']\nrequisite_skip = ['/private/']\nrequisite_hosts = ["CDN.example"]\n"""
    working = WorkingSite(1, parse_profile(text, "t"), Extractor(1, "", "", ""))
    assert working.wants_requisite(url) is is_wanted


def test_robots_txt_is_obeyed(site: Scripted) -> None:
    site.answers["/robots.txt"] = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /a.png\n")
    summary = _crawl(site, _profile(site))
    assert "/a.png" not in site.asked
    assert summary.requisites["failed"] == 1
    assert summary.tally.refused == 0


def test_a_page_has_a_budget_and_the_rest_comes_in_the_next_run(site: Scripted) -> None:
    site.page("/", "Home", extra="<img src=/a.png><img src=/b.png><img src=/c.png>")
    summary = _crawl(site, _profile(site, "requisite_bytes = 1000"))
    assert dict(summary.requisites) == {"fetched": 2, "bytes": 1016, "failed": 0, "left_out": 1} | WHY | {
        "left_out_why": {"requisite_bytes": 1}
    }
    assert summary.ended == "done"
    _asked(site)
    _crawl(site, _profile(site, "requisite_bytes = 1000"))
    assert sorted(_asked(site)) == ["/", "/c.png"]


def test_a_run_has_a_budget(site: Scripted) -> None:
    site.page("/", "Home", extra="<img src=/a.png><a href=/2>2</a>")
    site.page("/2", "Two", extra="<img src=/b.png><img src=/c.png>")
    summary = _crawl(site, _profile(site, "requisite_run_bytes = 600"))
    assert (summary.requisites["fetched"], summary.requisites["left_out"], summary.tally.visits) == (2, 1, 2)


def test_a_silent_server_is_left_alone(site: Scripted, elsewhere: Scripted) -> None:
    site.page("/", "Home", extra="".join(f"<img src={elsewhere.url}/{number}.png>" for number in range(6)))
    elsewhere.rule = lambda path, _headers: (0, {}, b"") if path.endswith("png") else None
    host = elsewhere.url.partition("//")[2]
    summary = _crawl(site, _profile(site, f'requisite_hosts = ["{host}"]'))
    assert len({path for path in elsewhere.asked if path.endswith("png")}) == 2
    assert (summary.requisites["failed"], summary.requisites["left_out"], summary.ended) == (2, 4, "done")


def test_the_same_bytes_are_stored_once_and_no_page_leans_on_them(site: Scripted) -> None:
    site.page("/", "Home", extra="".join(f"<img src=/{number}.png>" for number in range(4)))
    noise = random.Random(1).randbytes(20_000)
    for number in range(4):
        site.answers[f"/{number}.png"] = (200, PNG, noise)
    _crawl(site, _profile(site, mode="all"), days=31)
    _crawl(site, _profile(site, mode="all"))
    path = vault_path(site.archive.store.path)
    with closing(sqlite3.connect(path)) as vault:
        (size,) = vault.execute("SELECT sum(length(data)) FROM _frame").fetchone()
        (bases,) = vault.execute("SELECT count(*) FROM _base").fetchone()
    assert site.asked.count("/0.png") == 2
    assert 20_000 < size < 30_000
    assert bases == 2  # the page and the robots.txt
    assert _is_whole(site)


def test_pruned_requisites_are_stored_as_before(site: Scripted) -> None:
    for _ in range(3):
        _crawl(site, _profile(site, mode="all"), days=31)
        site.answers["/a.png"] = (200, PNG, PIXEL + str(len(site.asked)).encode())
    profile = _profile(site, mode="all", more="[keep]\nbodies = 1")
    (site.selectors / "t.toml").write_text(profile.text, encoding="utf-8")
    assert prune(site.archive, "t", apply=True).bodies
    with closing(sqlite3.connect(vault_path(site.archive.store.path))) as vault:
        frames = vault.execute("SELECT count(*) FROM _base WHERE full").fetchone()
    assert frames <= (2,)
    assert _is_whole(site)


def test_the_limit_counts_pages_and_their_requisites_follow(site: Scripted) -> None:
    site.page("/", "Home", extra="<img src=/a.png><a href=/2>2</a><img src=/b.png>")
    site.page("/2", "Two")
    summary = _crawl(site, _profile(site), limit=1)
    assert sorted(_asked(site)) == ["/", "/a.png", "/b.png"]
    assert (summary.ended, summary.tally.visits) == ("limit", 1)


def test_an_interrupted_crawl_goes_on_with_the_requisites(site: Scripted) -> None:
    site.page("/", "Home", extra="".join(f"<img src=/{number}.png>" for number in range(8)))
    for number in range(8):
        site.answers[f"/{number}.png"] = (200, PNG, PIXEL + bytes([number]))
    stop = StopFlag()

    def listen(event: object) -> None:
        stop.wanted = stop.wanted or (isinstance(event, Visited) and event.kind == "requisite")

    summary = site.archive.crawl(_profile(site), listen=listen, stop=stop)
    assert summary.ended == "interrupted"
    before = _asked(site)
    assert 1 < len(before) < 9
    _crawl(site, _profile(site), everything=False)
    assert sorted(before + _asked(site)) == ["/", *(f"/{number}.png" for number in range(8))]
    assert _is_whole(site)


def test_a_redirected_requisite_leads_to_another_one(site: Scripted, elsewhere: Scripted) -> None:
    site.page("/", "Home", extra="<link rel=stylesheet href=/old.css><img src=/out.png>")
    site.answers["/old.css"] = (301, {"Location": "/css/new.css"}, b"")
    site.answers["/css/new.css"] = (200, CSS, b"i{background:url(d.png)}")
    site.answers["/css/d.png"] = (200, PNG, PIXEL)
    site.answers["/out.png"] = (302, {"Location": f"{elsewhere.url}/x.png"}, b"")
    summary = _crawl(site, _profile(site))
    assert sorted(_asked(site)) == ["/", "/css/d.png", "/css/new.css", "/old.css", "/out.png"]
    assert elsewhere.asked == []
    assert summary.requisites["fetched"] == 2
    assert site.rows("SELECT url FROM pages") == [(f"{site.url}/",)]


def test_style_sheets_that_import_each_other_endlessly_are_bounded(site: Scripted) -> None:
    def answer(path: str, _headers: object) -> tuple[int, dict[str, str], bytes] | None:
        number = path.removeprefix("/n").removesuffix(".css")
        return (200, CSS, f"@import '/n{int(number) + 1}.css';".encode()) if number.isdigit() else None

    site.rule = answer
    site.page("/", "Home", extra="<link rel=stylesheet href=/n1.css>")
    _crawl(site, _profile(site))
    assert sorted(_asked(site)) == ["/", "/n1.css", "/n2.css", "/n3.css", "/n4.css", "/n5.css"]


@pytest.mark.parametrize("is_crawl", [True, False])
def test_style_sheets_that_name_others_without_end_fill_no_archive(
    site: Scripted, monkeypatch: pytest.MonkeyPatch, *, is_crawl: bool
) -> None:
    for module in ("discovery", "capture_requisites"):
        monkeypatch.setattr(f"archiver.crawl.{module}.MOST_OF_PAGE", 40)
    for name in ("a", *(f"a-{number}" for number in range(30))):
        imports = "".join(f"@import '{name}-{number}.css';" for number in range(30))
        site.answers[f"/{name}.css"] = (200, CSS, imports.encode())
    if is_crawl:
        _crawl(site, _profile(site))
    else:
        (site.selectors / "t.toml").write_text(_profile(site).text, encoding="utf-8")
        site.archive.capture(f"{site.url}/", site="t", requisites=True)
    assert site.rows("SELECT count(*) FROM requisites") == [(40,)]


def test_an_image_that_is_linked_and_shown_is_fetched_once(site: Scripted) -> None:
    site.page("/", "Home", extra="<a href=/a.png>larger</a><img src=/a.png>")
    _crawl(site, _profile(site, 'files = ["png"]'))
    assert sorted(_asked(site)) == ["/", "/a.png"]
    assert site.rows("SELECT kind FROM pages WHERE url LIKE '%png'") == [("file",)]


def test_a_requisite_that_is_linked_later_becomes_a_file_too(site: Scripted) -> None:
    site.page("/", "Home", extra="<img src=/a.png>")
    _crawl(site, _profile(site, 'files = ["png"]'))
    site.page("/", "Home", text='<a href="/a.png">larger</a>', extra="<img src=/a.png>")
    _crawl(site, _profile(site, 'files = ["png"]'))
    assert [row[0] for row in site.rows("SELECT url FROM pages WHERE kind = 'file'")] == [f"{site.url}/a.png"]
    assert [row[0] for row in site.rows("SELECT url FROM requisites")] == [f"{site.url}/a.png"]
    assert _is_whole(site)


def test_requisites_that_a_killed_run_left_unread_are_settled_by_the_next(site: Scripted) -> None:
    _crawl(site, _profile(site))
    with closing(sqlite3.connect(site.archive.store.path)) as connection, connection:
        connection.execute("INSERT INTO _unread(visit_id) SELECT visit_id FROM visits WHERE url LIKE '%/a.css'")
    site.answers["/a.css"] = (500, {}, b"")
    _asked(site)
    _crawl(site, _profile(site))
    assert _asked(site) == ["/"]
    assert site.rows("SELECT count(*) FROM _unread") == [(0,)]
    assert len(site.rows("SELECT url FROM versions")) == 1


def test_reading_again_leaves_requisites_alone(site: Scripted) -> None:
    _crawl(site, _profile(site))
    before = site.rows("SELECT * FROM requisites ORDER BY page_id")
    (site.selectors / "t.toml").write_text(_profile(site, more='[url]\ndrop = ["x"]').text, encoding="utf-8")
    site.archive.extract("t")
    assert site.rows("SELECT * FROM requisites ORDER BY page_id") == before
    assert len(site.rows("SELECT url FROM versions")) == 1
    assert _is_whole(site)


def test_new_rules_for_addresses_leave_requisites_alone(site: Scripted) -> None:
    _crawl(site, _profile(site))
    before = site.rows("SELECT page_id, url FROM requisites ORDER BY 1")
    _asked(site)
    _crawl(site, _profile(site, more="[url]\nfold_case = true"))
    assert site.rows("SELECT page_id, url FROM requisites ORDER BY 1") == before
    assert _asked(site) == ["/"]
