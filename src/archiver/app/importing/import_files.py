"""`archiver import`: captures out of WARC, ARC and WACZ files into the same history as those we made ourselves."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.app.importing.import_sites import ImportSites
from archiver.app.importing.revisit_originals import Originals
from archiver.errors import SiteBusy, UsageError
from archiver.fetch.warc.package import WarcFile, warc_files
from archiver.fetch.warc.replay import Replay, Replayed
from archiver.model.event import Listener, Progress
from archiver.model.reason import Reason
from archiver.model.warc import Flaw, Origin
from archiver.polite.stop import StopFlag
from archiver.settings import Settings
from archiver.store.archive import Store
from archiver.text.clean import printable

MOST_BYTES = 100_000_000  # of a body, if nobody says otherwise
_TOLD = 200  # flaws that are kept to be told; more are counted


@dataclass(frozen=True, slots=True)
class Found:
    """A flaw, and the file it is in."""

    file: str
    flaw: Flaw


@dataclass
class ImportSummary:
    """What an import came to.

    Attributes:
        files: that were read.
        captures: that were taken; `known`: that were here already.
        outside: captures that belong to no site that was asked for.
        others: records that are no captures of web pages, by type.
        flaws: what was wrong, the first 200; `flawed` counts all, `lost` those for which something was left out.
        unresolved: revisits whose payload is in none of the files and not in the archive.
        sites: that captures were taken for, by name, with how many.
        read: captures that were read; fewer than were taken when it was interrupted.
        new_pages, new_versions, changed, unread: what came of them, as in `runs`.
        ended: done, or interrupted.
    """

    files: int = 0
    captures: int = 0
    known: int = 0
    outside: int = 0
    others: dict[str, int] = field(default_factory=dict)
    flaws: list[Found] = field(default_factory=list)
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
        """Whether everything that was there was taken."""
        return not self.lost and not self.unresolved and not self.unread and self.ended == "done"

    def as_json(self) -> dict[str, Any]:
        """The command's line of JSON."""
        told = {name: value for name, value in vars(self).items() if name != "flaws"}
        return told | {
            "flaws": [
                {"file": each.file, "place": each.flaw.place, "what": each.flaw.what, "record_id": each.flaw.record_id}
                for each in self.flaws
            ]
        }


@dataclass(frozen=True, slots=True)
class Importing:
    """How to import: for which site (None: for any), how big a body may be, who hears, what stops it."""

    site: str | None
    most: int
    listen: Listener
    stop: StopFlag


def import_files(store: Store, settings: Settings, paths: Sequence[Path], wishes: Importing) -> ImportSummary:
    """Take captures out of files, then read them.

    What was taken is durable; when this is interrupted, the same call goes on, and takes nothing twice.

    Raises:
        UsageError: a file that is none of records.
        ProfileError: there is no such profile, or it has faults.
        SiteBusy: another program crawls one of the sites.
        ArchiveError: the archive does not take it.
    """
    files = warc_files(paths)
    with ImportSites(store, settings, wishes.site, wishes.listen) as sites:
        work = _Import(store, wishes, sites, settings.clock())
        work.take(files)
        work.read()
        return work.end()


class _Import:
    """One import under way."""

    def __init__(self, store: Store, wishes: Importing, sites: ImportSites, now: datetime) -> None:
        self._now = now
        self._store, self._wishes, self._sites = store, wishes, sites
        self._originals = Originals(store, sites.keep)
        self._late: list[tuple[WarcFile, int]] = []
        self._done = self._total = 0
        self.summary = ImportSummary()

    def take(self, files: Sequence[WarcFile]) -> None:
        """Keep what the files hold; revisits that stand before what they refer to are taken in the end."""
        self._total = sum(file.size for file in files)
        for file in files:
            replay = Replay(file, self._hears(file), self._wishes.most, now=self._now)
            for replayed in replay:
                if self._is_stopped(self._done + replayed.place):
                    break
                self._one(file, replayed, replay.contents.software, is_last_chance=False)
            self._count(replay, file)
        for file, place in self._late:
            if self._is_stopped(self._done):
                break
            replay = Replay(file, _told_before, self._wishes.most, place, self._now)
            for replayed in itertools.islice(replay, 1):
                self._one(file, replayed, replay.contents.software, is_last_chance=True)
        self._sites.keep()

    def _is_stopped(self, done: int) -> bool:
        self._wishes.listen(Progress("importing (kB)", done // 1000, self._total // 1000))
        return self._wishes.stop.wanted

    def _count(self, replay: Replay, file: WarcFile) -> None:
        self._done += file.size
        self.summary.files += 1
        for kind, count in replay.contents.others.items():
            self.summary.others[kind] = self.summary.others.get(kind, 0) + count

    def _hears(self, file: WarcFile) -> Callable[[Flaw], None]:
        def hear(flaw: Flaw) -> None:
            self.summary.flawed += 1
            self.summary.lost += flaw.lost
            if len(self.summary.flaws) < _TOLD:
                self.summary.flaws.append(Found(file.name, flaw))

        return hear

    def _one(self, file: WarcFile, replayed: Replayed, software: str, *, is_last_chance: bool) -> None:
        """Take one capture, with the payload it refers to."""
        try:
            site = self._sites.of(replayed.capture.url)
            if site is None:
                self.summary.outside += 1
                return
            whole = self._originals.resolve(replayed) if replayed.refers is not None else replayed
            if whole is None:
                self._unresolved(file, replayed, is_last_chance=is_last_chance)
                return
            origin = Origin(
                self._store.import_origins.file(file.name, software), whole.place, whole.record_id, whole.payload
            )
            if site.put(whole.capture, origin, Reason.imported(whole.reason_code, whole.reason)):
                self._originals.note(whole)
        except UsageError as error:
            self._hears(file)(Flaw(replayed.place, f"no web address: {error}", replayed.record_id))
        except SiteBusy as busy:
            self._hears(file)(Flaw(replayed.place, f"{busy}; import this file again later", replayed.record_id))

    def _unresolved(self, file: WarcFile, replayed: Replayed, *, is_last_chance: bool) -> None:
        if not is_last_chance:
            self._late.append((file, replayed.place))
            return
        self.summary.unresolved += 1
        refers = replayed.refers
        what = printable(
            (refers.record_id or refers.url or refers.digest if refers else "") or "it does not say what", 200
        )
        told = f"a revisit of what is in none of these files, nor in the archive ({what})"
        self._hears(file)(Flaw(replayed.place, told, replayed.record_id))

    def read(self) -> None:
        """Read what was taken, site by site."""

        def hears(name: str, done: int, total: int) -> bool:
            self._wishes.listen(Progress(f"reading {name}", done, total))
            return not self._wishes.stop.wanted

        self.summary.read = self._sites.read(hears)

    def end(self) -> ImportSummary:
        """Close the runs and count."""
        summary = self.summary
        summary.ended = "interrupted" if self._wishes.stop.wanted else "done"
        for name, site in self._sites.end(summary.ended).items():
            summary.captures += site.taken
            summary.known += site.known
            summary.new_versions += site.tally.new_versions
            summary.new_pages += site.tally.new_pages
            summary.changed += site.tally.changed
            summary.unread += site.tally.unread
            if site.taken:
                summary.sites[name] = site.taken
        return summary


def _told_before(_flaw: Flaw) -> None:
    """It was, in the first pass."""
