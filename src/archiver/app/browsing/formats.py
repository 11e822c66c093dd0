"""The data of a page in formats for other programs: JSON, CSV and Atom."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

from archiver.app.reading.questions import ArchiveReader
from archiver.app.watching.feed import FeedOptions, feed
from archiver.app.watching.page_events import EventFilter
from archiver.export.csv_lines import csv_lines
from archiver.export.lines import WriteCounts
from archiver.model.table import Column


def json_text(data: Mapping[str, Any]) -> str:
    """Return data as JSON text. Dataclasses become objects; tuples become arrays."""
    return json.dumps(data, ensure_ascii=False, default=_plain, indent=1) + "\n"


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def csv_text(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield rows as CSV with a header; the columns are the keys of the first row. Lists and objects become JSON.

    A text that a spreadsheet would run as a formula gets an apostrophe.
    """
    counts = WriteCounts()
    lines = None
    names: list[str] = []
    for row in rows:
        if lines is None:
            names = list(row)
            lines = csv_lines([Column(name) for name in names])
            yield lines.head
        yield lines.line([_cell(row.get(name)) for name in names], counts)


def _cell(value: object) -> str | int | float | None:
    if value is None or isinstance(value, str | int | float):
        return value
    return json.dumps(value, ensure_ascii=False, default=_plain)


def atom_text(archive: ArchiveReader, wanted: EventFilter, base: str, self_url: str) -> Iterator[str]:
    """Yield a feed of the events of a page.

    Args:
        archive: the archive.
        wanted: which events.
        base: the address of the web interface, for links to comparisons.
        self_url: the address of the feed.
    """
    return feed(archive.store, wanted, FeedOptions(base=base, self_url=self_url))
