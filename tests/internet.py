"""A small internet on loopback: hosts by name, public and private addresses, and servers that log their requests.

Addresses 127.77.* are public ones here; all others are as they are.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from archiver.fetch.address_guard import AddressGuard
from archiver.fetch.private import SocketAddress, is_private, resolve_host
from scripted import send

PUBLIC, OTHER, INSIDE = "127.77.0.1", "127.77.0.2", "127.0.0.1"
Reply = tuple[int, dict[str, str], bytes]


class Internet:
    """Servers at one port of some addresses, and a resolver.

    Attributes:
        hosts: the addresses of each name, or a function that returns those of the next question.
        asked: the requests: address, Host header, path; `times`: when (monotonic seconds).
    """

    def __init__(self, addresses: Sequence[str] = (PUBLIC, OTHER, INSIDE)) -> None:
        self.hosts: dict[str, Sequence[str] | Callable[[], Sequence[str]]] = {}
        self.answers: dict[tuple[str, str], Reply] = {}
        self.asked: list[tuple[str, str, str]] = []
        self.times: list[float] = []
        self.rule: Callable[[str, str], Reply | None] = lambda _address, _path: None
        self._servers: list[ThreadingHTTPServer] = []
        self.port = 0
        while not self._servers:
            with contextlib.suppress(OSError):  # the port is in use at one of the addresses
                self._listen(addresses)

    def _listen(self, addresses: Sequence[str]) -> None:
        with contextlib.ExitStack() as undo:
            servers, port = list[ThreadingHTTPServer](), 0
            for address in addresses:
                servers.append(ThreadingHTTPServer((address, port), self._handler(address)))
                undo.callback(servers[-1].server_close)
                port = servers[-1].server_address[1]
            undo.pop_all()
        self.port, self._servers = port, servers
        for server in servers:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def _handler(self, address: str) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.times.append(time.monotonic())
                outer.asked.append((address, self.headers["Host"], self.path))
                missing: Reply = (404, {}, b"none")
                found = outer.rule(address, self.path) or outer.answers.get((address, self.path), missing)
                send(self, *found)

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        return Handler

    def url(self, host: str, path: str = "/") -> str:
        """Return the address of a path at a host."""
        return f"http://{host}:{self.port}{path}"

    def guard(self) -> AddressGuard:
        """Return a guard that resolves by `hosts`, and takes some addresses for public ones."""
        return AddressGuard(self._resolve, lambda ip: not ip.startswith("127.77.") and is_private(ip))

    async def _resolve(self, host: str, port: int) -> list[SocketAddress]:
        found = self.hosts.get(host)
        if found is None:
            return await resolve_host(host, port)
        ips = found() if callable(found) else found
        return [
            SocketAddress(socket.AF_INET6, (ip, port, 0, 0)) if ":" in ip else SocketAddress(socket.AF_INET, (ip, port))
            for ip in ips
        ]

    @property
    def reached(self) -> set[str]:
        """The paths that were requested from the private address."""
        return {path for address, _, path in self.asked if address == INSIDE}

    def close(self) -> None:
        """Stop the servers."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
