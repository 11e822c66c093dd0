"""Print a page's record as text and as a small HTML page."""

from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from archiver.app.reading.state import PageState
from archiver.cli.context import OUTPUT, UNREAD
from archiver.cli.output import human_bytes
from archiver.model.capture import HTML_TYPES
from archiver.model.outcome import Cause, Outcome
from archiver.model.record import CONTENT_FIELDS, ContentField, FieldShape, Published
from archiver.model.version import Verdict
from archiver.store.listing_history import ShownEdition
from archiver.text.clean import counted
from archiver.text.url import canonical_or_none

_NOT_SHORT = ("title", "body")
_WORTH_CUTTING = 200  # characters: no shorter rest is left out


def print_state(state: PageState, most: int | None = None) -> None:
    """Print a page's record, its counters, and the visit it comes from.

    Args:
        state: the page.
        most: the number of characters of the body to print, to the end of a word; None for all.
    """
    if state.listing is not None:
        _print_listing(state, state.listing)
        if state.content is None:
            _print_visit(state)
            return
        OUTPUT.line()
    if state.content is None:
        OUTPUT.heading(f"{state.outcome}  {state.final_url}")
        _print_visit(state)
        return
    OUTPUT.heading(state.content.title or "(no title)")
    for name, text in facts(state):
        OUTPUT.line(f"{name + ':':<13}{text}")
    if state.content.body:
        OUTPUT.line()
        OUTPUT.line(_beginning(state.content.body, most))
        OUTPUT.line()
    _print_visit(state)


def _beginning(body: str, most: int | None) -> str:
    """Return the beginning of a body, and how much is left out."""
    if most is None or len(body) <= most + _WORTH_CUTTING:
        return body
    shown = body[:most]
    kept = shown[: max(shown.rfind(" "), shown.rfind("\n"))] if " " in shown or "\n" in shown else shown
    return f"{kept.rstrip()} …\n[{counted(len(body) - len(kept), 'more character')}; --full prints all]"


def reading_lines(state: PageState) -> Iterator[str]:
    """Yield how a page that was captured was reached and read, or why it was not read."""
    if "://" in state.url and canonical_or_none(state.url) != state.final_url and state.status is not None:
        yield f"redirected: {state.url} led to {state.final_url}"
    kind = f"as {state.kind} " if state.kind else ""
    if state.content is None:
        yield f"not read: {_why_unread(state)}"
        return
    rules: dict[str, list[str]] = {}
    names = [field.name for field in CONTENT_FIELDS if field.name in state.sources]
    for name in dict.fromkeys((*names, *state.sources)):
        rules.setdefault(state.sources[name].rule, []).append(name)
    listed = "; ".join(f"{', '.join(names)} by {rule}" for rule, names in rules.items())
    yield f"read {kind}of site {state.site}: {listed or 'no rule found a value'}"


def _why_unread(state: PageState) -> str:
    outcome = Outcome(state.outcome)
    if state.cause == Cause.READER_FAILED:
        return UNREAD
    if not outcome.is_presence:
        return f"{state.outcome} is no answer with a page" + (f" ({state.note})" if state.note else "")
    if state.kind == "listing":
        return "the profile says that this is a listing; its links are kept, and `archiver crawl` follows them"
    if state.media_type and state.media_type not in HTML_TYPES:
        return f"{state.media_type} has no text that archiver reads; the file is kept"
    return "no rule of the profile found a title or a body, and neither did the generic reading"


def _print_listing(state: PageState, listing: ShownEdition) -> None:
    """Print the items of a listing, in order."""
    OUTPUT.heading(listing.title or state.final_url)
    until = f"until {listing.seen_until}" if listing.seen_until else "and no other edition since"
    OUTPUT.line(f"edition {listing.edition}, seen from {listing.seen_from} to {listing.seen_last} UTC, {until}")
    OUTPUT.table(
        ("", "headline", "address"), [(each.position, each.title, each.url) for each in listing.items], right=("",)
    )


def facts(state: PageState) -> list[tuple[str, str]]:
    """Return the record's short fields, as label and text."""
    content = state.content
    if content is None:
        return []
    rows: list[tuple[str, str]] = []
    for field in CONTENT_FIELDS:
        if field.name not in _NOT_SHORT and field.shape is not FieldShape.ADDRESSES:
            rows += [(field.name, text) for text in _texts(field, getattr(content, field.name))]
    modified, utc = state.claim.get("modified"), state.claim.get("modified_utc")
    rows += [("modified", f"{modified}  ({utc} UTC)" if utc else modified)] if modified else []
    rows += list(content.extra)
    rows += [(name, f"{value:,}".replace(",", " ")) for name, value in state.readings.items()]
    return rows


def _texts(field: ContentField, value: Any) -> Iterable[str]:  # noqa: ANN401  (by its shape)
    """Return the lines of one field, one for each item of a list."""
    if isinstance(value, Published):
        instant = f"  ({value.utc} UTC)" if value.utc else ""
        return [value.local + instant if value.local else f"printed as {value.raw!r}, which is not a certain date"]
    flat = field.flat(value)
    return flat if isinstance(flat, tuple) else [flat] if flat else []


def _print_visit(state: PageState) -> None:
    size = (
        f", {human_bytes(state.bytes)}, sha256 {state.sha256[:16]}…" if state.sha256 and state.bytes is not None else ""
    )
    status = f"{state.status} " if state.status else ""
    OUTPUT.line(f"visit {state.visit_id} at {state.visited_at} UTC: {status}{state.outcome}{size}")
    if state.browser is not None:
        OUTPUT.line(str(state.browser))
    if state.confirmed is not None:
        OUTPUT.line(f"visit {state.confirmed.visit_id} at {state.confirmed.visited_at} UTC: not modified since (304)")
    if state.version is not None:
        OUTPUT.line(f"version {state.version} of page {state.page_id} ({state.site}){_novelty(state)}")
    if state.moved_to:
        OUTPUT.line(f"the page moved to {state.moved_to}; see `archiver history {state.url}`")
    elif state.state in ("missing", "gone", "moved", "blocked"):
        OUTPUT.line(f"the page is {state.state} now; see `archiver history {state.url}`")
    if state.note:
        OUTPUT.line(f"note: {state.note}")


def _novelty(state: PageState) -> str:
    changed = "changed " + ", ".join(state.fields_changed) if state.fields_changed else ""
    if state.verdict == Verdict.BACK:
        return ": came back" + (f", {changed}" if changed else "")
    if changed:
        return f": {changed}"
    if state.new_version:
        return ": new, not compared with the version before" if state.verdict == Verdict.REREAD else ": new"
    return ": content unchanged"


def as_html(state: PageState) -> str:
    """Return the record as an HTML page. All text from the web is escaped, and no scripts run."""
    content = state.content
    title = escape((content.title if content else None) or state.url)
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in facts(state))
    body = (content.body if content else None) or ""
    paragraphs = "".join(
        "<p>" + escape(part).replace("\n", "<br>") + "</p>" for part in body.split("\n\n") if part.strip()
    )
    seen = f"Seen {state.visited_at} UTC at {escape(state.final_url)}, sha256 {state.sha256 or 'none'}."
    return (
        f'<!doctype html><html lang="{escape((content.language if content else None) or "")}"><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>"
        "body{max-width:44em;margin:2em auto;font:1.05em/1.6 Georgia,serif;padding:0 1em}"
        "dl{display:grid;grid-template-columns:max-content 1fr;gap:.2em 1em;font-size:.9em;color:#444}"
        "dt{font-weight:bold}dd{margin:0}"
        "footer{font-size:.8em;color:#666;border-top:1px solid #ccc;margin-top:2em;padding-top:.5em;"
        f"overflow-wrap:anywhere}}</style><h1>{title}</h1><dl>{rows}</dl>{paragraphs}"
        f"<footer>{seen}</footer></html>\n"
    )
