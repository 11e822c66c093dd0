"""Text of pages has one normal form without invisible characters."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.text import clean
from archiver.text.clean import code_line, line, nfc, paragraphs, printable

LINES = {
    "": "",
    " \n\t ": "",
    "a  b\n c": "a b c",
    "Quận\u00a011": "Quận 11",
    "a\u3000b\u2009c\u202fd\u2028e\u0085f": "a b c d e f",
    "vi\u00adệt": "việt",
    "a\u200bb\u200cc\u200dd\u2060e\ufefff": "abcdef",
    "\u202eabc\u202c \u2066x\u2069 \u061c\u200e": "abc x",
    "u\u031bng": "ưng",
    "u\u200b\u031b\u0303": "ữ",
    "a\x00\x08\x1b[31mb\x7f\x9b": "a[31mb",
    "a\x1cb": "ab",
    "👨\u200d👩\u200d👧": "👨👩👧",  # joiners are removed: the family becomes its members
    "❤\ufe0f": "❤",
    "x\U000e0041\U000e0042y": "xy",
    "\ufeffTin": "Tin",
    "a b": "a b",
    " a b": "a b",
    "a b\n": "a b",
    "\ud800x": "x",
}


@pytest.mark.parametrize(("text", "expected"), LINES.items())
def test_a_line(text: str, expected: str) -> None:
    assert line(text) == expected


ORTHOGRAPHY = {
    "Persian": "می\u200cکنند و گل\u200cها",
    "Persian after a letter that does not join": "کار\u200cها",
    "Persian digits": "۲۰\u200cساله",
    "Urdu": "کہ\u200cنہ",
    "Kurdish": "نه\u200cبێت",
    "Arabic with vowel signs": "قَالَ\u200cهُ",
    "Hindi": "क\u094d\u200dष क\u094d\u200cष",
    "Bengali": "র\u200d\u09cd\u09af\u09be",
    "Malayalam at the end of a word": "അവന\u0d4d\u200d വന്നു",
    "Kannada": "ರ\u0ccd\u200cಕ",
    "Sinhala": "ශ\u0dca\u200dරී ලංකා",
    "Khmer": "ស\u200c៊ី",
    "Mongolian": "ᠮᠣᠩᠭᠣᠯ\u200dᠤᠨ ᠪᠠᠶᠢᠨ\u180eᠠ",
}


@pytest.mark.parametrize("text", ORTHOGRAPHY.values(), ids=ORTHOGRAPHY.keys())
def test_joiners_that_are_orthography_stay(text: str) -> None:
    assert line(text) == unicodedata.normalize("NFC", text)
    assert paragraphs([text]) == code_line(text) == line(text)


STRAY = {
    "a\u200cb": "ab",
    "V\u200ciệt\u200d Nam\u200c": "Việt Nam",
    "при\u200cвет": "привет",
    "漢\u200d字": "漢字",
    "ไท\u200cย": "ไทย",
    "PDF\u200cها": "PDFها",
    "می\u200c": "می",
    "\u200cمی": "می",
    "می\u200c کنند": "می کنند",
    "می\u200c، کنند": "می، کنند",
    "می\u200c\u200c\u200cکنند": "می\u200cکنند",
    "می\u200c\u200dکنند": "می\u200cکنند",
    "می\u200b\u200c\u00adکنند": "می\u200cکنند",
    "م\u200bی": "می",
    "a\u180eb": "ab",
    "می\u180eکنند": "میکنند",
    "👩\u200d💻": "👩💻",
    "❤\ufe0f\u200d🔥": "❤🔥",
}


@pytest.mark.parametrize(("text", "expected"), STRAY.items(), ids=[ascii(text) for text in STRAY])
def test_other_joiners_are_hidden_characters(text: str, expected: str) -> None:
    assert line(text) == expected
    assert paragraphs([text]) == code_line(text) == expected


@given(st.text(st.sampled_from("aệ می کক\u09cd\u094d\u0dca᠎ᠠន\u200c\u200d\u200b\u064e\u0301 \n"), max_size=10))
def test_text_with_joiners_is_in_normal_form_and_stays(text: str) -> None:
    once = line(text)
    assert line(once) == once
    assert paragraphs([once]) == once
    assert not any(char in once for char in "\u200b\n")


CODE = {
    "": "",
    "  a  b ": "  a  b",
    "\ta\u00a0b\u2003c\r": "\ta b c",
    " \u200b\u00ada\x00": " a",
    " u\u031bng \t": " ưng",
    " \t ": "",
}


@pytest.mark.parametrize(("text", "expected"), CODE.items())
def test_a_line_of_code(text: str, expected: str) -> None:
    assert code_line(text) == expected
    assert code_line(expected) == expected


PARAGRAPHS = {
    (): "",
    ("", " \n", "\u200b"): "",
    ("a", "b"): "a\n\nb",
    (" a \r\n b ", "c\rd"): "a\nb\n\nc\nd",
    ("a\n\n\nb",): "a\nb",
    ("a \u200b \n\u200b\n b",): "a\nb",
    ("a\u2028b\u2029c\u0085d",): "a b c d",
    ("a \t\u00a0 b",): "a b",
    ("- một\n- hai", "x | y"): "- một\n- hai\n\nx | y",
}


@pytest.mark.parametrize(("parts", "expected"), PARAGRAPHS.items())
def test_paragraphs(parts: tuple[str, ...], expected: str) -> None:
    assert paragraphs(parts) == expected


ANY = st.text(
    st.characters()
    | st.sampled_from("a \n\r\t\u00a0\u200b\u00ad\u202e\u2028\u0301\u0323u\u031b\x1b\x9b\ud800\ufeff\u034f")
)


def is_clean(text: str) -> bool:
    return unicodedata.is_normalized("NFC", text) and not any(
        unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} or unicodedata.bidirectional(char) in BIDI
        for char in text.replace("\n", "")
    )


BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@given(ANY)
def test_a_line_is_in_normal_form_and_stays(text: str) -> None:
    once = line(text)
    assert line(once) == once
    assert is_clean(once)
    assert "\n" not in once
    assert "  " not in once
    assert once == once.strip()


@given(ANY)
def test_the_fast_way_to_a_line_gives_the_same_line(text: str) -> None:
    assert line(text) == clean._line(text)


@given(st.lists(ANY, max_size=4))
def test_paragraphs_are_in_normal_form_and_stay(parts: list[str]) -> None:
    once = paragraphs(parts)
    assert paragraphs(once.split("\n\n")) == once
    assert is_clean(once)
    assert "\n\n\n" not in once
    assert " \n" not in once
    assert "\n " not in once
    assert all(paragraph == paragraphs([paragraph]) for paragraph in once.split("\n\n"))


@given(ANY, st.integers(0, 20))
def test_nothing_printed_steers_a_terminal(text: str, limit: int) -> None:
    shown = printable(text, limit)
    assert len(shown) <= limit + 1
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in shown.replace("\t", ""))
    assert not any(unicodedata.bidirectional(char) in BIDI for char in shown)
    shown.encode()


PRINTED = {
    "a\x1b]0;title\x07b": "a]0;titleb",
    "a\x9b31mb": "a31mb",
    "\u202eevil\u202c": "evil",
    "a\nb\r\nc\rd\u2028e": "a b c d e",
    "Ủy ban\tnhân dân": "Ủy ban\tnhân dân",
    "\ud800x": "x",
}


@pytest.mark.parametrize(("text", "expected"), PRINTED.items())
def test_printable(text: str, expected: str) -> None:
    assert printable(text) == expected


def test_long_texts_are_cut_with_an_ellipsis() -> None:
    assert printable("abc", 3) == "abc"
    assert printable("abcd", 3) == "abc…"
    assert printable("\x1b" * 10 + "abcd", 3) == "…"
    assert len(printable("a" * 10**6)) == 501


@given(ANY)
def test_nfc_is_nfc(text: str) -> None:
    assert nfc(text) == unicodedata.normalize("NFC", text)


def test_marks_without_end_are_parted() -> None:
    text = nfc("a" + "\u0301\u0323" * 50_000)
    assert unicodedata.is_normalized("NFC", text)
    assert nfc(text) == text
    assert nfc("a" + "\u0323" * 30) == "ạ" + "\u0323" * 29
    assert line(text) == text
