"""`show`, `history`, `diff`, `changes`, `readings`: what a page said, when, and what happened."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from archiver.app.page import Page
from archiver.app.state import change_of
from archiver.app.when import parse_when
from archiver.change.diff import diff_field, nature
from archiver.cli.context import CHOSEN, OUTPUT, AsJson, SiteOption, Url, reading
from archiver.cli.output import bars
from archiver.cli.pages import as_html, print_state
from archiver.errors import NoSuchVersion, UsageError
from archiver.model.capture import split_block
from archiver.model.clock import written
from archiver.model.version import FieldChange
from archiver.store.history import KeptVersion

_PLOT = 60  # points a plot shows at most: a terminal's width


class Format(StrEnum):
    """How `show` prints a page."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"
    RAW = "raw"
    HEADERS = "headers"


class Kind(StrEnum):
    """What can happen to a page."""

    EDITED = "edited"
    NEW = "new"
    GONE = "gone"
    BACK = "back"


def show(
    url: Url,
    at: Annotated[
        str | None,
        typer.Option("--at", help="As it was: 2022-11-01 (end of that day), '2022-11-01 14:30' (UTC), 7d ago."),
    ] = None,
    version: Annotated[int | None, typer.Option("--version", help="One version by number; -1 is the newest.")] = None,
    form: Annotated[
        Format, typer.Option("--format", help="raw: the exact body bytes; headers: status line and headers as sent.")
    ] = Format.TEXT,
    as_json: AsJson = False,
) -> None:
    """Print a page as it is in the archive, or as it was."""
    if at is not None and version is not None:
        raise UsageError("--at and --version exclude each other; give one of them")
    with reading() as archive:
        page = archive.page(url)
        if form in (Format.RAW, Format.HEADERS):
            _show_bytes(page, at, version, form)
            return
        state = page.state_at(at, version)
    if as_json or form is Format.JSON:
        OUTPUT.json(state.as_json())
    elif form is Format.HTML:
        OUTPUT.bytes(as_html(state).encode())
    else:
        print_state(state)


def _show_bytes(page: Page, at: str | None, version: int | None, form: Format) -> None:
    visit_id = page.capture_at(at, version)
    if visit_id is None:
        raise NoSuchVersion(f"{page.url}: no visit brought any bytes; see `archiver history`")
    head, body = split_block(page.block(visit_id))
    OUTPUT.bytes(body if form is Format.RAW else head)


def history(url: Url, as_json: AsJson = False) -> None:
    """Every version of a page and every spell it was gone, oldest first."""
    with reading() as archive:
        page = archive.page(url)
        rows = sorted(
            [_version_row(kept, page) for kept in page.versions] + _absence_rows(page), key=lambda row: row["from"]
        )
        visits = page.visits
    if as_json:
        for row in rows:
            OUTPUT.json({"url": page.url, "page_id": page.page_id, **row})
        return
    OUTPUT.heading(f"{page.url}  ({page.state}; {len(visits)} visits)")
    columns = ("version", "from", "last", "until", "what")
    OUTPUT.table(
        columns, [[row.get("version") or "", row["from"], row["last"], row["until"], row["what"]] for row in rows]
    )
    if not rows:
        OUTPUT.line("never read as a page; its visits:")
        OUTPUT.table(
            ("visit", "at", "status", "outcome"), [(v.visit_id, v.visited_at, v.status, v.outcome) for v in visits]
        )


def _version_row(kept: KeptVersion, page: Page) -> dict[str, Any]:
    changes = [row["field"] for row in page.changes if row["version_id"] == kept.version_id]
    what = {"first": "first seen", "back": "came back"}.get(kept.verdict, "edited")
    if changes:
        what = f"{what}: {', '.join(changes)}" if kept.verdict == "back" else f"edited: {', '.join(changes)}"
    return {
        "kind": "version",
        "version": kept.version,
        "from": kept.seen_from,
        "last": kept.seen_last,
        "until": kept.seen_until,
        "seen_from": kept.seen_from,
        "seen_last": kept.seen_last,
        "seen_until": kept.seen_until,
        "title": kept.content.title,
        "fields_changed": changes,
        "what": what,
    }


def _absence_rows(page: Page) -> list[dict[str, Any]]:
    return [
        {
            "kind": "absence",
            "from": row["gone_by"],
            "last": None,
            "until": row["back_by"],
            **row,
            "what": f"gone ({row['evidence']})",
        }
        for row in page.absences
    ]


def diff(
    url: Url,
    old: Annotated[int, typer.Argument(metavar="[FROM]", help="Version; default: the one before TO.")] = 0,
    new: Annotated[int, typer.Argument(metavar="[TO]", help="Version; default: the newest.")] = -1,
    as_json: AsJson = False,
) -> None:
    """What differs between two versions, word by word, field by field."""
    with reading() as archive:
        page = archive.page(url)
        after = page.version(new)
        before = page.version(old or max(after.version - 1, 1))
        changes = page.diff(before.version, after.version)
    if as_json:
        for change in changes:
            OUTPUT.json(_change_json(page.url, before, after, change))
        return
    OUTPUT.heading(f"{page.url}: version {before.version} → {after.version}")
    OUTPUT.line(f"edited between {before.seen_last} and {after.seen_from} UTC")
    for change in changes:
        OUTPUT.line(f"{change.field}: +{change.chars_added} −{change.chars_removed} characters{_label(change)}")
        OUTPUT.spans(diff_field(change))
    if not changes:
        OUTPUT.line("nothing a reader can see changed")


def _label(change: FieldChange) -> str:
    kind = nature(_text(change.old), _text(change.new))
    return "" if kind == "text" else f" (only {kind})"


def _text(value: object) -> str:
    return "\n".join(value) if isinstance(value, tuple) else str(value or "")


def _change_json(url: str, before: KeptVersion, after: KeptVersion, change: FieldChange) -> dict[str, Any]:
    return {
        "url": url,
        "from": before.version,
        "to": after.version,
        "field": change.field,
        "old": change.old,
        "new": change.new,
        "not_before": before.seen_last,
        "not_after": after.seen_from,
        "chars_added": change.chars_added,
        "chars_removed": change.chars_removed,
        "spans": [{"op": span.op, "text": span.text} for span in diff_field(change)],
    }


def changes(
    site: SiteOption = None,
    since: Annotated[str | None, typer.Option("--since", help="First seen at or after: 2022-11-01, 7d.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="First seen before.")] = None,
    field: Annotated[str | None, typer.Option("--field", help="Only edits of this field.")] = None,
    kind: Annotated[
        list[Kind] | None, typer.Option("--kind", help="edited, new, gone or back; may be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What happened: pages new, edited, gone and back, oldest first."""
    kinds = [str(one) for one in kind] if kind else ["edited"] if field else [str(one) for one in Kind]
    now = CHOSEN.find().clock()
    with reading() as archive:
        rows = archive.changes(
            kinds,
            site=site,
            field=field,
            since=written(parse_when(since, now)) if since else None,
            until=written(parse_when(until, now)) if until else None,
        )
    if as_json:
        for row in rows:
            OUTPUT.json(row)
        return
    for row in rows:
        _print_event(row)
    if not rows:
        OUTPUT.say("nothing happened")


def _print_event(row: dict[str, Any]) -> None:
    bracket = f"between {row['not_before']} and {row['not_after']}" if row["not_before"] else f"by {row['not_after']}"
    if row["kind"] != "edited":
        OUTPUT.line(f"{row['kind']}\t{bracket}\t{row['url']}\t{row['new'] or ''}")
        return
    OUTPUT.line(f"edited\t{bracket}\t{row['url']}\t{row['field']}\t+{row['chars_added']} −{row['chars_removed']}")
    if OUTPUT.is_terminal:
        OUTPUT.spans(diff_field(change_of(row)))


def readings(
    url: Url,
    name: Annotated[str | None, typer.Argument(help="One counter: views, site_visits, …")] = None,
    as_json: AsJson = False,
) -> None:
    """A page's counters over time, with a small plot."""
    with reading() as archive:
        page = archive.page(url)
        rows = page.readings(name)
    if as_json:
        for row in rows:
            OUTPUT.json({"url": page.url, **row})
        return
    if not rows:
        raise NoSuchVersion(
            f"{page.url}: no readings{f' called {name!r}' if name else ''}; counters are named in the profile"
        )
    for counter in dict.fromkeys(row["name"] for row in rows):
        series = [row for row in rows if row["name"] == counter]
        OUTPUT.heading(f"{counter}  {bars([row['value'] for row in series[-_PLOT:]])}")
        table = [(row["read_at"], row["value"], _gain(row["gained"])) for row in series]
        OUTPUT.table(("read_at", "value", "gained"), table, right=("value", "gained"))


def _gain(gained: int | None) -> str:
    if gained is None:
        return ""
    return f"{gained:+d}" + ("  (ran backwards)" if gained < 0 else "")
