"""Export a WACZ package: WARC files, index and list of pages. The file gets its name when it is complete."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from archiver.app.exporting.warc_out import WarcExport, export_warc
from archiver.app.exporting.warc_target import WarcOptions, make_folder
from archiver.errors import UsageError
from archiver.export.endings import checked_ending
from archiver.export.wacz import PageLine, WaczMetadata, WaczWriter, write_pages
from archiver.export.wacz_sign import WaczSigner
from archiver.export.whole import pending, sha256_of
from archiver.model.event import Listener
from archiver.settings import Settings, package_version
from archiver.store.archive import Store
from archiver.store.export_state import PACKAGES, ExportState
from archiver.text.permalink import permalink

_INDEX = "index.cdxj"
_PAGE_LIST = "pages.jsonl"


@dataclass(frozen=True, slots=True)
class WaczOptions:
    """How to write a package.

    Attributes:
        text: whether the list of pages has the bodies as text, for the viewer's search.
        force: replace a package that exists.
        signer: signs the package; None leaves it unsigned.
    """

    text: bool = False
    force: bool = False
    signer: WaczSigner | None = None


@dataclass(frozen=True, slots=True)
class WaczExport:
    """The result of an export: the package, its captures, its pages, and the digest of its datapackage.json.

    Attributes:
        path: None when there was no capture since the last package, so that none was written.
        bytes: the size of the file.
        requires: names of earlier packages that its revisits refer to.
    """

    path: Path | None
    bytes: int
    warcs: WarcExport
    pages: int
    digest: str
    is_signed: bool = False
    requires: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        counts = {name: value for name, value in self.warcs.as_json().items() if name != "files"}
        values = {"path": None if self.path is None else str(self.path), "bytes": self.bytes, "pages": self.pages}
        return {**values, "digest": self.digest, "signed": self.is_signed, "requires": list(self.requires), **counts}


def export_wacz(
    store: Store, settings: Settings, dest: Path, wanted: WarcOptions, options: WaczOptions, listen: Listener
) -> WaczExport:
    """Write a package (WACZ 1.1.1).

    Args:
        store: the archive.
        settings: the archive's path and the clock.
        dest: the file, NAME.wacz.
        wanted: which captures; `since_last` means those after the last such package in the same folder.
        options: how to write the package.
        listen: called with progress events.

    Raises:
        UsageError: the name does not end with .wacz, the file exists, or no capture was selected.
        NotInArchive: no such site or page.
        ArchiveDamaged: a capture's bytes do not match its digest.
    """
    if checked_ending(dest, ("wacz",), "export wacz") != "wacz":
        raise UsageError(f"{dest}: the name of a package must end with .wacz; write NAME.wacz")
    with closing(_state(store, dest, wanted)) as state:
        try:
            with pending(force=options.force) as files:
                place = files.path(dest)
                done = _packed(store, settings, place, wanted, options, _Target(dest, state, listen))
        except _NothingNew as nothing:
            return WaczExport(None, 0, nothing.warcs, 0, "")
        state.packed(dest.name, f"sha256:{sha256_of(dest)}", done.bytes)
    return done


def _state(store: Store, dest: Path, wanted: WarcOptions) -> ExportState:
    if wanted.since_last:
        make_folder(dest.parent)
    state = dest.parent / PACKAGES if wanted.since_last else None
    return ExportState.open(state, store.archive_id, in_packages=True)


def _nothing(warcs: WarcExport) -> str:
    hidden = {"were redacted": warcs.redacted, "are under an embargo": warcs.embargoed, "were pruned": warcs.pruned}
    why = "; ".join(f"{count} {what}" for what, count in hidden.items() if count)
    return f"no capture matches these options{f' ({why})' if why else ''}; choose others"


class _NothingNew(Exception):
    """There is no capture since the last package."""

    def __init__(self, warcs: WarcExport) -> None:
        super().__init__()
        self.warcs = warcs


class _Target(NamedTuple):
    """Where a package goes: its name, the state of its series, and the listener."""

    dest: Path
    state: ExportState
    listen: Listener


def _packed(
    store: Store, settings: Settings, place: Path, wanted: WarcOptions, options: WaczOptions, target: _Target
) -> WaczExport:
    with tempfile.TemporaryDirectory(prefix=".wacz-", dir=place.parent) as scratch:
        folder = Path(scratch)
        warcs = export_warc(store, settings, folder, replace(wanted, cdxj=True), target.listen, state=target.state)
        if not warcs.files:
            if wanted.since_last:
                raise _NothingNew(warcs)
            raise UsageError(_nothing(warcs))
        requires = target.state.required()
        pages = _list_pages(store, wanted, folder, text=options.text)
        digest = _write(place, folder, _described(store, settings, pages.last, requires), options.signer)
    names = tuple(str(each["filename"]) for each in requires)
    return WaczExport(target.dest, place.stat().st_size, warcs, pages.count, digest, options.signer is not None, names)


def _write(place: Path, folder: Path, described: WaczMetadata, signer: WaczSigner | None) -> str:
    package = WaczWriter(place)
    try:
        for path in sorted(folder.glob("*.warc.gz")):
            package.put_warc(path)
        package.put_index(folder / _INDEX)
        package.put_pages(folder / _PAGE_LIST)
        return package.finish(described, signer)
    finally:
        package.close()


def _captured(folder: Path) -> set[tuple[str, str]]:
    """Return the moment and the address of each capture in the package."""
    with (folder / _INDEX).open(encoding="utf-8") as lines:
        return {(parts[1], _url(parts[2])) for parts in (line.split(" ", 2) for line in lines)}


def _url(line: str) -> str:
    return line.partition('"url": "')[2].partition('"')[0]


_PAGES = (
    "SELECT v.version_id, v.title, t.visited_at, t.final_url, v.url, v.body FROM versions v "
    "JOIN visits t ON t.page_id = v.page_id AND t.outcome = 'ok' AND {0} "
    "WHERE (:site IS NULL OR v.site = :site) ORDER BY t.visited_at, v.version_id"
)
_FIRST = "t.visited_at = v.seen_from"
_ANY = "t.visited_at BETWEEN v.seen_from AND v.seen_last"


class _Passing:
    """Pages that pass by: their number, and the last of them."""

    def __init__(self) -> None:
        self.count = 0
        self.last: PageLine | None = None

    def passing(self, pages: Iterable[PageLine]) -> Iterator[PageLine]:
        for page in pages:
            self.count, self.last = self.count + 1, page
            yield page


def _list_pages(store: Store, wanted: WarcOptions, folder: Path, *, text: bool) -> _Passing:
    """List each version whose first capture is in the package; if there is none, each page by its last capture.

    A viewer needs at least one page to open.
    """
    captured, found = _captured(folder), _Passing()
    first = _lines(store, _PAGES.format(_FIRST), wanted, captured, text=text)
    write_pages(folder / _PAGE_LIST, found.passing(first), text=text)
    if not found.count:
        last = {line.url: line for line in _lines(store, _PAGES.format(_ANY), wanted, captured, text=text)}
        write_pages(folder / _PAGE_LIST, found.passing(last.values()), text=text)
    return found


def _lines(
    store: Store, query: str, wanted: WarcOptions, captured: set[tuple[str, str]], *, text: bool
) -> Iterator[PageLine]:
    for row in store.sql(query, {"site": wanted.site}):
        stamp = permalink(row["visited_at"], "").moment
        if (stamp, row["final_url"]) in captured:
            moment = row["visited_at"].replace(" ", "T") + "Z"
            body = row["body"] if text else None
            yield PageLine(str(row["version_id"]), row["final_url"], moment, row["title"] or row["url"], body)


def _described(
    store: Store, settings: Settings, main: PageLine | None, requires: tuple[dict[str, str | int], ...]
) -> WaczMetadata:
    portals = ", ".join(row["title"] or row["name"] for row in store.history.sites())
    return WaczMetadata(
        title=f"Archive of {portals}" if portals else "An archive",
        description=f"Captures of web portals, from the archive {store.archive_id}.",
        created=f"{settings.clock():%Y-%m-%dT%H:%M:%SZ}",
        software=f"archiver/{package_version()}",
        main_page=None if main is None else (main.url, main.moment),
        requires=requires,
    )
