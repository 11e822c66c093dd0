"""Pages that grow in the parser: cut back, with their text kept."""

import time

import pytest

from archiver.extract.bounds import MAX_CHARACTERS, bounded
from archiver.extract.tree import Document

BOMBS = {
    "nested blocks": "<div>" * 100_000 + "<p>cuối</p>",
    "nested inline": "<span>" * 50_000 + "cuối",
    "unclosed formatting": "<p>" + "".join(f"<font c={n}>" for n in range(5000)) + "</p>" + "<p>x</p>" * 5000 + "cuối",
    "formatting in paragraphs": "".join(f"<b a={n}><p>x" for n in range(10_000)) + "cuối",
    "nested lists": "<ul><li>a" * 20_000 + "cuối",
    "nested tables": "<table><tr><td>" * 10_000 + "cuối",
}


@pytest.mark.parametrize("html", BOMBS.values(), ids=BOMBS.keys())
def test_bombs_are_parsed_in_a_second_and_keep_their_text(html: str) -> None:
    began = time.process_time()
    document = Document(html)
    body = document.first("body")
    assert body is not None
    assert body.text().endswith("cuối")
    assert time.process_time() - began < 1.5
    assert "ignored" in document.notes[0]


@pytest.mark.parametrize("html", ["", "<p>một</p>", "<ul>" + "<li>mục" * 5000 + "</ul>", "<p><b>x</b></p>" * 3000])
def test_ordinary_pages_are_untouched(html: str) -> None:
    assert bounded(html) == (html, ())


def test_too_long_pages_are_cut() -> None:
    text, notes = bounded("x" * (MAX_CHARACTERS + 1))
    assert len(text) == MAX_CHARACTERS
    assert "only the first" in notes[0]
