"""The addresses of hosts, and which are not public: this machine, this network, cloud metadata (CWE-918)."""

import asyncio
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, NamedTuple

_NAT64 = IPv6Network("64:ff9b::/96")
_ASSIGNED = IPv4Network("192.0.0.0/24")  # for protocols (RFC 6890); versions of Python differ on parts of it
_UNICAST = IPv6Network("2000::/3")  # no other IPv6 address is on the internet (RFC 4291, 2.4)
_NEVER_PUBLIC = (IPv6Network("::/96"), IPv6Network("64:ff9b:1::/48"))  # compatible (RFC 4291), local NAT64 (RFC 8215)
_LOCAL_NAMES = frozenset(
    ("localhost", "ip6-localhost", "ip6-loopback", "localhost.localdomain", "localhost6.localdomain6", "localhost6")
)
_LOCAL_ENDINGS = (".localhost", ".local", ".internal", ".home.arpa", ".localdomain")


class SocketAddress(NamedTuple):
    """An address that a socket can be connected to: the family, and the address as the system gives it."""

    family: int
    address: tuple[Any, ...]

    @property
    def ip(self) -> str:
        """The IP address."""
        return str(self.address[0])


async def resolve_host(host: str, port: int) -> list[SocketAddress]:
    """Return the addresses that the operating system knows of a host. An IP address is its own, without a question."""
    try:
        number = ip_address(host.strip("[]").replace("%", " "))  # a zone is for the system
    except ValueError:
        pass
    else:
        is_6 = number.version == 6  # noqa: PLR2004
        return [SocketAddress(socket.AF_INET6 if is_6 else socket.AF_INET, (str(number), port, *(0, 0) * is_6))]
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(SocketAddress(entry[0], entry[4]) for entry in found))


def is_private(address: str) -> bool:
    """Return whether an IP address is not of the public internet: private, loopback, link-local, reserved, multicast.

    An IPv6 address that holds an IPv4 address is judged by that: mapped (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056).
    IPv4-compatible addresses, Teredo and local NAT64 are never public.
    """
    try:
        number = ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return False
    if isinstance(number, IPv6Address):
        if any(number in each for each in _NEVER_PUBLIC) or number.teredo is not None:
            return True
        embedded = IPv4Address(int(number) & 0xFFFFFFFF) if number in _NAT64 else number.ipv4_mapped or number.sixtofour
        if embedded is None and number not in _UNICAST:
            return True
        number = embedded or number
    return not number.is_global or number.is_multicast or number in _ASSIGNED


def is_local_name(host: str) -> bool:
    """Return whether a name means this machine or network, whatever a DNS server says (RFC 6761, 6762 and 8375)."""
    name = host.rstrip(".").lower()
    return name in _LOCAL_NAMES or name.endswith(_LOCAL_ENDINGS)
