"""Pages that a browser opened: what holds for every page of the interface holds where what it made is shown, too."""

import re
from collections.abc import Iterator
from urllib.parse import urlencode, urljoin, urlsplit

import pytest

import pictured
from web_rules import faults
from web_served import Served, served
from web_walk import Walk, walk

FILES = ("/page/N/visit/N/dom", "/page/N/visit/N/screenshot", "/page/N/compare/N..N/picture/both")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(pictured.make(tmp_path_factory.mktemp("pictured"))) as found:
        yield found


@pytest.fixture(scope="module")
def found(server: Served) -> Walk:
    return walk(server, f"/page?{urlencode({'url': pictured.URLS['edited']})}", of_a_shape=6, of_pages=8)


def test_every_link_leads_to_an_answer(found: Walk) -> None:
    assert found.broken == []
    assert any("view=picture" in place for place in found.pages)


def test_every_file_is_reached_and_is_no_page(found: Walk) -> None:
    for shape in FILES:
        reached = [
            place for place in (*found.others, *found.pages) if re.sub(r"\d+", "N", urlsplit(place).path) == shape
        ]
        assert reached, shape
        for place in reached:
            headers = found.others[place].answer.headers
            assert headers["content-type"] in ("image/png", "application/octet-stream"), place
            assert "sandbox" in headers["content-security-policy"], place


def test_the_html_of_every_page_is_sound(found: Walk) -> None:
    saved = [page for page in found.pages.values() if "id_/" in page.place]  # exact bytes: no page of ours
    assert all(page.answer.headers["content-disposition"].startswith("attachment") for page in saved)
    assert [fault for page in found.pages.values() if page not in saved for fault in faults(page)] == []


def test_their_markup_is_text(found: Walk) -> None:
    for page in (each for each in found.pages.values() if "id_/" not in each.place):
        assert page.tree.css("img[src=x]") == [], page.place
        assert page.tree.css("main script") == [], page.place


def test_every_picture_is_there_and_of_this_server(found: Walk, server: Served) -> None:
    pictures = {
        urljoin(server.url + page.place, part)
        for page in found.pages.values()
        for part in page.parts
        if part.endswith((".png", "/screenshot", "/before", "/after"))
    }
    assert len(pictures) > 3
    for place in pictures:
        assert place.startswith(server.url)
        assert server.client.get(place).headers["content-type"] == "image/png"
