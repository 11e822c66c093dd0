"""The HTTP server of the portal, with its active faults."""

import gzip
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol

from archiver.demo.faults import PlannedFault, PlannedFaults

_LONGEST_FORM = 1_000_000


@dataclass
class PortalResponse:
    """A response."""

    status: int
    body: bytes
    media_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


class PortalInterface(Protocol):
    """The interface of the portal: it responds, keeps a log, and may fail on demand."""

    gzip: bool
    faults: PlannedFaults

    def note(self, method: str, path: str) -> None:
        """Log a request."""

    def answer(self, target: str, form: bytes | None) -> PortalResponse:
        """Return the response to a request; `form` is a POST's body."""


class PortalServer(ThreadingHTTPServer):
    """A server with a portal."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, portal: PortalInterface, port: int) -> None:
        self.portal = portal
        super().__init__(("127.0.0.1", port), Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore a client that disconnects early."""


class Handler(BaseHTTPRequestHandler):
    """Handles one connection."""

    protocol_version = "HTTP/1.1"
    server_version = "Microsoft-IIS/7.5"
    sys_version = ""
    timeout = 20
    server: PortalServer

    def do_GET(self) -> None:
        """Serve a page, a listing or a file."""
        self._serve(b"")

    def do_POST(self) -> None:
        """Serve a posted form (paging)."""
        length = int(self.headers.get("Content-Length") or 0)
        self._serve(self.rfile.read(min(length, _LONGEST_FORM)))

    def _serve(self, form: bytes) -> None:
        portal = self.server.portal
        portal.note(self.command, self.path)
        fault = portal.faults.next(self.path)
        if fault is None or fault.kind in ("slow", "cut"):
            if fault is not None and fault.kind == "slow":
                time.sleep(fault.seconds)
            self._send(portal.answer(self.path, form if self.command == "POST" else None), fault)
        elif fault.kind == "status":
            self._send(
                PortalResponse(fault.status, b"<h1>Service unavailable</h1>", headers=dict(fault.headers)), fault
            )
        elif fault.kind == "endless":
            self._send_without_end()
        else:
            self.close_connection = True

    def _send(self, answer: PortalResponse, fault: PlannedFault | None) -> None:
        body = answer.body
        headers = {"Content-Type": answer.media_type, "X-Powered-By": "ASP.NET", **answer.headers}
        if self.server.portal.gzip:
            body = gzip.compress(body, mtime=0)
            headers["Content-Encoding"] = "gzip"
        cut = fault is not None and fault.kind == "cut"
        headers["Content-Length"] = str(len(body) + (1000 if cut else 0))
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        if cut:
            self.close_connection = True

    def _send_without_end(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            for _ in range(20_000):
                self.wfile.write(b"<p>" + b"x" * 8000 + b"</p>")
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing."""
