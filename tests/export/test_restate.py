"""The head of an exported response agrees with its body, and no other header is changed."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeadersParser

from archiver.export.restate import restated

NAMES = st.sampled_from(
    [b"Transfer-Encoding", b"content-encoding", b"CONTENT-LENGTH", b"Set-Cookie", b"X-Odd", b"Content-Type", b" folded"]
)
VALUES = st.sampled_from([b"chunked", b"gzip", b"5", b"0", b"99999", b"caf\xe9", b"", b"a: b"])


def test_headers_that_agree_with_the_body_are_not_changed() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nX:  y \r\n\r\n"
    assert restated(head, b"abc", decoded=False) is head
    assert restated(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", b"", decoded=False).count(b"Orig") == 0


def test_headers_of_removed_encodings_are_renamed() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\nA: b\r\n\r\n"
    assert restated(head, b"abcd", decoded=True) == (
        b"HTTP/1.1 200 OK\r\nX-Archive-Orig-Transfer-Encoding: chunked\r\nX-Archive-Orig-Content-Encoding: gzip\r\nA: b\r\n"
        b"Content-Length: 4\r\n\r\n"
    )


@pytest.mark.parametrize("continued", [b" folded: chunked", b"\t9", b" 0", b"  , 0"])
def test_a_length_that_goes_on_in_the_next_line_is_not_the_body_s(continued: bytes) -> None:
    """Readers join the lines of a folded header: `Content-Length: 3` and ` 9` is no length."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n" + continued + b"\r\nA: b\r\n\r\n"
    told = restated(head, b"abc", decoded=False)
    assert told == head.replace(b"Content-", b"X-Archive-Orig-Content-")[:-2] + b"Content-Length: 3\r\n\r\n"


def test_an_empty_line_that_continues_a_true_length_changes_nothing() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n \r\n\r\n"
    assert restated(head, b"abc", decoded=False) is head


@pytest.mark.parametrize(
    ("sent", "corrected"),
    [
        (
            b"Content-Length: 5\r\n folded: chunked",
            b"X-Archive-Orig-Content-Length: 5\r\n folded: chunked\r\nContent-Length: 5",
        ),
        (b"content-length:\r\n\t5", None),
        (b"content-length: 1\r\n 5", b"X-Archive-Orig-content-length: 1\r\n 5\r\nContent-Length: 5"),
        (b"X: 1\r\n content-length: 9\r\nContent-Length: 5", None),
        (
            b"Content-Length: 5\r\nContent-Length: 6",
            b"X-Archive-Orig-Content-Length: 5\r\nX-Archive-Orig-Content-Length: 6\r\nContent-Length: 5",
        ),
    ],
)
def test_a_folded_line_is_part_of_the_length(sent: bytes, corrected: bytes | None) -> None:
    """`5 folded` is not the length 5: a reader that unfolds the header would reject it."""
    head = b"HTTP/1.1 200 OK\r\n%s\r\n\r\n"
    assert restated(head % sent, b"abcde", decoded=False) == head % (corrected or sent)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=8), st.binary(max_size=20), st.booleans())
def test_a_reader_gets_the_body_by_the_headers(fields: list[tuple[bytes, bytes]], body: bytes, decoded: bool) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + b"".join(name + b": " + value + b"\r\n" for name, value in fields) + b"\r\n"
    told = restated(head, body, decoded=decoded)
    assert told.endswith(b"\r\n\r\n")
    assert told.count(b"\r\n\r\n") == 1
    parsed = StatusAndHeadersParser(["HTTP/1.1"]).parse(io.BytesIO(told))
    assert parsed.get_header("Transfer-Encoding") is None
    length = parsed.get_header("Content-Length")
    assert length is None or length == str(len(body))
    assert told.replace(b"X-Archive-Orig-", b"").startswith(head[:-2])
