"""Connections are used again only where no byte of another answer can get into a capture."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from archiver.fetch import connections
from archiver.fetch.http import Client
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.clock import system_clock
from archiver.model.policy import Limits

Step = bytes | Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
SECOND = OK + b"other"


class Server:
    """Answers requests by a script: for each connection, what is sent after each of its requests."""

    def __init__(self, scripts: Sequence[Sequence[Step]]) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._scripts = scripts
        self.requests: list[int] = []
        """For each request, the number of its connection."""
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        for number, script in enumerate(self._scripts):
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                self._play(connection, number, script)

    def _play(self, connection: socket.socket, number: int, script: Sequence[Step]) -> None:
        for step in script:
            if not connection.recv(65536):
                return
            self.requests.append(number)
            if isinstance(step, bytes):
                connection.sendall(step)
            else:
                step(connection)

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(*scripts: Sequence[Step]) -> Server:
        servers.append(Server(scripts))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def fetch(
    server: Server, *requests: Request, between: Callable[[], object] = lambda: None, timeout: float = 20
) -> list[Capture]:
    """Send requests one after another with one client, and call `between` before each but the first."""

    async def go() -> list[Capture]:
        async with Client(Limits(timeout=timeout), "archiver/test", system_clock) as client:
            captures = []
            for number, request in enumerate(requests or (Request(server.url), Request(server.url))):
                if number:
                    between()
                captures.append(await client.fetch(request))
            return captures

    return asyncio.run(go())


BOUNDED = {
    "length": OK + b"first",
    "empty": b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nfir\r\n2;x=y\r\nst\r\n0\r\n\r\n",
    "chunks with trailers": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n"
    ),
    "early hints": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + OK + b"first",
    "not modified": b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n",
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "redirect": b"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 5\r\n\r\nfirst",
}


@pytest.mark.parametrize("answer", BOUNDED.values(), ids=BOUNDED)
def test_a_connection_is_used_again_after_an_answer_whose_end_is_certain(
    serve: Callable[..., Server], answer: bytes
) -> None:
    server = serve([answer, SECOND], [SECOND])
    first, second = fetch(server)
    assert server.requests == [0, 0]
    assert first.body in (b"first", b"")
    assert (second.outcome, second.status, second.body, second.head) == (Outcome.OK, 200, b"other", OK)


UNBOUNDED = {
    "bytes after the body": OK + b"firstX",
    "white space after the body": OK + b"first\r\n",
    "a second answer": OK + b"first" + OK + b"wrong",
    "a second answer after chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n0\r\n\r\n" + OK + b"wrong"
    ),
    "not modified with a body": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nwrong",
    "no content with a body": b"HTTP/1.1 204 No Content\r\n\r\n" + OK + b"wrong",
    "the server says that it closes": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nfirst",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nfirst",
}


@pytest.mark.parametrize("answer", UNBOUNDED.values(), ids=UNBOUNDED)
def test_any_other_connection_is_closed(serve: Callable[..., Server], answer: bytes) -> None:
    server = serve([answer, SECOND], [SECOND])
    first, second = fetch(server)
    assert server.requests == [0, 1]
    assert first.body in (b"first", b"")
    assert (second.outcome, second.body, second.note) == (Outcome.OK, b"other", "")


def test_a_server_that_sent_bytes_after_an_answer_gets_new_connections(serve: Callable[..., Server]) -> None:
    """They may come later another time, after the next request was sent."""
    server = serve([OK + b"firstX"], [SECOND, OK + b"wrong"], [SECOND])
    captures = fetch(server, *[Request(server.url)] * 3)
    assert server.requests == [0, 1, 2]
    assert [each.body for each in captures] == [b"first", b"other", b"other"]


LATE = {"byte": b"X", "white space": b"\r\n", "answer": OK + b"wrong", "408": b"HTTP/1.1 408 Timeout\r\n\r\n"}


@pytest.mark.parametrize("late", LATE.values(), ids=LATE)
@pytest.mark.parametrize("when", ["unread", "idle", "expiry"])
def test_bytes_on_an_idle_connection_end_the_reuse_for_its_server(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch, late: bytes, when: str
) -> None:
    """They wait in the system's buffer at the next request or at the expiry, or the event loop has read them before."""
    go, done = threading.Event(), threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.sendall(OK + b"first")
        go.wait(20)
        connection.sendall(late)
        done.set()
        connection.recv(1)  # until the client closes it

    server = serve([answer], [SECOND, SECOND], [SECOND])
    if when == "expiry":
        monkeypatch.setattr(connections, "IDLE_SECONDS", 0.2)

    async def go_on() -> list[Capture]:
        async with Client(Limits(timeout=20), "archiver/test", system_clock) as client:
            captures = [await client.fetch(Request(server.url))]
            go.set()
            assert done.wait(20)
            if when == "expiry":
                time.sleep(0.3)  # noqa: ASYNC251  (the loop must not read the bytes before)
            if when != "unread":
                await asyncio.sleep(0.05)
            monkeypatch.setattr(connections, "IDLE_SECONDS", 4.0)
            return [*captures, *[await client.fetch(Request(server.url)) for _ in range(2)]]

    captures = asyncio.run(go_on())
    assert server.requests == [0, 1, 2]
    assert [each.body for each in captures] == [b"first", b"other", b"other"]


@pytest.mark.parametrize("late", LATE.values(), ids=LATE)
@pytest.mark.parametrize("is_read", [False, True])
def test_bytes_on_one_idle_connection_close_the_others_of_its_server(late: bytes, is_read: bool) -> None:
    requests: list[int] = []
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(writers)
        writers.append(writer)
        while (await reader.read(65536)) and not writer.is_closing():
            requests.append(number)
            while len(requests) < 3:  # noqa: ASYNC110  (all three are open at the same time)
                await asyncio.sleep(0.001)
            writer.write(OK + b"first")
        writer.close()

    async def go() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1")
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with Client(Limits(timeout=20), "archiver/test", system_clock) as client:
            await asyncio.gather(*(client.fetch(Request(url)) for _ in range(3)))
            writers[0].write(late)
            if is_read:
                await asyncio.sleep(0.05)
            for _ in range(3):
                await client.fetch(Request(url))
                await asyncio.sleep(0.05)
        server.close()

    asyncio.run(go())
    new = [number for number in requests[3:] if number > 2]
    assert len(new) == (3 if is_read else len(set(new)))
    assert len(new) >= 2, "the bytes may arrive while the first of them is under way"


def test_a_server_that_closes_idle_connections_keeps_being_reused(serve: Callable[..., Server]) -> None:
    """An end is no byte."""

    def end(connection: socket.socket) -> None:
        connection.sendall(OK + b"first")
        connection.shutdown(socket.SHUT_RDWR)

    server = serve([end], [SECOND, SECOND, SECOND])
    fetch(server, *[Request(server.url)] * 4)
    assert server.requests == [0, 1, 1, 1]


def test_a_body_that_ends_early_or_with_the_connection(serve: Callable[..., Server]) -> None:
    def until_the_end(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nfirst")
        connection.shutdown(socket.SHUT_WR)

    def too_short(connection: socket.socket) -> None:
        connection.sendall(OK + b"fir")
        connection.shutdown(socket.SHUT_WR)

    server = serve([until_the_end], [too_short], [SECOND])
    first, second, third = fetch(server, *[Request(server.url)] * 3)
    assert server.requests == [0, 1, 2]
    assert (first.outcome, first.body) == (Outcome.OK, b"first")
    assert (second.outcome, second.body) == (Outcome.TRUNCATED, b"fir")
    assert (third.outcome, third.body) == (Outcome.OK, b"other")


@pytest.mark.parametrize("late", [b"", b"X", OK + b"wrong"], ids=["end", "byte", "answer"])
def test_what_a_server_does_with_an_idle_connection(serve: Callable[..., Server], late: bytes) -> None:
    """It is seen before the next request, which gets a new connection."""
    go, done = threading.Event(), threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.sendall(OK + b"first")
        go.wait(20)
        if late:
            connection.sendall(late)
        else:
            connection.shutdown(socket.SHUT_RDWR)
        done.set()

    def between() -> None:
        go.set()
        assert done.wait(20)

    server = serve([answer], [SECOND])
    first, second = fetch(server, between=between)
    assert server.requests == [0, 1]
    assert first.body == b"first"
    assert (second.outcome, second.body, second.note) == (Outcome.OK, b"other", "")


@pytest.mark.parametrize("answer", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200"], ids=["nothing", "garbage", "part"])
def test_a_request_that_meets_the_end_of_a_connection_is_sent_once_more(
    serve: Callable[..., Server], answer: bytes
) -> None:
    """This is no failure of the page: the capture has no note."""

    def end(connection: socket.socket) -> None:
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_RDWR)

    server = serve([OK + b"first", end], [SECOND])
    _, second = fetch(server)
    assert server.requests == [0, 0, 1]
    assert (second.outcome, second.body, second.note) == (Outcome.OK, b"other", "")


def test_a_new_connection_that_ends_is_a_failure(serve: Callable[..., Server]) -> None:
    server = serve([lambda connection: connection.shutdown(socket.SHUT_RDWR)])
    (capture,) = fetch(server, Request(server.url))
    assert (server.requests, capture.outcome) == ([0], Outcome.NETWORK_ERROR)
    assert capture.note == "Server disconnected without sending a response."


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http:///x", "mailto:a@b.example"])
def test_an_address_of_no_server(url: str) -> None:
    (capture,) = fetch_one(url)
    assert (capture.outcome, capture.note[:25]) == (Outcome.NETWORK_ERROR, "not an address of the web")


@pytest.mark.parametrize("content", [b"", b"a=b", b"\r\n", b"x" * 100_000])
def test_a_form_is_sent_on_a_new_connection(serve: Callable[..., Server], content: bytes) -> None:
    """It may not be sent twice, so no connection is used that the server may have closed."""
    server = serve([OK + b"first", SECOND], [SECOND])
    fetch(server, Request(server.url), Request(server.url, "POST", content=content))
    assert server.requests[:2] == [0, 1]


@pytest.mark.parametrize(("method", "requests"), [("GET", [0, 0, 1]), ("HEAD", [0, 0, 1]), ("POST", [0, 1])])
def test_only_requests_that_change_nothing_are_sent_twice(
    serve: Callable[..., Server], method: str, requests: list[int]
) -> None:
    """The server closes the idle connection when the second request arrives."""
    server = serve([OK + b"first", lambda connection: connection.shutdown(socket.SHUT_RDWR)], [SECOND])
    fetch(server, Request(server.url), Request(server.url, method))
    assert server.requests == requests


def test_a_body_over_the_limit_closes_the_connection(serve: Callable[..., Server]) -> None:
    server = serve([b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 100_000], [SECOND])

    async def go() -> list[Capture]:
        async with Client(Limits(timeout=20, max_bytes=1000), "archiver/test", system_clock) as client:
            return [await client.fetch(Request(server.url)) for _ in range(2)]

    first, second = asyncio.run(go())
    assert (first.outcome, second.body, server.requests) == (Outcome.TOO_BIG, b"other", [0, 1])


def test_a_connection_stays_open_for_a_limited_time(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "IDLE_SECONDS", 0.0)
    server = serve([OK + b"first", SECOND], [SECOND])

    async def go() -> None:
        async with Client(Limits(timeout=20), "archiver/test", system_clock) as client:
            await client.fetch(Request(server.url))
            await asyncio.sleep(0.01)
            await client.fetch(Request(server.url))

    asyncio.run(go())
    assert server.requests == [0, 1]


def test_a_limited_number_of_connections_stays_open(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_IDLE", 1)
    one, two = serve([OK + b"first", SECOND]), serve([OK + b"first"], [SECOND])
    fetch(one, Request(one.url), Request(two.url), Request(two.url), Request(one.url))
    assert (one.requests, two.requests) == ([0, 0], [0, 1])


def test_a_large_body_is_kept_as_sent(serve: Callable[..., Server]) -> None:
    body = bytes(range(256)) * 20_000
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    server = serve([answer, SECOND])
    first, second = fetch(server)
    assert (first.body == body, second.body, server.requests) == (True, b"other", [0, 0])


def test_no_address_of_a_name_answers() -> None:
    """The note gives the cause that the system names."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (capture,) = fetch_one(f"http://127.0.0.1:{port}/")
    assert (capture.outcome, capture.note) == (Outcome.NETWORK_ERROR, "connection refused")


def fetch_one(url: str) -> list[Capture]:
    async def go() -> list[Capture]:
        async with Client(Limits(timeout=20), "archiver/test", system_clock) as client:
            return [await client.fetch(Request(url))]

    return asyncio.run(go())
