"""`archiver stats`: what the archive holds and what it costs."""

from archiver.cli.context import OUTPUT, AsJson, reading
from archiver.cli.output import human_bytes


def stats(as_json: AsJson = False) -> None:
    """Sizes and counts: sites, pages, visits, versions, bytes as sent and as kept."""
    with reading() as archive:
        told = archive.stats()
    if as_json:
        OUTPUT.json(told)
        return
    columns = ("site", "pages", "visits", "versions", "changes", "gone", "last_run")
    OUTPUT.table(columns, [[site[name] for name in columns] for site in told["sites"]], right=columns[1:6])
    files = told["archive_bytes"] + told["vault_bytes"]
    OUTPUT.line()
    OUTPUT.line(f"visits:    {', '.join(f'{count} {name}' for name, count in told['outcomes'].items()) or 'none'}")
    if told["future_visits"]:
        OUTPUT.line(f"future:    {told['future_visits']} visits are dated later than now; see `archiver verify`")
    sent, kept = human_bytes(told["bodies_bytes"]), human_bytes(told["bodies_kept_bytes"])
    OUTPUT.line(f"bodies:    {told['bodies']}, {sent} as sent, kept in {kept}")
    asked, vault = human_bytes(told["archive_bytes"]), human_bytes(told["vault_bytes"])
    OUTPUT.line(f"on disk:   {human_bytes(files)} ({asked} to query, {vault} vault)")
    if told["bodies"]:
        OUTPUT.line(f"per visit: {human_bytes(files / told['bodies'])}")
