"""By which names the server may be requested, and by which address it was: against DNS rebinding, behind a proxy.

A web site whose name leads to this machine could read the archive through its visitors' browsers. So the Host header
must have a name that the server was started with. A reverse proxy passes on scheme, host and client in headers; they
are read only when the proxy is on this machine, or when `--trust-header` says that nothing else reaches the server.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Literal

from archiver.web.asgi import Scope
from archiver.web.config import REPLAY_HOST, VIEWER_HOST, ServeConfig

_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(?::(?P<port>[0-9]{1,5}))?")
_PORTS = {"http": 80, "https": 443}
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104  (compared, not bound)


Origin = Literal["interface", "copies", "viewer"]
"""The origins of the server, each with a host name of its own."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How a request reached the server.

    Attributes:
        name: the host by which it was requested, in lower case, without brackets and port; "" if it is malformed.
        host: the same as it was written, with the port.
        scheme: http or https.
        client: the address of the visitor.
    """

    name: str
    host: str
    scheme: str
    client: str


def is_loopback(host: str) -> bool:
    """Whether only programs on this machine can reach a server that listens at a host."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def header(scope: Scope, name: str) -> list[str]:
    """Return all values of a header."""
    wanted = name.lower().encode("latin-1")
    return [value.decode("latin-1") for key, value in scope["headers"] if key == wanted]


def reached(scope: Scope, config: ServeConfig) -> Reached:
    """Return how a request reached the server, by the word of a proxy where that is trusted."""
    peer = (scope.get("client") or ("", 0))[0]
    hosts = header(scope, "host")
    host = hosts[0] if len(hosts) == 1 else ""
    name, scheme, client = _name(host), scope["scheme"], peer
    if config.trust_header or not peer or is_loopback(peer):
        forwarded = _last(scope, "x-forwarded-host")
        if forwarded and _allowed(host, scope, config):  # the host itself must be allowed, too
            name, host = _name(forwarded), forwarded
        scheme = "https" if _last(scope, "x-forwarded-proto").lower() == "https" else scheme
        client = _client(_last(scope, "x-forwarded-for")) or peer
    return Reached(name, host, scheme, client)


def is_allowed(found: Reached, scope: Scope, config: ServeConfig) -> bool:
    """Whether the server may be requested by this host."""
    return _allowed(found.host, scope, config)


def origin_of(found: Reached, config: ServeConfig) -> Origin:
    """Return which of the server's origins a request is for, by the name and the port of its host.

    The login and the application ask this function and no other: addresses of copies and of the viewer need no login,
    so nothing of the interface may be answered there.
    """
    return _origin(found.host, config)


def _origin(host: str, config: ServeConfig) -> Origin:
    if _is_origin(host, config.replay_origin, REPLAY_HOST):
        return "copies"
    if config.viewer is not None and _is_origin(host, config.viewer_origin, VIEWER_HOST):
        return "viewer"
    return "interface"


def _is_origin(host: str, origin: str, default: str) -> bool:
    """Whether a Host header names an origin; without one, a name at any port."""
    if not origin:
        return _name(host) == default
    scheme, _, place = origin.partition("://")
    return _name(host) != "" and (_name(host), _port(host, scheme)) == (_name(place), _port(place, scheme))


def _port(host: str, scheme: str) -> int:
    found = _HOST.fullmatch(host)
    return int(found["port"]) if found and found["port"] else _PORTS.get(scheme, 0)


def _allowed(host: str, scope: Scope, config: ServeConfig) -> bool:
    name = _name(host)
    if not name:
        return False
    named = (config.host,) if config.host not in _EVERYWHERE else ()
    known = {each.lower().strip("[]") for each in (*_LOOPBACK, *named, *config.allowed_hosts)}
    server = (scope.get("server") or ("", 0))[0]
    return _origin(host, config) != "interface" or name in known | {(server or "").lower()}


def _name(host: str) -> str:
    found = _HOST.fullmatch(host)
    if found is None:
        return ""
    name = found["name"].lower()
    return str(IPv6Address(name[1:-1])) if name.startswith("[") and _is_ipv6(name[1:-1]) else name.rstrip(".")


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _last(scope: Scope, name: str) -> str:
    """Return the last value of a header, which the nearest proxy wrote."""
    values = header(scope, name)
    return values[-1].rpartition(",")[2].strip() if values else ""


def _client(text: str) -> str:
    try:
        return str(ip_address(text.strip("[]")))
    except ValueError:
        return ""
