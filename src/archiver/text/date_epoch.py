"""Read moments that programs count: seconds or milliseconds since 1970, and ASP.NET's `/Date(1699999999000)/`."""

import re
from datetime import UTC, datetime, timedelta

_ASP_NET = re.compile(r"\\?/?Date\((-?\d{1,15})(?:[+-]\d{4})?\)\\?/?")
"""Milliseconds of UTC; the offset only says how to print them."""
_SECONDS = re.compile(r"\d{9,10}(?:\.\d+)?")
_MILLISECONDS = re.compile(r"\d{13}(?:\.\d+)?")
_MICROSECONDS = re.compile(r"\d{16}(?:\.\d+)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso_of_epoch(text: str) -> str | None:
    """Return a counted moment as ISO 8601 in UTC; None for any other text.

    9 and 10 digits are seconds (1973 to 2286), 13 milliseconds, 16 microseconds. Other lengths may be a printed date:
    `20240506`, `202405061230`.
    """
    plain = text.strip()
    if found := _ASP_NET.fullmatch(plain):
        return _iso(int(found[1]) // 1000)
    for form, divisor in ((_SECONDS, 1), (_MILLISECONDS, 1_000), (_MICROSECONDS, 1_000_000)):
        if form.fullmatch(plain):
            return _iso(int(plain.partition(".")[0]) // divisor)
    return None


def _iso(seconds: int) -> str | None:
    try:
        return (_EPOCH + timedelta(seconds=seconds)).isoformat()
    except OverflowError:
        return None
