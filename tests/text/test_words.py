"""Tokens are words for a reader, and no character is lost between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.text.words import words

TEXTS = {
    "": [],
    "Ủy ban nhân dân": ["Ủy", " ", "ban", " ", "nhân", " ", "dân"],
    "1.234,5 đồng": ["1.234,5", " ", "đồng"],
    "21/10/2022 15:55.": ["21/10/2022", " ", "15:55", "."],
    "a  b\t\u00a0c": ["a", "  ", "b", "\t\u00a0", "c"],
    "a.\n\nb \n c": ["a", ".", "\n\n", "b", " ", "\n", " ", "c"],
    "“Xin chào!”…": ["“", "Xin", " ", "chào", "!", "”", "…"],
    "file_name": ["file", "_", "name"],
    "Quận11": ["Quận", "11"],
    "e\u0301te\u0301": ["e\u0301te\u0301"],
    "\u0301a": ["\u0301", "a"],
    "1,\n2": ["1", ",", "\n", "2"],
    "٣٧٥": ["٣٧٥"],
    "\ud800x": ["\ud800", "x"],
}


@pytest.mark.parametrize(("text", "tokens"), TEXTS.items())
def test_tokens(text: str, tokens: list[str]) -> None:
    assert words(text) == tokens


@given(st.text(st.characters() | st.sampled_from("a1.,:/ \n\r\u2028\u0301\u0323_\ud800\u00a0")))
def test_joined_tokens_are_the_text(text: str) -> None:
    tokens = words(text)
    assert "".join(tokens) == text
    assert all(tokens)


@pytest.mark.parametrize("text", ["a" * 200_000, "1." * 100_000, "e\u0301" * 100_000, "\n" * 200_000, "." * 200_000])
def test_one_long_run_takes_linear_time(text: str) -> None:
    assert "".join(words(text)) == text
