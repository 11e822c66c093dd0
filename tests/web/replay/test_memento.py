"""The Memento protocol (RFC 7089) over HTTP: negotiation in time, copies, TimeMaps, exact bytes."""

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from copied import Kept, copied
from damaged import alter
from web_served import Served, served

PAGE = "http://portal.example/tin.aspx?ItemID=5&x=%E1%BB%A7%20b+c"
MOVED = "http://portal.example/cu"
MOMENTS = ("20221101100000", "20221103100000", "20221110100000")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    captures = [Kept(PAGE, f"<title>{at}</title><p>{at}", at, head=b'ETag: "1"\r\n') for at in MOMENTS]
    captures += [
        Kept(PAGE, b"", "20221105100000", status=304),
        Kept(MOVED, b"moved", "20221101100000", status=301, location=PAGE),
        Kept("http://portal.example/a", b"", "20221101100000", status=302, location="http://portal.example/b"),
        Kept("http://portal.example/b", b"", "20221101100000", status=302, location="http://portal.example/a"),
        Kept("http://portal.example/gone", b"<p>not here", "20221101100000", status=404),
        Kept("http://portal.example/f.pdf", b"%PDF-1.4 x", "20221101100000", "application/pdf"),
        Kept("http://portal.example/t.txt", b"text", "20221101100000", "text/plain"),
        Kept("http://portal.example/odd", b"x", "20221101100000", "text/html\x0b<x>\xe9"),
        Kept("http://portal.example/many", b"x", "20211231235959"),
    ]  # fmt: skip
    captures += [
        Kept("http://portal.example/many", b"x", f"2022{m:02}{d:02}{h:02}0000")
        for m in range(1, 9)
        for d in range(1, 29)
        for h in range(10)
    ]
    with served(copied(tmp_path_factory.mktemp("memento") / "memento.db", captures)) as found:
        yield found


def get(server: Served, path: str, **options: Any) -> httpx2.Response:
    """Request a path of the server, or an absolute address of it."""
    return server.client.get(path if path.startswith(server.url) else server.url + path, **options)


def links(answer: httpx2.Response) -> dict[str, str]:
    """Return the addresses of a `Link` header, by each relation."""
    found = re.findall(r'<([^>]*)>; rel="([^"]*)"', answer.headers["link"])
    return {
        relation: address for address, relations in found for relation in relations.split() if relation != "memento"
    }


def test_a_timegate_without_a_date_leads_to_the_newest_copy(server: Served) -> None:
    answer = get(server, f"/web/{PAGE}")
    assert answer.status_code == 302
    assert answer.headers["vary"] == "accept-datetime"
    assert answer.headers["location"] == f"{server.url}/web/{MOMENTS[2]}/{PAGE}"
    assert "memento-datetime" not in answer.headers
    assert links(answer)["original"] == PAGE
    assert links(answer)["timemap"] == f"{server.url}/web/timemap/link/{PAGE}"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Tue, 01 Nov 2022 10:00:00 GMT", MOMENTS[0]),
        ("Wed, 02 Nov 2022 09:59:59 GMT", MOMENTS[0]),
        ("Wed, 02 Nov 2022 10:00:01 GMT", MOMENTS[1]),
        ("Sat, 05 Nov 2022 12:00:00 GMT", "20221105100000"),
        ("Mon, 01 Jan 1990 00:00:00 GMT", MOMENTS[0]),
        ("Fri, 01 Jan 2100 00:00:00 GMT", MOMENTS[2]),
    ],
)
def test_a_timegate_leads_to_the_nearest_copy(server: Served, asked: str, found: str) -> None:
    answer = get(server, f"/web/{PAGE}", headers={"Accept-Datetime": asked})
    assert (answer.status_code, answer.headers["location"]) == (302, f"{server.url}/web/{found}/{PAGE}")
    head = server.client.head(f"{server.url}/web/{PAGE}", headers={"Accept-Datetime": asked})
    told = [{name: value for name, value in each.headers.items() if name != "date"} for each in (answer, head)]
    assert told[0] == told[1]


@pytest.mark.parametrize(
    "asked", ["Sun", "", "Sun, 32 Nov 2022 10:00:00 GMT", "Tue, 01 Nov 2022 10:00:00 +0700", "2022-11-01", "x" * 3000]
)
def test_a_malformed_date_is_refused(server: Served, asked: str) -> None:
    answer = get(server, f"/web/{PAGE}", headers={"Accept-Datetime": asked})
    assert answer.status_code == 400
    assert "Accept-Datetime" in answer.text


def test_a_timegate_of_an_unknown_address_is_not_found(server: Served) -> None:
    answer = get(server, "/web/http://portal.example/none")
    assert answer.status_code == 404
    assert answer.headers["vary"] == "accept-datetime"


def test_a_copy_says_when_it_is_from_and_what_is_around(server: Served) -> None:
    answer = get(server, f"/web/{MOMENTS[1]}/{PAGE}", headers={"Accept-Datetime": "Mon, 01 Jan 1990 00:00:00 GMT"})
    assert answer.status_code == 200
    assert answer.headers["memento-datetime"] == "Thu, 03 Nov 2022 10:00:00 GMT"
    assert "vary" not in answer.headers
    found = links(answer)
    assert found["original"] == PAGE
    assert found["timegate"] == f"{server.url}/web/{PAGE}"
    assert found["first"] == found["prev"] == f"{server.url}/web/{MOMENTS[0]}/{PAGE}"
    assert found["next"] == f"{server.url}/web/20221105100000/{PAGE}"
    assert found["last"] == f"{server.url}/web/{MOMENTS[2]}/{PAGE}"
    assert f'<{server.url}/web/{MOMENTS[1]}/{PAGE}>; rel="memento"' in answer.headers["link"]


def test_a_304_is_a_copy_that_shows_the_capture_it_confirmed(server: Served) -> None:
    answer = get(server, f"/web/20221105100000/{PAGE}")
    assert answer.headers["memento-datetime"] == "Sat, 05 Nov 2022 10:00:00 GMT"
    assert "had not changed since" in answer.text
    exact = get(server, f"/web/20221105100000id_/{PAGE}")
    assert exact.text == f"<title>{MOMENTS[1]}</title><p>{MOMENTS[1]}"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("2022", MOMENTS[2]),
        ("202211", MOMENTS[2]),
        ("20221103", MOMENTS[1]),
        ("2022110310", MOMENTS[1]),
        ("202211031000", MOMENTS[1]),
        ("20221102000000", MOMENTS[0]),
        ("1999", MOMENTS[0]),
        ("29991231", MOMENTS[2]),
    ],
)
def test_another_moment_leads_to_what_stood_then(server: Served, asked: str, found: str) -> None:
    for modifier in ("", "id_"):
        answer = get(server, f"/web/{asked}{modifier}/{PAGE}")
        assert (answer.status_code, answer.headers["location"]) == (302, f"{server.url}/web/{found}{modifier}/{PAGE}")
        assert "vary" not in answer.headers
        assert links(answer)["original"] == PAGE


@pytest.mark.parametrize("asked", ["20221332", "123", "20221103100099", "202211031000000", "0000"])
def test_digits_that_name_no_moment_are_refused(server: Served, asked: str) -> None:
    assert get(server, f"/web/{asked}/{PAGE}").status_code == 400


def test_exact_bytes_are_those_that_were_sent(server: Served) -> None:
    answer = get(server, f"/web/{MOMENTS[0]}id_/{PAGE}")
    assert answer.content == f"<title>{MOMENTS[0]}</title><p>{MOMENTS[0]}".encode()
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.headers["memento-datetime"] == "Tue, 01 Nov 2022 10:00:00 GMT"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "content-disposition" not in get(server, "/web/20221101100000id_/http://portal.example/t.txt").headers
    assert "content-disposition" in get(server, "/web/20221101100000id_/http://portal.example/f.pdf").headers


def test_a_declared_type_that_is_none_does_not_reach_a_header(server: Served) -> None:
    answer = get(server, "/web/20221101100000id_/http://portal.example/odd")
    assert answer.headers["content-type"] == "application/octet-stream"


def test_a_redirect_leads_on_in_the_archive(server: Served) -> None:
    answer = get(server, f"/web/20221101100000/{MOVED}")
    assert (answer.status_code, answer.headers["location"]) == (302, f"{server.url}/web/20221101100000/{PAGE}")
    assert answer.headers["memento-datetime"] == "Tue, 01 Nov 2022 10:00:00 GMT"


def test_redirects_in_a_circle_end(server: Served) -> None:
    answer = get(server, "/web/20221101100000/http://portal.example/a")
    assert answer.status_code == 200
    assert "in a circle" in answer.text
    assert "<iframe" not in answer.text


def test_a_copy_of_an_error_page_is_one(server: Served) -> None:
    answer = get(server, "/web/20221101100000/http://portal.example/gone")
    assert answer.status_code == 200
    assert "The server answered 404" in answer.text
    assert get(server, "/web/20221101100000id_/http://portal.example/gone").status_code == 404


def test_a_file_is_named_and_not_given_to_the_browser(server: Served) -> None:
    answer = get(server, "/web/20221101100000/http://portal.example/f.pdf")
    assert "This is a file (application/pdf" in answer.text
    assert "<iframe" not in answer.text


def test_a_timemap_lists_every_copy(server: Served) -> None:
    answer = get(server, f"/web/timemap/link/{PAGE}")
    assert answer.headers["content-type"] == "application/link-format"
    found = re.findall(r'<([^>]+)>; rel="([^"]+)"(?:; type="[^"]+")?(?:; (?:from|datetime)="([^"]+)")?', answer.text)
    by_relation = {relation: address for address, relation, _ in found}
    assert by_relation["original"] == PAGE
    assert by_relation["self"] == f"{server.url}/web/timemap/link/{PAGE}"
    assert by_relation["timegate"] == f"{server.url}/web/{PAGE}"
    mementos = [(address, date) for address, relation, date in found if "memento" in relation]
    assert [f"{parsedate_to_datetime(date):%Y%m%d%H%M%S}" for _, date in mementos] == [
        MOMENTS[0], MOMENTS[1], "20221105100000", MOMENTS[2]
    ]  # fmt: skip
    assert by_relation["first memento"] == mementos[0][0]
    assert by_relation["last memento"] == mementos[-1][0]
    for address, _ in mementos:
        assert server.get(address).status_code == 200


def test_a_timemap_as_json_says_the_same(server: Served) -> None:
    found = get(server, f"/web/timemap/json/{PAGE}").json()
    assert found["original_uri"] == PAGE
    assert len(found["mementos"]["list"]) == 4
    assert found["mementos"]["first"] == {
        "datetime": "2022-11-01T10:00:00Z",
        "uri": f"{server.url}/web/{MOMENTS[0]}/{PAGE}",
    }


def test_a_long_timemap_comes_in_parts(server: Served) -> None:
    address, seen = "/web/timemap/link/http://portal.example/many", []
    while address:
        text = get(server, address).text
        assert len(text) < 350_000
        seen += re.findall(r'datetime="([^"]+)"', text)
        following = re.search(r'<([^>]+)>; rel="timemap"; type="[^"]+"; from=', text)
        address = following[1] if following else ""
    assert len(seen) == len(set(seen)) == 1 + 8 * 28 * 10


def test_the_list_of_copies_keeps_versions_apart_and_is_bounded(server: Served) -> None:
    answer = get(server, "/web/*/http://portal.example/many")
    assert answer.status_code == 200
    assert "/web/2021*/http://portal.example/many" in answer.text
    assert len(answer.content) < 300_000
    following = re.search(r'rel="next" href="([^"]+)"', answer.text)
    assert following
    assert get(server, following[1]).status_code == 200
    assert "31 Dec 2021 23:59" in get(server, "/web/2021*/http://portal.example/many").text


@pytest.mark.parametrize(
    "sent",
    [
        f"/web/{MOMENTS[0]}/{PAGE}",
        f"/web/{MOMENTS[0]}/{PAGE.replace('http://', 'http:/')}",
        f"/web/{MOMENTS[0]}/{PAGE.removeprefix('http://')}",
        f"/web/{MOMENTS[0]}/{PAGE.replace('portal', 'PORTAL')}",
    ],
)
def test_an_address_is_found_as_it_was_sent(server: Served, sent: str) -> None:
    assert get(server, sent).status_code == 200


def test_another_query_is_another_address(server: Served) -> None:
    assert get(server, f"/web/{MOMENTS[0]}/{PAGE.replace('b+c', 'b%2Bc')}").status_code == 404
    assert get(server, f"/web/{MOMENTS[0]}/{PAGE.partition('?')[0]}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/web/20221101100000/http://portal.example/%0d%0aSet-Cookie:%20a=b",
        "/web/http://portal.example/%0aX:%20y",
        "/web/20221101100000mp_/http://portal.example/%22%3E%3Cscript%3E",
        "/web/20221101100000/javascript:alert(1)",
        "/web/20221101100000/file:///etc/passwd",
        "/web/20221101100000/%2e%2e/%2e%2e/about",
        "/web/" + "a" * 9000,
        "/web/20221101100000/http://" + "b" * 9000,
        "/web/",
        "/web/zz_/http://portal.example/",
        "/web/20221101100000zz_/http://portal.example/",
        "/web/timemap/xml/http://portal.example/",
    ],
)
def test_odd_paths_get_a_clear_answer(server: Served, path: str) -> None:
    answer = get(server, path)
    assert answer.status_code in (302, 400, 404, 414)
    assert "set-cookie" not in answer.headers
    assert "Traceback" not in answer.text
    for value in answer.headers.values():
        assert not re.search(r"[\r\n]", value)


def test_methods_other_than_get_are_refused(server: Served) -> None:
    assert server.client.post(f"{server.url}/web/{PAGE}").status_code == 405


def test_a_damaged_archive_shows_nothing_of_the_copy(tmp_path: Path) -> None:
    path = copied(tmp_path / "d.db", [Kept(PAGE, "<p>the words that must not be shown " * 50, MOMENTS[0])])
    alter(path, "UPDATE _visit SET block_sha256 = zeroblob(32)")
    with served(path) as found:
        answer = get(found, f"/web/{MOMENTS[0]}/{PAGE}")
        assert answer.status_code == 500
        assert "do not match the digest" in answer.text
        assert "<iframe" not in answer.text
        copy = found.get(
            f"http://127.0.0.1:{found.port}/web/{MOMENTS[0]}mp_/{PAGE}",
            headers={"Host": f"replay.localhost:{found.port}"},
        )
        assert copy.status_code == 500
        assert "must not be shown" not in copy.text
        assert get(found, f"/web/{MOMENTS[0]}id_/{PAGE}").status_code == 500
