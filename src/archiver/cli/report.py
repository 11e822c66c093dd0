"""`archiver report` and `archiver site health`: the results of crawls, and the health of sites."""

from enum import StrEnum
from typing import Annotated

import typer

from archiver.app.watching.alarm import EXIT
from archiver.app.watching.report import Report, report_run, report_sites, site_health
from archiver.app.watching.report_text import HEALTH_COLUMNS, health_rows, lines
from archiver.cli.context import OUTPUT, AsJson, reading, site_names
from archiver.errors import UsageError
from archiver.model.moments import MOMENTS
from archiver.store.archive import Store


class ReportFormat(StrEnum):
    """The output format of `report`."""

    TEXT = "text"
    HTML = "html"
    JSON = "json"


_ON_A_TERMINAL = 20  # pages of each sort


def report(
    sites: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SITE...]", help="Default: every site of the archive.", autocompletion=site_names),
    ] = None,
    run: Annotated[int | None, typer.Option("--run", help="Report this run; default: each site's last crawl.")] = None,
    since: Annotated[str | None, typer.Option("--since", help=f"Report all crawls since then: {MOMENTS}.")] = None,
    most: Annotated[
        int | None,
        typer.Option("--most", min=0, help="Number of pages listed of each sort; default: 20 on a terminal, else all."),
    ] = None,
    form: Annotated[
        ReportFormat | None,
        typer.Option("--format", help="text or html: a digest to mail, with the changed words; json: as --json."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Report the last crawl: pages new, edited, gone, back; why visits failed; how many pages have each field."""
    if run is not None and (sites or since):
        raise UsageError("--run cannot be combined with SITE or --since: it names one run of one site; leave them out")
    with reading() as archive:
        if run is not None:
            reports = [report_run(archive.store, run)]
        else:
            reports = report_sites(archive.store, sites or [], archive.settings.clock, since=since)
        if reports and form in (ReportFormat.TEXT, ReportFormat.HTML) and not as_json:
            _print_digest(archive.store, reports, form, most)
            return
    for each in reports:
        OUTPUT.json(each.as_json()) if as_json or form is ReportFormat.JSON else _print(each, most)
    if not reports:
        OUTPUT.say("no crawl" + (f" since {since}" if since else " yet; run `archiver crawl SITE`"))


def _print_digest(store: Store, reports: list[Report], form: ReportFormat, most: int | None) -> None:
    from archiver.app.watching.report_digest import digest_html, digest_of, digest_text  # noqa: PLC0415  (start-up)

    found = digest_of(store, reports)
    if form is ReportFormat.HTML:
        for piece in digest_html(reports, found, most):
            OUTPUT.bytes(piece.encode("utf-8", "replace"))
        return
    for line in digest_text(reports, found, most):
        OUTPUT.line(line)


def _print(report: Report, most: int | None) -> None:
    for line in lines(report, _ON_A_TERMINAL if most is None and OUTPUT.is_terminal else most):
        OUTPUT.line(line)
    OUTPUT.table(HEALTH_COLUMNS, health_rows(report), right=HEALTH_COLUMNS[3:])


def health(
    name: Annotated[str, typer.Argument(metavar="SITE", help="A site of the archive.", autocompletion=site_names)],
    as_json: AsJson = False,
) -> None:
    """Print a site's alarms (exit code 5), and how many pages have each field now and had it before."""
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
    values = report.summary_json()
    return {"healthy": not report.alarms, "health": values["health"], "alarms": values["alarms"]}


def _print_health(report: Report) -> None:
    for alarm in report.alarms:
        OUTPUT.line(alarm.line)
    if not report.alarms:
        run = report.runs[0]
        OUTPUT.line(f"{report.site}: no alarm (run {run.run_id} of {run.started_at} UTC)")
    OUTPUT.table(HEALTH_COLUMNS, health_rows(report), right=HEALTH_COLUMNS[3:])
