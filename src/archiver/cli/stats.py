"""`archiver stats`: what the archive holds, and its size."""

from collections.abc import Mapping
from typing import Any

from archiver.cli.context import OUTPUT, AsJson, reading
from archiver.cli.output import human_bytes


def stats(as_json: AsJson = False) -> None:
    """Print sizes and counts: sites, pages, visits, versions, bytes as sent and as stored."""
    with reading() as archive:
        found = archive.stats()
    if as_json:
        OUTPUT.json(found)
        return
    columns = ("site", "pages", "visits", "versions", "changes", "gone", "last_run")
    OUTPUT.table(columns, [[site[name] for name in columns] for site in found["sites"]], right=columns[1:6])
    OUTPUT.line()
    OUTPUT.line(f"visits:    {', '.join(f'{count} {name}' for name, count in found['outcomes'].items()) or 'none'}")
    if found["future_visits"]:
        OUTPUT.line(f"future:    {found['future_visits']} visits are dated later than now; see `archiver verify`")
    _print_sizes(found)


def _print_sizes(found: Mapping[str, Any]) -> None:
    main = human_bytes(found["archive_bytes"])
    if found["bodies"] is None:
        OUTPUT.line("bodies:    not here; the vault is missing")
        OUTPUT.line(f"on disk:   {main} to query")
        return
    sent, kept = human_bytes(found["bodies_bytes"]), human_bytes(found["bodies_kept_bytes"])
    OUTPUT.line(f"bodies:    {found['bodies']}, {sent} as sent, stored in {kept}")
    files = found["archive_bytes"] + found["vault_bytes"]
    OUTPUT.line(f"on disk:   {human_bytes(files)} ({main} to query, {human_bytes(found['vault_bytes'])} vault)")
    if found["bodies"]:
        OUTPUT.line(f"per visit: {human_bytes(files / found['bodies'])}")
