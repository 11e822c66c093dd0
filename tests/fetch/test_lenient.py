"""Answers that are not valid HTTP/1.1 are read as they were meant, or refused."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.fetch.connections import HttpConnection, Server
from archiver.fetch.failures import fault_of_answer
from archiver.fetch.lenient import LenientAnswer, NoHttpAnswer
from archiver.fetch.wire import Wire

BODY = b"<html><p>The body of the answer.</p></html>"
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
START = b"HTTP/1.1 200 OK\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def chunks(extension: bytes = b"", end: bytes = b"\r\n", last: bytes = b"0\r\n\r\n") -> bytes:
    half = len(BODY) // 2
    return (
        b"".join(b"%x%s%s%s%s" % (len(part), extension, end, part, end) for part in (BODY[:half], BODY[half:])) + last
    )


def answered(data: bytes, size: int = 7) -> tuple[int, bytes, list[str]]:
    """Return the status, the body and the flaws of an answer that arrives in pieces."""
    pieces: Iterator[bytes] = (data[place : place + size] for place in range(0, len(data), size))

    async def read() -> bytes:
        return next(pieces, b"")

    async def run() -> tuple[int, bytes, list[str]]:
        answer = LenientAnswer(b"", read)
        head = await answer.head()
        body = b"".join([part async for part in answer.body(head)])
        return head.status, body, head.flaws

    return asyncio.run(run())


READ = {
    "space before colon": START + b"X-Odd : 1\r\n" + LENGTH + b"\r\n" + BODY,
    "line without colon": START + b"nonsense line\r\n" + LENGTH + b"\r\n" + BODY,
    "space in name": START + b"X Odd Name: 1\r\n" + LENGTH + b"\r\n" + BODY,
    "empty name": START + b": 1\r\n" + LENGTH + b"\r\n" + BODY,
    "ICY": b"ICY 200 OK\r\n" + LENGTH + b"\r\n" + BODY,
    "leading CRLF": b"\r\n" + START + LENGTH + b"\r\n" + BODY,
    "LF only": (START + LENGTH + b"\r\n").replace(b"\r\n", b"\n") + BODY,
    "lower case": b"http/1.1 200 OK\r\n" + LENGTH + b"\r\n" + BODY,
    "no space after the status": b"HTTP/1.1 200OK\r\n" + LENGTH + b"\r\n" + BODY,
    "tabs": b"HTTP/1.1\t200\tOK\r\n" + LENGTH + b"\r\n" + BODY,
    "no reason": b"HTTP/1.1 200\r\n" + LENGTH + b"\r\n" + BODY,
    "version without minor": b"HTTP/2 200 OK\r\n" + LENGTH + b"\r\n" + BODY,
    "NUL in a value": START + b"X-N: a\0b\r\n" + LENGTH + b"\r\n" + BODY,
    "CR in a value": START + b"X-N: a\rb\r\n" + LENGTH + b"\r\n" + BODY,
    "empty length": START + b"Content-Length: \r\n\r\n" + BODY,
    "length in words": START + b"Content-Length: unknown\r\n\r\n" + BODY,
    "negative length": START + b"Content-Length: -1\r\n\r\n" + BODY,
    "length twice": START + LENGTH + LENGTH + b"\r\n" + BODY,
    "chunked twice": START + CHUNKED + CHUNKED + b"\r\n" + chunks(),
    "identity": START + b"Transfer-Encoding: identity\r\n" + LENGTH + b"\r\n" + BODY,
    "identity, chunked": START + b"Transfer-Encoding: identity, chunked\r\n\r\n" + chunks(),
    "chunk extension with space": START + CHUNKED + b"\r\n" + chunks(b" ; foo=bar"),
    "chunk size with spaces": START + CHUNKED + b"\r\n" + chunks(b"   "),
    "chunk lines with LF": START + CHUNKED + b"\r\n" + chunks(end=b"\n", last=b"0\n\n"),
    "no line end after the last chunk": START + CHUNKED + b"\r\n" + chunks(last=b"0\r\n"),
    "chunked in name only": START + CHUNKED + b"\r\n" + BODY,
    "interim answers": b"HTTP/1.1 103 Early\r\nX : 1\r\n\r\nHTTP/1.1 102 P\r\n\r\n" + START + LENGTH + b"\r\n" + BODY,
    "large head": START + b"".join(b"X-%d : %s\r\n" % (n, b"x" * 3000) for n in range(100)) + LENGTH + b"\r\n" + BODY,
    "folded line": START + b"X-Long : one\r\n two\r\n" + LENGTH + b"\r\n" + BODY,
}


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize("name", READ)
def test_an_answer_is_read_as_it_was_meant(name: str, size: int) -> None:
    if name == "large head" and size == 1:
        size = 1000
    status, body, _ = answered(READ[name], size)
    assert (status, body) == (200, BODY)


REFUSED = {
    "no status line": BODY,
    "nothing": b"",
    "two lengths": START + LENGTH + b"Content-Length: 10\r\n\r\n" + BODY,
    "two lengths in a list": START + b"Content-Length: 10, 20\r\n\r\n" + BODY,
    "short body": START + b"Content-Length: 900\r\n\r\n" + BODY,
    "no last chunk": START + CHUNKED + b"\r\n" + chunks(last=b""),
    "broken chunk": START + CHUNKED + b"\r\n5\r\nhello\r\nxyz\r\n",
    "head that ends": START + b"X: 1\r\n",
    "endless head": START + b"X: 1\r\n" * 200_000,
    "endless line": START + b"X" * 1_000_000,
    "endless blank lines": b"\n" * 2_000_000,
    "endless interim answers": b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000 + START + b"\r\n",
    "endless blank lines in chunks": START + CHUNKED + b"\r\n" + b"\n" * 1_000 + chunks(),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_answer_whose_end_or_status_is_unknown_is_refused(name: str) -> None:
    with pytest.raises(httpx2.RemoteProtocolError):
        answered(REFUSED[name], 1000)


@pytest.mark.parametrize(
    ("name", "flaw"),
    [("space before colon", "before a colon"), ("line without colon", "left out"), ("tabs", "status line"), ("length in words", "not a number"), ("chunked twice", "not valid"), ("chunked in name only", "has none")],
)  # fmt: skip
def test_flaws_are_named(name: str, flaw: str) -> None:
    assert any(flaw in each for each in answered(READ[name])[2])


@given(st.binary(max_size=300), st.sampled_from(list(READ)), st.integers(1, 50))
def test_any_bytes_are_an_answer_or_refused(noise: bytes, name: str, size: int) -> None:
    data = READ[name][:200]
    place = len(noise) % (len(data) + 1)
    with contextlib.suppress(httpx2.RemoteProtocolError):
        answered(data[:place] + noise + data[place:], size)


def test_large_bodies_take_no_time() -> None:
    begun = time.process_time()
    answered(START + CHUNKED + b"X : 1\r\n\r\n" + b"1\r\nx\r\n" * 100_000 + b"0\r\n\r\n", 1 << 16)
    answered(START + b"X : 1\r\n\r\n" + bytes(10_000_000), 1 << 16)
    assert time.process_time() - begun < 10


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        (r"illegal chunk header: bytearray(b'12c ; sig=abc\r\n')", "invalid chunk header: 12c ; sig=abc"),
        ("illegal status line: bytearray(b'HTTP/1.1 200OK')", "invalid status line: HTTP/1.1 200OK"),
        ("Illegal header name b'X Odd'", "invalid header name X Odd"),
        (r"malformed chunk footer: b'ab' (expected b'\r\n')", "invalid end of a chunk: ab (expected CRLF)"),
        ("no response line received", "no status line in the first line"),
    ],
)
def test_faults_are_named_without_the_notation_of_python(said: str, plain: str) -> None:
    assert fault_of_answer(Exception(said)) == plain


class OneWire(Wire):
    """A connection whose bytes arrive in the given pieces, so that the size of each read is certain."""

    def __init__(self, *pieces: bytes) -> None:
        super().__init__()
        self._pieces = iter(pieces)

    def info(self, name: str) -> Any:
        return None

    def write(self, data: bytes) -> None:
        pass

    async def read(self) -> bytes:
        return next(self._pieces, b"")


def asked(*pieces: bytes) -> tuple[int, int, list[str]]:
    """Return the status, the number of bytes of the body and the flaws of an answer that arrives in these pieces."""

    async def run() -> tuple[int, int, list[str]]:
        connection = HttpConnection(OneWire(*pieces), Server("http", "example.org", 80, True, "example.org"))
        head = await connection.ask(httpx2.Request("GET", "http://example.org/"), b"")
        size = sum([len(part) async for part in connection.body()])
        return head.status, size, connection.flaws

    return asyncio.run(run())


FILLED = b"".join(b"X-%d: %s\r\n" % (n, b"x" * 3000) for n in range(100))


def test_a_head_that_arrives_in_one_large_read_is_read_again_leniently() -> None:
    """A fast server fills a read of 512 KiB; how the bytes arrive must not decide the outcome."""
    odd = START + b"X Odd Name: 1\r\n" + b"Content-Length: 500000\r\n\r\n"
    for pieces in ([odd + b"b" * 400_000, b"b" * 100_000], [START, odd[len(START) :] + b"b" * 500_000]):
        status, size, flaws = asked(*pieces)
        assert (status, size) == (200, 500_000)
        assert flaws
    assert asked(START + FILLED, LENGTH + b"\r\n" + BODY)[:2] == (200, len(BODY))


@pytest.mark.parametrize("size", [1000, 60_000, 300_000, 600_000])
def test_an_endless_head_is_no_http_answer_however_it_arrives(size: int) -> None:
    endless = FILLED * 3
    with pytest.raises(NoHttpAnswer, match="the headers are longer than"):
        asked(START, *(endless[place : place + size] for place in range(0, len(endless), size)))
