"""Behind a reverse proxy, under a path: links, redirects, cookies, forms and permalinks lead through the proxy."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx2
import pytest

from proxied import proxied
from redacted import rows
from web_served import served

PREFIX = "/kho/archive"


@pytest.fixture(scope="module", params=[True, False], ids=["stripping", "keeping"])
def shown(archive: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    with served(archive, prefix=PREFIX, acts=True) as found, proxied(found.url, PREFIX, strips=request.param) as url:
        yield url


def get(url: str, **options: object) -> httpx2.Response:
    return httpx2.get(url, timeout=20, trust_env=False, **options)  # type: ignore[arg-type]


def test_every_address_of_a_page_is_behind_the_proxy(shown: str, archive: Path) -> None:
    page_id = rows(archive, "SELECT page_id FROM versions WHERE version = 2 LIMIT 1")[0]["page_id"]
    addresses: list[str] = []
    for path in ("/about", "/act", f"/page/{page_id}/cite/2", "/nothing-here-but-404/x"):
        page = get(shown + path)
        addresses = re.findall(r'(?:href|src|action)="([^"#]*)"', page.text)
        addresses = [each for each in addresses if not each.startswith("data:")]
        ours = [each for each in addresses if "://" not in each or each.startswith(shown[: shown.index("/", 8)])]
        assert path.startswith("/nothing") or len(ours) > 5
        for each in ours:
            assert urlsplit(urljoin(f"{shown}/", each)).path.startswith(f"{PREFIX}/"), each
    css = next(each for each in addresses if "style.css" in each) if addresses else f"{PREFIX}/static/style.css"
    assert get(urljoin(shown, css)).headers["content-type"].startswith("text/css")


def test_the_path_of_the_proxy_alone_is_the_first_page(archive: Path) -> None:
    with served(archive, prefix=PREFIX) as found:
        page = found.get(PREFIX)
        assert (page.status_code, page.headers["location"]) == (308, f"{PREFIX}/")


def test_permalinks_are_those_of_the_visitor(archive: Path) -> None:
    page_id = rows(archive, "SELECT page_id FROM versions WHERE version = 2 LIMIT 1")[0]["page_id"]
    with served(archive, prefix=PREFIX, allowed_hosts=("archive.example",)) as found:
        with proxied(found.url, PREFIX, strips=True, host="archive.example") as url:
            data = get(f"{url}/page/{page_id}/cite/2.json").json()
        assert data["permalink"].startswith(f"https://archive.example{PREFIX}/web/2022")
        forwarded = {"X-Forwarded-Host": "archive.example", "X-Forwarded-Proto": "https"}
        same = found.get(f"{PREFIX}/page/{page_id}/cite/2.json", headers=forwarded)
        assert same.json()["permalink"] == data["permalink"]


def test_forms_and_redirects_lead_through_the_proxy(shown: str, archive: Path) -> None:
    form = get(f"{shown}/act").text
    token = re.search(r'name="token" value="([^"]+)"', form)
    assert token
    origin = shown[: shown.index("/", 8)]
    answer = httpx2.post(
        f"{shown}/act/crawl", data={"token": token[1], "site": "nothing"}, headers={"Origin": origin}, trust_env=False
    )
    assert answer.status_code == 404


def test_the_login_is_of_the_path_of_the_proxy(archive: Path, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("xin chào 12345", encoding="utf-8")
    with served(archive, prefix=PREFIX, password_file=file) as found, proxied(found.url, PREFIX, strips=True) as url:
        page = get(f"{url}/about?a=b")
        assert page.headers["location"] == f"{PREFIX}/login?to={PREFIX}/about%3Fa%3Db"
        origin = url[: url.index("/", 8)]
        data = {"password": "xin chào 12345", "to": f"{PREFIX}/about?a=b"}
        answer = httpx2.post(f"{url}/login", data=data, headers={"Origin": origin}, trust_env=False)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{PREFIX}/about?a=b")
        assert f"; Path={PREFIX}; " in answer.headers["set-cookie"]
        cookie = answer.headers["set-cookie"].partition(";")[0]
        assert get(f"{url}/about", headers={"Cookie": cookie}).status_code == 200


def test_the_proxy_names_the_visitor(archive: Path) -> None:
    with (
        served(archive, prefix=PREFIX, trust_header="X-Remote-User") as found,
        proxied(found.url, PREFIX, strips=True, user="lan") as url,
    ):
        assert get(f"{url}/about").status_code == 200
        assert found.get(f"{PREFIX}/about").status_code == 401
