"""`archiver crawl`: discover a site's pages and visit those that are due."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from archiver.app import profiles
from archiver.app.archive import Archive
from archiver.app.crawling.plan import parse_budget
from archiver.app.reading.state import CrawlSummary
from archiver.app.watching.after_crawl import Ending, Watch, endings_of, worst
from archiver.app.watching.notify import changes_filter
from archiver.app.watching.report_text import short
from archiver.cli.context import (
    ACCEPT_CERTIFICATE,
    INTERRUPTED,
    OUTPUT,
    UNREAD,
    AsJson,
    Insecure,
    MaxBytes,
    site_names,
    writing,
)
from archiver.cli.export_web import size_in_bytes
from archiver.cli.notify_options import (
    NotifyChanges,
    NotifyField,
    NotifyNature,
    NotifyPattern,
    NotifyPlain,
    notified_changes,
)
from archiver.cli.output import Bar, human_bytes
from archiver.errors import ProfileError, SiteBusy, UsageError
from archiver.model.event import Event, Listener, Noticed, Progress, Visited
from archiver.model.moments import parse_span
from archiver.model.outcome import Outcome
from archiver.model.profile import Profile
from archiver.polite.stop import StopFlag
from archiver.text.clean import counted

_MOST_CAUSES = 3  # causes of errors that the summary names


_Sites = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SITE...",
        help="Profiles (see `archiver site list`), sites of the archive, hosts or addresses. Without a profile, "
        "generic rules crawl the host, or the folder of the address.",
        autocompletion=site_names,
    ),
]
_AllSites = Annotated[
    bool, typer.Option("--all-sites", help="Every site of the archive with a profile, and every profile of your own.")
]
_Notify = Annotated[
    list[str] | None,
    typer.Option(
        "--notify",
        metavar="URL",
        help="Notify of alarms and failures by apprise (mailto://, …); may be repeated [$ARCHIVER_NOTIFY].",
    ),
]
_Metrics = Annotated[
    Path | None, typer.Option("--metrics", metavar="FILE", help="Write metrics for Prometheus' textfile collector.")
]


def crawl(
    sites: _Sites = None,
    *,
    all_sites: _AllSites = False,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Maximum number of visits for each site.")] = None,
    span: Annotated[str | None, typer.Option("--for", help="Maximum time for each site: 90s, 30m, 2h.")] = None,
    budget: Annotated[
        str | None,
        typer.Option("--budget", help="Visits per day for each site: 500, 20/h [its profile's]."),
    ] = None,
    depth: Annotated[
        int | None, typer.Option("--depth", min=0, help="Most links from a start page [its profile's, or 20].")
    ] = None,
    max_bytes: MaxBytes = None,
    insecure: Insecure = False,
    everything: Annotated[bool, typer.Option("--all", help="Visit every known page, due or not.")] = False,
    notify: _Notify = None,
    always: Annotated[bool, typer.Option("--notify-always", help="Notify of every crawl.")] = False,
    notify_changes: NotifyChanges = False,
    notify_field: NotifyField = None,
    notify_nature: NotifyNature = None,
    notify_pattern: NotifyPattern = None,
    notify_plain: NotifyPlain = False,
    metrics: _Metrics = None,
    as_json: AsJson = False,
) -> None:
    """Discover pages and revisit those that are due, on all sites at once; resume where the last run ended."""
    if sites and all_sites:
        raise UsageError("SITE and --all-sites cannot be combined; give one of them")
    if not sites and not all_sites:
        raise UsageError("no sites; name the sites to crawl, or use --all-sites (see `archiver site list`)")
    seconds = parse_span(span).total_seconds() if span else None
    most = size_in_bytes(max_bytes) if max_bytes else None
    wanted_changes = notified_changes(notify_field, notify_nature, notify_pattern, plain=notify_plain)
    changes = changes_filter(wanted_changes, wanted=notify_changes)
    watch, stop = Watch(notify, always=always, changes=changes, metrics=metrics), StopFlag()
    try:
        with watch.notify_failures(f"crawl {' '.join(sites or [])}".strip()), writing() as archive, stop.on_signals():
            wanted, left_out = (sites, []) if sites else _every_site(archive, as_json)
            with OUTPUT.progress() as bar:
                results = archive.crawl_all(
                    wanted,
                    limit=limit,
                    seconds=seconds,
                    everything=everything,
                    budget=parse_budget(budget) if budget else None,
                    depth=depth,
                    max_bytes=most,
                    insecure=insecure,
                    listen=_listener(bar, as_json),
                    stop=stop,
                )
            endings = endings_of(archive.store, results)
            codes = [error.exit_code for error in left_out] + [_print(ending, as_json) for ending in endings]
            codes.append(watch.publish(archive.store, endings, archive.settings.clock, left_out))
    finally:
        for problem in watch.problems:
            OUTPUT.failure(problem)
    if stop.wanted:
        OUTPUT.say("interrupted; run the same command again to continue")
        codes.append(INTERRUPTED)
    raise typer.Exit(worst(codes))


def _every_site(archive: Archive, as_json: bool) -> tuple[list[Profile], list[ProfileError]]:
    """Return the profiles that `--all-sites` crawls, and report those with faults, which are left out."""
    names = archive.known_sites()
    if not names:
        raise UsageError(
            "--all-sites: there are no sites: neither the archive nor ./selectors has a profile; "
            "`archiver site new URL` writes one, and `archiver crawl URL` needs none"
        )
    good, faulty = profiles.load_profiles(names, archive.settings.selectors)
    for error in faulty:
        OUTPUT.failure(profiles.not_crawled(error))
        if as_json:
            faults = [asdict(fault) for fault in error.faults]
            OUTPUT.json({"event": "fault", "site": Path(error.source).stem, "path": error.source, "faults": faults})
    return good, faulty


def _listener(bar: Bar, as_json: bool) -> Listener:
    count = 0
    due: dict[str, int] = {}
    insecure: set[str] = set()  # sites with a certificate that is not trusted

    def show(event: Event) -> None:
        nonlocal count
        if isinstance(event, Visited):
            count += 1
            due[event.site] = event.due
            bar.show(f"{event.site} {event.url}", count, count + sum(due.values()))
            _print_visit(event, as_json)
            if event.outcome is Outcome.TLS_ERROR and event.site not in insecure:
                insecure.add(event.site)
                OUTPUT.say(f"{event.site}: {ACCEPT_CERTIFICATE}")
        elif isinstance(event, Noticed):
            OUTPUT.say(event.line)
        elif isinstance(event, Progress):
            bar.show(event.task, event.done, event.total)

    return show


def _print_visit(event: Visited, as_json: bool) -> None:
    is_page = event.kind != "requisite"
    verdict = str(event.decision.verdict) if event.decision else ""
    fields = [change.field for change in event.decision.changes] if event.decision else []
    if as_json:
        OUTPUT.json(
            {
                "event": "visit" if is_page else "requisite",
                "site": event.site,
                "url": event.url,
                "visit_id": event.visit_id,
                "page_id": event.page_id,
                "status": event.capture.status,
                "outcome": str(event.outcome),
                "verdict": verdict or None,
                "fields_changed": fields,
                "note": event.note or None,
            }
        )
    elif is_page and (event.outcome.is_failure or fields):
        why = event.note if event.outcome.is_failure else event.capture.note
        OUTPUT.say(f"{event.outcome}\t{verdict}\t{event.url}\t{' '.join(fields)}{why}")
    else:
        OUTPUT.detail(f"{event.outcome}\t{verdict}\t{event.url}")


def _print(ending: Ending, as_json: bool) -> int:
    """Print how one site's crawl ended; return its exit code."""
    result, report = ending.result, ending.report
    if isinstance(result, SiteBusy) or report is None:
        OUTPUT.failure(str(result))
        return ending.code
    if as_json:
        OUTPUT.json(result.as_json() | report.summary_json())
    else:
        _print_summary(result)
        for line in short(report):
            OUTPUT.say(line)
    if result.likely_articles:
        OUTPUT.say(_likely_articles(result))
    for alarm in report.alarms:
        OUTPUT.failure(alarm.line)
    return ending.code


def _print_summary(summary: CrawlSummary) -> None:
    tally = summary.tally
    counts = [
        counted(tally.visits, "visit"),
        counted(tally.new_pages, "new page") if tally.new_pages else "",
        f"{tally.changed} changed" if tally.changed else "",
        f"{tally.gone} gone" if tally.gone else "",
        f"{tally.moved} moved" if tally.moved else "",
        _missing(summary),
        f"{summary.doubtful} doubtful, another visit must agree" if summary.doubtful else "",
        f"{summary.broken} doubtful, the rules seem to misread them" if summary.broken else "",
        f"{tally.back} back" if tally.back else "",
        counted(tally.errors, "error") + _causes(summary) if tally.errors else "",
        f"{tally.refused} refused by robots.txt" if tally.refused else "",
        requisites_line(summary.requisites),
        f"{tally.unread} not read" if tally.unread else "",
        f"{summary.undone} left undone" if summary.undone else "",
        f"{summary.trapped} of traps not followed" if summary.trapped else "",
    ]
    text = ", ".join(filter(None, counts))
    OUTPUT.line(f"{summary.site}: {text} in {summary.seconds:.1f} s ({summary.ended}, run {summary.run_id})")
    if summary.cause:
        OUTPUT.say(f"{summary.site}: stopped: {summary.cause}")
    if tally.unread:
        OUTPUT.say(f"{summary.site}: {UNREAD}")
    if summary.ended == "done" and not tally.visits and summary.next_due:
        OUTPUT.say(f"nothing is due before {summary.next_due} UTC; --all visits every known page now")


def requisites_line(counts: Mapping[str, Any]) -> str:
    """Return the counts of requisites as text, with why some were not fetched; "" without any."""
    failed, left_out, foreign = (counts.get(name, 0) for name in ("failed", "left_out", "foreign"))
    others = sum((foreign or {}).values())
    parts = [
        f"{counted(counts['fetched'], 'requisite')} ({human_bytes(counts['bytes'])})" if counts.get("fetched") else "",
        f"{counted(failed, 'requisite')} not fetched{_why(counts.get('failed_why'))}" if failed else "",
        f"{counted(left_out, 'requisite')} left for the next run{_why(counts.get('left_out_why'))}" if left_out else "",
        f"{counted(others, 'requisite')} on hosts that requisite_hosts does not name{_why(foreign)}" if others else "",
    ]
    return ", ".join(filter(None, parts))


def _missing(summary: CrawlSummary) -> str:
    """Return the number of pages that were missed for the first time, and when they are visited again."""
    if not summary.missing:
        return ""
    due = f", second proof due {summary.second_proof_due} UTC" if summary.second_proof_due else ""
    return f"{summary.missing} missing once{due}"


def _likely_articles(summary: CrawlSummary) -> str:
    """Return the warning that pages were read as listings although they contain an article's body."""
    count = summary.likely_articles
    which = f"{count} listings look like articles" if count > 1 else "1 listing looks like an article"
    hint = "the url pattern of the article may be too narrow"
    return f"{summary.site}: {which} (first: {summary.first_likely_article}); {hint}"


def _causes(summary: CrawlSummary) -> str:
    """Return why visits failed: ` (connection refused)`, ` (server error 503 ×3, connection refused ×1)`."""
    return _why(summary.causes)


def _why(counts: Mapping[str, int] | None) -> str:
    """Return causes with their counts, the most frequent first; one cause without its count."""
    causes = sorted((counts or {}).items(), key=lambda each: -each[1])
    parts = [cause if len(causes) == 1 else f"{cause} ×{count}" for cause, count in causes[:_MOST_CAUSES]]
    parts += ["…"] if len(causes) > _MOST_CAUSES else []
    return f" ({', '.join(parts)})" if parts else ""
