"""Detects crawler traps: addresses of which a site generates an endless number. They are not followed. Pure.

Common traps are wrong relative links (`a/b` on every page of `/a/`), calendars that always link to a next month, and
shop filters that each add a parameter. The limits are far above what addresses of real articles need.
"""

import re
from collections import Counter
from urllib.parse import parse_qsl, unquote, urlsplit

LONGEST = 2000  # characters; browsers and servers support that many
_MAX_PARTS = 25  # of a path
_SAME_PARTS = 4  # times that one part occurs in a path
_SAME_RUN = 3  # times that a sequence of parts is repeated
_PARAMETERS = 20
_SAME_PARAMETER = 6
_YEARS = range(1900, 2101)
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_CALENDAR = re.compile(r"calendar|lich|event|archive|month|year|date|nam|thang|ngay", re.IGNORECASE)


class Trapped:
    """The addresses of one run that look like traps.

    Attributes:
        count: how many there are.
        first: the first of them, and why; "" when there is none.
    """

    def __init__(self) -> None:
        self.count = 0
        self.first = ""
        self._paths: Counter[str] = Counter()

    def add(self, url: str, why: str, path: str = "") -> None:
        """Count an address. `path`: the path of which it is a variant."""
        self.count += 1
        self.first = self.first or f"{url[:200]}: {why}"
        if path:
            self._paths[path[:200]] += 1

    def __str__(self) -> str:
        """Return how many there are, the first, and the paths with the most variants."""
        paths = "".join(f"; {count} of {path}" for path, count in self._paths.most_common(3))
        return f"{self.count} addresses look like a trap and were not followed, the first: {self.first}{paths}"


def trap_in(url: str) -> str:
    """Return why an address looks like a trap, in words; "" for an ordinary address."""
    if len(url) > LONGEST:
        return f"longer than {LONGEST} characters"
    parts = urlsplit(url)
    path = [part for part in parts.path.split("/") if part]
    return _in_path(path) or _in_query(parts.query) or _in_calendar(parts.path, parts.query)


def _in_path(path: list[str]) -> str:
    if len(path) > _MAX_PARTS:
        return f"more than {_MAX_PARTS} parts in its path"
    for part, count in Counter(path).items():
        if count >= _SAME_PARTS:
            return f"{unquote(part)!r} occurs {count} times in its path"
    for size in range(1, len(path) // _SAME_RUN + 1):
        for start in range(len(path) - size * _SAME_RUN + 1):
            run = path[start : start + size]
            if path[start : start + size * _SAME_RUN] == run * _SAME_RUN:
                return f"{'/'.join(map(unquote, run))!r} is repeated in its path"
    return ""


def _in_query(query: str) -> str:
    names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
    if len(names) > _PARAMETERS:
        return f"more than {_PARAMETERS} parameters"
    for name, count in Counter(names).items():
        if count >= _SAME_PARAMETER:
            return f"the parameter {name!r} occurs {count} times"
    return ""


def _in_calendar(path: str, query: str) -> str:
    """Return a text for a calendar that is in a year far from now."""
    where = f"{path}?{query}"
    if not _CALENDAR.search(where):
        return ""
    dated = [name for name in ("year", "y", "nam", "date", "month", "thang") if f"{name}=" in query.lower()]
    years = [int(found) for found in _YEAR.findall(where)]
    far = [year for year in years if year not in _YEARS]
    return f"a calendar in the year {far[0]}" if far and dated else ""
