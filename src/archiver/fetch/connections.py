"""The connections to servers: HTTP/1.1 by h11 over asyncio.

A connection is used again only after an answer whose end is certain (its Content-Length or its last chunk was reached,
or it has no body), and only if not a byte has come after it when the next request is sent. Every other connection is
closed. When bytes come after an answer, all idle connections of that server are closed, and it gets a new connection
for each request from then on. One case remains: HTTP/1.1 cannot tell bytes that come after the next request was sent
from its answer.
"""

import asyncio
import select
from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple

import h11
import httpx2

IDLE_SECONDS = 4.0
"""How long an unused connection stays open: most servers close theirs after five seconds or later."""
MAX_IDLE = 256
"""The maximum number of unused connections; others are closed at once."""
_MAX_HEAD = 100 * 1024
"""The maximum number of bytes of an incomplete head."""
_MAX_WAITING = 1 << 18
"""Bytes that may wait to be read; then the server has to wait."""


class Server(NamedTuple):
    """The end of a connection. `verify`: whether its certificate is checked."""

    scheme: str
    host: str
    port: int
    verify: bool


class Wire(asyncio.Protocol):
    """The bytes that arrive on a connection. `on_data`: called when some arrive; None while a request is under way."""

    def __init__(self) -> None:
        self.on_data: Callable[[], None] | None = None
        self._transport: Any = None
        self._is_ended = False
        self._error: Exception | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self._waiter: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport (called by asyncio, as the next three)."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Keep bytes."""
        self._parts.append(data)
        self._size += len(data)
        if self._size > _MAX_WAITING:
            self._transport.pause_reading()
        if self.on_data is not None:
            self.on_data()
        self._wake()

    def eof_received(self) -> bool:
        """Note the end; asyncio closes the connection."""
        self._is_ended = True
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end, and why."""
        self._is_ended, self._error = True, exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def info(self, name: str) -> Any:  # noqa: ANN401  (of asyncio)
        """Return what asyncio knows of the connection."""
        return self._transport.get_extra_info(name)

    @property
    def has_data(self) -> bool:
        """Whether bytes have arrived that were not read."""
        return bool(self._parts)

    @property
    def is_ended(self) -> bool:
        """Whether the server has closed the connection, as far as is known."""
        return self._is_ended or bool(self._transport.is_closing())

    @property
    def is_silent(self) -> bool:
        """Whether the connection is open and nothing waits, neither here nor in the system's buffer of the socket."""
        if self._parts or self.is_ended:
            return False
        poll = select.poll()
        poll.register(self.info("socket"), select.POLLIN)
        return not poll.poll(0)

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self._transport.write(data)

    async def read(self) -> bytes:
        """Return the bytes that have arrived; wait for some; b"" at the end.

        Raises:
            httpx2.ReadError: the connection broke.
        """
        if not self._parts and not self._is_ended:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        if not self._parts:
            if self._error is not None:
                raise httpx2.ReadError("") from self._error
            return b""
        data = b"".join(self._parts)
        self._parts.clear()
        if self._size > _MAX_WAITING and not self._is_ended:
            self._transport.resume_reading()
        self._size = 0
        return data

    def close(self) -> None:
        """Close the connection; what was not sent is dropped."""
        self._transport.abort()


class HttpConnection:
    """One connection to a server. `peer`: the address of the server."""

    def __init__(self, wire: Wire, server: Server) -> None:
        self.server = server
        self.peer: tuple[Any, ...] | None = wire.info("peername")
        self._wire = wire
        self._state = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD)

    @property
    def is_silent(self) -> bool:
        """Whether the server has neither closed the connection nor sent anything that was not read."""
        return self._wire.is_silent

    @property
    def is_ended(self) -> bool:
        """Whether the server has closed the connection, as far as is known."""
        return self._wire.is_ended

    def watch(self, on_data: Callable[[], None] | None) -> None:
        """Call a function when bytes arrive; None: no longer."""
        self._wire.on_data = on_data

    async def ask(self, request: httpx2.Request, content: bytes) -> h11.Response:
        """Send a request and return the head of the answer; `body` yields the rest.

        Raises:
            httpx2.TransportError: there is no answer, or it is not HTTP/1.1.
        """
        try:
            head = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
            sent = self._state.send(head) or b""
            sent += (self._state.send(h11.Data(content)) or b"") if content else b""
            self._state.send(h11.EndOfMessage())
        except h11.LocalProtocolError as error:
            raise httpx2.LocalProtocolError(str(error)) from error
        self._wire.write(sent)
        while True:
            event = await self._event()
            if isinstance(event, h11.Response):
                return event

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the body of the answer as it arrives, without the framing of chunks."""
        while isinstance(event := await self._event(), h11.Data):
            yield bytes(event.data)

    async def _event(self) -> Any:  # noqa: ANN401  (h11's events and sentinels have no common type)
        while True:
            try:
                event = self._state.next_event()
            except h11.RemoteProtocolError as error:
                raise httpx2.RemoteProtocolError(str(error)) from error
            if event is not h11.NEED_DATA:
                return event
            data = await self._wire.read()
            if not data and self._state.their_state is h11.SEND_RESPONSE:
                raise httpx2.RemoteProtocolError("Server disconnected without sending a response.")
            self._state.receive_data(data)

    @property
    def is_whole(self) -> bool:
        """Whether the answer was read to an end that is certain, and the server keeps the connection open."""
        return self._state.our_state is h11.DONE and self._state.their_state is h11.DONE

    @property
    def has_more(self) -> bool:
        """Whether bytes came after the answer, when it `is_whole`."""
        return bool(self._state.trailing_data[0]) or self._wire.has_data

    def renew(self) -> None:
        """Prepare for the next request."""
        self._state.start_next_cycle()

    def close(self) -> None:
        """Close the connection."""
        self._wire.close()


class IdleConnections:
    """The unused connections of a process. For one event loop.

    A server that sends bytes after an answer has no idle connections from then on.
    """

    def __init__(self) -> None:
        self._idle: dict[HttpConnection, asyncio.TimerHandle] = {}
        self._of: dict[Server, list[HttpConnection]] = {}
        self._closing: set[HttpConnection] = set()
        self._not_reused: set[Server] = set()

    def take(self, server: Server) -> HttpConnection | None:
        """Return an unused connection to a server on which the server sent nothing.

        None also when something waits to be read on one of them: it may be bytes after an answer.
        """
        while waiting := self._of.get(server):
            connection = waiting[-1]
            self._forget(connection)
            if connection.is_silent:
                connection.watch(None)
                return connection
            is_ended = connection.is_ended
            self._read_and_close(connection)
            if not is_ended:
                return None
        return None

    def put(self, connection: HttpConnection) -> None:
        """Keep a connection for another request if that is safe; else close it."""
        server = connection.server
        if not connection.is_whole:
            connection.close()
            return
        if connection.has_more:
            self._stop_reuse(server)
        if server in self._not_reused or len(self._idle) >= MAX_IDLE:
            connection.close()
            return
        connection.watch(lambda: self._stop_reuse(server))
        if not connection.is_silent:
            self._read_and_close(connection)
            return
        connection.renew()
        self._of.setdefault(server, []).append(connection)
        self._idle[connection] = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._expire, connection)

    def _stop_reuse(self, server: Server) -> None:
        """Close a server's idle connections, and keep none from now on: it sent bytes after an answer."""
        self._not_reused.add(server)
        for connection in list(self._of.get(server, ())):
            self._forget(connection)
            connection.close()

    def _forget(self, connection: HttpConnection) -> None:
        self._idle.pop(connection).cancel()
        waiting = self._of[connection.server]
        waiting.remove(connection)
        if not waiting:
            del self._of[connection.server]

    def _expire(self, connection: HttpConnection) -> None:
        self._forget(connection)
        self._read_and_close(connection)

    def _read_and_close(self, connection: HttpConnection) -> None:
        """Close a connection after the event loop has read what waits in the system's buffer, which `watch` reports."""

        def close() -> None:
            self._closing.discard(connection)
            connection.close()

        self._closing.add(connection)
        asyncio.get_running_loop().call_later(0, close)

    def close(self) -> None:
        """Close all of them."""
        for connection in list(self._idle):
            self._forget(connection)
            connection.close()
        for connection in self._closing:
            connection.close()
