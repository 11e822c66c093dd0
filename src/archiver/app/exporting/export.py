"""Export views and queries as files or as a stream, all as of one moment and without a limit of rows."""

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archiver.app.reading.find import known_site
from archiver.errors import UsageError
from archiver.export.compressed import write_zip
from archiver.export.describe import table_schema
from archiver.export.endings import STDOUT, checked_ending
from archiver.export.lines import WriteCounts
from archiver.export.tables import Style, Written, measured, write_file, write_stream
from archiver.export.through_file import through_file
from archiver.export.whole import Pending, pending
from archiver.model.event import Listener
from archiver.model.table import Table
from archiver.store.archive import Store
from archiver.store.columns import TABLES
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
    def cut(self) -> int:
        """Return the number of texts that were too long for a cell of the format."""
        return sum(each.cut for each in self.files)

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
            "cells_cut": self.cut,
            "pages_embargoed": self.embargoed,
        }


def export_files(
    store: Store, dest: Path, wanted: TableChoice, style: Style, *, describe: bool, force: bool, listen: Listener
) -> Exported:
    """Write files. They appear together, after all of them are complete.

    Args:
        store: the archive.
        dest: a file for a view or a query, else a folder for `VIEW.csv` and so on. The ending of a file names its
            format and compression: `pages.csv.gz`; `all.zip` holds a file for each view, `all.xlsx` a sheet.
        wanted: which tables.
        style: the format and its options.
        describe: write a Table Schema for each file, as NAME.csv.schema.json.
        force: replace files that exist.
        listen: is called with the progress.

    Raises:
        UsageError: the options contradict each other, the ending names another format, or a file exists.
        NotInArchive: the archive has no such site.
        ArchiveError: the archive cannot be read.
    """
    wanted.check()
    style.check()
    ending = _ending(store, dest, wanted, style)
    with pending(force=force) as files, tables_of(store.path, wanted.without) as tables:
        chosen = _tables(store, tables, wanted, table_name(dest, ending))
        if ending.endswith("zip"):
            done = _zipped(dest, chosen, files, style, describe=describe, listen=listen)
            return replace(done, embargoed=store.embargoes.count(wanted.without))
        if style.format.holds_many and not dest.is_dir() and (ending or not wanted.is_everything):
            done = _together(dest, chosen, files, style, describe=describe, listen=listen)
            return replace(done, embargoed=store.embargoes.count(wanted.without))
        written: list[Written] = []
        schemas: list[Path] = []
        for table in chosen:
            name = dest / f"{table.name}.{style.form}" if wanted.is_everything else dest
            place = files.path(name)
            tally = write_file(table, place, style, listen, compressed=ending.endswith("gz"))
            written.append(measured(place, name, tally))
            if describe:
                schemas.append(_describe(table, name, files, style))
        return Exported(tuple(written), tuple(schemas), store.embargoes.count(wanted.without))


def export_stream(
    store: Store, write: Callable[[bytes], object], wanted: TableChoice, style: Style, listen: Listener
) -> WriteCounts:
    """Write one file to a stream. The arguments and errors are those of `export_files`.

    A format that is made of lines is written piece by piece; another one when its file is complete.
    """
    wanted.check()
    style.check()
    if wanted.is_everything and not style.format.holds_many:
        raise UsageError(f"{STDOUT}: stdout takes one table; {_ask_for_view()}, or name a folder")
    with tables_of(store.path, wanted.without) as tables:
        chosen = _tables(store, tables, wanted, "query")
        write_all = style.format.write
        if write_all is None:
            (table,) = chosen
            return write_stream(table, write, style, listen)
        return through_file("file", lambda path: write_all(chosen, path, listen), write)


def table_name(dest: Path, ending: str) -> str:
    """Return the name of the table of a query that is written to a file: `x` of `x.csv.gz`."""
    return dest.name[: -len(ending) - 1] if ending else dest.stem


def _ending(store: Store, dest: Path, wanted: TableChoice, style: Style) -> str:
    """Return the ending of the file to write; "" for a folder, and for a name without an ending.

    Raises:
        UsageError: a file of this name cannot be written.
    """
    if is_file_of(dest, store.path):
        raise UsageError(f"{dest}: this is a file of the archive itself; name another file")
    if dest.is_dir():
        return ""
    ending = checked_ending(dest, style.format.file_endings, f"export {style.form}")
    holds_many = style.format.holds_many or ending.endswith("zip")
    if wanted.is_everything and not holds_many and (ending or dest.exists()):
        raise UsageError(f"{dest}: a file holds one table; {_ask_for_view()}, or name a folder")
    return ending


def _ask_for_view() -> str:
    return f"which view? add --view NAME, of {', '.join(view.name for view in TABLES)}"


def _together(
    dest: Path, tables: Iterator[Table], files: Pending, style: Style, *, describe: bool, listen: Listener
) -> Exported:
    """Write all tables to one file."""
    if describe:
        raise UsageError(f"--describe: a .{style.form} file has its own description; leave it out")
    write = style.format.write
    assert write is not None  # noqa: S101  (no format of lines holds many tables)
    place = files.path(dest)
    tally = write(tables, place, listen)
    return Exported((measured(place, dest, tally),))


def _zipped(
    dest: Path, tables: Iterator[Table], files: Pending, style: Style, *, describe: bool, listen: Listener
) -> Exported:
    """Write a ZIP file with a file for each table, and its Table Schema when it is described."""
    place = files.path(dest)
    tally, members = WriteCounts(), []
    with tempfile.TemporaryDirectory(prefix=".export-", dir=place.parent) as scratch:
        for table in tables:
            path = Path(scratch) / f"{table.name}.{style.form}"
            tally.add(write_file(table, path, style, listen))
            members.append((path.name, path))
            if describe:
                schema = path.with_name(f"{path.name}.schema.json")
                schema.write_text(_schema_text(table, style), encoding="utf-8", newline="\n")
                members.append((schema.name, schema))
        write_zip(place, members)
    return Exported((measured(place, dest, tally),))


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
    files.path(schema).write_text(_schema_text(table, style), encoding="utf-8", newline="\n")
    return schema


def _schema_text(table: Table, style: Style) -> str:
    return json.dumps(table_schema(table, style.form), ensure_ascii=False, indent=1) + "\n"
