"""`archiver demo`: serve a changing portal on loopback, crawl it once a day of its time, and show the changes."""

import shutil
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archiver.app import profiles
from archiver.app.archive import Archive
from archiver.app.reading.state import CrawlSummary
from archiver.cli.changes import print_events
from archiver.cli.context import GLOBAL_OPTIONS, OUTPUT, AsJson
from archiver.cli.output import Bar, bars, human_bytes
from archiver.errors import NotAnArchive, UsageError
from archiver.model.clock import SettableClock
from archiver.model.event import Event, Visited
from archiver.model.moments import parse_span
from archiver.model.profile import Profile
from archiver.render.browser_path import find_chromium
from archiver.store.archive import vault_path

if TYPE_CHECKING:
    from archiver.demo.portal import Portal

_START = datetime(2022, 10, 24, 1, 0, tzinfo=UTC)
_PORTS = {"demo": 8911, "demo-spa": 8912}
"""The sites, by the names of their profiles, and the ports that these expect."""
_OTHER_PORT = (
    "the profile `{site}` expects port {expected}; for this port run: "
    "mkdir -p selectors; archiver site show {site} | sed s/{expected}/{port}/ > selectors/{site}.toml"
)


def demo(
    *,
    days: Annotated[int, typer.Option("--days", min=4, max=60, help="How many days to simulate.")] = 6,
    articles: Annotated[int, typer.Option("--articles", min=8, max=500, help="Number of articles at the start.")] = 48,
    serve: Annotated[bool, typer.Option("--serve", help="Only serve the portal, until interrupted.")] = False,
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65535, help="The port for --serve. Default: 8911; with --spa, 8912."),
    ] = None,
    day: Annotated[
        str | None,
        typer.Option("--day", help="Length of a day of the served portal: 30s, 5m. Default: it never changes."),
    ] = None,
    spa: Annotated[
        bool,
        typer.Option("--spa", help="The same articles as a single-page application, which only a browser can read."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Crawl a demo portal on this machine, which edits, withdraws and restores articles and counts visitors."""
    site = "demo-spa" if spa else "demo"
    if serve:
        _serve(site, articles, _PORTS[site] if port is None else port, _length_of(day) if day else None)
        return
    settings = GLOBAL_OPTIONS.find()
    if spa:
        find_chromium()  # before anything is removed
    default = Path(f"data/{site}.db")
    path = GLOBAL_OPTIONS.archive or default
    _remove_old_demo(path, default)
    clock = SettableClock(_START)
    with _portal(site, articles) as portal, OUTPUT.progress() as bar:
        settings = replace(settings, archive=path, clock=clock)
        profile = profiles.at_home(profiles.by_name(site, settings.selectors), portal.url)
        with Archive(settings) as archive:
            summaries = _simulate(archive, portal, profile, clock, days, bar)
    with Archive(settings, write=False) as archive:
        if as_json:
            for summary in summaries:
                OUTPUT.json(summary.as_json())
            for row in archive.changes(("edited", "gone", "back")):
                OUTPUT.json(row)
        else:
            _print(archive, summaries, path)


def _portal(site: str, articles: int, port: int = 0) -> "Portal":
    from archiver.demo.portal import Portal  # noqa: PLC0415  (no other command needs it)
    from archiver.demo.spa import SinglePagePortal  # noqa: PLC0415

    made = SinglePagePortal if site == "demo-spa" else Portal
    return made(articles=articles, start=_START, port=port)


def _serve(site: str, articles: int, port: int, day: timedelta | None) -> None:
    from archiver.demo.life import live_a_day  # noqa: PLC0415

    try:
        served = _portal(site, articles, port)
    except OSError as error:
        raise UsageError(
            f"port {port} of 127.0.0.1: {error.strerror}; name another port with --port (0 takes a free one)"
        ) from error
    with served as portal:
        OUTPUT.line(f"serving {portal.url} (Ctrl-C ends it)")
        used, expected = portal.url.rstrip("/").rpartition(":")[2], _PORTS[site]
        if used != str(expected):
            OUTPUT.say(_OTHER_PORT.format(site=site, expected=expected, port=used))
        passed = 0
        while portal.is_served(for_seconds=day.total_seconds() if day else None):
            passed += 1
            live_a_day(portal, passed)
            OUTPUT.say(f"day {passed} has passed at the portal")


def _length_of(day: str) -> timedelta:
    length = parse_span(day)
    if not length:
        raise UsageError(f"--day {day}: too short; write 1s or more")
    return length


def _remove_old_demo(path: Path, default: Path) -> None:
    """Remove the archive of an earlier demo. Any other existing archive is an error."""
    if path.exists() and path != default:
        raise NotAnArchive(f"{path}: exists already; the demo needs a new archive; name another file with --archive")
    for file in (path, vault_path(path)):
        for ending in ("", "-wal", "-shm"):
            file.with_name(file.name + ending).unlink(missing_ok=True)


def _simulate(
    archive: Archive, portal: "Portal", profile: Profile, clock: SettableClock, days: int, bar: Bar
) -> list[CrawlSummary]:
    """Simulate the days: change the portal and crawl it once a day."""
    from archiver.demo.life import live_a_day  # noqa: PLC0415

    summaries = []
    for day in range(days):
        if day:
            clock.advance(days=1)
            live_a_day(portal, day)
        count = 0

        def show(event: Event, day: int = day) -> None:
            nonlocal count
            if isinstance(event, Visited):
                count += 1
                bar.show(f"day {day + 1} of {days}", count, event.known)

        summaries.append(archive.crawl(profile, everything=True, listen=show))
    return summaries


def _print(archive: Archive, summaries: list[CrawlSummary], path: Path) -> None:
    OUTPUT.heading("A district portal, visited once a day")
    columns = ("day", "visits", "new pages", "changed", "gone", "moved", "back", "seconds")
    rows = [
        (
            day,
            s.tally.visits,
            s.tally.new_pages,
            s.tally.changed,
            s.tally.gone,
            s.tally.moved,
            s.tally.back,
            f"{s.seconds:.1f}",
        )
        for day, s in enumerate(summaries, start=1)
    ]
    OUTPUT.table(columns, rows, right=columns)
    OUTPUT.line()
    OUTPUT.line("Its counters change at every visit, so no two captures of a page are equal. What really changed:")
    OUTPUT.line()
    print_events([*archive.changes("edited"), *archive.changes(("gone", "moved", "back"))])
    _print_counters(archive)
    _print_size(archive, path)


def _print_counters(archive: Archive) -> None:
    OUTPUT.line()
    OUTPUT.heading("most viewed, by views gained")
    top = archive.sql(
        "SELECT r.url, p.title, sum(r.gained) AS gained FROM readings r JOIN pages p USING (page_id) "
        "WHERE r.name = 'views' AND r.gained > 0 GROUP BY r.page_id ORDER BY gained DESC LIMIT 3"
    )
    for row in list(top):
        series = [reading["value"] for reading in archive.page(row["url"]).readings("views")]
        OUTPUT.line(f"  {bars(series)}  +{row['gained']:<6} {row['title']}")
    resets = list(archive.sql("SELECT url, value, gained FROM readings WHERE name = 'views' AND gained < 0"))
    for row in resets:
        OUTPUT.line(f"  reset by {-row['gained']} to {row['value']}: {row['url']}")


def _print_size(archive: Archive, path: Path) -> None:
    stats = archive.stats()
    size = stats["archive_bytes"] + stats["vault_bytes"]
    OUTPUT.line()
    sent = human_bytes(stats["bodies_bytes"])
    OUTPUT.line(f"{stats['bodies']} captures, {sent} as sent, {human_bytes(size)} on disk. Try next:")
    edited = next(iter(archive.changes("edited")), None)
    example = edited["url"] if edited else "URL"
    for command in (f"diff '{example}'", f"show '{example}' --at 2022-10-24", "changes --kind gone"):
        OUTPUT.line(f"  {_program()} --archive {path} {command}")
    OUTPUT.line("See it in a browser:")
    OUTPUT.line(f"  {_program()} serve --archive {path}")


def _program() -> str:
    """Return the command that runs this program: its name, or its path if it is not on PATH."""
    if shutil.which("archiver"):
        return "archiver"
    script = Path(sys.argv[0])
    return str(script) if script.name == "archiver" else f"{sys.executable} -m archiver"
