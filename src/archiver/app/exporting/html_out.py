"""Export captured pages as HTML files that need nothing else: one page, or the pages of a site with an index."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archiver.app.exporting.captured import CapturesByAddress
from archiver.app.reading.find import known_site
from archiver.app.reading.page import Page
from archiver.app.reading.shown_document import shown_document
from archiver.errors import BodyPruned, NoSuchVersion, UsageError
from archiver.export.html_pages import ExportedPage, banner_of, head_of, index_of
from archiver.export.sums import SUMS, holds_only_listed, sums_text
from archiver.export.tables import Written, measured
from archiver.export.whole import pending, pending_folder
from archiver.extract.inliner import Inliner
from archiver.extract.open_page import parse_capture
from archiver.extract.standalone import Additions, standalone
from archiver.model.capture import HTML_TYPES
from archiver.model.event import Listener, Progress
from archiver.model.moments import Moment, until_text
from archiver.settings import Settings, package_version
from archiver.store.archive import Store
from archiver.text.clean import line
from archiver.text.shown_address import shown_address

INDEX = "index.html"
MOST_BYTES = 20_000_000
"""The maximum size of a file, unless another one is given."""
_PAGES = (
    "SELECT t.page_id, t.site, t.url, t.visit_id, t.visited_at, t.sha256, coalesce((SELECT w.title FROM versions w "
    "WHERE w.page_id = t.page_id AND t.visited_at BETWEEN w.seen_from AND w.seen_last LIMIT 1), t.title) AS title "
    "FROM (SELECT v.page_id, v.site, p.url, v.visit_id, v.visited_at, v.sha256, p.title, "
    "row_number() OVER (PARTITION BY v.page_id ORDER BY v.visited_at DESC, v.visit_id DESC) AS number "
    "FROM visits v JOIN pages p ON p.page_id = v.page_id WHERE {} AND v.outcome IN ('ok', 'unreadable') "
    f"AND v.bytes > 0 AND v.media_type IN {HTML_TYPES}) t WHERE number = 1 ORDER BY t.site, t.page_id"
)
_OF_SITE = "(:site IS NULL OR v.site = :site) AND (:until IS NULL OR v.visited_at < :until)"
_OF_PAGE = "v.page_id = :page AND v.visited_at <= :moment"


@dataclass(frozen=True, slots=True)
class HtmlExport:
    """The result of an export.

    Attributes:
        files: the files, an index included.
        pages: the number of pages that were written.
        missing: requisites that pages name and the archive does not have, each counted once for every page.
        over: requisites that were left out because a file would have been too big.
        skipped: addresses of pages that were not written, and why.
        embargoed: the number of pages that were left out because of an embargo.
    """

    files: tuple[Written, ...]
    pages: int
    missing: int
    over: int
    skipped: Mapping[str, str]
    embargoed: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        files = [each.as_json() for each in self.files]
        counts = {"pages": self.pages, "missing": self.missing, "over": self.over, "embargoed": self.embargoed}
        return {"files": files, **counts, "skipped": dict(self.skipped)}


def export_html_page(
    store: Store, page: Page, dest: Path, at: Moment | None, *, most_bytes: int = MOST_BYTES, force: bool = False
) -> HtmlExport:
    """Write a page as one HTML file, with the images, style sheets and fonts that were captured, and without scripts.

    Args:
        store: the archive.
        page: the page.
        dest: the file, NAME.html.
        at: the page as it was at a moment; None for its newest version.
        most_bytes: the maximum size of the file.
        force: replace a file that exists.

    Raises:
        UsageError: the name does not end with .html, the file exists, or the capture is no page or too big.
        NoSuchVersion: there is no capture of the page at that moment.
        ArchiveDamaged: a capture's bytes do not match its digest.
    """
    if dest.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"{dest}: the name of a page's file must end with .html; write NAME.html")
    row = _capture_row(store, page, at)
    writing = _Writing(store, most_bytes, lambda url, _: url)
    with pending(force=force) as files:
        place = files.path(dest)
        try:
            text = writing.text_of(row)
        except (_TooBig, BodyPruned) as fault:
            raise UsageError(f"{page.url}: {fault}; choose another capture or --max-bytes") from fault
        place.write_bytes(text)
        written = measured(place, dest)
    return HtmlExport((written,), 1, writing.missing, writing.over, {})


def _capture_row(store: Store, page: Page, at: Moment | None) -> dict[str, Any]:
    visit_id = page.capture_at(at)
    visit = store.history.visit(visit_id) if visit_id is not None else None
    if visit is None:
        if at is not None:
            page.at(at)  # it raises, and says when the page was seen
        raise NoSuchVersion(f"{page.url}: no visit received any bytes; see `archiver history`")
    rows = store.sql(_PAGES.format(_OF_PAGE), {"page": page.page_id, "moment": visit.visited_at})
    row = next(rows, None)
    if row is None:
        raise UsageError(
            f"{page.url}: no page of HTML was captured ({visit.media_type or 'no type'}); "
            "`archiver show URL --format raw` prints the bytes"
        )
    return row


def export_html_site(
    store: Store,
    settings: Settings,
    dest: Path,
    site: str | None,
    at: Moment | None,
    *,
    without: Sequence[int] = (),
    most_bytes: int = MOST_BYTES,
    force: bool = False,
    listen: Listener,
) -> HtmlExport:
    """Write the pages of a site, or of all sites, into a folder: linked with each other, with an index.

    Args:
        store: the archive.
        settings: the clock.
        dest: the folder; it does not exist yet, or is empty.
        site: only of this site.
        at: each page by its last capture up to a moment; None for its last one.
        without: pages that are left out, because of an embargo.
        most_bytes: the maximum size of each file.
        force: replace a folder that such an export made.
        listen: called with progress events.

    Raises:
        UsageError: the folder cannot be made, or there is no page.
        NotInArchive: there is no such site.
        ArchiveDamaged: a capture's bytes do not match its digest.
    """
    if dest.suffix.lower() in (".html", ".htm"):
        raise UsageError(f"{dest}: the pages of a site go into a folder; name one, or a page with --page")
    until = None if at is None else until_text(at, settings.clock())
    values = {"site": known_site(store, site), "until": until}
    found = list(store.sql(_PAGES.format(_OF_SITE), values))
    rows = [row for row in found if row["page_id"] not in without]
    if not rows:
        raise UsageError("no page of HTML was captured that matches these options; choose others")
    names = {row["page_id"]: _described(row).file_name for row in rows}
    writing = _Writing(store, most_bytes, _links(store, names))
    with pending_folder(dest, lambda folder: holds_only_listed(folder, INDEX), force=force) as folder:
        files = list(_write_all(writing, folder, rows, listen))
        titles = ", ".join(
            each["title"] or each["name"] for each in store.history.sites() if site in (None, each["name"])
        )
        (folder / INDEX).write_text(index_of(titles, writing.pages), encoding="utf-8", newline="\n")
        files.append(measured(folder / INDEX, Path(INDEX)))
        (folder / SUMS).write_text(sums_text(files), encoding="utf-8", newline="\n")
        files.append(measured(folder / SUMS, Path(SUMS)))
    placed = tuple(Written(dest / each.path, None, each.bytes, each.sha256) for each in files)
    embargoed = len(found) - len(rows)
    return HtmlExport(placed, len(writing.pages), writing.missing, writing.over, writing.skipped, embargoed)


def _write_all(writing: "_Writing", folder: Path, rows: list[dict[str, Any]], listen: Listener) -> Iterator[Written]:
    for number, row in enumerate(rows):
        listen(Progress("pages", number, len(rows)))
        page = _described(row)
        try:
            text = writing.text_of(row)
        except (_TooBig, BodyPruned) as fault:
            writing.skipped[page.url] = str(fault)
            continue
        (folder / page.file_name).write_bytes(text)
        writing.pages.append(page)
        yield measured(folder / page.file_name, Path(page.file_name))


def _links(store: Store, names: Mapping[int, str]) -> Callable[[str, str], str]:
    """Return the function that gives the file of a link's address, or the address when it is not exported."""
    captures = CapturesByAddress(store)
    known: dict[tuple[str, str], str] = {}

    def link(url: str, site: str) -> str:
        found = known.get((url, site))
        if found is None:
            exported = (names[page] for page in captures.pages_of(url, site) if page in names)
            found = known[url, site] = next(exported, url)
        return found

    return link


class _TooBig(Exception):
    """A page's own markup is bigger than its file may be."""


class _Writing:
    """The pages of one export."""

    def __init__(self, store: Store, most_bytes: int, link: Callable[[str, str], str]) -> None:
        self._store, self._most, self._link = store, most_bytes, link
        self._captures = CapturesByAddress(store)
        self.pages: list[ExportedPage] = []
        self.skipped: dict[str, str] = {}
        self.missing = self.over = 0

    def text_of(self, row: Mapping[str, Any]) -> bytes:
        """Return the file of a page; raise `_TooBig` when its markup alone is too big."""
        kept = self._store.evidence.visit(row["visit_id"])
        document = shown_document(self._store, row["page_id"], kept.capture)
        parsed, _ = parse_capture(document.capture, None)
        page = _described(row)
        if document.browser:
            page = replace(page, sha256=document.capture.sha256, browser=document.browser)
        added = Additions(head_of(page, f"archiver {package_version()}"), banner_of(page))
        budget = self._most - len(document.capture.body) - len(added.head) - len(added.end)
        inliner = Inliner(lambda url: self._captures.at(url, kept.visited_at), max(budget, 0))
        site = row["site"]
        text = standalone(parsed, inliner, lambda url: self._link(url, site), added).encode("utf-8", "replace")
        if len(text) > self._most:
            raise _TooBig(f"the page alone has more than {self._most} bytes")
        self.missing += len(inliner.missing)
        self.over += len(inliner.over)
        return text


def _described(row: Mapping[str, Any]) -> ExportedPage:
    return ExportedPage(
        row["page_id"],
        row["url"],
        shown_address(row["url"]),
        line(row["title"] or ""),
        row["visited_at"],
        row["sha256"],
    )
