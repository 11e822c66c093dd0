"""The server group of a site in a fleet: the sites that share one delay, wherever they are crawled."""

import socket
from urllib.parse import urlsplit

from archiver.errors import UsageError
from archiver.model.profile import Profile
from archiver.polite.server_groups import BY_IP
from archiver.text.url import host_of


def server_group(profile: Profile) -> str:
    """Return the group by the profile's `server`: `server:NAME`, `ip:ADDRESS`, or the host (and port) of its home.

    Raises:
        UsageError: `server = "ip"`, and the host is not known to the resolver.
    """
    rule, home = profile.crawl.server, profile.site.home
    if rule == BY_IP:
        return f"ip:{_first_address(profile.name, urlsplit(home).hostname or '')}"
    return f"server:{rule}" if rule else host_of(home)


def _first_address(name: str, host: str) -> str:
    try:
        return min(str(found[4][0]) for found in socket.getaddrinfo(host, None))
    except OSError as error:
        raise UsageError(
            f'{name}: the address of {host} is not known, and its profile has server = "ip": {error}; try again later, '
            "or name the server in the profile"
        ) from error
