"""A Frictionless Data Package: what an archive says in files any program reads, each described and with its digest.

`datapackage.json` follows Data Package 2.0 (https://datapackage.org/profiles/2.0/datapackage.json), in terms that
readers of version 1 know as well. `SHA256SUMS` is what `sha256sum -c` takes.
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
from archiver.export.tables import Style, Written, measured, write_file
from archiver.model.event import Listener
from archiver.model.table import Table

DESCRIPTOR = "datapackage.json"
SUMS = "SHA256SUMS"
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


@dataclass(frozen=True, slots=True)
class Resource:
    """A table of the package (its rows are read), and its file."""

    table: Table
    written: Written


class Package:
    """A package while it is filled."""

    def __init__(self, folder: Path, about: PackageInfo, names: Sequence[str]) -> None:
        """Begin.

        Args:
            folder: where to; it is there and empty.
            about: what it is of.
            names: of the tables it will hold.
        """
        self._folder = folder
        self._about = about
        self._names = names
        self.resources: list[Resource] = []
        (folder / "data").mkdir()

    def put(self, table: Table, listen: Listener) -> None:
        """Write a table; its cells stay as they are, for readers of packages know of no apostrophes."""
        name = Path("data") / f"{table.name}.{self._about.form}"
        place = self._folder / name
        tally = write_file(table, place, Style(self._about.form, plain_cells=True), listen)
        self.resources.append(Resource(table, measured(place, name, tally)))

    def put_profiles(self, profiles: Sequence[tuple[str, str]]) -> None:
        """Write the sites' profiles, each with its name."""
        if profiles:
            (self._folder / "selectors").mkdir()
        for name, text in profiles:
            (self._folder / "selectors" / f"{_slug(name)}.toml").write_text(text, encoding="utf-8", newline="")

    def finish(self) -> tuple[Written, ...]:
        """Describe what was put; gives every file, by its place in the package."""
        rows = [(each.table, each.written.rows or 0) for each in self.resources]
        self._text(DESCRIPTOR, _json(self._descriptor()))
        self._text("head.json", _json(self._about.head))
        self._text("README.md", readme(self._about, rows))
        self._text("start.ipynb", _json(start_notebook(self._about.form)))
        files = self._files()
        self._text(SUMS, "".join(f"{each.sha256}  {each.path.as_posix()}\n" for each in files))
        return (*files, measured(self._folder / SUMS, Path(SUMS)))

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
    """Whether a folder holds a package and nothing that somebody has added to it."""
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return False
    listed = {folder / line.partition("  ")[2] for line in lines} | {folder / SUMS}
    return folder / DESCRIPTOR in listed and all(path in listed for path in folder.rglob("*") if not path.is_dir())


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _rfc3339(moment: str) -> str:
    return moment.replace(" ", "T") + "Z"


def _slug(name: str) -> str:
    """A name that is one on every disk, and in a descriptor; two that differ stay two."""
    if re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name):
        return name
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-.") + "-" + hashlib.sha256(name.encode()).hexdigest()[:6]
