"""Sends requests for httpx2 over connections that are used again where that is safe (`connections`).

The address that is connected to is one that was checked (`address_guard`); the name of the host stays in the Host
header and in TLS. Proxies that the environment names are not used: a proxy would resolve hosts itself.

Only GET and HEAD use an idle connection. When the server has closed it meanwhile, the request is sent once more on a
new one. Other methods always get a new connection, so they are never sent twice.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable

import httpx2

from archiver.fetch.address_guard import AddressGuard
from archiver.fetch.connections import HttpConnection, IdleConnections, Server
from archiver.fetch.dialing import connected
from archiver.fetch.wire import Wire

NAMED = "named"
"""The request extension with the address that the user named, for whose sake this request is made."""
_PORTS = {"http": 80, "https": 443}
_REPEATABLE = ("GET", "HEAD")


class Transport(httpx2.AsyncBaseTransport):
    """Sends requests for httpx2.

    Args:
        context: the TLS settings; `verify`: whether they check certificates.
        connect_seconds: how long connecting may take.
        idle: the connections that can be used again.
        guard: resolves and checks hosts.
        may_send: called right before a request is sent; what it raises keeps the request from being sent.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        connect_seconds: float,
        idle: IdleConnections,
        guard: AddressGuard,
        may_send: Callable[[], None] | None = None,
        *,
        verify: bool,
    ) -> None:
        self._context = context
        self._connect_seconds = connect_seconds
        self._idle = idle
        self._guard = guard
        self._may_send = may_send
        self._verify = verify

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and return the answer, whose body is not read yet.

        Raises:
            httpx2.TransportError: no answer arrived.
            PrivateAddress: the request would leave the internet; it was not sent.
        """
        url = request.url
        if url.scheme not in _PORTS or not url.raw_host:
            raise httpx2.UnsupportedProtocol(f"not an address of the web: {str(url)[:200]!r}")
        host = url.raw_host.decode("ascii")
        named = httpx2.URL(request.extensions.get(NAMED) or url).raw_host.decode("ascii")
        server = Server(url.scheme, host, url.port or _PORTS[url.scheme], self._verify, named)
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
            head = await connection.ask(request, content, self._may_send)
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
                "codings": connection.codings,
            },
        )

    async def _connect(self, server: Server) -> HttpConnection:
        is_tls = server.scheme == "https"
        try:
            async with asyncio.timeout(self._connect_seconds):
                found = await self._guard.addresses(server.host, server.port, server.named)
                connection = await connected(found)
                try:
                    _, wire = await asyncio.get_running_loop().create_connection(
                        Wire,
                        sock=connection,
                        ssl=self._context if is_tls else None,
                        server_hostname=server.host if is_tls else None,
                    )
                except BaseException:
                    connection.close()
                    raise
        except TimeoutError as error:
            raise httpx2.ConnectTimeout("") from error
        except OSError as error:
            raise httpx2.ConnectError(str(error)) from error
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
