"""The origin of the user's own viewer: its files, and packages that only the interface names."""

import gzip
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from copied import Kept, copied
from web_served import Served, served

PAGE, AT = "http://portal.example/page?a=1&b=2", "20221101100000"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("viewer")
    viewer = folder / "viewer"
    viewer.mkdir()
    (viewer / "index.html").write_text("<script src=ui.js></script>", encoding="utf-8")
    (viewer / "sw.js").write_text("self.addEventListener('fetch', () => 0)", encoding="utf-8")
    (folder / "secret.txt").write_text("secret", encoding="utf-8")
    (viewer / "link").symlink_to(folder / "secret.txt")
    path = copied(folder / "viewed.db", [Kept(PAGE, "<p>living"), Kept("http://portal.example/other", "<p>other")])
    with served(path, viewer=viewer) as found:
        yield found


def ask(server: Served, path: str, host: str = "", method: str = "GET") -> httpx2.Response:
    return server.client.request(
        method, f"{server.url}{path}", headers={"Host": host or f"viewer.localhost:{server.port}"}
    )


def living(server: Served) -> str:
    """Return the path of the package that the frame of a copy names."""
    text = server.client.get(f"{server.url}/web/{AT}/{PAGE}").text
    found = re.search(r'href="(http://viewer\.localhost:\d+/[^"]*)"[^>]*>living copy', text)
    assert found
    return parse_qs(urlsplit(found[1].replace("&amp;", "&")).query)["source"][0]


def test_the_viewer_is_served_as_it_is(server: Served) -> None:
    assert ask(server, "/").text == "<script src=ui.js></script>"
    worker = ask(server, "/sw.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert "default-src 'self'" in worker.headers["content-security-policy"]
    assert "set-cookie" not in worker.headers


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/link",
        "//etc/passwd",
        "/a\\..\\b",
        "/none",
        "/%00",
        f"/{'a/' * 3000}",
        f"/{'a' * 300}",
    ],
)
def test_nothing_outside_of_the_viewer_is_served(server: Served, path: str) -> None:
    answer = ask(server, path)
    assert answer.status_code in (400, 404)
    assert "secret" not in answer.text.replace("secret.txt", "")


def test_a_package_has_the_page(server: Served) -> None:
    answer = ask(server, living(server))
    assert answer.status_code == 200
    with zipfile.ZipFile(BytesIO(answer.content)) as package:
        assert {"datapackage.json", "pages/pages.jsonl"} <= set(package.namelist())
        (name,) = [name for name in package.namelist() if name.startswith("indexes/index.cdx")]
        packed = package.read(name)
    index = (gzip.decompress(packed) if name.endswith(".gz") else packed).decode()
    assert PAGE in index
    assert "other" not in index
    part = server.client.get(
        f"{server.url}{living(server)}", headers={"Host": f"viewer.localhost:{server.port}", "Range": "bytes=0-3"}
    )
    assert (part.status_code, part.content) == (206, b"PK\x03\x04")


def test_a_package_that_the_interface_did_not_name_is_not_made(server: Served) -> None:
    name = living(server)
    for path in (name.replace(".wacz", "x.wacz"), "/packages/x.wacz", "/packages/", "/packages/../x"):
        assert ask(server, path).status_code == 404


def test_the_viewer_has_no_pages_and_the_interface_no_viewer(server: Served) -> None:
    assert ask(server, f"/web/{AT}/{PAGE}").status_code == 404
    assert ask(server, "/about").status_code == 404
    assert server.client.get(f"{server.url}/sw.js").status_code == 404
    assert ask(server, "/sw.js", host=f"replay.localhost:{server.port}").status_code == 404
    assert ask(server, "/", method="POST").status_code == 405
