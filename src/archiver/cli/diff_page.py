"""Render a comparison as an HTML page. All text from the web is escaped, and no scripts run."""

from html import escape

from archiver.app.reading.compare import Comparison
from archiver.change.diff import Span, diff_field
from archiver.model.edit import Nature
from archiver.model.record import IDENTITY_FIELDS
from archiver.model.version import FieldChange

_TAGS = {"insert": "ins", "delete": "del"}
_STYLE = (
    "body{max-width:48em;margin:2em auto;font:1.05em/1.6 Georgia,serif;padding:0 1em}"
    "h2{font-size:1em;border-top:1px solid #ccc;padding-top:.6em}small{font-weight:normal;color:#666}"
    "ins{background:#d7f5dd;text-decoration:none}ins::before{content:'{+'}ins::after{content:'+}'}"
    "del{background:#fbdfdf}del::before{content:'[-'}del::after{content:'-]'}"
    "ins::before,ins::after,del::before,del::after{color:#888;font-size:.8em}"
    "div{white-space:pre-wrap;overflow-wrap:anywhere}footer{font-size:.8em;color:#666;overflow-wrap:anywhere}"
)


def diff_page(url: str, found: Comparison, summary: str) -> str:
    """Return the differences by field as HTML: added words in `ins`, removed words in `del`.

    Args:
        url: the page's address.
        found: the two versions and what differs.
        summary: between which visits the change happened, in words.
    """
    title = f"version {found.old.version} → {found.new.version}"
    fields = "".join(_field(change) for change in found.changes) or "<p>Nothing visible changed.</p>"
    language = escape(found.new.content.language or "")
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}: {escape(url)}</title><style>{_STYLE}</style>"
        f"<h1>{escape(found.new.content.title or url)}</h1><p>{escape(title)}: {escape(summary)}</p>{fields}"
        f"<footer>{escape(url)}</footer></html>\n"
    )


def edit_size(change: FieldChange) -> str:
    """Return how many characters an edit adds and removes, after a space; "" for a field without such a number."""
    if change.field in IDENTITY_FIELDS:
        return ""
    return f" +{change.chars_added} −{change.chars_removed} characters"


def label(change: FieldChange) -> str:
    """Return the nature of a change that alters no words, such as ` (only figures)`; else ""."""
    return "" if change.nature in ("", Nature.WORDS) else f" (only {change.nature})"


def _field(change: FieldChange) -> str:
    counted = f"{edit_size(change)}{label(change)}".strip()
    spans = "".join(_span(span) for span in diff_field(change))
    return f"<h2>{escape(change.field)} <small>{escape(counted)}</small></h2><div>{spans}</div>"


def _span(span: Span) -> str:
    tag = _TAGS.get(span.op)
    return f"<{tag}>{escape(span.text)}</{tag}>" if tag else escape(span.text)
