"""Run Datasette on an archive, configured with descriptions, facets, full-text search and the cookbook's queries.

Datasette runs as a separate process and may read an archive that is being written. It needs the extra `datasette`.
"""

import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from archiver.errors import UsageError
from archiver.store.archive import Store
from archiver.store.columns import SEARCHED
from archiver.store.cookbook import COOKBOOK, Question
from archiver.store.view_sql import View
from archiver.store.views import VIEWS
from archiver.text.install_advice import not_installed

_FACETS = {
    "pages": ("site", "state", "kind"),
    "versions": ("site", "section"),
    "timeline": ("site", "state"),
    "changes": ("site", "field"),
    "readings": ("site", "name"),
    "visits": ("site", "outcome"),
    "absences": ("site",),
    "bylines": ("site", "name"),
    "tags": ("site", "name"),
    "sources": ("field", "rule"),
    "reinterpretations": ("site", "field"),
    "runs": ("site", "kind", "ended"),
}
_WITH_WORDS = ("pages", "versions", "timeline")  # views with a `content_id`, which joins them to the search index
_SETTINGS = {
    "truncate_cells_html": 300,  # the page of a row shows the whole body
    "sql_time_limit_ms": 10_000,
    "facet_time_limit_ms": 1_000,
    "default_page_size": 50,
    "max_returned_rows": 10_000,
    "num_sql_threads": 3,
}


_MACHINERY = "SELECT name, type FROM sqlite_schema WHERE substr(name, 1, 1) = '_' AND type IN ('table', 'view')"
_ABOUT = (
    "Captures of web portals as evidence, and the history of what really changed. Times are UTC, except `published`."
)
_PLUGIN = Path(__file__).with_name("datasette_plugin.py")
"""It is imported by Datasette only."""
_MISSING = not_installed("`archiver datasette` needs", "datasette")


def is_installed() -> bool:
    """Return whether Datasette is installed."""
    return importlib.util.find_spec("datasette") is not None


def configuration(store: Store) -> dict[str, Any]:
    """Return Datasette's metadata for an archive: descriptions of views and columns, facets, search, canned queries."""
    machinery = store.sql(_MACHINERY)
    tables: dict[str, Any] = {row["name"]: _hidden(row["type"]) for row in machinery}
    tables |= {view.name: _hidden("view") if view.name in SEARCHED else _described(view) for view in VIEWS}
    portals = ", ".join(row["title"] or row["name"] for row in store.sql("SELECT name, title FROM sites ORDER BY name"))
    about = {
        "title": f"Archive of {portals}" if portals else "An archive",
        "description": _ABOUT,
        "tables": tables,
        "queries": {one.name: _canned(one) for one in COOKBOOK},
    }
    return {"title": about["title"], "databases": {store.path.stem: about}}


def _hidden(kind: str) -> dict[str, Any]:
    return {"hidden": True} if kind == "table" else {"hidden": True, "allow": False}


def _described(view: View) -> dict[str, Any]:
    described: dict[str, Any] = {"description": view.meaning, "columns": view.columns}
    described["facets"] = list(_FACETS.get(view.name, ()))
    if view.name in _WITH_WORDS:
        described |= {"fts_table": "_words", "fts_pk": "content_id"}
    return described


def _canned(one: Question) -> dict[str, Any]:
    params = "; ".join(f"{name}: {meaning}" for name, meaning in one.params.items())
    description = " ".join(filter(None, (params and f"{params}.", one.note)))
    sql = one.sql.replace(
        "MATCH :words", "MATCH coalesce(nullif(:words, ''), '\"\"')"
    )  # the form in the browser is empty at first
    return {"sql": sql, "title": one.asks, "description": description}


def command(archive: Path, metadata: Path, plugins: Path, host: str, port: int) -> list[str]:
    """Return the command line that starts Datasette on an archive."""
    settings = [word for name, value in _SETTINGS.items() for word in ("--setting", name, str(value))]
    return [
        *(sys.executable, "-m", "datasette", "serve", str(archive.absolute())),
        *("--metadata", str(metadata), "--plugins-dir", str(plugins), "--host", host, "--port", str(port), *settings),
    ]


def serve(store: Store, host: str, port: int, more: Sequence[str] = ()) -> int:
    """Run Datasette until it is stopped; return its exit code.

    Args:
        store: the archive, open to read.
        host: the address to listen on.
        port: the port to listen on.
        more: further options for Datasette, passed on unchanged.

    Raises:
        UsageError: Datasette is not installed.
    """
    if not is_installed():
        raise UsageError(_MISSING)
    with tempfile.TemporaryDirectory(prefix="archiver-datasette-") as folder:
        metadata = Path(folder) / "metadata.json"
        metadata.write_text(json.dumps(configuration(store), ensure_ascii=False), encoding="utf-8")
        plugins = Path(folder) / "plugins"
        plugins.mkdir()
        shutil.copy(_PLUGIN, plugins / "archiver_views.py")
        return _until_stopped([*command(store.path, metadata, plugins, host, port), *more])


def _until_stopped(arguments: list[str]) -> int:
    """Run a child process until it ends, and return its exit code. Ctrl-C ends it."""
    with subprocess.Popen(arguments) as child:  # noqa: S603  (our own command, no shell)
        try:
            return child.wait()
        except KeyboardInterrupt:
            child.terminate()
            child.wait()
            return 0
