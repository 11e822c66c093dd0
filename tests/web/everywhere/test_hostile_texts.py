"""Hostile titles, sections, addresses and profiles: every page shows them as text, stays small and stays itself."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator

import pytest

import web_hostile
from atom_check import check_feed
from web_rules import faults
from web_served import Served, served
from web_walk import Walk, format_links, walk

_READERS: dict[str, Callable[[bytes], object]] = {
    "json": json.loads,
    "csv": lambda data: list(csv.reader(io.StringIO(data.decode().replace("\0", ""), newline=""))),
    "atom": check_feed,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(web_hostile.make(tmp_path_factory.mktemp("hostile") / "archive.db")) as found:
        yield found


@pytest.fixture(scope="module")
def found(server: Served) -> Walk:
    return walk(server, of_a_shape=3, of_pages=len(web_hostile.TEXTS) + 2)


def test_every_page_answers(found: Walk) -> None:
    """These values have no source, and pages were gone for a time: both are told with the status 404."""
    told = [each for each in found.broken if not (each[0] == 404 and re.match(r"/why/|/page/\d+/at", each[1]))]
    assert told == []
    assert len(found.pages) > 40


def test_every_page_is_sound_and_at_most_300_kb(found: Walk) -> None:
    assert [fault for page in found.pages.values() for fault in faults(page, 300_000)] == []


def test_their_markup_is_text(found: Walk) -> None:
    for page in found.pages.values():
        assert page.tree.css("img[src=x]") == [], page.place
        assert page.tree.css("[onerror], [onload]") == [], page.place
    texts = {place: page.tree.root.text() for place, page in found.pages.items() if page.tree.root}
    assert len([place for place, text in texts.items() if "<script>alert(1)</script>" in text]) > 8
    assert len([place for place, text in texts.items() if "{{ 7 * 7 }}" in text]) > 4


def test_their_texts_leave_data_and_feeds_whole(found: Walk, server: Served) -> None:
    for page in found.pages.values():
        for ext, link in format_links(page).items():
            answer = server.client.get(server.url + link)
            assert answer.status_code == 200, (ext, link)
            _READERS[ext](answer.content)
