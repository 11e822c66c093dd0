"""`changes --silent`: edits that pages do not own up to, and claims of an edit without one."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from archiver.cli.context import OUTPUT
from archiver.text.shown_address import shown_address

_COLUMNS = ("kind", "claim", "between", "url", "field", "nature", "modified", "what")
_CLAIMS = {
    "unchanged": "the page still says that it was changed on {0}",
    "same_day": "the page says only the day: {0}",
    "removed": "the page said that it was changed on {0}, and says nothing now",
    "unreadable": "the page says when it was changed, but not as a certain date",
    "none": "the page does not say when it was changed",
    "unknown": "not known what the page said",
    "moved": "the page says that it was changed on {0}; nothing differs",
}


def print_silent(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    """Print rows of the view `silent_edits`, with titles."""
    if as_json:
        for row in rows:
            OUTPUT.json(row)
    elif not rows:
        OUTPUT.say("no silent edit")
    elif OUTPUT.is_terminal:
        _print_blocks(rows)
    else:
        OUTPUT.table(_COLUMNS, [_cells(row) for row in rows])


def _print_blocks(rows: Sequence[dict[str, Any]]) -> None:
    """Print the edits of one page at one visit as one block: time, title, address, words, and what the page says."""
    for _, group in groupby(rows, key=lambda row: (row["kind"], row["page_id"], row["not_after"], row["claim"])):
        block = list(group)
        row = block[0]
        kind = row["kind"].replace("_", " ")
        OUTPUT.heading("  ".join(filter(None, (kind, _between(row), row["title"]))))
        OUTPUT.line(f"  {shown_address(row['url'])}")
        for each in block:
            if each["field"] is not None:
                nature = "" if each["nature"] in (None, "words") else f" (only {each['nature']})"
                OUTPUT.context(f"{each['field']}{nature}: ", each["context"] or "")
        OUTPUT.line(f"  {_CLAIMS[row['claim']].format(_modified(row))}")


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    field, nature, context = (row[name] or "" for name in ("field", "nature", "context"))
    return row["kind"], row["claim"], _between(row), shown_address(row["url"]), field, nature, _modified(row), context


def _between(row: dict[str, Any]) -> str:
    return f"between {row['not_before']} and {row['not_after']}"


def _modified(row: dict[str, Any]) -> str:
    before, after = row["modified_before"], row["modified_after"]
    return f"{before} → {after}" if before and after and before != after else after or before or ""
