"""Permalinks are recognised and parsed, and printed ones are read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.text.permalink import Permalink, is_permalink, parse_permalink, permalink

URL = "http://portal.example/post.aspx?ItemID=1&at=/web/2"
SHA = "ab" * 32


def test_a_permalink_is_by_moment_and_address() -> None:
    assert str(permalink("2022-10-22 03:00:00", URL)) == f"/web/20221022030000/{URL}"
    assert str(permalink("2022-10-22 03:00:00", URL, SHA)) == f"/web/20221022030000/{URL}#sha256={SHA}"


@pytest.mark.parametrize("before", ["", "archiver:", "  "])
@pytest.mark.parametrize("moment", ["2022", "20221022030000"])
def test_what_is_written_is_read(before: str, moment: str) -> None:
    assert parse_permalink(f"{before}/web/{moment}/{URL}") == Permalink(moment, URL)
    assert parse_permalink(f"{before}/web/{moment}/{URL}#sha256={SHA.upper()}\n") == Permalink(moment, URL, SHA)
    assert parse_permalink(f"{before}/web/{moment}/{URL}#top") == Permalink(moment, URL)


@pytest.mark.parametrize(
    "text", ["/web/", "/web/2022/", "/web/x/http://a/", f"/web/2022/{URL}#sha256=12", "/web", "archiver:/web/http://a/"]
)
def test_an_invalid_permalink_is_recognised_as_one(text: str) -> None:
    assert parse_permalink(text) is None
    assert is_permalink(text)


@pytest.mark.parametrize("text", ["http://a/web/2022/http://b/", "/website", "web/2022/http://b/", "12", ""])
def test_other_texts_are_none(text: str) -> None:
    assert parse_permalink(text) is None
    assert not is_permalink(text)


@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    found = parse_permalink("/web/" + text)
    assert found is None or parse_permalink(str(found)) == found
