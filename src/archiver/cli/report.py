"""`archiver report` and `archiver site health`: what runs brought, and whether sites are still read."""

from typing import Annotated

import typer

from archiver.app.watching.alarm import EXIT
from archiver.app.watching.report import Report, report_run, report_sites, site_health
from archiver.app.watching.report_text import HEALTH_COLUMNS, health_rows, lines
from archiver.cli.context import OUTPUT, AsJson, reading, site_names
from archiver.errors import UsageError
from archiver.model.moments import MOMENTS

_ON_A_TERMINAL = 20  # pages of each sort


def report(
    sites: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SITE...]", help="Default: every site of the archive.", autocompletion=site_names),
    ] = None,
    run: Annotated[int | None, typer.Option("--run", help="Of this run; default: of each site's last crawl.")] = None,
    since: Annotated[str | None, typer.Option("--since", help=f"Of all crawls since then: {MOMENTS}.")] = None,
    most: Annotated[
        int | None,
        typer.Option("--most", min=0, help="Pages of each sort that are listed; default: 20 on a terminal, else all."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What the last crawl brought: new, edited, gone, back; why visits failed; how many pages gave each field."""
    if run is not None and (sites or since):
        raise UsageError("--run names one run of one site; leave out SITE and --since")
    with reading() as archive:
        if run is not None:
            reports = [report_run(archive.store, run)]
        else:
            reports = report_sites(archive.store, sites or [], archive.settings.clock, since=since)
    for each in reports:
        OUTPUT.json(each.as_json()) if as_json else _print(each, most)
    if not reports:
        OUTPUT.say("no crawl" + (f" since {since}" if since else " yet; `archiver crawl SITE` makes one"))


def _print(report: Report, most: int | None) -> None:
    for line in lines(report, _ON_A_TERMINAL if most is None and OUTPUT.is_terminal else most):
        OUTPUT.line(line)
    OUTPUT.table(HEALTH_COLUMNS, health_rows(report), right=HEALTH_COLUMNS[3:])


def health(
    name: Annotated[str, typer.Argument(metavar="SITE", help="A site of the archive.", autocompletion=site_names)],
    as_json: AsJson = False,
) -> None:
    """Say whether a site is still read: its alarms (exit code 5), and how many pages gave each field, beside before."""
    with reading() as archive:
        found = site_health(archive.store, name)
    if found is None:
        OUTPUT.say(f"{name}: no crawl has visited it yet")
        return
    if as_json:
        OUTPUT.json({"site": found.site, "run_id": found.runs[0].run_id} | _health_json(found))
    else:
        _print_health(found)
    raise typer.Exit(EXIT if found.alarms else 0)


def _health_json(report: Report) -> dict[str, object]:
    told = report.summary_json()
    return {"healthy": not report.alarms, "health": told["health"], "alarms": told["alarms"]}


def _print_health(report: Report) -> None:
    for alarm in report.alarms:
        OUTPUT.line(alarm.line)
    if not report.alarms:
        run = report.runs[0]
        OUTPUT.line(f"{report.site}: no alarm (run {run.run_id} of {run.started_at} UTC)")
    OUTPUT.table(HEALTH_COLUMNS, health_rows(report), right=HEALTH_COLUMNS[3:])
