"""Checks of the values of a profile's keys: each check converts raw TOML to a typed value or gives the fault.

A check is a function that returns the value or raises `BadValueError` with a message that ends the sentence
"KEY: …"; its JSON Schema is kept with it, so that editors and the loader agree.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from archiver.errors import UsageError
from archiver.extract.tree import check_css
from archiver.text.patterns import Pattern
from archiver.text.url import canonical

Schema = dict[str, Any]


class BadValueError(ValueError):
    """An invalid value; each message (a list may contain several invalid items) ends the sentence "KEY: …"."""

    @property
    def messages(self) -> tuple[str, ...]:
        """Return all faults of the value."""
        return tuple(map(str, self.args))


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of value: how it is read, its JSON Schema, and a description of what the schema cannot express."""

    read: Callable[[Any], Any]
    schema: Mapping[str, Any] = field(default_factory=dict)
    words: str = ""


_SLUG = r"[a-z0-9][a-z0-9._-]*"
_LANGUAGE = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*"
_SIZE = r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kMG]i?)?B?\s*"
SIZES = {None: 1, "k": 10**3, "M": 10**6, "G": 10**9, "ki": 2**10, "Mi": 2**20, "Gi": 2**30}
_DURATION = r"\s*([0-9]+(?:\.[0-9]+)?)\s*(ms|s|m|h|d|w)\s*"
SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LONGEST = 10_000


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadValueError(f"must be text in quotes, not {_sort(value)}")
    if len(value) > _LONGEST:
        raise BadValueError(f"must not be longer than {_LONGEST} characters")
    return value


def _header_text(value: object) -> str:
    text = _text(value)
    if not text.isprintable() or not text.isascii():
        raise BadValueError("must be printable ASCII, because it goes into an HTTP header")
    return text


def _full(text: str, pattern: str, what: str) -> str:
    if not re.fullmatch(pattern, text):
        raise BadValueError(f"must be {what}, not {text!r}")
    return text


def _slug(value: object) -> str:
    return _full(_text(value), _SLUG, "a slug of a-z, 0-9, '.', '_' and '-'")


def _language(value: object) -> str:
    return _full(_text(value), _LANGUAGE, "a language tag such as 'vi' or 'pt-BR'")


def _timezone(value: object) -> str:
    name = _text(value)
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError) as fault:
        raise BadValueError(f"no such time zone: {name!r} (an IANA name such as 'Asia/Ho_Chi_Minh')") from fault
    return name


def _web_address(value: object) -> str:
    url = _text(value).strip()
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as fault:
        raise BadValueError(f"not a web address: {url!r}") from fault
    if parts.scheme not in ("http", "https") or not host or re.search(r"\s", url):
        raise BadValueError(f"must be an http(s) address, not {url!r}")
    if "@" in parts.netloc:
        raise BadValueError("must not contain a user name and password")
    try:
        canonical(url)
    except UsageError as fault:
        raise BadValueError(f"not a web address: {url!r}") from fault
    return url


def _host(value: object) -> str:
    host = _text(value).strip().lower()
    try:
        if canonical(f"http://{host}/").partition("//")[2] == f"{host}/":
            return host
    except UsageError:
        pass
    raise BadValueError(f"must be a host such as 'cdn.example.org' or 'cdn.example.org:8080', not {value!r}")


def _address(value: object) -> str:
    url = _text(value).strip()
    try:
        scheme = urlsplit(url).scheme
    except ValueError as fault:
        raise BadValueError(f"not an address: {url!r}") from fault
    return _web_address(url) if scheme or not url else url


def _nonempty(value: object) -> str:
    text = _text(value)
    if not text.strip():
        raise BadValueError("must not be empty")
    return text


def _regex(value: object) -> Pattern:
    text = _text(value)
    try:
        return Pattern(text)
    except (re.error, RecursionError, OverflowError) as fault:
        raise BadValueError(f"not a regular expression: {fault} (in {text!r})") from fault


def _css(value: object) -> str:
    selector = _text(value)
    fault = check_css(selector)
    if fault:
        raise BadValueError(fault)
    return selector


def _size(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = re.fullmatch(_SIZE, value) if isinstance(value, str) else None
    size = int(float(match[1]) * SIZES[match[2]]) if match else 0
    if not size:
        raise BadValueError(f"must be a size such as '10MB' or a number of bytes, not {value!r}")
    return size


def _duration(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf"):
        return float(value)
    match = re.fullmatch(_DURATION, value) if isinstance(value, str) else None
    if not match:
        raise BadValueError(f"must be a duration such as '60s', '1h', '30d' or a number of seconds, not {value!r}")
    return float(match[1]) * SECONDS[match[2]]


def _some_time(value: object) -> float:
    seconds = _duration(value)
    if not seconds:
        raise BadValueError("must be more than 0")
    return seconds


def _searching(value: object) -> Pattern:
    pattern = _regex(value)
    if not pattern.pattern:
        raise BadValueError("an empty regular expression matches everywhere")
    return pattern


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError as fault:
        raise BadValueError(f"must be a day such as 2023-01-01, not {value!r}") from fault


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadValueError(f"must be true or false, not {value!r}")
    return value


def _take(value: object) -> str | int:
    if value in ("first", "last", "all"):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool) and value:
        return value
    raise BadValueError(f"must be 'first', 'last', 'all' or a number (1 the first, -1 the last), not {value!r}")


def _extension(value: object) -> str:
    return _full(_text(value).lower().removeprefix("."), r"[a-z0-9]{1,10}", "a file extension such as 'pdf'")


def whole(least: int, most: int) -> Check:
    """Return a check for an integer between two limits."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise BadValueError(f"must be a whole number from {least} to {most}, not {value!r}")
        return value

    return Check(read, {"type": "integer", "minimum": least, "maximum": most})


def one_of(*words: str) -> Check:
    """Return a check for one of some words."""

    def read(value: object) -> str:
        if value not in words:
            raise BadValueError(f"must be {' or '.join(map(repr, words))}, not {value!r}")
        return str(value)

    return Check(read, {"enum": list(words)})


def _bodies(value: object) -> str | int:
    if value in ("all", "first-and-last"):
        return str(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise BadValueError(f"must be 'all', 'first-and-last' or a whole number from 1, not {value!r}")
    return value


BODIES = Check(_bodies, {"anyOf": [{"enum": ["all", "first-and-last"]}, {"type": "integer", "minimum": 1}]})
"""Read which bodies of a version are retained."""


def list_of(item: Check) -> Check:
    """Return a check for a list, which becomes a tuple. The messages name every invalid item."""

    def read(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise BadValueError(f"must be a list in [ ], not {_sort(value)}")
        good: list[Any] = []
        bad: list[str] = []
        for each in value:
            try:
                good.append(item.read(each))
            except BadValueError as fault:
                bad += fault.messages
        if bad:
            raise BadValueError(*bad)
        return tuple(good)

    return Check(read, {"type": "array", "items": dict(item.schema)}, f"list: {item.words or 'text'}")


def some_of(item: Check) -> Check:
    """Return a check for a list with at least one item."""
    many = list_of(item)

    def read(value: object) -> tuple[Any, ...]:
        found: tuple[Any, ...] = many.read(value)
        if not found:
            raise BadValueError("must have at least one item")
        return found

    return Check(read, {**many.schema, "minItems": 1}, f"{many.words}; at least one")


def auto_or(item: Check) -> Check:
    """Return a check for the word "auto", or a list."""
    many = list_of(item)

    def read(value: object) -> str | tuple[Any, ...]:
        if isinstance(value, str) and value != "auto":
            raise BadValueError(f"must be 'auto' or a list in [ ], not {value!r}")
        return "auto" if value == "auto" else many.read(value)

    return Check(
        read,
        {"anyOf": [{"const": "auto"}, dict(many.schema)]},
        f'`"auto"` or {many.words}',
    )


def _sort(value: object) -> str:
    words = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "a table"}
    return words.get(type(value), type(value).__name__)


_TIME_WORDS = f"number of seconds, or text with its unit ({', '.join(SECONDS)})"
_SIZE_WORDS = f"number of bytes, or text with its unit ({', '.join((unit or '') + 'B' for unit in SIZES)})"

TEXT = Check(_text, {"type": "string"})
NONEMPTY_TEXT = Check(_nonempty, {"type": "string", "minLength": 1}, "text, not empty")
HEADER_TEXT = Check(_header_text, {"type": "string", "pattern": "^[ -~]*$"}, "text in printable ASCII")
SLUG = Check(_slug, {"type": "string", "pattern": f"^{_SLUG}$"}, "text of a-z, 0-9, `.`, `_` and `-`")
LANGUAGE = Check(_language, {"type": "string", "pattern": f"^{_LANGUAGE}$"}, "language tag")
TIMEZONE = Check(_timezone, {"type": "string"}, "time zone")
WEB_ADDRESS = Check(_web_address, {"type": "string", "pattern": "^\\s*https?://"}, "http or https address")
ADDRESS = Check(_address, {"type": "string", "minLength": 1}, "address")
REGEX = Check(_regex, {"type": "string", "format": "regex"}, "regular expression")
SEARCHING_REGEX = Check(
    _searching, {"type": "string", "format": "regex", "minLength": 1}, "regular expression, not empty"
)
CSS = Check(_css, {"type": "string", "minLength": 1}, "CSS selector")
SIZE = Check(
    _size, {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": f"^{_SIZE}$"}]}, _SIZE_WORDS
)
DURATION = Check(
    _duration,
    {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": f"^{_DURATION}$"}]},
    _TIME_WORDS,
)
SOME_TIME = Check(
    _some_time,
    {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "string", "pattern": f"^{_DURATION}$"}]},
    f"{_TIME_WORDS}; more than 0",
)
DAY = Check(_day, {"type": "string", "format": "date"}, "day: YYYY-MM-DD")
SWITCH = Check(_switch, {"type": "boolean"})
TAKE = Check(_take, {"anyOf": [{"enum": ["first", "last", "all"]}, {"type": "integer", "not": {"const": 0}}]})
HOST = Check(_host, {"type": "string"}, "host")
EXTENSION = Check(_extension, {"type": "string"}, "file extension")
