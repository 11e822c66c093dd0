"""The origin that shows copies: its hosts, headers, types and keys, and what it refuses."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from archiver.app.archive import Archive
from archiver.app.maintenance.embargoing import set_embargo
from archiver.model.clock import SettableClock
from archiver.settings import Settings, bundled_profiles
from copied import Kept, copied
from web_served import Served, served

PAGE = "http://portal.example/page"
AT = "20221101100000"
_CAPTURES = [
    Kept(PAGE, "<!doctype html><p>trang</p><img src=i.png><img src=late.png><img src=none.png><link rel=stylesheet href=s.css>"),
    Kept("http://portal.example/i.png", b"\x89PNG\r\n\x1a\n1", AT, "image/png"),
    Kept("http://portal.example/late.png", b"\x89PNG\r\n\x1a\n2", "20221104120000", "image/png"),
    Kept("http://portal.example/early.png", b"\x89PNG\r\n\x1a\n3", "20221001100000", "image/png"),
    Kept("http://portal.example/s.css", "@charset 'x'; body{background:url(early.png)} @import 'deep/t.css';", AT, "text/css"),
    Kept("http://portal.example/deep/t.css", "p{background:url(u.png)}", AT, "text/css"),
    Kept("http://portal.example/f.woff2", b"wOF2x", AT, "application/octet-stream"),
    Kept("http://portal.example/a.js", "alert(1)", AT, "application/javascript"),
    Kept("http://portal.example/d.json", '{"a": "<b>"}', AT, "application/json"),
    Kept("http://portal.example/f.rss", "<?xml version='1.0'?><rss><channel/></rss>", AT, "application/rss+xml"),
    Kept("http://portal.example/f.pdf", b"%PDF-1.4", AT, "application/pdf"),
    Kept("http://portal.example/p.svg", '<svg xmlns="http://www.w3.org/2000/svg"/>', AT, "image/svg+xml"),
    Kept("http://portal.example/vni", "<p>u\u0309y ban</p>".encode("cp1258"), AT, "text/html; charset=windows-1258"),
    Kept("http://portal.example/quirks", "<title>q</title><p>no doctype"),
    Kept("http://portal.example/x.xhtml", '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title><script src="a.js"/></head><body><p>seen</p></body></html>', AT, "application/xhtml+xml"),
    Kept("http://portal.example/wrong.png", "<html><p>not an image", AT, "text/html"),
    Kept("http://portal.example/moved.png", b"", AT, "text/html", 301, "http://portal.example/i.png"),
    Kept("https://portal.example/secure.png", b"\x89PNG\r\n\x1a\n5", AT, "image/png"),
    Kept("http://portal.example/old", b"", AT, "text/html", 301, PAGE),
    Kept("http://portal.example/empty", b"", AT, "text/html"),
]  # fmt: skip


@pytest.fixture(scope="module")
def archive_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("origin") / "origin.db", _CAPTURES)


@pytest.fixture(scope="module")
def server(archive_path: Path) -> Iterator[Served]:
    with served(archive_path) as found:
        yield found


def ask(server: Served, path: str, method: str = "GET", host: str = "", **headers: str) -> httpx2.Response:
    """Request a path at the origin of copies; header names with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    head = {"Host": host or f"replay.localhost:{server.port}", **named}
    return server.client.request(method, f"{server.url}{path}", headers=head)


def copy(server: Served, name: str, modifier: str = "mp_", **headers: str) -> httpx2.Response:
    address = name if "://" in name else f"http://portal.example/{name}"
    return ask(server, f"/web/{AT}{modifier}/{address}", **headers)


def key(server: Served) -> str:
    found = re.search(r"/web/(~[^/]+)/", server.client.get(f"{server.url}/web/{AT}/{PAGE}").text)
    assert found
    return found[1]


def test_a_page_is_rewritten_and_locked_in(server: Served) -> None:
    answer = copy(server, "page")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(each.strip().partition(" ")[::2] for each in answer.headers["content-security-policy"].split(";"))
    assert policy["sandbox"] == "allow-top-navigation-by-user-activation"
    assert policy["default-src"] == policy["form-action"] == policy["base-uri"] == "'none'"
    assert policy["frame-ancestors"] == f"http://127.0.0.1:{server.port}"
    assert "script-src" not in policy
    assert "connect-src" not in policy
    assert policy["img-src"] == f"'self' http://replay.localhost:{server.port} data:"
    for name, value in (
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-dns-prefetch-control", "off"),
    ):
        assert answer.headers[name] == value
    assert answer.headers["memento-datetime"] == "Tue, 01 Nov 2022 10:00:00 GMT"
    assert "set-cookie" not in answer.headers
    assert re.search(rf'src="/web/~[^/]+/{AT}im_/http://portal.example/i.png"', answer.text)


@pytest.mark.parametrize(
    ("name", "modifier", "media_type"),
    [
        ("i.png", "im_", "image/png"),
        ("s.css", "cs_", "text/css; charset=utf-8"),
        ("f.woff2", "im_", "font/woff2"),
        ("a.js", "js_", "text/plain; charset=utf-8"),
        ("d.json", "mp_", "text/plain; charset=utf-8"),
        ("f.rss", "mp_", "text/plain; charset=utf-8"),
        ("p.svg", "im_", "image/svg+xml"),
        ("wrong.png", "im_", "text/plain; charset=utf-8"),
        ("x.xhtml", "mp_", "text/html; charset=utf-8"),
        ("f.pdf", "mp_", "application/pdf"),
    ],
)
def test_each_body_has_a_type_that_runs_nothing(server: Served, name: str, modifier: str, media_type: str) -> None:
    answer = copy(server, name, modifier)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert "sandbox" in answer.headers["content-security-policy"]
    assert ("content-disposition" in answer.headers) == (name == "f.pdf")


def test_text_keeps_its_letters_whatever_its_charset(server: Served) -> None:
    assert "\u1ee7y ban" in copy(server, "vni").text


def test_a_page_without_doctype_stays_without_one(server: Served) -> None:
    assert copy(server, "quirks").text.startswith("<title>q</title>")


def test_xhtml_is_shown_as_html(server: Served) -> None:
    text = copy(server, "x.xhtml").text
    assert "<p>seen</p>" in text
    assert "</script>" in text


def test_a_style_sheet_names_copies_of_its_own_time(server: Served) -> None:
    text = copy(server, "s.css", "cs_").text
    assert re.search(rf'url\("/web/~[^/]+/{AT}im_/http://portal.example/early.png"\)', text)
    assert re.search(rf'@import "/web/~[^/]+/{AT}cs_/http://portal.example/deep/t.css"', text)


def test_a_requisite_is_the_nearest_in_time_and_says_from_when(server: Served) -> None:
    assert copy(server, "late.png", "im_").headers["memento-datetime"] == "Fri, 04 Nov 2022 12:00:00 GMT"
    assert copy(server, "early.png", "im_").headers["memento-datetime"] == "Sat, 01 Oct 2022 10:00:00 GMT"
    assert copy(server, "moved.png", "im_").content.endswith(b"1")
    assert copy(server, "http://portal.example/secure.png", "im_").content.endswith(b"5")
    assert copy(server, "none.png", "im_").status_code == 404


def test_the_frame_says_which_requisites_are_from_another_time(server: Served) -> None:
    text = server.client.get(f"{server.url}/web/{AT}/{PAGE}").text
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))
    assert "5 of 7 images, style sheets and fonts are here" in plain
    assert "2 were captured at another time, at most 31 days earlier than the page" in plain
    assert "3 days later" in plain
    assert "http://portal.example/none.png" in text
    assert "http://portal.example/deep/u.png" in text


def test_a_redirect_leads_to_the_copy_of_its_target(server: Served) -> None:
    answer = copy(server, "old")
    assert answer.status_code == 302
    assert re.fullmatch(rf"/web/~[^/]+/{AT}mp_/{re.escape(PAGE)}", answer.headers["location"])


@pytest.mark.parametrize(
    "path",
    ["/", "/about", "/page/1", "/static/style.css", "/search?q=a", "/act/crawl", "/web/", "/web/timemap/link/" + PAGE],
)
def test_there_is_nothing_but_copies(server: Served, path: str) -> None:
    assert ask(server, path).status_code in (400, 404, 405)


def test_another_host_is_refused(server: Served) -> None:
    answer = ask(server, f"/web/{AT}mp_/{PAGE}", host="evil.example")
    assert answer.status_code != 200 or "trang" not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_only_get_and_head_are_answered(server: Served, method: str) -> None:
    assert ask(server, f"/web/{AT}mp_/{PAGE}", method).status_code == 405
    assert ask(server, f"/web/{AT}mp_/{PAGE}", "HEAD").status_code == 200


def test_another_site_cannot_use_copies_as_its_own_requisites(server: Served) -> None:
    probing: dict[str, Any] = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "image"}
    answer = copy(server, "i.png", "im_", **probing)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(server.url)
    absent = copy(server, "none.png", "im_", **probing)
    assert (absent.status_code, absent.headers.keys()) == (302, answer.headers.keys())
    assert copy(server, "i.png", "im_").headers["cross-origin-resource-policy"] == "same-origin"
    keyed = ask(server, f"/web/{key(server)}/{AT}im_/http://portal.example/i.png", **probing)
    assert keyed.status_code == 200
    assert keyed.headers["cross-origin-resource-policy"] == "cross-origin"


def test_a_frame_in_a_copy_may_be_framed_by_it(server: Served) -> None:
    inside = ask(server, f"/web/{key(server)}/{AT}if_/{PAGE}").headers["content-security-policy"]
    assert "frame-ancestors" not in inside  # the copy around it has no origin that could be named
    assert inside.startswith("sandbox ")
    assert "frame-ancestors" in copy(server, "page", "if_").headers["content-security-policy"]


def test_a_wrong_key_opens_nothing(server: Served) -> None:
    made = key(server)
    for wrong in ("~", "~x.y", made[:-2] + "xx", made + "/" + made):
        assert ask(server, f"/web/{wrong}/{AT}mp_/{PAGE}").status_code in (400, 404)


def test_with_a_password_a_copy_needs_a_key(archive_path: Path, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("a long password\n", encoding="utf-8")
    with served(archive_path, password_file=secret) as found:
        answer = copy(found, "page")
        assert answer.status_code == 302
        assert "trang" not in answer.text


def test_fonts_may_be_read_by_copies_and_nothing_else_may(server: Served) -> None:
    prefix = f"/web/{key(server)}/{AT}im_/http://portal.example/"
    assert ask(server, prefix + "f.woff2", Sec_Fetch_Dest="font").headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in ask(server, prefix + "i.png", Sec_Fetch_Dest="font").headers
    assert "access-control-allow-origin" not in copy(server, "page").headers


def test_an_embargo_hides_copies_everywhere(tmp_path: Path) -> None:
    path = copied(tmp_path / "embargoed.db", _CAPTURES)
    settings = Settings(path, (bundled_profiles(),), SettableClock(datetime(2022, 12, 1, tzinfo=UTC)))
    with Archive(settings) as archive:
        set_embargo(archive, PAGE, None, "2999-01-01", "a promise")
    with served(path) as found:
        assert copy(found, "page").status_code == 451
        assert copy(found, "old").status_code == 302
        for place in (f"{AT}/{PAGE}", f"{AT}id_/{PAGE}", PAGE, f"timemap/link/{PAGE}", f"*/{PAGE}"):
            answer = found.client.get(f"{found.url}/web/{place}")
            assert answer.status_code == 451, place
            assert "trang" not in answer.text
        assert copy(found, "i.png", "im_").status_code == 200


def test_several_archives_have_paths_of_their_own(archive_path: Path, tmp_path: Path) -> None:
    other = copied(tmp_path / "other.db", [Kept(PAGE, "<p>khac</p>")])
    with served(archive_path, other) as found:
        assert "trang" in ask(found, f"/origin/web/{AT}mp_/{PAGE}").text
        assert "khac" in ask(found, f"/other/web/{AT}mp_/{PAGE}").text
        assert ask(found, f"/web/{AT}mp_/{PAGE}").status_code == 404
        text = found.client.get(f"{found.url}/other/web/{AT}/{PAGE}").text
        assert f"http://replay.localhost:{found.port}/other/web/~" in text


@pytest.mark.parametrize(
    ("host", "options"),
    [
        ("viewer.localhost:{}", {}),
        ("replay.localhost.:{}", {}),
        ("REPLAY.LOCALHOST:{}", {}),
        ("replay.localhost:1", {}),
        ("copies.example", {"replay_origin": "https://copies.example"}),
        ("copies.example:443", {"replay_origin": "https://copies.example"}),
        ("copies.example.", {"replay_origin": "https://copies.example"}),
        ("viewer.example", {"viewer_origin": "https://viewer.example"}),
    ],
)
def test_the_names_of_copies_lead_past_no_login(
    archive_path: Path, tmp_path: Path, host: str, options: dict[str, Any]
) -> None:
    secret = tmp_path / "password"
    secret.write_text("a long password\n", encoding="utf-8")
    with served(archive_path, password_file=secret, **options) as found:
        for path in ("/", "/pages", "/about.json", f"/web/{AT}/{PAGE}", f"/web/{AT}id_/{PAGE}", "/page/1"):
            for more in ({}, {"X_Forwarded_Host": host.format(found.port)}, {"X_Forwarded_Host": "127.0.0.1"}):
                answer = ask(found, path, host=host.format(found.port), **more)
                assert answer.status_code != 200, (path, more)
                assert "portal.example" not in answer.text.replace(PAGE, "")
