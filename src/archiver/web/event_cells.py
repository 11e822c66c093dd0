"""Rows of events as rows of a table: edits field by field."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

_NAMES = ("kind", "label", "site", "page_id", "url", "title", "not_before", "not_after", "found_at", "version")
_MARKS = {"delete": ("[-", "-]"), "insert": ("{+", "+}")}


def event_cells(rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the cells of each event, and of each field of an edit; the words have the marks of the view `events`."""
    for row in rows:
        values = {name: row.get(name) for name in _NAMES}
        edits: Sequence[Mapping[str, Any]] = row.get("edits") or ({},)
        for edit in edits:
            yield {
                **values,
                "field": edit.get("field"),
                "nature": edit.get("nature") or row.get("nature"),
                "chars_added": edit.get("chars_added"),
                "chars_removed": edit.get("chars_removed"),
                "words": "".join(_marked(op, text) for op, text in edit.get("words", ())) or row.get("what"),
            }


def _marked(op: str, text: str) -> str:
    before, after = _MARKS.get(op, ("", ""))
    return f"{before}{text}{after}"
