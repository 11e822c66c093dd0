"""A Frictionless Data Package: the tables of an archive as files, each described and with its digest.

`datapackage.json` follows Data Package 2.0 (https://datapackage.org/profiles/2.0/datapackage.json), and readers of
version 1 understand it as well. `ro-crate-metadata.json` describes the same files for repositories (RO-Crate).
`SHA256SUMS` is the input of `sha256sum -c`.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.export.about import PackageInfo
from archiver.export.describe import table_schema
from archiver.export.formats import FORMATS
from archiver.export.notebook import start_notebook
from archiver.export.package_readme import readme
from archiver.export.ro_crate import METADATA, crate_metadata
from archiver.export.sums import SUMS, holds_only_listed, sums_text
from archiver.export.tables import Style, Written, measured, write_file
from archiver.model.event import Listener
from archiver.model.table import Table

DESCRIPTOR = "datapackage.json"
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


@dataclass(frozen=True, slots=True)
class Resource:
    """A table of the package, whose rows are read, and its file."""

    table: Table
    written: Written


class Package:
    """Writes a package."""

    def __init__(self, folder: Path, about: PackageInfo, names: Sequence[str]) -> None:
        """Start a package.

        Args:
            folder: the folder of the package; it exists and is empty.
            about: the facts about the package.
            names: the names of the tables that will be put.
        """
        self._folder = folder
        self._about = about
        self._names = names
        self.resources: list[Resource] = []
        (folder / "data").mkdir()

    def put(self, table: Table, listen: Listener) -> None:
        """Write a table. Cells stay as they are, because readers of packages do not remove apostrophes."""
        name = Path("data") / f"{table.name}.{self._about.form}"
        place = self._folder / name
        tally = write_file(table, place, Style(self._about.form, plain_cells=True), listen)
        self.resources.append(Resource(table, measured(place, name, tally)))

    def put_profiles(self, profiles: Sequence[tuple[str, str]]) -> None:
        """Write the profiles of the sites; each has a name and a text."""
        if profiles:
            (self._folder / "selectors").mkdir()
        for name, text in profiles:
            (self._folder / "selectors" / f"{_slug(name)}.toml").write_text(text, encoding="utf-8", newline="")

    def finish(self) -> tuple[Written, ...]:
        """Write the description of the tables and return every file, by its path in the package."""
        rows = [(each.table, each.written.rows or 0) for each in self.resources]
        self._text(DESCRIPTOR, _json(self._descriptor()))
        self._text("head.json", _json(self._about.head))
        self._text("README.md", readme(self._about, rows))
        self._text("start.ipynb", _json(start_notebook(self._about.form)))
        files = self._files()
        self._text(METADATA, _json(crate_metadata(self._about, files, self._meanings())))
        files.append(measured(self._folder / METADATA, Path(METADATA)))
        self._text(SUMS, sums_text(files))
        return (*files, measured(self._folder / SUMS, Path(SUMS)))

    def _meanings(self) -> dict[str, str]:
        return {each.written.path.as_posix(): each.table.meaning for each in self.resources}

    def _files(self) -> list[Written]:
        known = {each.written.path: each.written for each in self.resources}
        paths = sorted(path.relative_to(self._folder) for path in self._folder.rglob("*") if path.is_file())
        return [known.get(path) or measured(self._folder / path, path) for path in paths]

    def _text(self, name: str, text: str) -> None:
        (self._folder / name).write_text(text, encoding="utf-8", newline="\n")

    def _descriptor(self) -> dict[str, Any]:
        about = self._about
        what = about.site or "archive"
        return {
            "$schema": _PROFILE,
            "name": f"archiver-{_slug(what)}",
            "title": f"History of {about.subject}",
            "description": "Versions, changes and counters of web pages, read from captures kept as evidence.",
            "created": _rfc3339(about.made_at),
            "sources": [{"title": title or name, "path": home} for name, title, home in about.sites],
            "archiver": {"version": about.version, "head": dict(about.head)},
            "resources": [self._described(each) for each in self.resources],
        }

    def _described(self, resource: Resource) -> dict[str, Any]:
        form, written = self._about.form, resource.written
        encoding = {"encoding": "utf-8"} if FORMATS[form].lines else {}
        return {
            "name": resource.table.name,
            "type": "table",
            "path": written.path.as_posix(),
            "description": resource.table.meaning,
            "format": form,
            "mediatype": FORMATS[form].media_type,
            **encoding,
            "rows": written.rows,
            "bytes": written.bytes,
            "hash": f"sha256:{written.sha256}",
            "schema": table_schema(resource.table, form, self._names),
        }


def is_package(folder: Path) -> bool:
    """Return whether a folder holds a package and no other files."""
    return holds_only_listed(folder, DESCRIPTOR)


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _rfc3339(moment: str) -> str:
    return moment.replace(" ", "T") + "Z"


def _slug(name: str) -> str:
    """Return a name that is valid on every disk and in a descriptor; different names stay different."""
    if re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name):
        return name
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-.") + "-" + hashlib.sha256(name.encode()).hexdigest()[:6]
