"""Which addresses of a host may be connected to (CWE-918, server-side request forgery).

A host is resolved once for each connection, and only addresses that were checked are connected to. No host leads a
request into this machine or network, except the host that the user named: when all its addresses are private, the user
archives a site of this network, and its pages may lead to other private addresses.

A host with public and private addresses is a public one, and its private addresses are not used. So is a host that was
public before in the same run: its DNS server may give another answer at any time (DNS rebinding).
"""

from collections.abc import Awaitable, Callable, Sequence

from archiver.fetch.private import SocketAddress, is_local_name, is_private, resolve_host

Resolve = Callable[[str, int], Awaitable[Sequence[SocketAddress]]]
"""Returns the addresses of a host and port, the preferred one first. Raises OSError when there are none."""


class PrivateAddress(Exception):
    """The host leads into this machine or network. The message says which host, and why it is not requested."""


class AddressGuard:
    """Resolves and checks hosts for one run.

    Args:
        resolve: asks for the addresses of a host.
        is_private: whether an IP address is not of the public internet.
    """

    def __init__(self, resolve: Resolve = resolve_host, is_private: Callable[[str], bool] = is_private) -> None:
        self._resolve = resolve
        self._is_private = is_private
        self._is_inside: dict[str, bool] = {}
        self._may_be_named: Callable[[str], bool] = lambda _host: True

    def name_only(self, may_be_named: Callable[[str], bool]) -> None:
        """Let users name only some hosts of this network: those of a web form may be strangers to it.

        A host that may not be named is requested only when all its addresses are public.
        """
        self._may_be_named = may_be_named

    async def addresses(self, host: str, port: int, named: str) -> list[SocketAddress]:
        """Return the addresses of a host that a request may go to, the preferred one first.

        Args:
            host: the host.
            port: the port.
            named: the host that the user named, for whose sake this one is requested; the same one at first.

        Raises:
            PrivateAddress: the request would leave the internet.
            OSError: the host is not known.
        """
        found = list(await self._resolve(host, port))
        public = [each for each in found if not self._is_private(each.ip)]
        if host == named and self._may_be_named(host):
            if self._record(host, is_inside=not public):
                return found
            if not public:
                raise PrivateAddress(f"{host} was a server of the internet, and now leads into this network")
            return public
        if len(public) == len(found) and not is_local_name(host):
            return found
        if self._may_be_named(named) and await self._leads_inside(named):
            return found
        raise PrivateAddress(f"{host} is a server of this machine or network")

    async def known(self, host: str) -> list[str]:
        """Return the IP addresses of a host; none when it is not known. Nothing is checked."""
        try:
            return [each.ip for each in await self._resolve(host, 0)]
        except (OSError, ValueError):
            return []

    async def _leads_inside(self, named: str) -> bool:
        """Whether the host that the user named is one of this network."""
        if named not in self._is_inside:
            try:
                found = await self._resolve(named, 0)
            except (OSError, ValueError):
                return False
            self._record(named, is_inside=all(self._is_private(each.ip) for each in found))
        return self._is_inside[named]

    def _record(self, named: str, *, is_inside: bool) -> bool:
        """Record what was seen of a host; return whether it was a host of this network each time."""
        self._is_inside[named] = is_inside and self._is_inside.get(named, True)
        return self._is_inside[named]
