"""A WACZ package of an archive: WARC files, index and pages, made beside and named when it is whole."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archiver.app.warc_out import Wanted, WarcExport, export_warc
from archiver.errors import UsageError
from archiver.export.wacz import Described, PageLine, Wacz
from archiver.export.whole import pending
from archiver.model.event import Listener
from archiver.settings import Settings, package_version
from archiver.store.archive import Store
from archiver.text.permalink import permalink

_INDEX = "index.cdxj"


@dataclass(frozen=True, slots=True)
class WaczExport:
    """A package that was written: the captures in it, its pages, and the digest of its datapackage.json."""

    path: Path
    bytes: int
    warcs: WarcExport
    pages: int
    digest: str

    def as_json(self) -> dict[str, Any]:
        """The command's line of JSON."""
        counts = {name: value for name, value in self.warcs.as_json().items() if name != "files"}
        return {"path": str(self.path), "bytes": self.bytes, "pages": self.pages, "digest": self.digest, **counts}


def export_wacz(
    store: Store, settings: Settings, dest: Path, wanted: Wanted, *, text: bool, force: bool, listen: Listener
) -> WaczExport:
    """Write a package (WACZ 1.2.0).

    Args:
        store: the archive.
        settings: where it is, and what time it is.
        dest: the file, NAME.wacz.
        wanted: which captures.
        text: the bodies as text in the list of pages, for the viewer's search.
        force: replace a package that is there.
        listen: hears how far it is.

    Raises:
        UsageError: the name is none for a package, a file is there already, or nothing was chosen.
        NotInArchive: no such site or page.
        ArchiveDamaged: a capture's bytes do not match its digest.
    """
    if dest.suffix != ".wacz":
        raise UsageError(f"{dest}: viewers know a package by its name: NAME.wacz")
    with pending(force=force) as files:
        place = files.path(dest)
        with tempfile.TemporaryDirectory(prefix=".wacz-", dir=place.parent) as scratch:
            folder = Path(scratch)
            warcs = export_warc(store, settings, folder, replace(wanted, cdxj=True), listen)
            if not warcs.files:
                raise UsageError("no capture was chosen; a package of nothing is none")
            digest, pages = _write(store, settings, place, folder, wanted, text=text)
        size = place.stat().st_size
    return WaczExport(dest, size, warcs, pages, digest)


def _write(
    store: Store, settings: Settings, place: Path, folder: Path, wanted: Wanted, *, text: bool
) -> tuple[str, int]:
    package = Wacz(place)
    try:
        for path in sorted(folder.glob("*.warc.gz")):
            package.put_warc(path)
        with (folder / _INDEX).open(encoding="utf-8") as lines:
            captured = {(parts[1], _url(parts[2])) for parts in (line.split(" ", 2) for line in lines)}
        with (folder / _INDEX).open(encoding="utf-8") as lines:
            package.put_index(line.rstrip("\n") for line in lines)
        pages = list(_pages(store, wanted, captured, text=text))
        package.put_pages(pages)
        return package.finish(_described(store, settings, pages)), len(pages)
    finally:
        package.close()


def _url(told: str) -> str:
    return told.partition('"url": "')[2].partition('"')[0]


def _pages(store: Store, wanted: Wanted, captured: set[tuple[str, str]], *, text: bool) -> Iterator[PageLine]:
    """Each version whose first capture is in the package."""
    query = (
        "SELECT v.version_id, v.title, v.seen_from, t.final_url, v.url, v.body FROM versions v "
        "JOIN visits t ON t.page_id = v.page_id AND t.visited_at = v.seen_from AND t.outcome = 'ok' "
        "WHERE (:site IS NULL OR v.site = :site) ORDER BY v.seen_from, v.version_id"
    )
    for row in store.sql(query, {"site": wanted.site}):
        stamp = permalink(row["seen_from"], "").moment
        if (stamp, row["final_url"]) in captured:
            moment = row["seen_from"].replace(" ", "T") + "Z"
            body = row["body"] if text else None
            yield PageLine(str(row["version_id"]), row["final_url"], moment, row["title"] or row["url"], body)


def _described(store: Store, settings: Settings, pages: list[PageLine]) -> Described:
    portals = ", ".join(row["title"] or row["name"] for row in store.history.sites())
    home = (pages[-1].url, pages[-1].moment) if pages else None
    return Described(
        title=f"Archive of {portals}" if portals else "An archive",
        description=f"Captures of web portals, from the archive {store.archive_id}.",
        created=f"{settings.clock():%Y-%m-%dT%H:%M:%SZ}",
        software=f"archiver/{package_version()}",
        home=home,
    )
