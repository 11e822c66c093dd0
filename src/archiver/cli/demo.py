"""`archiver demo`: a living portal on loopback, crawled, changed, crawled again, and what a person would see of it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archiver.app import profiles
from archiver.app.archive import Archive
from archiver.app.state import CrawlSummary, change_of
from archiver.change.diff import diff_field
from archiver.cli.context import CHOSEN, OUTPUT, AsJson
from archiver.cli.output import Bar, bars, human_bytes
from archiver.errors import NotAnArchive
from archiver.model.clock import SettableClock
from archiver.model.event import Event, Visited
from archiver.model.profile import Profile
from archiver.store.archive import vault_path

if TYPE_CHECKING:
    from archiver.demo.portal import Portal

_START = datetime(2022, 10, 24, 1, 0, tzinfo=UTC)
_DEFAULT = Path("data/demo.db")


def demo(
    days: Annotated[int, typer.Option("--days", min=4, max=60, help="How many days of the portal's life.")] = 6,
    articles: Annotated[int, typer.Option("--articles", min=8, max=500, help="How many articles it begins with.")] = 48,
    serve: Annotated[bool, typer.Option("--serve", help="Only serve the portal, until interrupted.")] = False,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Where --serve listens.")] = 8911,
    as_json: AsJson = False,
) -> None:
    """Crawl a portal that lives on this machine: it edits, withdraws and restores articles, and counts its visitors."""
    if serve:
        _serve(articles, port)
        return
    settings = CHOSEN.find()
    path = CHOSEN.archive or _DEFAULT
    _make_room(path)
    from archiver.demo.portal import Portal  # noqa: PLC0415  (no other command needs it)

    clock = SettableClock(_START)
    with Portal(articles=articles, start=_START) as portal, OUTPUT.progress() as bar:
        settings = replace(settings, archive=path, clock=clock)
        profile = profiles.at_home(profiles.by_name("demo", settings.selectors), portal.url)
        with Archive(settings) as archive:
            summaries = _live(archive, portal, profile, clock, days, bar)
    with Archive(settings, write=False) as archive:
        if as_json:
            for summary in summaries:
                OUTPUT.json(summary.as_json())
            for row in archive.changes(("edited", "gone", "back")):
                OUTPUT.json(row)
        else:
            _tell(archive, summaries, path)


def _serve(articles: int, port: int) -> None:
    from archiver.demo.portal import Portal  # noqa: PLC0415

    with Portal(articles=articles, start=_START, port=port) as portal:
        OUTPUT.line(f"serving {portal.url} (Ctrl-C ends it)")
        portal.wait()


def _make_room(path: Path) -> None:
    """Begin with an empty archive; only a former demo's is ever removed."""
    if path.exists() and path != _DEFAULT:
        raise NotAnArchive(
            f"{path}: exists already; the demo begins with a new archive, so name another with --archive"
        )
    for file in (path, vault_path(path)):
        for ending in ("", "-wal", "-shm"):
            file.with_name(file.name + ending).unlink(missing_ok=True)


def _live(
    archive: Archive, portal: "Portal", profile: Profile, clock: SettableClock, days: int, bar: Bar
) -> list[CrawlSummary]:
    """Let the days pass: one crawl a day, and between them the portal lives."""
    summaries = []
    for day in range(days):
        if day:
            clock.advance(days=1)
            portal.age(days=1)
            _happen(portal, day)
        count = 0

        def hear(event: Event, day: int = day) -> None:
            nonlocal count
            if isinstance(event, Visited):
                count += 1
                bar.show(f"day {day + 1} of {days}", count, event.known)

        summaries.append(archive.crawl(profile, everything=True, listen=hear))
    return summaries


def _happen(portal: "Portal", day: int) -> None:
    """What the portal's people do on a day."""
    items = portal.items
    if day == 1:
        portal.edit_sentence(items[3])
        portal.retitle(items[5], portal.article(items[5]).title + " (cập nhật)")
    elif day == 2:  # noqa: PLR2004
        portal.withdraw(items[1])
        portal.withdraw(items[6], soft=True)
        portal.publish()
    elif day == 3:  # noqa: PLR2004
        portal.sign(items[2], "LQH")
        portal.move(items[4])
    elif day == 4:  # noqa: PLR2004
        portal.restore(items[1])
        portal.reset_counter(items[0])


def _tell(archive: Archive, summaries: list[CrawlSummary], path: Path) -> None:
    OUTPUT.heading("A district portal, visited once a day")
    columns = ("day", "visits", "new pages", "changed", "gone", "back", "seconds")
    rows = [
        (day, s.tally.visits, s.tally.new_pages, s.tally.changed, s.tally.gone, s.tally.back, f"{s.seconds:.1f}")
        for day, s in enumerate(summaries, start=1)
    ]
    OUTPUT.table(columns, rows, right=columns)
    OUTPUT.line()
    OUTPUT.line("Its counters moved at every visit, so no two copies of a page are byte-equal. What really changed:")
    OUTPUT.line()
    for row in archive.changes(("edited",)):
        OUTPUT.heading(f"edited  {row['field']}  between {row['not_before']} and {row['not_after']}")
        OUTPUT.line(f"  {row['url']}")
        OUTPUT.spans(diff_field(change_of(row)))
    for row in archive.changes(("gone", "back")):
        OUTPUT.heading(f"{row['kind']:<6}  between {row['not_before']} and {row['not_after']}")
        OUTPUT.line(f"  {row['url']}  {row['new'] or ''}".rstrip())
    _tell_counters(archive)
    _tell_size(archive, path)


def _tell_counters(archive: Archive) -> None:
    OUTPUT.line()
    OUTPUT.heading("most viewed, by what they gained")
    top = archive.sql(
        "SELECT r.url, p.title, sum(r.gained) AS gained FROM readings r JOIN pages p USING (page_id) "
        "WHERE r.name = 'views' AND r.gained > 0 GROUP BY r.page_id ORDER BY gained DESC LIMIT 3"
    )
    for row in list(top):
        series = [reading["value"] for reading in archive.page(row["url"]).readings("views")]
        OUTPUT.line(f"  {bars(series)}  +{row['gained']:<6} {row['title']}")
    resets = list(archive.sql("SELECT url, value, gained FROM readings WHERE name = 'views' AND gained < 0"))
    for row in resets:
        OUTPUT.line(f"  ran backwards by {-row['gained']} to {row['value']}: {row['url']}")


def _tell_size(archive: Archive, path: Path) -> None:
    told = archive.stats()
    size = told["archive_bytes"] + told["vault_bytes"]
    OUTPUT.line()
    sent = human_bytes(told["bodies_bytes"])
    OUTPUT.line(f"{told['bodies']} captures, {sent} as sent, {human_bytes(size)} on disk. Look further:")
    edited = next(iter(archive.changes(("edited",))), None)
    example = edited["url"] if edited else "URL"
    for command in (f"diff '{example}'", f"show '{example}' --at 2022-10-24", "changes --kind gone"):
        OUTPUT.line(f"  archiver --archive {path} {command}")
