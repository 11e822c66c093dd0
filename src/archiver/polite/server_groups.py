"""Which servers share one rate limit: each its own, all those of a name, or those at one IP address."""

from collections.abc import Awaitable, Callable, Sequence

Addresses = Callable[[str], Awaitable[Sequence[str]]]
"""Returns the IP addresses of the host of an address; none when the host is not known."""
BY_IP = "ip"


class ServerGroups:
    """The groups of the servers of one run.

    Args:
        rule: the profile's `server`: "" for each server its own group, "ip", or the name of a group.
        addresses: asks for the addresses of a host.
    """

    def __init__(self, rule: str, addresses: Addresses) -> None:
        self._rule = rule
        self._addresses = addresses
        self._groups: dict[str, str] = {}
        self._of_address: dict[str, str] = {}

    async def join(self, origin: str) -> None:
        """Find the group of a server, before the first request to it."""
        if origin not in self._groups:
            self._groups[origin] = await self._find(origin)

    def of(self, origin: str) -> str:
        """Return the name of a server's group; its own address when it shares with none."""
        return self._groups.get(origin, origin)

    async def _find(self, origin: str) -> str:
        if not self._rule:
            return origin
        if self._rule != BY_IP:
            return f"server:{self._rule}"
        found = sorted(await self._addresses(origin))
        if not found:
            return origin
        group = next((self._of_address[each] for each in found if each in self._of_address), f"ip:{found[0]}")
        for each in found:
            self._of_address.setdefault(each, group)
        return group
