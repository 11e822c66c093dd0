"""Converts results of reading to bytes and back, without the links and the fields that only discovery needs.

The format is JSON, not pickle, because the bytes are stored in a file, and files are not trusted.
"""

import json
from dataclasses import asdict, fields
from typing import Any

from archiver.crawl.read_capture import ReadResult
from archiver.model.outcome import Cause, Outcome
from archiver.model.record import Content, ListedItem, Published, Record, Source

_NOT_STORED = frozenset(
    {"links", "follow", "next", "postbacks", "feeds", "maps", "hints", "canonical", "looks_like_article"}
    | {"requisites", "nofollow", "noindex"}
)
_SOURCES = ("sources", "item_sources")
_STORED_FIELDS = [each.name for each in fields(Record) if each.name not in _NOT_STORED]


def as_bytes(result: ReadResult) -> bytes:
    """Return a result as JSON bytes, without its links."""
    record = result.record
    values: dict[str, Any] = {
        "outcome": result.outcome,
        "note": result.note,
        "cause": result.cause,
        "failure": result.failure,
    }
    if record is not None:
        values["record"] = {name: getattr(record, name) for name in _STORED_FIELDS} | {
            "content": asdict(record.content),
            "items": None if record.items is None else [(each.url, each.text, each.block) for each in record.items],
            **{name: [(field, asdict(each)) for field, each in getattr(record, name)] for name in _SOURCES},
            "modified": asdict(record.modified) if record.modified else None,
        }
    return json.dumps(values, ensure_ascii=True, separators=(",", ":")).encode()


def from_bytes(data: bytes) -> ReadResult:
    """Return the result that bytes hold. This is the inverse of `as_bytes`.

    Raises:
        ValueError: the bytes do not hold a result.
    """
    try:
        values = json.loads(data)
        record, cause = values.get("record"), values["cause"]
        return ReadResult(
            Outcome(values["outcome"]),
            _record(record) if record else None,
            values["note"],
            Cause(cause) if cause else None,
            values["failure"],
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("these bytes are not a stored result of reading") from error


def _record(stored: dict[str, Any]) -> Record:
    apart = ("content", "modified", "items", *_SOURCES)
    values = {name: _tuples(value) for name, value in stored.items() if name not in apart}
    values |= {name: tuple((field, Source(**each)) for field, each in stored[name]) for name in _SOURCES}
    values["modified"] = Published(**stored["modified"]) if stored["modified"] else None
    values["items"] = None if stored["items"] is None else tuple(ListedItem(*each) for each in stored["items"])
    return Record(Content.from_plain(stored["content"]), **values)


def _tuples(value: Any) -> Any:  # noqa: ANN401  (any JSON value)
    """Return JSON lists as tuples, as the dataclasses have them."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
