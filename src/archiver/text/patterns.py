r"""Regular expressions of profiles, searched so that none can hang a run.

A profile may hold a pattern such as `^(a+)+$`. Python's `re` needs minutes or years for it on some texts, and nothing
can interrupt it. So each search takes one of two ways:

- `re`, where the text is so short that the pattern needs at most a million steps in the worst case
  (`archiver.text.pattern_cost` computes that length once per pattern). Nearly all searches go this way.
- the `regex` package, which stops at a time limit and lets other threads run meanwhile, so signals are handled.

Both find the same matches (`archiver.text.pattern_syntax`).
"""

import logging
import re
import time
import warnings
from collections import Counter
from functools import lru_cache
from typing import Any, cast

from archiver.text.pattern_cost import fixed_start, safe_length
from archiver.text.pattern_syntax import as_regex

LONGEST_SEARCHED = 200_000
"""Characters of a text in which a pattern is searched."""
PAGE_SECONDS = 4.0
"""All patterns of one page together: what is left at the end of it is searched with `_LAST_SECONDS` each."""
_SEARCH_SECONDS = ((2, 1.0), (20, 0.1))
_ADDRESS_SECONDS = ((20, 0.05),)
"""CPU seconds for a search, while the pattern has run out of time less often than so many times in this process."""
_LAST_SECONDS = 0.002
"""CPU seconds for a search when the time is used up: enough for a thousand ordinary searches."""
_SHORT = 4
"""A text of a quarter of the length that is safe takes so few steps that nobody need count them."""
_SHOWN = 100
_LOG = logging.getLogger("archiver.patterns")


class PatternTimeout(Exception):
    """A pattern did not finish on a text within its time limit. Whether it matches is unknown."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        super().__init__(f"the pattern {shown(pattern)} ran out of time")


class Pattern:
    """A regular expression of a profile. Immutable, picklable, equal to another with the same text.

    Attributes:
        pattern: the expression as the profile writes it.
        plain: the expression for `re`; `longest`: the longest text in which it may search.
        start: the letters with which every text begins in which it can be found; "" when that is unknown.
    """

    __slots__ = ("longest", "pattern", "plain", "start")

    def __init__(self, pattern: str) -> None:
        """Compile an expression.

        Raises:
            re.error, RecursionError, OverflowError: it is no regular expression.
        """
        self.pattern = pattern
        self.plain, self.longest, self.start = _plain(pattern)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and other.pattern == self.pattern

    def __hash__(self) -> int:
        return hash(self.pattern)

    def __repr__(self) -> str:
        return f"Pattern({self.pattern!r})"

    def __reduce__(self) -> tuple[type["Pattern"], tuple[str]]:
        return Pattern, (self.pattern,)

    def search(self, address: str) -> re.Match[str] | None:
        """Search in a URL. A search that runs out of time counts as no match, and is logged once per pattern."""
        if len(address) <= self.longest:
            return self.plain.search(address)
        try:
            return _timed_search(self, address, _limit(self.pattern, _ADDRESS_SECONDS))
        except PatternTimeout as timeout:
            warn_once(timeout, f"on the address {shown(address)}; it counts as not matching")
            return None


class PageTime:
    """The time that the patterns of one page may take together."""

    __slots__ = ("_left",)

    def __init__(self, seconds: float = PAGE_SECONDS) -> None:
        self._left = seconds

    def search(self, pattern: Pattern, text: str) -> re.Match[str] | None:
        """Search in the first 200,000 characters of a text of the page.

        Raises:
            PatternTimeout: the search took longer than a second, or than what is left for the page. A pattern that
                ran out of time twice gets a tenth of a second from then on.
        """
        if not text.startswith(pattern.start):
            return None
        if len(text) * _SHORT <= pattern.longest:
            return pattern.plain.search(text)
        began = time.perf_counter()
        try:
            if len(text) <= pattern.longest and self._left > 0:
                return pattern.plain.search(text)
            return _timed_search(pattern, text, min(_limit(pattern.pattern, _SEARCH_SECONDS), self._left))
        finally:
            self._left -= time.perf_counter() - began


def shown(text: str) -> str:
    """Return a pattern or an address as messages print it: quoted, at most a hundred characters."""
    quoted = repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")
    return quoted.replace("\\\\", "\\")  # as the profile has it


def warn_once(timeout: PatternTimeout, where: str) -> None:
    """Log that a pattern ran out of time, once per pattern and process."""
    if timeout.pattern not in _WARNED:
        _WARNED.add(timeout.pattern)
        _LOG.warning("warning: %s %s; change it in the profile (`archiver site check` names the line)", timeout, where)


_TIMEOUTS: Counter[str] = Counter()
_WARNED: set[str] = set()


def _limit(pattern: str, steps: tuple[tuple[int, float], ...]) -> float:
    return next((seconds for most, seconds in steps if _TIMEOUTS[pattern] < most), _LAST_SECONDS)


def _timed_search(pattern: Pattern, text: str, seconds: float) -> re.Match[str] | None:
    timed = _timed(pattern.pattern)
    if timed is None:
        raise PatternTimeout(pattern.pattern)
    try:
        found = timed.search(text, 0, LONGEST_SEARCHED, timeout=max(seconds, _LAST_SECONDS), concurrent=True)
    except (TimeoutError, MemoryError, RecursionError) as error:
        _TIMEOUTS[pattern.pattern] += 1
        raise PatternTimeout(pattern.pattern) from error
    return cast("re.Match[str] | None", found)


@lru_cache(maxsize=4096)
def _plain(pattern: str) -> tuple[re.Pattern[str], int, str]:
    """The expression for `re`, the longest text in which `re` may search, and the start of all texts that match."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a set such as '[[]' is odd, not wrong
        return re.compile(pattern), min(safe_length(pattern), LONGEST_SEARCHED), fixed_start(pattern)


@lru_cache(maxsize=4096)
def _timed(pattern: str) -> Any:  # noqa: ANN401  (of a package without types)
    """The expression for `regex`; None where that package refuses what `re` accepts."""
    plain = _plain(pattern)[0]
    import regex  # noqa: PLC0415  (10 ms, and most profiles never need it)

    try:
        return regex.compile(as_regex(pattern, ascii_only=bool(plain.flags & re.ASCII)), regex.V1)
    except regex.error:
        return None
