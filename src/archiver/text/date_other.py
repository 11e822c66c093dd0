"""The only user of dateparser, for languages without a table of words. Its results are checked strictly.

dateparser fills missing parts from the current day. An archive must not: here dateparser runs with one fixed day,
then with another, and a result counts only if both agree and its day and year are figures of the text.
"""

import re
import warnings
from datetime import datetime

_FIXED_DAYS = (datetime(2001, 2, 3, 4, 5, 6), datetime(2015, 11, 28, 20, 50, 40))  # noqa: DTZ001

_LONGEST = 100  # characters; dateparser reads whole texts only and is slow on long ones


def read_other(text: str, language: str) -> datetime | None:
    """Return a date read with dateparser, or None.

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
        warnings.simplefilter("ignore")  # its own deprecation warnings
        import dateparser  # noqa: PLC0415 (noqa: PLC0415 (0.1 s: imported only when needed))

        settings = {
            "STRICT_PARSING": True,
            "REQUIRE_PARTS": ["day", "month", "year"],
            "PARSERS": ["absolute-time"],
            "RELATIVE_BASE": today,
            **order,
        }
        try:
            return dateparser.parse(text, languages=[language], settings=settings)
        except (ValueError, OverflowError, TypeError, AttributeError):  # its exceptions on odd texts vary
            return None
