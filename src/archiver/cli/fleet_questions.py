"""`archiver fleet export`, `sql` and `search`: questions over the shards of all sites."""

import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from archiver.app.fleet.open_leases import fleet_address, open_leases
from archiver.app.fleet.search_shards import FleetSearch, search_shards
from archiver.app.fleet.shard_places import ShardPlaces, cached, shard_places
from archiver.app.fleet.tables.duck import DuckLimits, open_fleet_query, views_of
from archiver.app.fleet.tables.export_site import SiteExport, SiteJob
from archiver.app.fleet.tables.export_sites import export_sites
from archiver.app.fleet.tables.mirror import Mirror
from archiver.app.reading.sql_query import QueryLimits, named_question, params_of
from archiver.cli.context import GLOBAL_OPTIONS, INTERRUPTED, OUTPUT, AsJson
from archiver.cli.fleet import FleetOption
from archiver.cli.output import human_bytes
from archiver.cli.query_rows import ON_TERMINAL, MostRows, Param, Timeout, print_rows
from archiver.cli.search import SearchOrder, print_hit
from archiver.errors import UsageError
from archiver.export.tables import Style
from archiver.fleet.object_storage import open_storage
from archiver.model.clock import written
from archiver.model.moments import MOMENTS
from archiver.polite.stop import StopFlag
from archiver.text.clean import counted

_MB = 1_000_000

SomeSites = Annotated[list[str] | None, typer.Argument(metavar="[SITE...]", help="Sites of the fleet [all].")]
OnlySites = Annotated[list[str] | None, typer.Option("--site", help="Only this site; may be given several times.")]
Copies = Annotated[
    Path | None,
    typer.Option("--copies", metavar="FOLDER", help="The folder of copies of shards [in $ARCHIVER_CACHE]."),
]
NoUpdate = Annotated[bool, typer.Option("--no-update", help="Fetch nothing; use what is on this machine.")]


def _places(fleet: str | None, names: list[str] | None) -> ShardPlaces:
    with open_leases(fleet_address(fleet), GLOBAL_OPTIONS.find().clock) as leases:
        return shard_places(leases, names or ())


def export(
    sites: SomeSites = None,
    fleet: FleetOption = None,
    copies: Copies = None,
    processes: Annotated[
        int | None, typer.Option("--processes", min=1, help="Shards that are read at once [one for each core].")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Write the files of the sites again, also if nothing is new.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write the views of all archives as Parquet into the fleet's storage, by view, site and month: what is new.

    A site without a new generation is skipped; of any other, files that did not change stay. Pages under an embargo are
    left out. An interrupted export goes on when the command runs again.
    """
    places = _places(fleet, sites)
    at = written(GLOBAL_OPTIONS.find().clock())
    jobs = [
        SiteJob(each, places.tables, copies or cached("copies", places.tables), at, again) for each in places.shards
    ]
    counts: Counter[str] = Counter()
    try:
        with OUTPUT.progress() as bar:
            for done, each in enumerate(export_sites(jobs, processes), 1):
                counts[each.state] += 1
                counts.update(files=each.new_files, bytes=each.new_bytes)
                bar.show(f"exporting, last {each.site}", done, len(jobs))
                _print_site(each, as_json=as_json)
    except KeyboardInterrupt:
        OUTPUT.failure("interrupted; the command goes on when it runs again")
        raise typer.Exit(INTERRUPTED) from None
    OUTPUT.say(
        f"{counts['exported']} exported, {counts['unchanged']} unchanged, {counts['empty']} empty, "
        f"{counts['failed']} failed; {counts['files']} new files, {human_bytes(counts['bytes'])}"
    )
    if counts["failed"]:
        raise typer.Exit(1)


def _print_site(done: SiteExport, *, as_json: bool) -> None:
    if as_json:
        OUTPUT.json(asdict(done))
    elif done.state == "failed":
        OUTPUT.failure(f"{done.site}: {done.why.removeprefix(f'{done.site}: ')}")
    elif done.state == "exported":
        left_out = f", {done.embargoed} pages under an embargo left out" if done.embargoed else ""
        new = f"{done.new_files} new ({human_bytes(done.new_bytes)})"
        OUTPUT.line(
            f"{done.site}: generation {done.generation}, {done.rows} rows in {done.files} files, {new}{left_out}"
        )


def sql(  # noqa: PLR0917  (typer calls it by keyword)
    query: Annotated[str | None, typer.Argument(metavar="QUERY", help="One SELECT; - reads it from stdin.")] = None,
    fleet: FleetOption = None,
    site: OnlySites = None,
    question: Annotated[
        str | None, typer.Option("--question", metavar="NAME", help="Run this question of the cookbook.")
    ] = None,
    param: Param = None,
    limit: MostRows = None,
    timeout: Timeout = None,
    memory: Annotated[int, typer.Option("--memory", min=100, help="The most megabytes of memory.")] = 2000,
    mirror: Annotated[
        Path | None,
        typer.Option("--mirror", metavar="FOLDER", help="The folder of fetched tables [in $ARCHIVER_CACHE]."),
    ] = None,
    no_update: NoUpdate = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, as `archiver export csv` writes it.")] = False,
    plain_cells: Annotated[
        bool, typer.Option("--plain-cells", help="With --csv: do not escape text that a spreadsheet would run.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run a read-only SQL query over the exported views of all sites, by DuckDB; `archiver sql` lists the views.

    The views have the names and columns of an archive; ids differ in all archives. What is needed of the tables is
    fetched to this machine first.
    """
    if (query is None) == (question is None):
        raise UsageError("write a QUERY, or --question NAME (`archiver sql --cookbook` lists them)")
    if as_json and as_csv:
        raise UsageError("--json and --csv cannot be combined: choose one")
    statement = named_question(question).sql if question is not None else _statement(query or "")
    form = "jsonl" if as_json else "csv" if as_csv else ""
    style = Style(form, plain_cells) if form else None
    asked = _Asked(statement, params_of(param or ()), timeout, memory * _MB, limit, style)
    places = _places(fleet, site)
    storage = None if no_update else open_storage(places.tables)
    folder = mirror or cached("tables", places.tables)
    try:
        _answer(asked, Mirror(folder, storage), [each.site for each in places.shards])
    except KeyboardInterrupt:
        OUTPUT.failure("interrupted")
        raise typer.Exit(INTERRUPTED) from None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query as it was asked; `memory`: bytes, `most`: rows, `style`: None for a table or lines."""

    statement: str
    params: dict[str, str]
    seconds: float | None
    memory: int
    most: int | None
    style: Style | None


def _answer(asked: _Asked, mirror: Mirror, sites: list[str]) -> None:
    on_terminal = asked.style is None and OUTPUT.is_terminal
    most = ON_TERMINAL if on_terminal and asked.most is None else asked.most
    views = [view.name for view in views_of(asked.statement)]
    with OUTPUT.progress() as bar:
        tables = mirror.tables(views, sites, lambda done, total: bar.show("fetching tables", done, total))
    if tables.missing:
        OUTPUT.say(f"without {counted(len(tables.missing), 'site')} that `archiver fleet export` has not exported yet")
    # on a terminal one row more, to see whether there are more
    limits = QueryLimits(most + 1 if on_terminal and most is not None else most, asked.seconds)
    stop = StopFlag()
    with (
        stop.on_signals(),
        open_fleet_query(tables, asked.statement, asked.params, limits, DuckLimits(asked.memory), stop) as table,
    ):
        print_rows(table, most, asked.style)


def _statement(query: str) -> str:
    return sys.stdin.buffer.read().decode("utf-8-sig", "replace") if query == "-" else query


def search(  # noqa: PLR0917  (typer calls it by keyword)
    words: Annotated[
        list[str],
        typer.Argument(metavar="WORDS", help="Words that must all occur; a phrase in quotes: '\"a phrase\"'."),
    ],
    fleet: FleetOption = None,
    site: OnlySites = None,
    plain: Annotated[bool, typer.Option("--plain", help="Ignore accents, and treat đ as d.")] = False,
    since: Annotated[str | None, typer.Option("--since", help=f"Versions first seen then or later: {MOMENTS}.")] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Versions first seen then or earlier. A date includes the whole day.")
    ] = None,
    by: Annotated[
        SearchOrder, typer.Option("--by", help="Order: newest version first, or best match first.")
    ] = SearchOrder.NEWEST,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=1000, help="The most versions, of all sites together.")
    ] = 20,
    copies: Copies = None,
    no_update: NoUpdate = False,
    as_json: AsJson = False,
) -> None:
    """Search the full text of every version of every page of all sites, including former ones.

    Copies of the archives are brought up to date on this machine first, then all are asked. A site that fails is named,
    the hits of the others are printed, and the exit code is 1.
    """
    places = _places(fleet, site)
    wanted = FleetSearch(" ".join(words), plain, since, until, by.value, limit)
    folder = copies or cached("copies", places.tables)
    now = GLOBAL_OPTIONS.find().clock()
    try:
        with OUTPUT.progress() as bar:
            found = search_shards(
                places.shards,
                wanted,
                folder,
                now,
                lambda done, total: bar.show("searching", done, total),
                update=not no_update,
            )
    except KeyboardInterrupt:
        OUTPUT.failure("interrupted")
        raise typer.Exit(INTERRUPTED) from None
    for row in found.hits:
        _print_found(row, as_json=as_json)
    for name, why in found.failed.items():
        OUTPUT.failure(f"{name}: {why.removeprefix(f'{name}: ')}")
    if found.failed:
        raise typer.Exit(1)
    if not found.hits:
        OUTPUT.say("nothing found; --plain searches without accents")
    elif len(found.hits) == limit:
        OUTPUT.say(f"the first {limit}; --limit shows more")


def _print_found(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        OUTPUT.json(row)
    else:
        print_hit(row, site=str(row["site"]))
