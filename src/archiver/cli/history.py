"""`show`, `history`, `readings`: a page's content at a moment, its versions, and its counters."""

from collections.abc import Iterator
from enum import StrEnum
from functools import partial
from typing import Annotated, Any

import typer

from archiver.app.reading.interruptions import interruptions
from archiver.app.reading.page import Page
from archiver.cli.context import OUTPUT, AsJson, Url, reading
from archiver.cli.output import bars
from archiver.cli.pages import as_html, print_state
from archiver.errors import NoSuchVersion, UsageError
from archiver.model.capture import split_block
from archiver.model.moments import MOMENTS
from archiver.store.history import KeptVersion
from archiver.text.clean import counted
from archiver.text.near import did_you_mean
from archiver.text.shown_address import shown_address

_FORMATS = (
    "raw: the exact body bytes; headers: status line and headers as sent; "
    "dom, screenshot: what a browser made of it, as HTML and as PNG."
)
_PLOT = 60  # the maximum number of points in a plot, for the width of a terminal


class ShowFormat(StrEnum):
    """The output format of `show`."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"
    RAW = "raw"
    HEADERS = "headers"
    DOM = "dom"
    SCREENSHOT = "screenshot"


_BYTES = (ShowFormat.RAW, ShowFormat.HEADERS, ShowFormat.DOM, ShowFormat.SCREENSHOT)


def show(
    url: Url,
    at: Annotated[
        str | None,
        typer.Option("--at", help=f"The page at a moment: {MOMENTS}. A date means its end."),
    ] = None,
    version: Annotated[int | None, typer.Option("--version", help="One version by number; -1 is the newest.")] = None,
    form: Annotated[
        ShowFormat,
        typer.Option("--format", help=_FORMATS),
    ] = ShowFormat.TEXT,
    as_json: AsJson = False,
) -> None:
    """Print a page as it is in the archive, or as it was."""
    if at is not None and version is not None:
        raise UsageError("--at and --version cannot be combined; give one of them")
    with reading() as archive:
        page = archive.page(url)
        if form in _BYTES:
            _show_bytes(page, at, version, form)
            return
        state = page.state_at(at, version)
    if as_json or form is ShowFormat.JSON:
        OUTPUT.json(state.as_json())
    elif form is ShowFormat.HTML:
        OUTPUT.bytes(as_html(state).encode())
    else:
        print_state(state)


def _show_bytes(page: Page, at: str | None, version: int | None, form: ShowFormat) -> None:
    visit_id = page.capture_at(at, version)
    if visit_id is None:
        raise NoSuchVersion(f"{page.url}: no visit received any bytes; see `archiver history`")
    if form in (ShowFormat.DOM, ShowFormat.SCREENSHOT):
        OUTPUT.bytes(page.rendition(visit_id, form))
        return
    head, body = split_block(page.block(visit_id))
    OUTPUT.bytes(body if form is ShowFormat.RAW else head)


def history(url: Url, as_json: AsJson = False) -> None:
    """List every version of a page and every absence, oldest first."""
    with reading() as archive:
        page = archive.page(url)
        edits = page.changes
        rows = sorted(
            [
                *map(partial(_version_row, edits), page.versions, [None, *page.versions]),
                *_listing_row(page),
                *_absence_rows(page),
                *_missing_row(page),
                *_moved_rows(page),
                *interruptions(page),
            ],
            key=lambda row: row["from"],
        )
        visits, state, move = page.visits, page.state, page.moved_to
    if as_json:
        moved_to = move.moved_to if move else None
        for row in rows:
            OUTPUT.json({"url": page.url, "page_id": page.page_id, "moved_to": moved_to, **row})
        return
    OUTPUT.heading(f"{shown_address(page.url)}  ({state}; {counted(len(visits), 'visit')})")
    columns = ("version", "from", "last", "until", "what")
    OUTPUT.table(
        columns, [[row.get("version") or "", row["from"], row["last"], row["until"], _shown(row)] for row in rows]
    )
    if not rows:
        OUTPUT.line("never read as a page; its visits:")
        OUTPUT.table(
            ("visit", "at", "status", "outcome"), [(v.visit_id, v.visited_at, v.status, v.outcome) for v in visits]
        )


def _version_row(changes: list[dict[str, Any]], kept: KeptVersion, before: KeptVersion | None) -> dict[str, Any]:
    edits = [row for row in changes if row["version_id"] == kept.version_id]
    fields = [row["field"] for row in edits]
    verb = {"first": "first seen", "back": "came back"}.get(kept.verdict) or _follows(kept, before)
    redacted = kept.redacted
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
        "fields_changed": fields,
        "edits": [{name: row[name] for name in ("field", "nature", "cause", "context")} for row in edits],
        "redacted_at": redacted.redacted_at if redacted else None,
        "redaction_reason": redacted.reason if redacted else None,
        "what": str(redacted) if redacted else _told(verb, edits, ", ", "{field}"),
    }


def _follows(kept: KeptVersion, before: KeptVersion | None) -> str:
    if before is not None and before.redacted:
        return "not compared: the version before is redacted"
    if before is not None and before.is_rendered != kept.is_rendered:
        return f"not compared: now read from {kept.read_from}"
    return "edited"


def _told(verb: str, edits: list[dict[str, Any]], between: str, form: str) -> str:
    """Return what made a version: its edits, and then its changes that redesigns group."""
    verb = "edited" if verb == "first seen" and edits else verb
    own, template = ([row for row in edits if bool(row["cause"]) is grouped] for grouped in (False, True))
    parts = [
        f"{name}: {between.join(form.format(**row) for row in rows)}"
        for name, rows in ((verb, own), ("redesign", template))
        if rows
    ]
    return "; ".join([*([verb] if verb == "came back" and not own else []), *parts]) or verb


def _shown(row: dict[str, Any]) -> str:
    """Return what happened, with the words of each edit."""
    edits = row.get("edits")
    verb = "came back" if row["what"].startswith("came back") else "edited"
    return _told(verb, edits, "; ", "{field}: {context}") if edits else row["what"]


def _listing_row(page: Page) -> list[dict[str, Any]]:
    """Return a row that says how many editions a listing has, if it is one."""
    newest, first = page.edition_at(), page.first_edition
    if newest is None or first is None:
        return []
    return [
        {
            "kind": "listing",
            "from": first,
            "last": newest.seen_last,
            "until": None,
            "editions": newest.edition,
            "what": f"{counted(newest.edition, 'edition')} of its list; `archiver show URL --at DATE` prints one",
        }
    ]


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


def _moved_rows(page: Page) -> Iterator[dict[str, Any]]:
    """Yield a row for each move of the page, and one for each move of another page to it."""
    last = page.moved_to
    for move in page.moves:
        now = f"; now at {last.moved_to}" if last and move.until is None and last.moved_to != move.moved_to else ""
        what = f"moved to {move.moved_to} ({move.reason}){now}"
        yield {"kind": "moved", "from": move.found_at, "last": None, "until": move.until, "how": move.how} | {
            "to": move.moved_to,
            "what": what,
        }
    for former in page.moved_from:
        what = f"formerly at {former.url} ({former.reason})"
        yield {"kind": "formerly", "from": former.found_at, "last": None, "until": former.until, "how": former.how} | {
            "moved_from": former.url,
            "what": what,
        }


def _missing_row(page: Page) -> list[dict[str, Any]]:
    """Return the row of a first miss, if there is one."""
    miss = page.first_miss
    if miss is None:
        return []
    due = f"; second proof due {miss.due_at}" if miss.due_at else ""
    return [
        {
            "kind": "missing",
            "from": miss.at,
            "last": None,
            "until": None,
            "last_seen": miss.last_seen,
            "evidence": miss.evidence,
            "due_at": miss.due_at,
            "what": f"missing once ({miss.evidence}){due}",
        }
    ]


def readings(
    url: Url,
    name: Annotated[str | None, typer.Argument(help="One counter: views, site_visits, …")] = None,
    as_json: AsJson = False,
) -> None:
    """Show a page's counters over time, with a small plot."""
    with reading() as archive:
        page = archive.page(url)
        rows = page.readings(name)
        known = sorted({row["name"] for row in page.readings()}) if not rows else []
    if not rows:
        raise NoSuchVersion(_no_readings(page.url, name, known))
    if as_json:
        for row in rows:
            OUTPUT.json({"url": page.url, **row})
        return
    for counter in dict.fromkeys(row["name"] for row in rows):
        series = [row for row in rows if row["name"] == counter]
        OUTPUT.heading(f"{counter}  {bars([row['value'] for row in series[-_PLOT:]])}")
        table = [(row["read_at"], row["value"], _gain(row["gained"])) for row in series]
        OUTPUT.table(("read_at", "value", "gained"), table, right=("value", "gained"))


def _no_readings(url: str, name: str | None, known: list[str]) -> str:
    if name is None or not known:
        return f"{url}: no readings; name its counters in [page.readings] of the profile"
    return f"{url}: no readings named {name!r}; {did_you_mean(name, known)}known: {', '.join(known)}"


def _gain(gained: int | None) -> str:
    if gained is None:
        return ""
    return f"{gained:+d}" + ("  (reset)" if gained < 0 else "")
