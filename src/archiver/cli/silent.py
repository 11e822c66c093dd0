"""`changes --silent`: edits that pages do not own up to, and claims of an edit without one."""

from collections.abc import Sequence
from typing import Any

from archiver.cli.context import OUTPUT

_COLUMNS = ("kind", "claim", "between", "url", "field", "modified")


def print_silent(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    """Print rows of the view `silent_edits`."""
    if as_json:
        for row in rows:
            OUTPUT.json(row)
    elif not rows:
        OUTPUT.say("no silent edit")
    else:
        OUTPUT.table(_COLUMNS, [_cells(row) for row in rows])


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    between = f"between {row['not_before']} and {row['not_after']}"
    before, after = row["modified_before"], row["modified_after"]
    said = after or before or ""
    modified = f"{before} → {after}" if before and after and before != after else said
    return row["kind"], row["claim"], between, row["url"], row["field"] or "", modified
