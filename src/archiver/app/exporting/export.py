"""Exports: the archive's views and people's queries as files, or as a stream, all as of one moment and without caps."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.app.reading.find import known_site
from archiver.errors import UsageError
from archiver.export.describe import table_schema
from archiver.export.lines import Tally
from archiver.export.tables import Style, Written, measured, write_file, write_stream
from archiver.export.whole import Pending, pending
from archiver.model.event import Listener
from archiver.model.table import Table
from archiver.store.archive import Store, vault_path
from archiver.store.tables import Tables, tables_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be exported: a view, a query, or (neither) every view; of one site or all.

    `params`: `NAME=VALUE` for each `:NAME` of the query.
    """

    view: str | None = None
    sql: str | None = None
    site: str | None = None
    params: tuple[str, ...] = ()

    @property
    def is_everything(self) -> bool:
        """Whether it is every view, one file each."""
        return self.view is None and self.sql is None

    def check(self) -> None:
        """See that it can be meant.

        Raises:
            UsageError: it cannot.
        """
        if self.view is not None and self.sql is not None:
            raise UsageError("--view and --sql are two different things to export: choose one")
        if self.params and self.sql is None:
            raise UsageError("--param is for a query: give one with --sql")
        if bad := [each for each in self.params if not re.match(r"[A-Za-z_]\w*=", each)]:
            raise UsageError(f"--param {bad[0]}: write NAME=VALUE, for :NAME in the query")
        if self.sql is not None and self.site is not None:
            raise UsageError("--site is for views; in a query say it yourself: … WHERE site = '…'")


@dataclass(frozen=True, slots=True)
class Exported:
    """The files an export wrote, and the Table Schemas beside them."""

    files: tuple[Written, ...]
    schemas: tuple[Path, ...] = ()

    @property
    def made_safe(self) -> int:
        """Cells that were given an apostrophe, so that no spreadsheet runs them."""
        return sum(each.made_safe for each in self.files)

    @property
    def mended(self) -> int:
        """Rows with bytes that are no UTF-8, for which U+FFFD stands."""
        return sum(each.mended for each in self.files)

    def as_json(self) -> dict[str, Any]:
        """The command's line of JSON."""
        return {
            "files": [each.as_json() for each in self.files],
            "schemas": [str(each) for each in self.schemas],
            "cells_made_safe": self.made_safe,
            "rows_mended": self.mended,
        }


def export_files(
    store: Store, dest: Path, wanted: Wanted, style: Style, *, describe: bool, force: bool, listen: Listener
) -> Exported:
    """Write files; they appear together, when all are whole.

    Args:
        store: the archive.
        dest: a file for a view or a query, else a folder for `VIEW.csv` and so on.
        wanted: what.
        style: how.
        describe: write a Table Schema beside each file, NAME.csv.schema.json.
        force: replace files that are there.
        listen: hears how far it is.

    Raises:
        UsageError: what was asked cannot be meant, or a file is there already.
        NotInArchive: there is no such site.
        ArchiveError: the archive cannot be read.
    """
    wanted.check()
    style.check()
    if _is_ours(dest, store.path):
        raise UsageError(f"{dest}: this is the archive itself; name another file")
    if wanted.is_everything and dest.exists() and not dest.is_dir():
        raise UsageError(f"{dest}: every view is a file of its own: name a folder, or one view with --view")
    written: list[Written] = []
    schemas: list[Path] = []
    with pending(force=force) as files, tables_of(store.path) as tables:
        for table in _tables(store, tables, wanted, dest.stem):
            name = dest / f"{table.name}.{style.form}" if wanted.is_everything else dest
            place = files.path(name)
            tally = write_file(table, place, style, listen)
            written.append(measured(place, name, tally))
            if describe:
                schemas.append(_describe(table, name, files, style))
    return Exported(tuple(written), tuple(schemas))


def _is_ours(dest: Path, archive: Path) -> bool:
    """Whether a name is that of the archive's files, or of what SQLite and we put beside them."""
    place, ours = dest.resolve(), archive.resolve()
    names = (ours.name, vault_path(ours).name)
    return place.parent == ours.parent and any(place.name.lstrip(".").startswith(name) for name in names)


def export_stream(
    store: Store, write: Callable[[bytes], object], wanted: Wanted, style: Style, listen: Listener
) -> Tally:
    """Write one table piece by piece; arguments and errors are those of `export_files`."""
    wanted.check()
    style.check()
    if wanted.is_everything:
        raise UsageError("-: every view is a file of its own: name a folder, or one view with --view")
    if style.form == "parquet":
        raise UsageError("-: a Parquet file is no stream: name a file")
    with tables_of(store.path) as tables:
        (table,) = _tables(store, tables, wanted, "query")
        return write_stream(table, write, style, listen)


def _tables(store: Store, tables: Tables, wanted: Wanted, name: str) -> Iterator[Table]:
    if wanted.sql is not None:
        yield tables.query(wanted.sql, name, dict(each.split("=", 1) for each in wanted.params))
        return
    site = known_site(store, wanted.site)
    if wanted.view is not None:
        yield tables.view(wanted.view, site)
    else:
        yield from tables.views(site)


def _describe(table: Table, name: Path, files: Pending, style: Style) -> Path:
    beside = name.with_name(name.name + ".schema.json")
    text = json.dumps(table_schema(table, style.form), ensure_ascii=False, indent=1)
    files.path(beside).write_text(text + "\n", encoding="utf-8", newline="\n")
    return beside
