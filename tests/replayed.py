"""A site at a fixed address, on any machine: connections to it go to a server on a free port."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock
from urllib.parse import urlsplit

from archiver.fetch import dialing, transport
from archiver.fetch.private import SocketAddress
from archiver.store.archive import Store

HOME = "http://127.0.0.1:8911/"
"""Where the bundled profile `demo` looks for its portal, and where the stored archives found it."""

Answer = tuple[int, list[tuple[str, str]], bytes]
Answering = Callable[[str, str, bytes, Message], Answer]
"""From method, path, form and headers to status, headers and body."""

_SENT_BY_US = ("content-length", "connection", "transfer-encoding", "server", "date")


@contextlib.contextmanager
def served_at_home(answering: Answering) -> Iterator[None]:
    """Answer requests to `HOME` from this process, even when another program listens at its port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            form = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, body = answering(self.command, self.path, form, self.headers)
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        with _led_to(server.server_address[1]):
            yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def _led_to(port: int) -> Iterator[None]:
    connect = dialing.connected
    home = urlsplit(HOME)

    async def instead(addresses: Sequence[SocketAddress]) -> socket.socket:
        at_home = (home.hostname, home.port)
        led = [SocketAddress(each.family, (each.ip, port)) if each.address == at_home else each for each in addresses]
        return await connect(led)

    with mock.patch.object(transport, "connected", instead):
        yield


class LastAnswers:
    """Answers as an archived site did when each address was last fetched with a body or a redirect."""

    def __init__(self, store: Store) -> None:
        self._last: dict[tuple[str, str, bytes], Answer] = {}
        for row in store.sql("SELECT visit_id FROM visits WHERE status <> 304 ORDER BY visit_id"):
            capture = store.evidence.visit(row["visit_id"]).capture
            parts = urlsplit(capture.request.url)
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            headers = [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in capture.headers
                if name.decode("latin-1").lower() not in _SENT_BY_US
            ]
            key = (capture.request.method, path, capture.request.content)
            self._last[key] = (capture.status or 0, headers, capture.body)

    def __call__(self, method: str, path: str, form: bytes, _headers: Message) -> Answer:
        return self._last.get((method, path, form), (404, [("Content-Type", "text/plain")], b"none"))
