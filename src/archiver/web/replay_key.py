"""The key in addresses of copies: only the interface gives it out, so no other web site can ask for a copy.

A copy is shown without cookies, at an origin that anyone may name. The key says that the address came from this server,
and at which origin the interface was reached: links in a copy lead back there.
"""

import secrets
from functools import lru_cache
from typing import NamedTuple

from itsdangerous import BadData, URLSafeSerializer

_SECRET = secrets.token_bytes(32)
_SERIALIZER = URLSafeSerializer(_SECRET, salt="archiver.copies")
_PACKAGES = URLSafeSerializer(_SECRET, salt="archiver.packages")
_ENDING = ".wacz"
MARK = "~"
"""Begins the key in a path: `/web/~KEY/20221101000000mp_/http://…`."""


@lru_cache(maxsize=256)
def key_for(origin: str) -> str:
    """Return the key for copies that are shown in the interface at an origin. It holds until the server ends."""
    return f"{MARK}{_SERIALIZER.dumps(origin)}"


def origin_of_key(key: str) -> str | None:
    """Return the origin of the interface in a key; None when this server did not make it."""
    try:
        origin = _SERIALIZER.loads(key.removeprefix(MARK))
    except BadData:
        return None
    return origin if isinstance(origin, str) else None


class Package(NamedTuple):
    """A package for the viewer: the name of the archive, and the moment and address of the page."""

    archive: str
    digits: str
    url: str


def package_name(archive: str, digits: str, url: str) -> str:
    """Return the file name of a package. Scripts of a copy cannot guess that of another one."""
    return f"{_PACKAGES.dumps([archive, digits, url])}{_ENDING}"


def package_of_name(name: str) -> Package | None:
    """Return the package that a file name stands for; None when this server did not make the name."""
    try:
        found = _PACKAGES.loads(name.removesuffix(_ENDING))
    except BadData:
        return None
    return Package(*found)
