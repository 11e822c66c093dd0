"""Compressed answers as servers send them: as a transfer coding, with wrong checksums, damaged, without being named."""

import asyncio
import gzip
import random
import socket
import threading
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.extract.read import read
from archiver.fetch.http import Client
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.clock import system_clock
from archiver.model.policy import Limits
from archiver.text.inflate import inflate

PAGE = b"<!doctype html><title>A page</title><h1>A page</h1>" + b"<p>Some text of the page.</p>" * 40


def zipped(body: bytes) -> bytes:
    """Return gzip data without a time, so that each process has the same parameters."""
    return gzip.compress(body, mtime=0)


NOISE = bytes(random.Random(1).choices(range(97, 123), k=20_000))
ZIPPED, DEFLATED = zipped(PAGE), zlib.compress(PAGE)
WRONG_SUM = ZIPPED[:-8] + bytes(4) + ZIPPED[-4:]
WRONG_LENGTH = ZIPPED[:-4] + b"\1\2\3\4"


def chunked(body: bytes) -> bytes:
    half = len(body) // 2
    return b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (half, body[:half], len(body) - half, body[half:])


@pytest.fixture
def answered() -> Iterator[type["Server"]]:
    yield Server
    Server.close()


class Server:
    """Sends the same bytes on each connection."""

    sockets: list[socket.socket] = []  # noqa: RUF012

    def __init__(self, answer: bytes) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.sockets.append(self.listening)
        self.answer = answer
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(self.answer)

    def fetch(self) -> Capture:
        async def go() -> Capture:
            async with Client(Limits(), "archiver/test", system_clock) as client:
                return await client.fetch(Request(f"http://127.0.0.1:{self.listening.getsockname()[1]}/"))

        return asyncio.run(go())

    @classmethod
    def close(cls) -> None:
        for each in cls.sockets:
            each.close()
        cls.sockets.clear()


def answer(body: bytes, *headers: bytes, kind: bytes = b"text/html") -> bytes:
    lines = (b"HTTP/1.1 200 OK", b"Connection: close", b"Content-Type: " + kind, *headers)
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


CODED = {
    "gzip, chunked": answer(chunked(ZIPPED), b"Transfer-Encoding: gzip, chunked"),
    "two fields": answer(chunked(ZIPPED), b"Transfer-Encoding: gzip", b"Transfer-Encoding: chunked"),
    "x-gzip": answer(chunked(ZIPPED), b"Transfer-Encoding: X-GZIP,chunked"),
    "deflate": answer(chunked(DEFLATED), b"Transfer-Encoding: deflate, chunked"),
    "until the end": answer(ZIPPED, b"Transfer-Encoding: gzip"),
    "with a length": answer(ZIPPED, b"Transfer-Encoding: gzip", b"Content-Length: 5"),
    "not applied": answer(chunked(PAGE), b"Transfer-Encoding: gzip, chunked"),
    "with a content-encoding": answer(
        chunked(zipped(ZIPPED)), b"Transfer-Encoding: gzip, chunked", b"Content-Encoding: gzip"
    ),
    "wrong checksum": answer(chunked(WRONG_SUM), b"Transfer-Encoding: gzip, chunked"),
}


@pytest.mark.parametrize("name", CODED)
def test_a_transfer_coding_is_removed(answered: type[Server], name: str) -> None:
    capture = answered(CODED[name]).fetch()
    assert (capture.outcome, capture.body) == (Outcome.OK, PAGE)
    assert "was removed" in capture.note
    assert "not valid" not in capture.note


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (WRONG_SUM, b"gzip"),
        (WRONG_LENGTH, b"gzip"),
        (DEFLATED[:-4] + bytes(4), b"deflate"),
        (zipped(PAGE[:500]) + zipped(PAGE[500:])[:-8] + bytes(8), b"gzip"),
    ],
)
def test_data_with_a_wrong_checksum_is_read(answered: type[Server], body: bytes, encoding: bytes) -> None:
    capture = answered(answer(body, b"Content-Encoding: " + encoding)).fetch()
    assert (capture.outcome, capture.body) == (Outcome.OK, PAGE)
    assert capture.note == "the checksum of the compressed data is wrong"
    assert capture.sent["bytes"] == len(body)


@pytest.mark.parametrize("damage", [b"\xff" * 4000, bytes(range(256)) * 20, b"\x07" * 500])
def test_damaged_data_gives_what_comes_before(answered: type[Server], damage: bytes) -> None:
    whole = zipped(NOISE)
    half = len(whole) // 2
    capture = answered(answer(whole[:half] + damage, b"Content-Encoding: gzip")).fetch()
    assert capture.outcome is Outcome.TRUNCATED
    assert capture.body[:9_000] == NOISE[:9_000]
    assert "broke off" in capture.note


@given(st.integers(20, 400), st.binary(min_size=1, max_size=6))
def test_damaged_text_is_never_whole(place: int, damage: bytes) -> None:
    """Damage within the data; the end of the data often stays in its place."""
    packed = zipped(NOISE[:1500])
    hurt = packed[:place] + damage + packed[place + len(damage) :]
    found = inflate(hurt, 31, 10_000)
    assert found.body == NOISE[:1500] or not found.is_ended or len(found.body) == 1500


@pytest.mark.parametrize("kind", [b"text/html; charset=utf-8", b"application/xhtml+xml"])
@pytest.mark.parametrize("body", [ZIPPED, WRONG_SUM, zipped(ZIPPED)])
def test_a_page_that_is_gzip_data_without_being_named_so(answered: type[Server], kind: bytes, body: bytes) -> None:
    capture = answered(answer(body, kind=kind)).fetch()
    assert (capture.outcome, capture.body) == (Outcome.OK, body), "the evidence is what was sent"
    record = read(capture, None)
    assert record.content.title == "A page"
    assert record.notes[0].startswith("gzip data without a content-encoding was read")


@pytest.mark.parametrize(
    ("body", "kind"),
    [(ZIPPED, b"application/gzip"), (zipped(bytes(range(256))), b"text/html")],
)
def test_a_file_stays_a_file(answered: type[Server], body: bytes, kind: bytes) -> None:
    assert read(answered(answer(body, kind=kind)).fetch(), None).kind == "file"


def test_a_bomb_that_is_not_named_is_cut(answered: type[Server]) -> None:
    record = read(answered(answer(zipped(b"<p>" + bytes(200_000_000)))).fetch(), None)
    assert "larger than 50 MB" in " ".join(record.notes)


@pytest.mark.parametrize("count", [1, 100, 150])
def test_large_headers_are_read(answered: type[Server], count: int) -> None:
    """curl and browsers take 300 kB of headers."""
    headers = [b"X-%d: %s" % (number, b"x" * (300_000 // count)) for number in range(count)]
    capture = answered(answer(PAGE, *headers)).fetch()
    assert (capture.outcome, capture.body, len(capture.headers)) == (Outcome.OK, PAGE, count + 2)


@given(st.binary(max_size=3000), st.integers(0, 3100), st.integers(0, 255), st.sampled_from([31, 15, -15]))
def test_damage_never_raises_and_never_exceeds_the_limit(data: bytes, place: int, byte: int, window: int) -> None:
    coder = zlib.compressobj(6, zlib.DEFLATED, window)
    packed = bytearray(coder.compress(data) + coder.flush())
    packed[place % len(packed)] = byte
    found = inflate(bytes(packed), window, 2000)
    assert len(found.body) <= 2000
    intact = inflate(coder_of(data, window), window, 5000)
    assert (intact.body, intact.is_ended, intact.fault, intact.rest) == (data, True, "", b"")


def coder_of(data: bytes, window: int) -> bytes:
    coder = zlib.compressobj(6, zlib.DEFLATED, window)
    return coder.compress(data) + coder.flush()
