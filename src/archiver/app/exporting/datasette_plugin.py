"""A plugin that `archiver datasette` gives to Datasette: readable changes, ids that link, a first query."""

import json

from datasette import hookimpl
from markupsafe import Markup, escape

from archiver.text.edit_context import marked_parts_of

_OF_ID = {"page_id": "pages", "version_id": "versions", "visit_id": "visits", "run_id": "runs"}
"""The view in which an id is looked up."""
_TAGS = {"insert": "ins", "delete": "del"}
_LONG = ("old", "new", "was", "now", "body")
_BOX = "max-width:40em;max-height:14em;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere"
_FIRST = (
    "select not_after, url, field, nature, context from changes where cause is null order by not_after desc limit 20"
)


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(value: object, column: str, database: str, datasette: object) -> Markup | None:
    """Return a cell as HTML; None leaves it to Datasette. All text is escaped."""
    if value is None or value == "":
        return None
    if column in _OF_ID and isinstance(value, int):
        address = datasette.urls.table(database, _OF_ID[column])  # type: ignore[attr-defined]
        return Markup('<a href="{}?{}__exact={}">{}</a>').format(address, column, value, value)
    if column == "context" and isinstance(value, str):
        parts = (_marked(operation, text) for operation, text in marked_parts_of(value))
        return Markup('<div style="{}">{}</div>').format(_BOX, Markup("").join(parts))
    if column in _LONG and isinstance(value, str):
        return Markup('<div style="{}">{}</div>').format(_BOX, value)
    return None


def _marked(operation: str, text: str) -> Markup:
    tag = _TAGS.get(operation)
    return Markup("<{0}>{1}</{0}>").format(tag, text) if tag else escape(text)


@hookimpl  # type: ignore[untyped-decorator]
def extra_body_script(template: str) -> str:
    """Return a script that puts a useful query into the empty SQL box of the database's page."""
    if template != "database.html":
        return ""
    return (
        "for (const box of document.querySelectorAll('textarea[name=sql]')) "
        f"if (!new URLSearchParams(location.search).has('sql')) box.value = {json.dumps(_FIRST)};"
    )
