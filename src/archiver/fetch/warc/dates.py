"""Read and check WARC-Date and the timestamps of CDX lines."""

import re
from datetime import UTC, datetime, timedelta

from archiver.model.clock import TOLERANCE, implausible
from archiver.text.clean import printable

NO_LIMIT = datetime.max.replace(tzinfo=UTC) - TOLERANCE
"""A present that is later than any date, to check without a limit."""
_DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?\s?(?:Z|UTC|GMT|([+-])(\d\d):?(\d\d))?)?",
    re.IGNORECASE,
)
_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(?:(\d\d)\d{0,4})?")
_CDX = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)")
_MOST_HOURS, _MOST_MINUTES = 23, 59  # of an offset to UTC
_STANDARD = re.compile(r"\d{4}(?:-\d\d){0,2}(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z)?")


def moment_of(text: str | None) -> datetime | None:
    """Return a WARC-Date in UTC, to the second; None when it is invalid.

    Read are ISO 8601 (W3C profile), the same with an offset to UTC or with a space, and the digits of a timestamp.
    """
    text = (text or "").strip()
    return _moment(_DATE.fullmatch(text) or _STAMP.fullmatch(text))


def form_fault(text: str | None) -> str:
    """Return what is wrong with the form of a WARC-Date that is read all the same (WARC 1.1, 5.4); "" for nothing."""
    text = (text or "").strip()
    moment = moment_of(text)
    if moment is None or _STANDARD.fullmatch(text):
        return ""
    return f"is not written as in UTC with T and Z ({printable(text, 40)}); read as {moment:%Y-%m-%dT%H:%M:%SZ}"


def date_of_arc(digits: str) -> str:
    """Return the date of an ARC record, which should have 14 digits, as a WARC-Date; longer ones have fractions."""
    day = f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"
    time = digits[8:14].ljust(6, "0")
    return f"{day}T{time[:2]}:{time[2:4]}:{time[4:]}Z"


def date_fault(text: str | None, now: datetime = NO_LIMIT) -> str:
    """Return the fault of a WARC-Date; "" when it is valid."""
    return _fault(moment_of(text), text, now)


def stamp_fault(text: str, now: datetime = NO_LIMIT) -> str:
    """Return the fault of the 14 digits of a CDX line; "" when they are valid."""
    return _fault(_moment(_CDX.match(text)), text, now)


def _moment(found: re.Match[str] | None) -> datetime | None:
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) if part else 0 for part in found.groups()[:6])
    sign, hours, minutes = (*found.groups()[6:], None, None, None)[:3]
    if int(hours or 0) > _MOST_HOURS or int(minutes or 0) > _MOST_MINUTES:
        return None
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        return local - timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    except (ValueError, OverflowError):
        return None


def _fault(moment: datetime | None, text: str | None, now: datetime) -> str:
    why = "not a valid date" if moment is None else implausible(moment, now)
    return f"is {why} ({printable(text or 'missing', 40)})" if why else ""
