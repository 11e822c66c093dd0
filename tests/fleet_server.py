"""A process that serves many small portals, each on a loopback address of its own, and logs each request.

    python fleet_server.py LOG PAGES PORTAL…

It prints their addresses as a JSON list, then reads one JSON object a line from its standard input, and ends with it:
`{"edition": 2}`, `{"slow": {"PORTAL": seconds}}`, `{"poison": {"PORTAL": [page, sentence]}}`, `{"menu": entries}`.

A line of the log has the seconds, the portal and the path. The time is when the kernel had received the request, so a
busy machine that reads it late shortens no gap. It is a time of the wall clock, which nobody may set meanwhile.
"""

import heapq
import json
import os
import selectors
import socket
import struct
import sys
import time
from itertools import count
from typing import Any

from fleet_pages import page_html, path_of

_TIMESTAMPS = 35  # SO_TIMESTAMPNS on Linux
_PAIR = struct.Struct("qq")
_MOST_HEAD = 65_536
_ENTRY = b"<span class=entry>an entry of a menu that is the same on all pages</span>\n"


class FleetServer:
    """The portals, their state and their connections. One thread does all."""

    def __init__(self, log: str, pages: int, portals: list[str]) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._pages = pages
        self._numbers = {path_of(number): number for number in range(pages + 1)}
        self._state: dict[str, Any] = {"edition": 1, "slow": {}, "poison": {}, "menu": 0}
        self._selector = selectors.DefaultSelector()
        self._heads: dict[socket.socket, bytes] = {}
        self._late: list[tuple[float, int, socket.socket, bytes]] = []
        self._order = count()
        self.homes = [self._listen(portal, number) for number, portal in enumerate(portals)]
        self._selector.register(sys.stdin.fileno(), selectors.EVENT_READ, None)

    def _listen(self, portal: str, number: int) -> str:
        listening = socket.socket()
        listening.bind((f"127.21.{number // 200}.{number % 200 + 1}", 0))
        listening.listen(64)
        listening.setsockopt(socket.SOL_SOCKET, _TIMESTAMPS, 1)  # its connections have it, too; the kernel notes times
        listening.setblocking(False)
        self._selector.register(listening, selectors.EVENT_READ, (portal, True))
        return "http://{}:{}/".format(*listening.getsockname())

    def serve(self) -> None:
        """Answer requests until the standard input ends."""
        while True:
            wait = max(0.0, self._late[0][0] - time.monotonic()) if self._late else None
            for key, _ in self._selector.select(wait):
                if key.data is None:
                    if not self._read_commands():
                        return
                elif key.data[1]:
                    self._accept(key.fileobj, key.data[0])  # type: ignore[arg-type]
                else:
                    self._read(key.fileobj, key.data[0])  # type: ignore[arg-type]
            while self._late and self._late[0][0] <= time.monotonic():
                _, _, connection, answer = heapq.heappop(self._late)
                self._send(connection, answer)

    def _read_commands(self) -> bool:
        commands = os.read(sys.stdin.fileno(), _MOST_HEAD)
        for line in commands.splitlines():
            self._state |= json.loads(line)
            print("done", flush=True)
        return bool(commands)

    def _accept(self, listening: socket.socket, portal: str) -> None:
        connection, _ = listening.accept()
        connection.setblocking(False)
        self._heads[connection] = b""
        self._selector.register(connection, selectors.EVENT_READ, (portal, False))

    def _read(self, connection: socket.socket, portal: str) -> None:
        try:
            received, extra, _, _ = connection.recvmsg(_MOST_HEAD, 256)
        except OSError:
            received, extra = b"", []
        if not received:
            self._close(connection)
            return
        head = self._heads[connection] + received
        if b"\r\n\r\n" not in head:
            self._heads[connection] = head
            return
        self._heads[connection] = b""
        seconds, nanoseconds = next(_PAIR.unpack(data[:16]) for _, kind, data in extra if kind == _TIMESTAMPS)
        at = seconds + nanoseconds / 1e9
        path = head.split(b" ", 2)[1].decode("ascii", "replace")
        os.write(self._log, f"{at:.6f} {portal} {path}\n".encode())
        self._answer(connection, portal, self._page(portal, path))

    def _page(self, portal: str, path: str) -> bytes:
        number = self._numbers.get(path)
        if number is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nnone"
        poisoned, sentence = self._state["poison"].get(portal, (-1, ""))
        body = page_html(portal, number, self._pages, self._state["edition"], sentence if number == poisoned else "")
        body += b"<nav>%s</nav>" % (_ENTRY * self._state["menu"])
        return (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(body)
            + body
        )

    def _answer(self, connection: socket.socket, portal: str, answer: bytes) -> None:
        if slow := self._state["slow"].get(portal):
            heapq.heappush(self._late, (time.monotonic() + slow, next(self._order), connection, answer))
        else:
            self._send(connection, answer)

    def _send(self, connection: socket.socket, answer: bytes) -> None:
        try:
            connection.settimeout(5)
            connection.sendall(answer)
            connection.setblocking(False)
        except OSError:
            self._close(connection)

    def _close(self, connection: socket.socket) -> None:
        if self._heads.pop(connection, None) is not None:
            self._selector.unregister(connection)
            connection.close()


if __name__ == "__main__":
    server = FleetServer(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
    print(json.dumps(server.homes), flush=True)
    server.serve()
