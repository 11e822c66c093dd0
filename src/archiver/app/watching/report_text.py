"""A report as lines of text. Each line begins with the site and its subject, so that `grep` finds it."""

from collections.abc import Iterator, Sequence
from typing import Any

from archiver.app.watching.redesign_line import redesign_line
from archiver.app.watching.report import Report
from archiver.text.clean import counted
from archiver.text.shown_address import shown_address

MOST_LISTED = 10
"""The number of pages of each sort that a notification lists; `archiver report` lists all."""


def headline(report: Report) -> str:
    """Return the summary in one line."""
    counts, runs = report.counts, report.runs
    which = f"run {runs[0].run_id}" if len(runs) == 1 else f"runs {runs[-1].run_id} to {runs[0].run_id}"
    when = f"{runs[-1].started_at} to {runs[0].finished_at or 'now'} UTC"
    parts = [
        counted(counts["visits"], "visit"),
        f"{counts['new_pages']} new",
        f"{counts['changed']} edited" + _fields(report),
        *([f"{report.typography} with changed punctuation or spaces only"] if report.typography else []),
        f"{counts['gone']} gone",
        *([f"{counts['moved']} moved"] if counts["moved"] else []),
        f"{counts['back']} back",
        counted(counts["errors"], "error"),
        f"{counts['refused']} refused",
    ]
    return f"{report.site}: {which}, {runs[0].ended or 'not ended'}, {when}: {', '.join(parts)}"


def _fields(report: Report) -> str:
    edits = _edits(report)
    return f" ({edits})" if edits else ""


def _edits(report: Report) -> str:
    return ", ".join(f"{field} ×{count}" for field, count in report.fields.items())


def short(report: Report) -> list[str]:
    """Return what a crawl's summary line lacks: edited fields, and redesigns. Alarms are printed separately."""
    typography = f", and {report.typography} with changed punctuation or spaces only" if report.typography else ""
    edited = (
        [f"{report.site}: edited: {_edits(report) or 'nothing'}{typography}"] if report.fields or typography else []
    )
    return edited + list(_redesigns(report))


def _redesigns(report: Report) -> Iterator[str]:
    """Yield a line for each redesign. An alarm that the report has is not repeated."""
    printed = {": ".join(filter(None, (each.kind, each.field, each.told))) for each in report.alarms}
    yield from (f"{report.site}: {redesign_line(each, printed)}" for each in report.redesigns)


def lines(report: Report, most: int | None = None) -> Iterator[str]:
    """Yield a report without the table of health; `most` limits the pages of each sort."""
    yield headline(report)
    yield from (alarm.line for alarm in report.alarms)
    yield from _changes(report, most)
    yield from _errors(report)


def lines_without_changes(report: Report) -> Iterator[str]:
    """Yield the headline, the alarms and the errors of a report."""
    yield headline(report)
    yield from (alarm.line for alarm in report.alarms)
    yield from _errors(report)


def _changes(report: Report, most: int | None) -> Iterator[str]:
    yield from _redesigns(report)
    new = [(row["url"], (row["title"] or "") + _also(row)) for row in report.new]
    yield from _listed(report.site, "new", new, most)
    yield from _listed(report.site, "edited", list(map(_edited, report.edited)), most)
    yield from _listed(report.site, "gone", [(row["url"], row["evidence"]) for row in report.gone], most)
    yield from _listed(report.site, "moved", [(row["url"], row["moved_to"]) for row in report.moved], most)
    yield from _listed(report.site, "back", [(row["url"], f"gone by {row['gone_by']}") for row in report.back], most)


def _errors(report: Report) -> Iterator[str]:
    for cause in report.causes:
        note = f" ({cause.note})" if cause.note else ""
        yield f"{report.site}: error: {cause.cause} ×{cause.visits}\t{shown_address(cause.url)}{note}"


def _edited(row: dict[str, Any]) -> tuple[str, str]:
    """Return the cells of an edited page: its address, and its fields with the other addresses of the same page."""
    return row["url"], " ".join(row["fields"]) + _also(row)


def _also(row: dict[str, Any]) -> str:
    return f" (also {', '.join(map(shown_address, row['also']))})" if "also" in row else ""


def _listed(site: str, what: str, rows: Sequence[tuple[str, str]], most: int | None) -> Iterator[str]:
    for url, detail in rows[:most]:
        yield f"{site}: {what}\t{shown_address(url)}\t{detail}"
    if most is not None and len(rows) > most:
        yield f"{site}: {what}\tand {len(rows) - most} more"


HEALTH_COLUMNS = ("site", "kind", "field", "now", "before")
"""Columns of the table of health; `now` and `before`: pages with the field / pages read."""


def health_rows(report: Report) -> list[tuple[Any, ...]]:
    """Return the health of each field, as the rows of a table."""
    return [
        (
            report.site,
            each.group.kind,
            each.field,
            f"{each.values.found}/{each.values.read}",
            f"{each.values.before_found}/{each.values.before_read}",
        )
        for each in report.health
    ]
