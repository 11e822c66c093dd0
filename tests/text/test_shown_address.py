"""Addresses as people read them name the same page when they are copied."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.text.shown_address import shown_address
from archiver.text.url import canonical

HOST = "http://e.org/"


@pytest.mark.parametrize(
    "path", ["wiki/Quận_11", "wiki/1939–1945", "wiki/日本語", "wiki/العربية", "tim?q=Phường", "a/Đ́_b", "wiki/Œuvre"]
)
def test_letters_are_decoded(path: str) -> None:
    assert shown_address(HOST + quote(path, safe="/?=")) == HOST + path


@pytest.mark.parametrize(
    "text",
    [
        "a b", "a/b", "a%b", "a?b", "a#b", "a&b",
        "x\u202ey", "x\u200fy", "x\u200by", "\ufeff", "\u00ad", "\u3000", "\u00a0", "\u2028", "\u0085", "\u3164", "\u2800", "\ufe0f",
        "e\u0301", "/\u0301", "ﬁ", "Ａ", "\u212b", "²", "\ue000", "\U000e0041",
    ],
)  # fmt: skip
def test_what_could_be_read_otherwise_stays_encoded(text: str) -> None:
    url = HOST + quote(text, safe="")
    assert shown_address(url) == url


@pytest.mark.parametrize(
    "url", [f"{HOST}%C3", f"{HOST}?q=%E1%BA", f"{HOST}%FF%FE", "no address %C3%A9", "", "http://%C3%A9/"]
)
def test_what_is_no_text_stays_as_it_is(url: str) -> None:
    assert shown_address(url) == url


@given(st.text(max_size=12), st.text(max_size=8))
def test_a_shown_address_names_the_same_page(path: str, query: str) -> None:
    url = canonical(
        f"{HOST}{quote(path.encode('utf-8', 'replace'), safe='/')}?q={quote(query.encode('utf-8', 'replace'), safe='')}"
    )
    assert canonical(shown_address(url)) == url


@given(st.binary(max_size=8))
def test_so_does_one_of_any_bytes(data: bytes) -> None:
    url = canonical(HOST + "".join(f"%{byte:02X}" for byte in data))
    assert canonical(shown_address(url)) == url
