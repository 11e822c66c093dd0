"""The connections to servers: HTTP/1.1 by h11 over asyncio.

A connection is used again only after an answer whose end is certain (its Content-Length or its last chunk was reached,
or it has no body), and only if not a byte has come after it when the next request is sent. Every other connection is
closed. When bytes come after an answer, all idle connections of that server are closed, and it gets a new connection
for each request from then on. One case remains: HTTP/1.1 cannot tell bytes that come after the next request was sent
from its answer.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, NamedTuple

import h11
import httpx2

from archiver.fetch.failures import fault_of_answer
from archiver.fetch.lenient import MOST_INTERIM, LenientAnswer, LenientHead
from archiver.fetch.wire import Wire

IDLE_SECONDS = 4.0
"""How long an unused connection stays open: most servers close theirs after five seconds or later."""
MAX_IDLE = 256
"""The maximum number of unused connections; others are closed at once."""
_NOT_VALID = "not valid HTTP/1.1"
_MAX_HEAD = 100 * 1024
"""The maximum number of bytes of an incomplete head."""
_MAX_REREAD = 1 << 18
"""The maximum number of bytes of an answer that is read again by the lenient reader, once its head is valid."""


class Server(NamedTuple):
    """The end of a connection.

    `verify`: whether its certificate is checked. `named`: the host that the user named, for whose sake the server is
    requested (`address_guard`); a connection is not used for the sake of another one.
    """

    scheme: str
    host: str
    port: int
    verify: bool
    named: str


class ResponseHead(NamedTuple):
    """The head of an answer."""

    status: int
    reason: bytes
    version: bytes
    headers: Sequence[tuple[bytes, bytes]]


class HttpConnection:
    """One connection to a server.

    Attributes:
        peer: the address of the server.
        flaws: what is wrong with the answer, in words, as far as it was read.
        codings: the transfer codings of the body other than `chunked`, which `body` does not remove.
    """

    def __init__(self, wire: Wire, server: Server) -> None:
        self.server = server
        self.peer: tuple[Any, ...] | None = wire.info("peername")
        self._wire = wire
        self._state = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD)
        self._seen = bytearray()  # the bytes of the answer, while the lenient reader may need them
        self._given = 0  # bytes of the body that were yielded
        self._is_new = True
        self._lenient: tuple[LenientAnswer, LenientHead] | None = None
        self.flaws: list[str] = []
        self.codings: list[str] = []

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

    async def ask(
        self, request: httpx2.Request, content: bytes, may_send: Callable[[], None] | None = None
    ) -> ResponseHead:
        """Send a request and return the head of the answer; `body` yields the rest.

        `may_send` is called right before the first byte is sent; when it raises, none is.

        An answer that is not valid HTTP/1.1 is read by the lenient reader; `flaws` then says what is wrong with it.
        On a connection that is used again it is an error: its first bytes may belong to the answer before.

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
        if may_send is not None:
            may_send()
        self._wire.write(sent)
        try:
            event = await self._response()
        except httpx2.RemoteProtocolError as error:
            if not self._seen or not self._is_new:
                raise
            found = await self._read_leniently(error)
            return ResponseHead(found.status, found.reason, found.version, found.headers)
        return ResponseHead(event.status_code, event.reason, event.http_version, event.headers.raw_items())

    async def _response(self) -> h11.Response:
        for _ in range(MOST_INTERIM):
            event = await self._event()
            if isinstance(event, h11.Response):
                return event
        raise httpx2.RemoteProtocolError(f"more than {MOST_INTERIM} interim answers")

    async def _read_leniently(self, error: httpx2.RemoteProtocolError) -> LenientHead:
        """Begin to read the answer again, from its first byte."""
        answer = LenientAnswer(bytes(self._seen), self._wire.read)
        head = await answer.head()
        self.flaws += [f"{_NOT_VALID} ({fault_of_answer(error)})", *head.flaws]
        head.flaws = self.flaws
        self._lenient = answer, head
        return head

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the body of the answer as it arrives, without the framing of chunks."""
        if self._lenient is None:
            try:
                while isinstance(event := await self._event(), h11.Data):
                    self._given += len(event.data)
                    yield bytes(event.data)
            except httpx2.RemoteProtocolError as error:
                if not self._seen or not self._is_new:
                    raise
                await self._read_leniently(error)
            else:
                return
        assert self._lenient is not None  # noqa: S101  (just read)
        answer, head = self._lenient
        skipped = self._given
        async for part in answer.body(head):
            self._note_codings(head.codings)
            kept = part[skipped:]
            skipped = max(0, skipped - len(part))
            if kept:
                yield kept

    def _note_codings(self, codings: list[str]) -> None:
        """Note codings that the strict parser does not know, and that are valid."""
        if not codings or self.codings:
            return
        self.codings += codings
        self.flaws[:] = [flaw for flaw in self.flaws if not flaw.startswith(_NOT_VALID)]
        self.flaws.append(f"Transfer-Encoding {', '.join(codings)[:40]} was removed")

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
            if self._is_new and self._is_reread(len(data)):
                self._seen += data
            else:
                self._seen.clear()  # too long to be read again
            self._state.receive_data(data)

    def _is_reread(self, size: int) -> bool:
        """Whether the lenient reader may need the next bytes; h11 limits the head, which can come in one large read."""
        if self._state.their_state is h11.SEND_RESPONSE:
            return True
        return len(self._seen) + size <= _MAX_REREAD and bool(self._seen or not self._given)

    @property
    def is_whole(self) -> bool:
        """Whether the answer was read to an end that is certain, and the server keeps the connection open."""
        is_done = self._state.our_state is h11.DONE and self._state.their_state is h11.DONE
        return is_done and self._lenient is None

    @property
    def has_more(self) -> bool:
        """Whether bytes came after the answer, when it `is_whole`."""
        return bool(self._state.trailing_data[0]) or self._wire.has_data

    def renew(self) -> None:
        """Prepare for the next request."""
        self._state.start_next_cycle()
        self._is_new = False

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
