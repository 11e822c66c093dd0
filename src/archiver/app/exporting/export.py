"""Export views and queries as files or as a stream, all as of one moment and without a limit of rows."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.app.reading.find import known_site
from archiver.errors import UsageError
from archiver.export.describe import table_schema
from archiver.export.lines import WriteCounts
from archiver.export.tables import Style, Written, measured, write_file, write_stream
from archiver.export.whole import Pending, pending
from archiver.model.event import Listener
from archiver.model.table import Table
from archiver.store.archive import Store
from archiver.store.real_file import is_file_of
from archiver.store.tables import Tables, tables_of


@dataclass(frozen=True, slots=True)
class TableChoice:
    """Which tables to export: one view, one query or, with neither, every view; of one site or of all.

    Attributes:
        params: `NAME=VALUE` for each `:NAME` of the query.
        without: pages that are left out, because of an embargo.
    """

    view: str | None = None
    sql: str | None = None
    site: str | None = None
    params: tuple[str, ...] = ()
    without: tuple[int, ...] = ()

    @property
    def is_everything(self) -> bool:
        """Return whether every view is exported, to one file each."""
        return self.view is None and self.sql is None

    def check(self) -> None:
        """Check that the options fit together.

        Raises:
            UsageError: they do not.
        """
        if self.view is not None and self.sql is not None:
            raise UsageError("--view and --sql cannot be combined: choose one")
        if self.params and self.sql is None:
            raise UsageError("--param needs a query: add --sql")
        if bad := [each for each in self.params if not re.match(r"[A-Za-z_]\w*=", each)]:
            raise UsageError(f"--param {bad[0]}: not NAME=VALUE; write NAME=VALUE for :NAME in the query")
        if self.sql is not None and self.site is not None:
            raise UsageError("--site is for views; select the site in the query: … WHERE site = '…'")


@dataclass(frozen=True, slots=True)
class Exported:
    """The files that an export wrote, their Table Schemas, and how many pages were left out because of an embargo."""

    files: tuple[Written, ...]
    schemas: tuple[Path, ...] = ()
    embargoed: int = 0

    @property
    def made_safe(self) -> int:
        """Return the number of cells that got an apostrophe, so that no spreadsheet runs them as formulas."""
        return sum(each.made_safe for each in self.files)

    @property
    def mended(self) -> int:
        """Return the number of rows with bytes that are not UTF-8; U+FFFD replaces those bytes."""
        return sum(each.mended for each in self.files)

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        return {
            "files": [each.as_json() for each in self.files],
            "schemas": [str(each) for each in self.schemas],
            "cells_made_safe": self.made_safe,
            "rows_mended": self.mended,
            "pages_embargoed": self.embargoed,
        }


def export_files(
    store: Store, dest: Path, wanted: TableChoice, style: Style, *, describe: bool, force: bool, listen: Listener
) -> Exported:
    """Write files. They appear together, after all of them are complete.

    Args:
        store: the archive.
        dest: a file for a view or a query, else a folder for `VIEW.csv` and so on.
        wanted: which tables.
        style: the format and its options.
        describe: write a Table Schema for each file, as NAME.csv.schema.json.
        force: replace files that exist.
        listen: is called with the progress.

    Raises:
        UsageError: the options contradict each other, or a file exists.
        NotInArchive: the archive has no such site.
        ArchiveError: the archive cannot be read.
    """
    wanted.check()
    style.check()
    if is_file_of(dest, store.path):
        raise UsageError(f"{dest}: this is a file of the archive itself; name another file")
    if wanted.is_everything and dest.exists() and not dest.is_dir():
        raise UsageError(f"{dest}: a file cannot hold every view: name a folder, or one view with --view")
    written: list[Written] = []
    schemas: list[Path] = []
    with pending(force=force) as files, tables_of(store.path, wanted.without) as tables:
        for table in _tables(store, tables, wanted, dest.stem):
            name = dest / f"{table.name}.{style.form}" if wanted.is_everything else dest
            place = files.path(name)
            tally = write_file(table, place, style, listen)
            written.append(measured(place, name, tally))
            if describe:
                schemas.append(_describe(table, name, files, style))
    return Exported(tuple(written), tuple(schemas), len(wanted.without))


def export_stream(
    store: Store, write: Callable[[bytes], object], wanted: TableChoice, style: Style, listen: Listener
) -> WriteCounts:
    """Write one table piece by piece. The arguments and errors are those of `export_files`."""
    wanted.check()
    style.check()
    if wanted.is_everything:
        raise UsageError("-: stdout takes one table: name a folder, or one view with --view")
    with tables_of(store.path, wanted.without) as tables:
        (table,) = _tables(store, tables, wanted, "query")
        return write_stream(table, write, style, listen)


def _tables(store: Store, tables: Tables, wanted: TableChoice, name: str) -> Iterator[Table]:
    if wanted.sql is not None:
        yield tables.query(wanted.sql, name, dict(each.split("=", 1) for each in wanted.params))
        return
    site = known_site(store, wanted.site)
    if wanted.view is not None:
        yield tables.view(wanted.view, site)
    else:
        yield from tables.views(site)


def _describe(table: Table, name: Path, files: Pending, style: Style) -> Path:
    schema = name.with_name(name.name + ".schema.json")
    text = json.dumps(table_schema(table, style.form), ensure_ascii=False, indent=1)
    files.path(schema).write_text(text + "\n", encoding="utf-8", newline="\n")
    return schema
