"""The connections to servers: HTTP/1.1 by h11 over asyncio, as a transport of httpx2.

A connection is used again only after an answer whose end is certain (its Content-Length or its last chunk was reached,
or it has no body) and after which not a byte came. Every other connection is closed, so no capture holds bytes of
another answer. A server that once sent bytes after an answer gets a new connection for each request: HTTP/1.1 cannot
tell bytes that arrive even later from the next answer. When the server has closed an idle connection, the request is
sent once more on a new one.
"""

import asyncio
import re
import select
import ssl
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import h11
import httpx2

IDLE_SECONDS = 4.0
"""How long an unused connection stays open: most servers close theirs after five seconds or later."""
MOST_IDLE = 256
"""The maximum number of unused connections; others are closed at once."""
_MAX_HEAD = 100 * 1024
"""The maximum number of bytes of an incomplete head."""
_MOST_WAITING = 1 << 18
"""Bytes that may wait to be read; then the server has to wait."""
_NEXT_ADDRESS = 0.25  # seconds until the next address of a name is tried at the same time (RFC 8305)
_ERROR_NUMBER = re.compile(r"\[Errno (-?\d+)\]")


class Server(NamedTuple):
    """The end of a connection. `verify`: whether its certificate is checked."""

    scheme: str
    host: str
    port: int
    verify: bool


class _Wire(asyncio.Protocol):
    """The bytes that arrive on a connection."""

    def __init__(self) -> None:
        self._transport: Any = None
        self._is_ended = False
        self._error: Exception | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self._waiter: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._parts.append(data)
        self._size += len(data)
        if self._size > _MOST_WAITING:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        self._is_ended = True
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_ended, self._error = True, exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def info(self, name: str) -> Any:  # noqa: ANN401  (of asyncio)
        """Return what asyncio knows of the connection."""
        return self._transport.get_extra_info(name)

    @property
    def is_silent(self) -> bool:
        """Whether the connection is open and nothing waits, neither here nor in the system's buffer of the socket."""
        if self._parts or self._is_ended or self._transport.is_closing():
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
        if self._size > _MOST_WAITING and not self._is_ended:
            self._transport.resume_reading()
        self._size = 0
        return data

    def close(self) -> None:
        """Close the connection; what was not sent is dropped."""
        self._transport.abort()


class HttpConnection:
    """One connection to a server. `peer`: the address of the server."""

    def __init__(self, wire: _Wire, server: Server) -> None:
        self.server = server
        self.peer: tuple[Any, ...] | None = wire.info("peername")
        self._wire = wire
        self._state = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD)

    @property
    def is_silent(self) -> bool:
        """Whether the server has neither closed the connection nor sent anything that was not read."""
        return self._wire.is_silent

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
        return bool(self._state.trailing_data[0]) or not self.is_silent

    def renew(self) -> None:
        """Prepare for the next request."""
        self._state.start_next_cycle()

    def close(self) -> None:
        """Close the connection."""
        self._wire.close()


class IdleConnections:
    """The unused connections of a process. For one event loop."""

    def __init__(self) -> None:
        self._idle: dict[HttpConnection, asyncio.TimerHandle] = {}
        self._of: dict[Server, list[HttpConnection]] = {}
        self._careless: set[Server] = set()

    def take(self, server: Server) -> HttpConnection | None:
        """Return an unused connection to a server on which the server sent nothing."""
        while waiting := self._of.get(server):
            connection = waiting[-1]
            self._forget(connection)
            if connection.is_silent:
                return connection
            connection.close()
        return None

    def put(self, connection: HttpConnection) -> None:
        """Keep a connection for another request if that is safe; else close it."""
        if connection.is_whole and connection.has_more:
            self._careless.add(connection.server)
        if not connection.is_whole or connection.server in self._careless or len(self._idle) >= MOST_IDLE:
            connection.close()
            return
        connection.renew()
        self._of.setdefault(connection.server, []).append(connection)
        self._idle[connection] = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._expire, connection)

    def _forget(self, connection: HttpConnection) -> None:
        self._idle.pop(connection).cancel()
        waiting = self._of[connection.server]
        waiting.remove(connection)
        if not waiting:
            del self._of[connection.server]

    def _expire(self, connection: HttpConnection) -> None:
        self._forget(connection)
        connection.close()

    def close(self) -> None:
        """Close all of them."""
        for connection in list(self._idle):
            self._expire(connection)


class Transport(httpx2.AsyncBaseTransport):
    """Sends requests for httpx2.

    Args:
        context: the TLS settings; `verify`: whether they check certificates.
        connect_seconds: how long connecting may take.
        idle: the connections that can be used again.
    """

    def __init__(self, context: ssl.SSLContext, connect_seconds: float, idle: IdleConnections, *, verify: bool) -> None:
        self._context = context
        self._connect_seconds = connect_seconds
        self._idle = idle
        self._verify = verify

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and return the answer, whose body is not read yet.

        A request with a body always gets a new connection: it may not be sent twice.

        Raises:
            httpx2.TransportError: no answer arrived.
        """
        url = request.url
        if url.scheme not in _PORTS or not url.raw_host:
            raise httpx2.UnsupportedProtocol(f"not an address of the web: {str(url)[:200]!r}")
        server = Server(url.scheme, url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme], self._verify)
        content = await request.aread()
        idle = self._idle.take(server) if not content else None
        if idle is not None:
            try:
                return await self._ask(idle, request, content)
            except httpx2.TransportError:
                pass  # the server closed the connection meanwhile
        return await self._ask(await self._connect(server), request, content)

    async def _ask(self, connection: HttpConnection, request: httpx2.Request, content: bytes) -> httpx2.Response:
        try:
            head = await connection.ask(request, content)
        except BaseException:
            connection.close()
            raise
        return httpx2.Response(
            head.status_code,
            headers=head.headers.raw_items(),
            stream=_Body(connection, self._idle),
            extensions={
                "http_version": b"HTTP/" + head.http_version,
                "reason_phrase": head.reason,
                "peer": connection.peer,
            },
        )

    async def _connect(self, server: Server) -> HttpConnection:
        is_tls = server.scheme == "https"
        try:
            async with asyncio.timeout(self._connect_seconds):
                _, wire = await asyncio.get_running_loop().create_connection(
                    _Wire,
                    server.host,
                    server.port,
                    ssl=self._context if is_tls else None,
                    server_hostname=server.host if is_tls else None,
                    happy_eyeballs_delay=_NEXT_ADDRESS,
                )
        except TimeoutError as error:
            raise httpx2.ConnectTimeout("") from error
        except OSError as error:
            raise httpx2.ConnectError(str(error)) from _numbered(error)
        return HttpConnection(wire, server)


_PORTS = {"http": 80, "https": 443}


class _Body(httpx2.AsyncByteStream):
    """The body of an answer. Closing it frees the connection."""

    def __init__(self, connection: HttpConnection, idle: IdleConnections) -> None:
        self._connection: HttpConnection | None = connection
        self._idle = idle

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._connection is not None:
            async for part in self._connection.body():
                yield part

    async def aclose(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._idle.put(connection)


def _numbered(error: OSError) -> OSError:
    """Return an error with the system's number. asyncio puts the errors of several addresses into one text."""
    number = None if isinstance(error, ssl.SSLError) or error.errno else _ERROR_NUMBER.search(str(error))
    return OSError(int(number[1]), str(error)) if number else error
