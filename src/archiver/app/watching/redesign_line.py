"""A redesign in one line."""

from collections.abc import Mapping
from typing import Any

from archiver.text.clean import counted


def redesign_line(row: Mapping[str, Any]) -> str:
    """Return a redesign in one line, from a row with pages, changes and what it did, and the alarms beside it."""
    since = row.get("since") or row["not_after"]
    what = row.get("what") or row["new"]
    alarms = "".join(f"; alarm: {alarm}" for alarm in row.get("alarms", ()))
    return f"redesign: {counted(row['pages'], 'page')}, {what} (since {since} UTC){alarms}"
