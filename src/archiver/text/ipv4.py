"""Parses IPv4 addresses in every form that browsers accept (WHATWG URL, 3.5): `2130706433`, `0x7f.1`, `0177.0.0.1`."""

import re
from ipaddress import IPv4Address

_MOST_PARTS = 4
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
_LONGEST = 15  # characters of a part


def dotted(host: str) -> str:
    """Return a host that ends in a number as four decimal numbers with dots.

    Raises:
        ValueError: it is no IPv4 address.
    """
    parts = host.split(".")
    if len(parts) > _MOST_PARTS or any(len(part) > _LONGEST for part in parts):
        raise ValueError(host)
    *first, last = map(_number, parts)
    if any(number > 0xFF for number in first):  # noqa: PLR2004
        raise ValueError(host)
    left = _MOST_PARTS - len(first)
    if last >= 256**left:
        raise ValueError(host)
    return str(IPv4Address(int.from_bytes(bytes(first)) * 256**left + last))


def _number(part: str) -> int:
    if not _NUMBER.fullmatch(part):
        raise ValueError(part)
    if part[:2] == "0x":
        return int(part[2:] or "0", 16)
    return int(part, 8 if part[0] == "0" else 10)
