"""Connects to one of several addresses: the next one is tried while the one before does not answer (RFC 8305)."""

import asyncio
import socket
from collections.abc import Sequence

from archiver.fetch.private import SocketAddress

NEXT_ADDRESS = 0.25
"""Seconds until the next address is tried at the same time."""
MOST_ADDRESSES = 8
"""Addresses of a host that are tried."""


async def connected(addresses: Sequence[SocketAddress]) -> socket.socket:
    """Return a socket that is connected to the first address that answers.

    Addresses of both families are tried in turn. So a host whose IPv6 addresses do not answer costs a quarter of a
    second, not the whole time limit.

    Raises:
        OSError: no address answers; the error is that of the first one.
    """
    return await (_connect(addresses[0]) if len(addresses) == 1 else _first_of(addresses))


async def _first_of(addresses: Sequence[SocketAddress]) -> socket.socket:
    waiting = _in_turn(addresses)[:MOST_ADDRESSES]
    attempts: set[asyncio.Task[socket.socket]] = set()
    errors: list[OSError] = []
    try:
        while waiting or attempts:
            if waiting:
                attempts.add(asyncio.ensure_future(_connect(waiting.pop(0))))
            delay = NEXT_ADDRESS if waiting else None
            done, attempts = await asyncio.wait(attempts, timeout=delay, return_when=asyncio.FIRST_COMPLETED)
            winner = None
            for attempt in done:
                error = attempt.exception()
                if isinstance(error, OSError):
                    errors.append(error)
                elif winner is None:
                    winner = attempt.result()
                else:
                    attempt.result().close()
            if winner is not None:
                return winner
        raise errors[0] if errors else OSError("the host has no address")
    finally:
        await _abandon(attempts)


def _in_turn(addresses: Sequence[SocketAddress]) -> list[SocketAddress]:
    """Return the addresses with the two families in turn, the preferred one first."""
    first = [each for each in addresses if each.family == addresses[0].family]
    other = [each for each in addresses if each.family != addresses[0].family]
    pairs = [pair for both in zip(first, other, strict=False) for pair in both]
    return pairs + first[len(other) :] + other[len(first) :]


async def _connect(to: SocketAddress) -> socket.socket:
    connection = socket.socket(to.family, socket.SOCK_STREAM)
    try:
        connection.settimeout(0)
        await asyncio.get_running_loop().sock_connect(connection, to.address)
    except BaseException:
        connection.close()
        raise
    return connection


async def _abandon(attempts: set[asyncio.Task[socket.socket]]) -> None:
    """End attempts that are no longer needed, and close what they have connected meanwhile."""
    for attempt in attempts:
        attempt.cancel()
    for ended in await asyncio.gather(*attempts, return_exceptions=True):
        if isinstance(ended, socket.socket):
            ended.close()
