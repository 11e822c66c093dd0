"""`archiver site repair`: propose rules for a profile after a redesign, and apply them."""

from typing import TYPE_CHECKING, Annotated

import typer

from archiver.cli.context import INTERRUPTED, OUTPUT, AsJson, reading, site_names, writing
from archiver.cli.extract import listener
from archiver.model.moments import MOMENTS, since_text
from archiver.polite.stop import StopFlag
from archiver.text.clean import counted, printable

if TYPE_CHECKING:
    from archiver.app.crawling.apply_repair import AppliedRepair
    from archiver.app.crawling.repair_site import SiteRepair
    from archiver.learn.repaired import MendedField, MendedTable

_MOST_SHOWN = 10


def repair(
    name: Annotated[
        str,
        typer.Argument(metavar="SITE", help="A profile's name, or the path of its file.", autocompletion=site_names),
    ],
    apply: Annotated[
        bool, typer.Option("--apply", help="Write the profile, and read all captures of the site again with it.")
    ] = False,
    since: Annotated[
        str | None,
        typer.Option("--since", help=f"Take all captures since then as doubtful, not only those in doubt: {MOMENTS}."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Mend a profile after a redesign: tables for the new templates, made from what was known of the misread pages.

    The values that the pages had are looked for in their new captures. Without --apply the tables are only printed,
    with what they read.
    """
    from archiver.app.crawling.apply_repair import apply_repair  # noqa: PLC0415  (start-up)
    from archiver.app.crawling.repair_site import propose_repair  # noqa: PLC0415  (start-up)

    stop = StopFlag()
    with writing() if apply else reading() as archive, OUTPUT.progress() as bar:
        show = listener(bar)
        moment = since_text(since, archive.settings.clock()) if since else None
        found = propose_repair(archive.store, archive.settings, name, moment, show)
        done = None
        if apply and found.is_safe:
            with stop.on_signals():
                done = apply_repair(archive.store, archive.settings, found, show, stop)
    if as_json:
        OUTPUT.json(found.as_json() | {"applied": done.as_json() if done else None})
    else:
        _print(found, done)
    raise typer.Exit(_code(found, done))


def _code(found: "SiteRepair", done: "AppliedRepair | None") -> int:
    if done is not None and done.ended == "interrupted":
        return INTERRUPTED
    return 1 if found.pages and (not found.is_safe or found.bench.misread) else 0


def _print(found: "SiteRepair", done: "AppliedRepair | None") -> None:
    if not found.pages:
        OUTPUT.line(
            f"{found.name}: no page is in doubt; nothing to mend (`--since DAY` takes all captures since a day)"
        )
        return
    if not found.tables and not found.is_mended:
        _print_none(found)
        return
    for table in found.tables:
        _print_table(table)
    _print_bench(found)
    if not found.is_safe:
        _print_unsafe(found)
    elif done is None:
        _print_next(found)
    else:
        _print_done(found, done)


def _print_unsafe(found: "SiteRepair") -> None:
    if found.bench.differing:
        why = "the new table also changes how earlier captures are read; add it by hand, and narrow its rules"
    else:
        names = ", ".join(dict.fromkeys(name for table in found.tables for name in table.misread))
        why = (
            f"most pages would get a false edit of {names}; add the table by hand, with a rule or `ignore` that "
            f"gives the known text; `archiver site explain URL --profile FILE` shows what it reads"
        )
    OUTPUT.failure(f"not applied: {why}")


def _print_none(found: "SiteRepair") -> None:
    """Say why there is no mend; everything stays as it is."""
    OUTPUT.failure(
        f"{found.name}: {counted(len(found.pages), 'page')} in doubt, but no rules were found that read them"
    )
    for table in found.failed:
        lost = [each.name for each in table.fields if each.known and each.right < each.known]
        what = f"its known {', '.join(lost)} could not be found" if lost else "the main text could not be found"
        OUTPUT.failure(f"  {counted(len(table.urls), 'page')} such as {table.urls[0]}: {what}")
    _print_unlike(found)
    OUTPUT.failure("nothing was changed: the captures are kept; edit the profile, or try again after the next crawl")


def _print_unlike(found: "SiteRepair") -> None:
    if found.unlike:
        count = counted(len(found.unlike), "page")
        OUTPUT.failure(
            f"  {count} without most of the known text, such as {found.unlike[0]}: nothing was learned from them"
        )


def _print_table(table: "MendedTable") -> None:
    OUTPUT.heading(f"a new template, {counted(len(table.urls), 'page')} of it learned from:")
    OUTPUT.line(table.text)
    OUTPUT.line()
    rows = [(each.name, " | ".join(each.before), " | ".join(each.after), _said(each)) for each in table.fields]
    OUTPUT.table(("field", "rule before", "rule now", "what it reads"), [tuple(map(_short, row)) for row in rows])
    OUTPUT.line()


def _short(text: str) -> str:
    return printable(text, 60)


def _said(each: "MendedField") -> str:
    if each.is_lost:
        return "LOST: its known values are nowhere in the new pages; pages keep them"
    by = "" if each.after else ", without a rule"
    if not each.known:
        return f"a value on {each.given} of {each.pages} pages{by}"
    return f"the known value on {each.right} of {each.known} pages{by}"


def _print_bench(found: "SiteRepair") -> None:
    bench = found.bench
    OUTPUT.line(f"{found.name}: {bench.after} of {bench.pages} doubtful pages are read now, {bench.before} before")
    OUTPUT.line(f"  {bench.unchanged} of them read exactly as they were known; the others have edits, or lost a field")
    good = f"{len(bench.differing)} of {counted(bench.good, 'earlier capture')} would be read differently"
    (OUTPUT.failure if bench.differing else OUTPUT.line)(f"  {good}")
    _print_unlike(found)
    for url in bench.misread[:_MOST_SHOWN]:
        OUTPUT.failure(f"  still misread: {url}")


def _print_next(found: "SiteRepair") -> None:
    copied = f" (a copy: the profile comes with the program and {found.path} will be used in its place)"
    OUTPUT.line(
        f"next: `archiver site repair {found.name} --apply` writes {found.path}{copied if found.copied else ''}"
    )


def _print_done(found: "SiteRepair", done: "AppliedRepair") -> None:
    OUTPUT.heading(
        f"wrote {done.path}" + (" (a copy of the profile that comes with the program)" if found.copied else "")
    )
    if done.ended == "interrupted":
        OUTPUT.say(f"interrupted; the archive shows the old reading; `archiver extract --site {found.name}` continues")
        return
    extracted = done.extracted
    OUTPUT.line(
        f"{extracted.captures} captures read again in {extracted.seconds:.1f} s: "
        f"versions {extracted.versions[0]} → {extracted.versions[1]}, "
        f"changes {extracted.changes[0]} → {extracted.changes[1]}"
    )
    for what, changes in (("told", done.told), ("withdrawn", done.withdrawn)):
        for url, field, old, new in changes[:_MOST_SHOWN]:
            OUTPUT.line(f"  {what}: {url} {field}: {_short(old)} → {_short(new)}")
        if len(changes) > _MOST_SHOWN:
            OUTPUT.line(f"  {what}: and {len(changes) - _MOST_SHOWN} more")
    OUTPUT.line(f"  {counted(done.doubtful, 'page')} still in doubt")
    OUTPUT.line(f"next: `archiver site test {found.name}`, then `archiver changes --site {found.name}`")
