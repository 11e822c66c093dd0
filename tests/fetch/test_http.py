"""One request gives one capture, against a raw server that sends exactly the given bytes."""

import asyncio
import gzip
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from archiver.fetch.http import Client
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.clock import system_clock
from archiver.model.policy import Limits

Serve = Callable[[bytes], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Send these bytes on each connection, then close it; the requests are kept in `serve.asked`."""
    listening: list[socket.socket] = []
    asked: list[bytes] = []

    def start(answer: bytes) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        listening.append(server)

        def loop() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    asked.append(connection.recv(65536))
                    connection.sendall(answer)

        threading.Thread(target=loop, daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}/p?x=%2F%41"

    start.asked = asked  # type: ignore[attr-defined]
    yield start
    for server in listening:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


def fetch(url: str, limits: Limits | None = None) -> Capture:
    async def go() -> Capture:
        async with Client(limits or Limits(timeout=20), "archiver/test", system_clock) as client:
            return await client.fetch(Request(url))

    return asyncio.run(go())


def test_head_and_body_are_kept_as_sent(serve: Serve) -> None:
    head = b"HTTP/1.1 200 Tr\xe8s bien\r\nX-A: 1\r\nx-a: 2\r\nX-Raw: \xe9\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\n"
    capture = fetch(serve(head + b"abc"))
    assert (capture.outcome, capture.status, capture.body) == (Outcome.OK, 200, b"abc")
    assert [(name, value) for name, value in capture.headers if name.lower().startswith(b"x-")] == [
        (b"X-A", b"1"),
        (b"x-a", b"2"),
        (b"X-Raw", b"\xe9"),
    ]
    assert capture.head.endswith(b"Content-Length: 3\r\n\r\n")
    assert capture.address == "127.0.0.1"
    asked = serve.asked[0]  # type: ignore[attr-defined]
    assert asked.startswith(b"GET /p?x=%2F%41 HTTP/1.1\r\n")
    assert b"Accept-Encoding: identity\r\n" in asked
    assert b"User-Agent: archiver/test\r\n" in asked
    assert capture.request_head in asked


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", Outcome.GONE),
        (b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", Outcome.GONE),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", Outcome.BLOCKED),
        (b"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n", Outcome.BLOCKED),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", Outcome.SERVER_ERROR),
        (b"HTTP/1.1 418 Teapot\r\nContent-Length: 0\r\n\r\n", Outcome.SERVER_ERROR),
        (b"HTTP/1.1 301 Moved\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n", Outcome.MOVED),
        (b"HTTP/1.1 302 Moved\r\nLocation: javascript:alert(1)\r\nContent-Length: 0\r\n\r\n", Outcome.SERVER_ERROR),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", Outcome.TRUNCATED),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZ\r\n", Outcome.TRUNCATED),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nx", Outcome.TOO_BIG),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: rot13\r\nContent-Length: 3\r\n\r\nxyz", Outcome.UNREADABLE),
        (b"", Outcome.NETWORK_ERROR),
        (b"SSH-2.0-OpenSSH\r\n", Outcome.SERVER_ERROR),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 600_000 + b"\r\n\r\n", Outcome.SERVER_ERROR),
    ],
)
def test_every_answer_is_an_outcome(serve: Serve, answer: bytes, outcome: Outcome) -> None:
    capture = fetch(serve(answer), Limits(max_bytes=1_000_000, timeout=20))
    assert capture.outcome is outcome
    assert "\n" not in capture.note


def test_a_chunked_body_is_put_together(serve: Serve) -> None:
    capture = fetch(serve(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"))
    assert (capture.outcome, capture.body) == (Outcome.OK, b"hello")


def test_what_came_before_the_break_is_kept(serve: Serve) -> None:
    assert fetch(serve(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort")).body == b"short"


def test_no_server_and_unknown_host() -> None:
    assert fetch("http://127.0.0.1:1/").outcome is Outcome.NETWORK_ERROR
    assert fetch("http://no-such-host.invalid/").outcome is Outcome.NETWORK_ERROR


def test_plain_http_behind_https_is_a_tls_error(serve: Serve) -> None:
    url = serve(b"HTTP/1.1 200 OK\r\n\r\n").replace("http:", "https:")
    assert fetch(url).outcome is Outcome.TLS_ERROR


def test_the_http_version_of_a_server_is_kept(serve: Serve) -> None:
    capture = fetch(serve(b"HTTP/1.0 200 OK\r\n\r\nold"))
    assert capture.head.startswith(b"HTTP/1.0 200 OK\r\n")
    assert capture.body == b"old"


def test_of_two_locations_the_first_is_used_and_noted(serve: Serve) -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: /a\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"
    capture = fetch(serve(head))
    assert capture.location is not None
    assert capture.location.endswith("/a")
    assert "2 different Location headers" in capture.note


def test_compressed_data_that_breaks_off_is_truncated(serve: Serve) -> None:
    whole = gzip.compress(bytes(range(256)) * 40)
    half = whole[: len(whole) // 2]
    capture = fetch(
        serve(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(half) + half)
    )
    assert capture.outcome is Outcome.TRUNCATED
    assert "broke off" in capture.note
    assert capture.body


def test_what_a_request_needs_is_there_before_its_turn_comes(serve: Serve) -> None:
    """In a new process, importing it takes 50 ms: the first request would be late, and the second too soon after it."""
    url = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
    program = f"""if True:
        import asyncio, sys
        from archiver.fetch.http import Client
        from archiver.model.capture import Request
        from archiver.model.clock import system_clock
        from archiver.model.policy import Limits
        async def ask(request):
            async with Client(Limits(), "test", system_clock) as client:
                before = set(sys.modules)
                capture = await client.fetch(request)
                print(capture.outcome, *sorted(set(sys.modules) - before))
        asyncio.run(ask(Request({url!r})))"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "ok\n"
