"""Misbehaving servers on loopback, by a table: raw bytes, pauses, resets; one port for each host."""

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Self

from archiver.model.capture import Outcome

MAIN = "main"
PATIENCE = 20.0  # seconds for which a connection is held; every client must disconnect long before


class End(Enum):
    """How a response ends, unless by an orderly close."""

    RESET = "reset"
    HOLD = "hold"
    KEEP = "keep"


Part = bytes | float | End
"""Bytes are sent, a number is a pause in seconds."""
Origins = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: the path, how often it was requested before, and the addresses of the servers."""

    path: str
    before: int
    origins: Origins

    @property
    def home(self) -> str:
        """Return the main server's origin."""
        return self.origins[MAIN]


Script = Callable[[Asked], Iterable[Part]]
Said = Sequence[Part] | Script


@dataclass(frozen=True, slots=True)
class Fault:
    """One behaviour of a server, and the expected result in the archive.

    Attributes:
        name: the path, without its first slash.
        outcomes: the possible outcomes in the archive; one of them is required.
        note: a pattern found in the visit's note.
        size: the number of stored bytes of the body.
        title: the title in the record.
        visits: of the page, in one crawl; 0 = it is never requested.
        host: the server; `scheme`: the scheme of the request.
        is_linked: whether the start page links to it.
        defect: what the archiver does not do correctly yet; the outcomes are the correct ones.
    """

    name: str
    says: Said
    outcomes: frozenset[Outcome]
    note: str = ""
    size: int | None = None
    title: str | None = None
    visits: int = 1
    host: str = MAIN
    scheme: str = "http"
    is_linked: bool = True
    defect: str = ""

    def address(self, origins: Origins) -> str:
        """Return its address."""
        origin = origins[self.host]
        return f"{self.scheme}:{origin.partition(':')[2]}/{self.name}"


@dataclass(frozen=True, slots=True)
class Host:
    """A separate server.

    Attributes:
        site: the site of the archive to which it belongs; one of that name is its home.
        robots: its robots.txt; by default everything is allowed.
        is_closed: whether no server listens at its port.
        tls: makes its TLS context; None = plain.
        greeting: bytes sent on each connection before a request is read.
    """

    name: str
    site: str = MAIN
    robots: Said | None = None
    is_closed: bool = False
    tls: Callable[[], ssl.SSLContext] | None = None
    greeting: tuple[Part, ...] | None = None


def fault(name: str, says: Said, *outcomes: Outcome, **more: object) -> Fault:
    """Return a line of the table."""
    return Fault(name, says, frozenset(outcomes), **more)  # type: ignore[arg-type]


PAGE = (
    b"<!DOCTYPE html><html><head><title>Whole</title></head><body><h1>Whole</h1>"
    b"<div id=b><p>All of it came.</p></div></body></html>"
)


LOST = PAGE.replace(b"Whole", b"Lost!")
"""Return the response for a missing page: it differs from every other page, so that none looks like a missing one."""


def page(title: str = "Whole", inner: str = "<p>All of it came.</p>") -> bytes:
    """Return a page in UTF-8 with a title and a body."""
    return f"<!DOCTYPE html><title>{title}</title><h1>{title}</h1><div id=b>{inner}</div>".encode()


def head(
    *lines: str | bytes,
    status: str = "200 OK",
    length: int | None = None,
    kind: str | None = "text/html; charset=utf-8",
    keep: bool = False,
) -> bytes:
    """Return status line and headers.

    `length` None: the body ends with the connection; `kind` None: no content type; `keep`: the head says that the
    connection stays open. If it does not say so and the connection is closed anyway, the next request may fail.
    """
    first = [f"HTTP/1.1 {status}"]
    first += [f"Content-Type: {kind}"] if kind is not None else []
    first += [f"Content-Length: {length}"] if length is not None else []
    first += [] if keep else ["Connection: close"]
    parts = [line.encode() if isinstance(line, str) else line for line in (*first, *lines)]
    return b"\r\n".join(parts) + b"\r\n\r\n"


def answer(
    body: bytes,
    *lines: str | bytes,
    status: str = "200 OK",
    kind: str | None = "text/html; charset=utf-8",
    keep: bool = False,
) -> bytes:
    """Return a correct response around any body."""
    return head(*lines, status=status, length=len(body), kind=kind, keep=keep) + body


ALLOW_ALL = (answer(b"User-agent: *\nDisallow:\n", kind="text/plain"),)


@dataclass
class Hostile:
    """All servers of a table, in a thread. `asked` counts requests by host and path."""

    table: Sequence[Fault]
    hosts: Sequence[Host]
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    origins: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._scripts = {(each.host, f"/{each.name}"): each.says for each in self.table}
        self._scripts |= {(host.name, "/"): self._start_page for host in self.hosts}
        self._sockets = {host.name: socket.create_server(("127.0.0.1", 0), backlog=64) for host in self.hosts}
        self._stopping = threading.Event()
        for host in self.hosts:
            scheme, port = "https" if host.tls else "http", self._sockets[host.name].getsockname()[1]
            self.origins[host.name] = f"{scheme}://127.0.0.1:{port}"
            self._scripts[host.name, "/robots.txt"] = ALLOW_ALL if host.robots is None else host.robots
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="hostile")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(PATIENCE)

    def _start_page(self, _: Asked) -> Iterator[Part]:
        linked = [each.address(self.origins) for each in self.table if each.is_linked]
        links = "".join(f"<a href='{url}'>x</a>" for url in linked)
        yield answer(page("Start", f"<p>Begin.</p>{links}"))

    async def _serve(self) -> None:
        servers = [await self._listen(host) for host in self.hosts if not host.is_closed]
        for host in self.hosts:
            if host.is_closed:
                self._sockets[host.name].close()
        while not self._stopping.is_set():  # noqa: ASYNC110  (set by another thread)
            await asyncio.sleep(0.02)
        for server in servers:
            server.close()
        talks = asyncio.all_tasks() - {asyncio.current_task()}
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    async def _listen(self, host: Host) -> asyncio.Server:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError, TimeoutError):
                await self._talk(host, reader, writer)
            writer.close()

        context = host.tls() if host.tls else None
        return await asyncio.start_server(talk, sock=self._sockets[host.name], ssl=context)

    async def _talk(self, host: Host, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if host.greeting is not None:
            await _say(host.greeting, reader, writer)
            return
        ended: End | None = End.KEEP
        while ended is End.KEEP:
            request = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
            path = request.split(b" ", 2)[1].decode("latin-1")
            asked = Asked(path, self.asked[host.name, path], self.origins)
            self.asked[host.name, path] += 1
            ended = await _say(self._script(host.name, path, asked), reader, writer)

    def _script(self, host: str, path: str, asked: Asked) -> Iterable[Part]:
        """Return the line for the path, or for its longest prefix that ends in a slash or before a `?`."""
        says = self._scripts.get((host, path))
        beginning = path.partition("?")[0]
        while says is None and beginning:
            says = self._scripts.get((host, beginning))
            beginning = beginning.rpartition("/")[0]
        if says is None:
            return (answer(b"none", status="404 Not Found"),)
        return says(asked) if callable(says) else says


async def _say(parts: Iterable[Part], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> End | None:
    """Send a response part by part; return how it ended."""
    for part in parts:
        if isinstance(part, End):
            return await _end(part, reader, writer)
        if isinstance(part, bytes):
            writer.write(part)
            await writer.drain()
        else:
            await asyncio.sleep(part)
    return None


async def _end(end: End, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> End:
    if end is End.RESET:
        own = writer.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
    elif end is End.HOLD:
        async with asyncio.timeout(PATIENCE):
            while await reader.read(65536):
                pass
    return end
