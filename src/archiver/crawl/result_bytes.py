"""Results of reading as bytes and back: what a page's history needs, without links and what is only for discovery.

JSON, not pickle: these bytes lie in a file, and a file may come from anybody. Every field of the dataclasses travels.
"""

import json
from dataclasses import asdict, fields
from typing import Any

from archiver.crawl.read_capture import ReadResult
from archiver.model.outcome import Cause, Outcome
from archiver.model.record import Content, Record, Source

_NOT_SENT = frozenset(
    {"links", "follow", "next", "postbacks", "feeds", "maps", "hints", "canonical", "looks_like_article"}
)
_PLAIN_RECORD = [each.name for each in fields(Record) if each.name not in _NOT_SENT]


def as_bytes(result: ReadResult) -> bytes:
    """Return a result without its links."""
    record = result.record
    sent: dict[str, Any] = {
        "outcome": result.outcome,
        "note": result.note,
        "cause": result.cause,
        "failure": result.failure,
    }
    if record is not None:
        sent["record"] = {name: getattr(record, name) for name in _PLAIN_RECORD} | {
            "content": asdict(record.content),
            "sources": [(name, asdict(source)) for name, source in record.sources],
        }
    return json.dumps(sent, ensure_ascii=True, separators=(",", ":")).encode()


def from_bytes(data: bytes) -> ReadResult:
    """Return the result that bytes hold: the inverse of `as_bytes`.

    Raises:
        ValueError: they hold none.
    """
    try:
        sent = json.loads(data)
        record, cause = sent.get("record"), sent["cause"]
        return ReadResult(
            Outcome(sent["outcome"]),
            _record(record) if record else None,
            sent["note"],
            Cause(cause) if cause else None,
            sent["failure"],
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a result of reading") from error


def _record(sent: dict[str, Any]) -> Record:
    values = {name: _tuples(value) for name, value in sent.items() if name not in ("content", "sources")}
    sources = tuple((name, Source(**source)) for name, source in sent["sources"])
    return Record(Content.from_plain(sent["content"]), sources=sources, **values)


def _tuples(value: Any) -> Any:  # noqa: ANN401  (any JSON value)
    """JSON has lists where the dataclasses have tuples."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
