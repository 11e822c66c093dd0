"""Read and check WARC-Date and the timestamps of CDX lines."""

import re
from datetime import UTC, datetime

from archiver.model.clock import TOLERANCE, implausible
from archiver.text.clean import printable

NO_LIMIT = datetime.max.replace(tzinfo=UTC) - TOLERANCE
"""A present that is later than any date, to check without a limit."""
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(?:Z|[+]00:?00)?)?", re.IGNORECASE)
_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)")


def moment_of(text: str | None) -> datetime | None:
    """Return a WARC-Date (ISO 8601, W3C profile) in UTC, to the second; None when it is invalid."""
    return _moment(_DATE.fullmatch((text or "").strip()))


def date_fault(text: str | None, now: datetime = NO_LIMIT) -> str:
    """Return the fault of a WARC-Date; "" when it is valid."""
    return _fault(moment_of(text), text, now)


def stamp_fault(text: str, now: datetime = NO_LIMIT) -> str:
    """Return the fault of the 14 digits of a CDX line; "" when they are valid."""
    return _fault(_moment(_STAMP.match(text)), text, now)


def _moment(found: re.Match[str] | None) -> datetime | None:
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) if part else 0 for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _fault(moment: datetime | None, text: str | None, now: datetime) -> str:
    why = "not a valid date" if moment is None else implausible(moment, now)
    return f"is {why} ({printable(text or 'missing', 40)})" if why else ""
