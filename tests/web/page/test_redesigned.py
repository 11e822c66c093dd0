"""A redesign of the site is not told as an edit of the page."""

from pathlib import Path

import pytest

from restyled import Restyled, second
from web_served import served


@pytest.fixture
def edited_page(tmp_path: Path) -> str:
    """An archive of a portal that was redesigned; then one of its pages was edited. Return the path of that page."""
    site = Restyled(tmp_path / "archive.db", 5)
    try:
        site.crawl()
        site.publish(second)
        site.crawl()
        site.posts[1].title = "Tin khác hẳn"
        site.publish(second)
        site.crawl()
        return f"/page/{site.archive.page(f'{site.server.url}/a1').page_id}"
    finally:
        site.close()


def test_a_redesign_is_marked_apart_from_edits(edited_page: str, tmp_path: Path) -> None:
    with served(tmp_path / "archive.db") as server:
        data = server.json(f"{edited_page}.json")
        assert [mark["kind"] for mark in data["strip"]["marks"]] == ["first", "redesign", "edited"]
        text = server.get(edited_page).text
        assert "<b>1 edit</b> in 3 versions" in text
        assert 'class="v ours"' in text
        assert "a redesign, or read differently: no edit of this page" in text
        redesign = next(row for row in data["rows"] if row["what"] == "redesign")["edits"][0]["redesign_id"]
        assert f'href="/redesign/{redesign}"' in text
        compared = server.get(f"{edited_page}/compare/1..2").text
        assert "many pages changed so" in compared
        assert 'class="chip off">silent' not in compared
