"""The door to dateparser, for languages we have no table of words for; a strict gate stands in it.

dateparser guesses what is missing from the day it is run on. An archive must not: here it sees one fixed day,
then another, and an answer counts only if both agree and its day and year are figures of the text.
"""

import re
import warnings
from datetime import datetime

_FIXED_DAYS = (datetime(2001, 2, 3, 4, 5, 6), datetime(2015, 11, 28, 20, 50, 40))  # noqa: DTZ001

_LONGEST = 100  # characters; dateparser reads whole texts only, and is slow on long ones


def read_other(text: str, language: str) -> datetime | None:
    """Read a date with dateparser, or refuse.

    Args:
        text: A short text that is a date and nothing else.
        language: First subtag of BCP 47.

    Returns:
        The wall time as printed, with an offset only if dateparser saw a zone; None for relative, partial
        and ambiguous dates, and for a language dateparser does not know.
    """
    if len(text) > _LONGEST:
        return None
    by_language = _ask(text, language, _FIXED_DAYS[0], {})
    day_first = _ask(text, language, _FIXED_DAYS[1], {"DATE_ORDER": "DMY"})
    if by_language is None or by_language != day_first:
        return None
    figures = {int(figure) for figure in re.findall(r"\d{1,4}", text)}
    return by_language if {by_language.day, by_language.year} <= figures else None


def _ask(text: str, language: str, today: datetime, order: dict[str, str]) -> datetime | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own deprecations are no news about the page
        import dateparser  # noqa: PLC0415 (0.1 s: only for those who need it)

        settings = {
            "STRICT_PARSING": True,
            "REQUIRE_PARTS": ["day", "month", "year"],
            "PARSERS": ["absolute-time"],
            "RELATIVE_BASE": today,
            **order,
        }
        try:
            return dateparser.parse(text, languages=[language], settings=settings)
        except (ValueError, OverflowError, TypeError, AttributeError):  # its errors on odd texts vary
            return None
