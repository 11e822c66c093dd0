"""SURT keys are those that Wayback Machines make of the same addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.text.surt import surt


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://www.example.com/", "com,example)/"),
        ("https://Example.COM", "com,example)/"),
        ("http://www2.example.com:80/A/B/", "com,example)/a/b"),
        ("https://example.com:443/a?", "com,example)/a"),
        ("http://example.com:8080/a", "com,example:8080)/a"),
        ("http://user:secret@example.com/a#b", "com,example)/a"),
        ("http://example.com/a?b=2&a=1", "com,example)/a?a=1&b=2"),
        ("http://example.com/a?PHPSESSID=0123456789abcdef0123456789abcdef&x=1", "com,example)/a?x=1"),
        ("http://example.com/(S(0123456789abcdefghij0123))/a.aspx", "com,example)/a.aspx"),
        ("http://example.com/a;jsessionid=0123456789abcdef0123456789abcdef", "com,example)/a"),
        ("http://example.com//a///b", "com,example)/a/b"),
        ("http://10.0.0.1:8080/x", "1,0,0,10:8080)/x"),
        ("http://[2001:DB8::1]/x", "[2001:db8::1])/x"),
        ("http://bücher.example/", "example,xn--bcher-kva)/"),
        ("http://example.com/T%E1%BA%BF%20x?q=a+b", "com,example)/t%e1%ba%bf%20x?q=a+b"),
        ("http://example.com/Tế", "com,example)/t%e1%ba%bf"),
        ("http://example.com/a?x=a%20b", "com,example)/a?x=a%20b"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("http://[bad", "http://[bad"),
    ],
)
def test_the_key_of_an_address(url: str, key: str) -> None:
    assert surt(url) == key


@given(st.text(), st.text(alphabet="abÁ %&=?/.;()", max_size=40))
def test_any_text_has_a_key_without_spaces_beyond_its_own(any_text: str, rest: str) -> None:
    surt(any_text)
    key = surt("http://h.example/" + rest)
    assert key.startswith("example,h)/")
    assert key.isascii()
    assert " " not in key
