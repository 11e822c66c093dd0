"""`archiver extract`: read every stored capture again with the current profile."""

from typing import Annotated

import typer

from archiver.app.crawling.reread_site import Extracted, RereadOptions, extract_site, sites_to_read
from archiver.cli.context import INTERRUPTED, OUTPUT, UNREAD, AsJson, SiteOption, writing
from archiver.cli.output import Bar
from archiver.errors import SiteBusy
from archiver.model.event import Event, Listener, Noticed, Progress
from archiver.polite.stop import StopFlag
from archiver.store.reinterpretations import FieldDifference


def extract(
    site: SiteOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would be read differently.")] = False,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Number of reading processes [one per core].")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read every stored capture again with the current profile; differences go to `reinterpretations`."""
    stop = StopFlag()
    codes = [0]
    with writing() as archive, stop.on_signals(), OUTPUT.progress() as bar:
        for profile, named in sites_to_read(archive.store, site, archive.settings.selectors):
            options = RereadOptions(dry_run, workers, listener(bar), stop)
            try:
                done = extract_site(archive.store, archive.settings, profile, options, named=named)
            except SiteBusy as busy:
                OUTPUT.failure(str(busy))
                codes.append(1)
                continue
            codes.append(_print(done, as_json))
            if stop.wanted:
                break
    raise typer.Exit(max(codes))


def listener(bar: Bar) -> Listener:
    """Return a listener that prints notices and shows the progress."""

    def show(event: Event) -> None:
        if isinstance(event, Noticed):
            OUTPUT.say(event.line)
        elif isinstance(event, Progress):
            bar.show(event.task, event.done, event.total)

    return show


def _print(done: Extracted, as_json: bool) -> int:
    if as_json:
        OUTPUT.json(done.as_json())
    else:
        for line in _lines(done):
            OUTPUT.line(line)
    if done.damaged:
        some = ", ".join(map(str, done.damaged[:5])) + (", …" if len(done.damaged) > 5 else "")  # noqa: PLR2004
        OUTPUT.failure(
            f"{done.site}: {len(done.damaged)} captures are damaged and were left out (visits {some}); "
            "run `archiver repair`, then this command again"
        )
    if done.ended == "interrupted":
        OUTPUT.say(
            f"{done.site}: interrupted; the archive shows the old reading; run the same command again to continue"
        )
        return INTERRUPTED
    if done.unread:
        OUTPUT.failure(f"{done.site}: {done.unread} captures could not be read; {UNREAD}")
    return 1 if done.damaged or done.unread else 0


def _lines(done: Extracted) -> list[str]:
    if done.ended == "nothing to do":
        return [f"{done.site}: the current profile and reader have read it already ({done.captures} captures)"]
    if done.ended == "interrupted":
        return []
    would = "would be " if done.dry_run else ""
    first = f"{done.site}: {done.captures} captures {would}read again in {done.seconds:.1f} s: versions "
    first += f"{done.versions[0]} → {done.versions[1]}, changes {done.changes[0]} → {done.changes[1]}"
    last = f"  {done.false_changes} of them in the newest captures; none counts as a change by the site"
    return [first, *map(_field, done.fields), last if done.fields else "  no value differs"]


def _field(found: FieldDifference) -> str:
    pages = "1 page" if found.pages == 1 else f"{found.pages} pages"
    emptied = f"{found.emptied} emptied" if found.emptied else ""
    filled = f"{found.filled} that were empty" if found.filled else ""
    more = ", ".join(filter(None, (emptied, filled)))
    return f"  {found.field}\t{found.values} on {pages}" + (f" ({more})" if more else "")
