"""Parse the answer of an API: JSON as sites send it, within bounds.

Accepted as well: a byte order mark, UTF-16 and UTF-32, bytes in another charset, the marks with which sites keep
other sites' scripts from reading an answer (`)]}',`), a call around the value (JSONP), and lines with one value each.

Numbers stay as they are written (`Number`), so that none is too long and none loses digits. NaN and Infinity, which
JSON does not have, are null. Of two members of one name the last one counts, as in browsers.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from archiver.text.charset import decode

_MOST_BYTES = 20_000_000
_DEEPEST = 200
"""Levels of lists and objects. Python reads more than that from every place in the program."""
_MOST_LINES = 100_000
_GUARD = re.compile(r"\s*(?:\)\]\}'?,?|while\s*\(\s*(?:1|true)\s*\)\s*;|for\s*\(\s*;\s*;\s*\)\s*;|/\*\*/)\s*")
_CALL = re.compile(r"\s*[A-Za-z_$][\w$.]{0,100}\s*\(\s*(?=[\[{])")
_CALL_END = re.compile(r"\)\s*;?\s*\Z")


class Number(str):
    """A number of JSON, as it is written."""

    __slots__ = ()


class NotJson(ValueError):
    """An answer is not JSON that is read. The message says why."""


@dataclass(frozen=True, slots=True)
class JsonAnswer:
    """The value of an answer: objects, lists, texts, `Number`, true, false and null. `charset`: its encoding."""

    value: Any
    charset: str = "utf-8"
    notes: tuple[str, ...] = ()


def read_answer(body: bytes, content_type: str | None, language: str | None = None) -> JsonAnswer:
    """Return the value in a body.

    Args:
        body: the answer.
        content_type: the header, for the charset of an answer that is not in Unicode.
        language: the site's, for the same.

    Raises:
        NotJson: it is no JSON, or beyond the bounds.
    """
    if len(body) > _MOST_BYTES:
        raise NotJson(f"more than {_MOST_BYTES:,} bytes of JSON: not read")
    text, charset, notes = _text(body, content_type, language)
    try:
        value, note = _value(text)
    except RecursionError as fault:
        raise NotJson(f"nested deeper than {_DEEPEST} levels: not read") from fault
    if _is_deep(value):
        raise NotJson(f"nested deeper than {_DEEPEST} levels: not read")
    return JsonAnswer(value, charset, (*notes, *filter(None, (note,))))


def _text(body: bytes, content_type: str | None, language: str | None) -> tuple[str, str, tuple[str, ...]]:
    """Return the text of a body, its charset and notes. JSON is UTF-8 (RFC 8259, 8.1); others are read as well."""
    try:
        charset = json.detect_encoding(body)
        return body.decode(charset).removeprefix("\ufeff"), charset.removesuffix("-sig"), ()
    except UnicodeDecodeError:
        decoded = decode(body, content_type, language)
        return decoded.text, decoded.charset, ("the answer is not UTF-8, as JSON is", *decoded.notes)


def _value(text: str) -> tuple[Any, str]:
    """Return the value of a text, and a note about how it was found."""
    guard = _GUARD.match(text)
    text = text[guard.end() :] if guard else text
    try:
        return _parsed(text), ""
    except ValueError as fault:
        first = fault
    call = _CALL.match(text)
    try:
        if call and (end := _CALL_END.search(text, max(call.end(), len(text) - 100))):
            return _parsed(text[call.end() : end.start()]), "JSONP: the value in the call is read"
        return _lines(text)
    except ValueError:
        raise NotJson(f"not JSON: {_reason(first)}") from first


def _parsed(text: str) -> Any:  # noqa: ANN401  (JSON)
    return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=lambda _: None, strict=False)


def _lines(text: str) -> tuple[list[Any], str]:
    """Return the values of a text with one on each line, and a note.

    Raises:
        ValueError: it is no such text.
    """
    lines = [each for each in text.split("\n", _MOST_LINES)[:_MOST_LINES] if each.strip()]
    if len(lines) < 2 or not all(each.lstrip()[0] in "[{" for each in lines):  # noqa: PLR2004  (one line is one value)
        raise ValueError(text[:1])
    rest = f"; lines after the first {_MOST_LINES} were not read" if text.count("\n") > _MOST_LINES else ""
    return [_parsed(each) for each in lines], f"JSON lines: read as a list{rest}"


def _reason(fault: ValueError) -> str:
    if isinstance(fault, json.JSONDecodeError):
        return f"{fault.msg} at line {fault.lineno}, column {fault.colno}"
    return str(fault)


def _is_deep(value: Any) -> bool:  # noqa: ANN401  (JSON)
    level = [value]
    for _ in range(_DEEPEST + 1):
        level = [
            inner
            for each in level
            if isinstance(each, list | dict)
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, list | dict)
        ]
        if not level:
            return False
    return True
