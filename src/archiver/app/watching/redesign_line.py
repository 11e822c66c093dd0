"""A redesign in one line."""

from collections.abc import Collection, Mapping
from typing import Any

from archiver.text.clean import counted


def redesign_line(row: Mapping[str, Any], printed: Collection[str] = ()) -> str:
    """Return a redesign in one line, from a row with pages and what it did, with the alarms that its runs raised.

    `printed`: alarms that another line has.
    """
    since = row.get("since") or row["not_after"]
    what = row.get("what") or row["new"]
    alarms = "".join(f"; alarm then: {alarm}" for alarm in row.get("alarms", ()) if alarm not in printed)
    return f"redesign: {counted(row['pages'], 'page')}, {what} (since {since} UTC){alarms}"
