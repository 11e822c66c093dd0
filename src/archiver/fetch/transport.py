"""Sends requests for httpx2 over connections that are used again where that is safe (`connections`).

Only GET and HEAD use an idle connection. When the server has closed it meanwhile, the request is sent once more on a
new one. Other methods always get a new connection, so they are never sent twice.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator

import httpx2

from archiver.fetch.connections import HttpConnection, IdleConnections, Server
from archiver.fetch.wire import Wire

_NEXT_ADDRESS = 0.25  # seconds until the next address of a name is tried at the same time (RFC 8305)
_ERROR_NUMBER = re.compile(r"\[Errno (-?\d+)\]")
_PORTS = {"http": 80, "https": 443}
_REPEATABLE = ("GET", "HEAD")


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

        Raises:
            httpx2.TransportError: no answer arrived.
        """
        url = request.url
        if url.scheme not in _PORTS or not url.raw_host:
            raise httpx2.UnsupportedProtocol(f"not an address of the web: {str(url)[:200]!r}")
        server = Server(url.scheme, url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme], self._verify)
        content = await request.aread()
        idle = self._idle.take(server) if request.method in _REPEATABLE else None
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
            head.status,
            headers=list(head.headers),
            stream=_Body(connection, self._idle),
            extensions={
                "http_version": b"HTTP/" + head.version,
                "reason_phrase": head.reason,
                "peer": connection.peer,
                "flaws": connection.flaws,
            },
        )

    async def _connect(self, server: Server) -> HttpConnection:
        is_tls = server.scheme == "https"
        try:
            async with asyncio.timeout(self._connect_seconds):
                _, wire = await asyncio.get_running_loop().create_connection(
                    Wire,
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
