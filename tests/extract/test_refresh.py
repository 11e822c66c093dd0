"""The address of a meta refresh is a link of its page."""

import pytest

from archiver.extract.links import every_link
from archiver.extract.page import ParsedPage

CONTENTS = {
    "0; url=/vi/home.html": ["http://p.example/vi/home.html"],
    "0;URL='/vi/home.html'": ["http://p.example/vi/home.html"],
    "5 ; url = 'trang-chu.aspx?a=1'": ["http://p.example/x/trang-chu.aspx?a=1"],
    "0, /vi/": ["http://p.example/vi/"],
    "0; http://other.example/": ["http://other.example/"],
    "3;url=/a#b": ["http://p.example/a"],
    "300": [],
    "": [],
    "0; url=javascript:alert(1)": [],
}


@pytest.mark.parametrize(("content", "urls"), CONTENTS.items(), ids=CONTENTS.keys())
def test_a_refresh_is_a_link(content: str, urls: list[str]) -> None:
    page = ParsedPage(f'<meta http-equiv="Refresh" content="{content}">', "http://p.example/x/1")
    assert [link.url for link in every_link(page)] == urls


def test_a_refresh_to_a_page_that_is_linked_is_one_link() -> None:
    page = ParsedPage("<meta http-equiv=refresh content='0;url=/a'><a href=/a>Bài</a>", "http://p.example/")
    assert [(link.url, link.text) for link in every_link(page)] == [("http://p.example/a", "Bài")]
