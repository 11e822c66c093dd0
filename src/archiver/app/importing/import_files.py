"""`archiver import`: add captures from WARC, ARC and WACZ files to the history, like captures of a crawl."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from archiver.app.importing.import_sites import ImportSites
from archiver.app.importing.revisit_originals import Originals
from archiver.crawl.import_captures import ImportedCapture, SiteImport
from archiver.errors import SiteBusy, UsageError
from archiver.fetch.warc.package import WarcFile, warc_files
from archiver.fetch.warc.replay import Replay
from archiver.fetch.warc.replayed import Replayed
from archiver.model.event import Listener, Progress
from archiver.model.reason import Reason
from archiver.model.warc import Flaw, Origin
from archiver.polite.stop import StopFlag
from archiver.settings import Settings
from archiver.store.archive import Store
from archiver.store.import_origins import PageVisit
from archiver.text.clean import printable

MOST_BYTES = 100_000_000  # of a body, by default
_MOST_FLAWS = 200  # kinds of flaws that the summary lists; all flaws are counted


@dataclass(slots=True)
class FileFlaw:
    """The flaws of one kind in one file: the first of them, and their number."""

    file: str
    flaw: Flaw
    count: int = 1

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        return {
            "file": self.file,
            "place": self.flaw.place,
            "what": self.flaw.what,
            "record_id": self.flaw.record_id,
            "count": self.count,
            "lost": self.flaw.lost,
        }


@dataclass
class ImportSummary:
    """The summary of an import.

    Attributes:
        files: the number of files that were read.
        captures: the number of imported captures; `known`: the number that the archive had already.
        redacted: the number of captures that are left out, because they were redacted in this archive.
        of_ours: the number of renditions that are left out, because they are of visits that this archive made itself.
        outside: the number of captures that belong to no requested site.
        others: the number of records that are no captures of web pages, by type and scheme.
        truncated: the number of imported captures of which the file lacks bytes.
        not_kept: the number of imported captures without their body, by the reason (`NotKept`).
        flaws: by file and kind, 200 at most; `flawed` counts all, `lost` those because of which something was left out.
        unresolved: revisits whose payload is neither in the files nor in the archive.
        sites: the number of imported captures by site name.
        read: the number of captures that were read; fewer than were imported after an interruption.
        new_pages, new_versions, changed, unread: the results, as in `runs`.
        ended: done, or interrupted.
    """

    files: int = 0
    captures: int = 0
    known: int = 0
    redacted: int = 0
    of_ours: int = 0
    outside: int = 0
    others: dict[str, int] = field(default_factory=dict)
    truncated: int = 0
    not_kept: dict[str, int] = field(default_factory=dict)
    flaws: list[FileFlaw] = field(default_factory=list)
    flawed: int = 0
    lost: int = 0
    unresolved: int = 0
    sites: dict[str, int] = field(default_factory=dict)
    read: int = 0
    new_versions: int = 0
    new_pages: int = 0
    changed: int = 0
    unread: int = 0
    ended: str = "done"

    @property
    def is_whole(self) -> bool:
        """Return whether everything in the files was imported and read."""
        left_out = self.lost or self.truncated or self.unresolved or self.unread
        return not left_out and self.ended == "done"

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        values = {name: value for name, value in vars(self).items() if name != "flaws"}
        return values | {"flaws": [each.as_json() for each in self.flaws]}


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to import.

    Attributes:
        site: the site whose captures are imported; None for every site.
        most: the maximum size of a body, in bytes.
        listen: called with progress events.
        stop: ends the import early when its `wanted` is set.
    """

    site: str | None
    most: int
    listen: Listener
    stop: StopFlag


def import_files(store: Store, settings: Settings, paths: Sequence[Path], options: ImportOptions) -> ImportSummary:
    """Import captures from files, then read them.

    Imported captures are durable. After an interruption the same call continues, and imports nothing twice.

    Raises:
        UsageError: a file cannot be read, or its format has no records.
        ProfileError: there is no such profile, or it has faults.
        SiteBusy: another process crawls one of the sites.
        ArchiveError: the archive cannot be written.
    """
    files = warc_files(paths)
    with ImportSites(store, settings, options.site, options.listen) as sites:
        work = _Import(store, options, sites, settings.clock())
        work.take(files)
        work.read()
        return work.end()


class _Deferred(NamedTuple):
    """A record that may have to wait until others are stored. `software`: the program that wrote the file."""

    file: WarcFile
    place: int
    record_id: str
    software: str


class _Import:
    """One running import."""

    def __init__(self, store: Store, options: ImportOptions, sites: ImportSites, now: datetime) -> None:
        self._now = now
        self._store, self._options, self._sites = store, options, sites
        self._originals = Originals(store, sites.keep)
        self._deferred: list[_Deferred] = []
        self._pageless: list[_Deferred] = []
        self._flaws: dict[tuple[str, str, bool], FileFlaw] = {}
        self._done = self._total = 0
        self.summary = ImportSummary()

    def take(self, files: Sequence[WarcFile]) -> None:
        """Store the captures in the files.

        Revisits that precede the record they refer to come later, and what a browser got and made of pages whose
        captures are not stored yet comes last.
        """
        self._total = sum(file.size for file in files)
        for file in files:
            replay = Replay(file, self._flaw_listener(file), self._options.most, now=self._now)
            for replayed in replay:
                if self._is_stopped(self._done + replayed.place):
                    break
                self._import_one(
                    _Deferred(file, replayed.place, replayed.record_id, replay.contents.software), replayed
                )
            self._count(replay, file)
        self._take_again(self._deferred, is_last=False)
        self._take_again(self._pageless, is_last=True)
        self._sites.keep()

    def _take_again(self, deferred: Sequence["_Deferred"], *, is_last: bool) -> None:
        """Store captures that wait for others. `is_last`: for pages, and not for payloads only."""
        for each in deferred:
            if self._is_stopped(self._done):
                break
            replay = Replay(each.file, _ignore_flaw, self._options.most, each.place, self._now)
            replay.contents.software = each.software
            again = next((one for one in replay if one.record_id == each.record_id), None)  # a member may hold many
            if again is not None:
                self._import_one(each, again, is_again=True, is_last=is_last)

    def _is_stopped(self, done: int) -> bool:
        self._options.listen(Progress("importing (kB)", done // 1000, self._total // 1000))
        return self._options.stop.wanted

    def _count(self, replay: Replay, file: WarcFile) -> None:
        self._done += file.size
        self.summary.files += 1
        for kind, count in replay.contents.others.items():
            self.summary.others[kind] = self.summary.others.get(kind, 0) + count

    def _flaw_listener(self, file: WarcFile) -> Callable[[Flaw], None]:
        def add(flaw: Flaw) -> None:
            self.summary.flawed += 1
            self.summary.lost += flaw.lost
            key = (file.name, flaw.kind, flaw.lost)
            if key in self._flaws:
                self._flaws[key].count += 1
            elif len(self._flaws) < _MOST_FLAWS:
                self._flaws[key] = FileFlaw(file.name, flaw)

        return add

    def _import_one(
        self, at: "_Deferred", replayed: Replayed, *, is_again: bool = False, is_last: bool = False
    ) -> None:
        """Import one capture, with the payload it refers to, and the visit of the page that a browser opened.

        Args:
            at: its place; it may have to wait for others.
            replayed: the capture.
            is_again: all payloads of the files are stored, but for those that wait for a page, too.
            is_last: all pages of the files are stored.
        """
        try:
            site = self._sites.of(replayed.site_url)
            if site is None:
                self.summary.outside += 1
                return
            resolved = self._originals.resolve(replayed) if replayed.refers is not None else replayed
            if resolved is None:
                self._unresolved(at, replayed, is_again=is_again, is_last=is_last)
                return
            page = self._page_visit(site, resolved)
            if resolved.of is not None and page is None and self._left_out(at, resolved, is_last=is_last):
                return
            origin = Origin(
                self._store.import_origins.file(at.file.name, at.software),
                resolved.place,
                resolved.record_id,
                resolved.payload,
            )
            reason = Reason.imported(resolved.reason_code, resolved.reason)
            if site.add(ImportedCapture(resolved.capture, origin, reason, page)):
                self._originals.note(resolved)
                self.summary.truncated += resolved.is_cut
                if resolved.not_kept:
                    self.summary.not_kept[resolved.not_kept] = self.summary.not_kept.get(resolved.not_kept, 0) + 1
        except UsageError as error:
            self._flaw_listener(at.file)(Flaw(replayed.place, f"not a web address ({error})", replayed.record_id))
        except SiteBusy as busy:
            self._flaw_listener(at.file)(
                Flaw(replayed.place, f"{busy}; import this file again later", replayed.record_id)
            )

    @staticmethod
    def _page_visit(site: SiteImport, replayed: Replayed) -> PageVisit | None:
        of = replayed.of
        return site.visit_of_page(of.records, of.url, of.moment, is_exact=of.is_exact) if of is not None else None

    def _left_out(self, at: "_Deferred", replayed: Replayed, *, is_last: bool) -> bool:
        """Leave out, for now or at all, what a browser got or made of a page whose capture the archive does not have.

        Answers that it got are captures of their own, and are kept at the end; what it made is not.
        """
        if not is_last:
            self._pageless.append(at)
        elif replayed.capture.made_by and replayed.of is not None and replayed.of.is_exact:
            what = "what a browser made of a page whose capture is neither in these files nor in the archive"
            self._flaw_listener(at.file)(Flaw(replayed.place, what, replayed.record_id))
        elif replayed.capture.made_by:
            kind = f"resource urn:{replayed.capture.url.split(':')[1]}: without its page"
            self.summary.others[kind] = self.summary.others.get(kind, 0) + 1
        return not is_last or bool(replayed.capture.made_by)

    def _unresolved(self, at: "_Deferred", replayed: Replayed, *, is_again: bool, is_last: bool) -> None:
        if not is_last:
            (self._pageless if is_again else self._deferred).append(at)
            return
        self.summary.unresolved += 1
        refers = replayed.refers
        what = printable((refers.record_id or refers.url or refers.digest if refers else "") or "not named", 200)
        message = f"a revisit of a record that is neither in these files nor in the archive ({what})"
        self._flaw_listener(at.file)(Flaw(replayed.place, message, replayed.record_id))

    def read(self) -> None:
        """Read the imported captures, site by site."""

        def progressed(name: str, done: int, total: int) -> bool:
            self._options.listen(Progress(f"reading {name}", done, total))
            return not self._options.stop.wanted

        self.summary.read = self._sites.read(progressed)

    def end(self) -> ImportSummary:
        """End the runs and return the summary."""
        summary = self.summary
        summary.ended = "interrupted" if self._options.stop.wanted else "done"
        summary.flaws = list(self._flaws.values())
        for name, site in self._sites.end(summary.ended).items():
            summary.captures += site.imported
            summary.known += site.known
            summary.redacted += site.redacted
            summary.of_ours += site.of_ours
            summary.new_versions += site.tally.new_versions
            summary.new_pages += site.tally.new_pages
            summary.changed += site.tally.changed
            summary.unread += site.tally.unread
            if site.imported:
                summary.sites[name] = site.imported
        return summary


def _ignore_flaw(_flaw: Flaw) -> None:
    """Do nothing: the first pass has counted this flaw."""
