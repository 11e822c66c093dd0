"""Readings as bytes and back: what of a reading is needed to write a page's history, and nothing of what it points to.

JSON, not pickle: these bytes lie in a file, and a file may come from anybody.
"""

import json
from dataclasses import asdict
from typing import Any

from archiver.crawl.reading import Reading
from archiver.model.capture import Outcome
from archiver.model.record import Content, Link, Published, Record, Source

_LISTS = ("captions", "bylines", "tags", "images")
_PLAIN = ("title", "section", "summary", "body", "language")


def as_bytes(reading: Reading) -> bytes:
    """A reading without its links."""
    record = reading.record
    told: dict[str, Any] = {"outcome": str(reading.outcome), "note": reading.note}
    if record is not None:
        told["record"] = {
            "content": asdict(record.content),
            "readings": record.readings,
            "sources": [(name, asdict(source)) for name, source in record.sources],
            "kind": record.kind,
            "soft_gone": record.soft_gone,
            "unread": record.unread,
        }
    return json.dumps(told, ensure_ascii=True, separators=(",", ":")).encode()


def from_bytes(data: bytes) -> Reading:
    """The inverse.

    Raises:
        ValueError: these are no such bytes.
    """
    try:
        told = json.loads(data)
        record = told.get("record")
        return Reading(Outcome(told["outcome"]), _record(record) if record else None, told["note"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a reading") from error


def _record(told: dict[str, Any]) -> Record:
    return Record(
        _content(told["content"]),
        readings=tuple((name, value) for name, value in told["readings"]),
        sources=tuple((name, Source(**source)) for name, source in told["sources"]),
        kind=told["kind"],
        soft_gone=told["soft_gone"],
        unread=tuple(told["unread"]),
    )


def _content(told: dict[str, Any]) -> Content:
    values: dict[str, Any] = {name: told[name] for name in _PLAIN}
    return Content(
        **values | {name: tuple(told[name]) for name in _LISTS},
        published=Published(**told["published"]) if told["published"] else None,
        files=tuple(Link(**link) for link in told["files"]),
        extra=tuple((name, value) for name, value in told["extra"]),
    )
