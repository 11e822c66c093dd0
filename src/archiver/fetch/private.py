"""Addresses that are not public: this machine, this network, cloud metadata (CWE-918)."""

import asyncio
import socket
from ipaddress import ip_address
from urllib.parse import urlsplit


def is_private(address: str) -> bool:
    """Return whether an IP address is not of the public internet: private, loopback, link-local, reserved."""
    try:
        number = ip_address(address.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(number, "ipv4_mapped", None)
    return not (mapped or number).is_global


async def leads_inside(url: str) -> bool:
    """Return whether a URL's host is, or resolves to, an address that is not public; an unknown host is not."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_private(host) or host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError):
        return False
    return any(is_private(str(entry[4][0])) for entry in found)
