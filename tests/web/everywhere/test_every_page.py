"""What holds for every page: links lead somewhere, nothing is loaded from elsewhere, HTML is sound, data is beside it."""

import csv
import io
import json
import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest

from atom_check import check_feed
from web_rules import faults
from web_served import Served
from web_walk import Walk, format_links, walk

PAGES = (
    "/", "/pages", "/page/N", "/page/N/compare/N..N", "/page/N/at/N", "/page/N/visit/N", "/page/N/visit/N/rules", "/page/N/cite/N", "/search",
    "/front", "/gone", "/silent", "/counters", "/health", "/sites", "/site/demo", "/about",
)  # fmt: skip


@pytest.fixture(scope="module")
def found(server: Served) -> Walk:
    return walk(server, of_a_shape=4)


def test_every_link_leads_to_an_answer(found: Walk) -> None:
    assert found.broken == []
    assert len(found.pages) > 60


def test_every_page_is_reached_by_links(found: Walk) -> None:
    shapes = {re.sub(r"\d+", "N", urlsplit(place).path) for place in found.pages}
    assert sorted(set(PAGES) - shapes) == []


def test_the_html_of_every_page_is_sound(found: Walk) -> None:
    assert [fault for page in found.pages.values() for fault in faults(page)] == []


def test_no_page_loads_anything_from_elsewhere(found: Walk, server: Served) -> None:
    own = (server.url, f"http://replay.localhost:{server.port}", "data:")
    for page in found.pages.values():
        for part in page.parts:
            target = urljoin(server.url + page.place, part)
            assert target.startswith(own), (page.place, target)
        policy = page.answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy, page.place
        assert "unsafe-" not in policy, page.place
        assert "set-cookie" not in page.answer.headers or urlsplit(page.place).path == "/", page.place


def test_every_page_has_its_data_as_json(found: Walk, server: Served) -> None:
    for page in found.pages.values():
        links = format_links(page)
        assert "json" in links or page.place.startswith("/web/"), page.place
        if "json" in links:
            answer = server.client.get(server.url + links["json"])
            assert answer.status_code == 200, links["json"]
            assert answer.headers["content-type"].startswith("application/json")
            assert isinstance(json.loads(answer.text), dict), links["json"]


def test_tables_are_csv_and_lists_of_events_are_feeds(found: Walk, server: Served) -> None:
    seen = {"csv": 0, "atom": 0}
    for page in found.pages.values():
        links = format_links(page)
        if "csv" in links:
            answer = server.client.get(server.url + links["csv"])
            assert answer.status_code == 200, links["csv"]
            rows = list(csv.reader(io.StringIO(answer.text, newline="")))
            assert len({len(row) for row in rows}) <= 1, links["csv"]
            seen["csv"] += bool(rows)
        if "atom" in links:
            answer = server.client.get(server.url + links["atom"])
            assert answer.status_code == 200, links["atom"]
            check_feed(answer.content)
            seen["atom"] += 1
    assert seen["csv"] > 10
    assert seen["atom"] > 3


def test_the_words_of_the_archive_are_marked_with_their_language(found: Walk) -> None:
    marked = [node for page in found.pages.values() for node in page.tree.css("[lang=vi]")]
    assert len(marked) > 100


def test_nothing_needs_a_script(found: Walk) -> None:
    """Buttons are in forms. Only buttons that a script needs are hidden without it."""
    for page in found.pages.values():
        free = [node.html for node in page.tree.css("main button:not([hidden])") if not any(_in_form(node))]
        assert free == [], page.place
        assert page.tree.css("main [hidden]:not(button)") == [], page.place


def _in_form(node: object) -> Iterator[bool]:
    at = node
    while at is not None:
        tag = getattr(at, "tag", "")
        yield tag in ("form", "dialog", "details")
        at = getattr(at, "parent", None)
