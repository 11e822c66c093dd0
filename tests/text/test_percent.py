"""Queries are escaped in the encoding of their page, as in browsers; paths are always UTF-8."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.text.charset_names import MULTIBYTE, standard_name, table, to_text
from archiver.text.percent import percent_encode_path, percent_encode_query
from archiver.text.url import absolute, canonical

BASE = "http://e.org/d/p?x"
LINKS = [
    ("/s?q=слово", "windows-1251", "http://e.org/s?q=%F1%EB%EE%E2%EE"),
    ("/s?q=слово", "koi8-r", "http://e.org/s?q=%D3%CC%CF%D7%CF"),
    ("/s?q=слово", "iso-8859-5", "http://e.org/s?q=%E1%DB%DE%D2%DE"),
    ("/s?q=слово", "utf-8", "http://e.org/s?q=%D1%81%D0%BB%D0%BE%D0%B2%D0%BE"),
    ("/s?q=слово", "utf-16le", "http://e.org/s?q=%D1%81%D0%BB%D0%BE%D0%B2%D0%BE"),
    ("/s?q=слово", "no encoding", "http://e.org/s?q=%D1%81%D0%BB%D0%BE%D0%B2%D0%BE"),
    ("/путь?q=слово#я", "windows-1251", "http://e.org/%D0%BF%D1%83%D1%82%D1%8C?q=%F1%EB%EE%E2%EE"),
    ("?ключ=я", "windows-1251", "http://e.org/d/p?%EA%EB%FE%F7=%FF"),
    ("?q=%D1%81л", "windows-1251", "http://e.org/d/p?q=%D1%81%EB"),
    ("?q=%F1%EB", "windows-1251", "http://e.org/d/p?q=%F1%EB"),
    ("?q=%25%zz%", "windows-1251", "http://e.org/d/p?q=%25%zz%"),
    ("http://пример.рф/?я=я", "windows-1251", "http://xn--e1afmkfd.xn--p1ai/?%FF=%FF"),
    ("//e.org/?я", "windows-1251", "http://e.org/?%FF"),
    ("?q=été & co's", "iso-8859-1", "http://e.org/d/p?q=%E9t%E9%20&%20co%27s"),
    ("?q=é€œ", "iso-8859-1", "http://e.org/d/p?q=%E9%80%9C"),
    ("?q=€", "iso-8859-15", "http://e.org/d/p?q=%A4"),
    ("?q=あ&b=é", "windows-1252", "http://e.org/d/p?q=%26%2312354%3B&b=%E9"),
    ("?q=😀", "windows-1251", "http://e.org/d/p?q=%26%23128512%3B"),
    ("?q=\ud800", "windows-1251", "http://e.org/d/p?q=%26%2365533%3B"),
    ("?q=ő", "iso-8859-2", "http://e.org/d/p?q=%F5"),
    ("?q=ğış", "iso-8859-9", "http://e.org/d/p?q=%F0%FD%FE"),
    ("?q=ไทย", "windows-874", "http://e.org/d/p?q=%E4%B7%C2"),
    ("?q=người Việt", "windows-1258", "http://e.org/d/p?q=ng%FD%F5%CCi%20Vi%EA%F2t"),
    ("?q=日本①ｱ", "shift_jis", "http://e.org/d/p?q=%93%FA%96{%87@%B1"),
    ("?q=日本①ｱ", "euc-jp", "http://e.org/d/p?q=%C6%FC%CB%DC%AD%A1%8E%B1"),
    ("?q=日é本ｱ", "iso-2022-jp", "http://e.org/d/p?q=%1B$BF|%1B(B%26%23233%3B%1B$BK\\%%22%1B(B"),
    ("?q=中€", "gbk", "http://e.org/d/p?q=%D6%D0%80"),
    ("?q=中€😀", "gb18030", "http://e.org/d/p?q=%D6%D0%A2%E3%949%FC6"),
    ("?q=😀", "gbk", "http://e.org/d/p?q=%26%23128512%3B"),
    ("?q=中文", "big5", "http://e.org/d/p?q=%A4%A4%A4%E5"),
    ("?q=㐀", "big5", "http://e.org/d/p?q=%26%2313312%3B"),
    ("?q=한글", "euc-kr", "http://e.org/d/p?q=%C7%D1%B1%DB"),
    ("?q=người", "tcvn3", "http://e.org/d/p?q=ng%C6%B0%E1%BB%9Di"),
    ("?q=a+b", "windows-1251", "http://e.org/d/p?q=a+b"),
]  # fmt: skip


@pytest.mark.parametrize(("href", "charset", "url"), LINKS)
def test_a_link_is_sent_as_browsers_send_it(href: str, charset: str, url: str) -> None:
    assert absolute(BASE, href, charset) == url
    assert absolute(BASE, url, charset) == url
    assert canonical(url).isascii()


@pytest.mark.parametrize("name", ["windows-1251", "windows-1258", "koi8-r", "iso-8859-2", "windows-874", "shift_jis"])
def test_what_is_decoded_is_escaped_as_the_bytes_that_were_sent(name: str) -> None:
    sent = bytes(range(0xE0, 0xF0)) if name not in MULTIBYTE else "日本語".encode("cp932")
    escaped = percent_encode_query(to_text(sent, name), name)
    assert escaped == "".join(f"%{byte:02X}" if byte > 0x7E else chr(byte) for byte in sent)


@given(
    st.text(),
    st.sampled_from(["windows-1251", "gbk", "gb18030", "big5", "euc-jp", "iso-2022-jp", "shift_jis", "euc-kr", "x"]),
)
def test_any_query_becomes_ascii_once(query: str, charset: str) -> None:
    escaped = percent_encode_query(query, charset)
    assert escaped.isascii()
    assert percent_encode_query(escaped, charset) == escaped
    assert percent_encode_path(percent_encode_path(query)) == percent_encode_path(query)


@given(st.text(st.sampled_from(table("windows-1251")[0xC0:]), min_size=1))
def test_letters_of_the_encoding_take_a_byte_each(query: str) -> None:
    assert standard_name("cp1251") == "windows-1251"
    assert len(percent_encode_query(query, "cp1251")) == 3 * len(query)
