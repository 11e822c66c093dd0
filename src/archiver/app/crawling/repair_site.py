"""Mend the profile of a site after a redesign, from its doubtful captures and what was known of their pages.

the pages in doubt (or all captures since a day) → at most thirty of them are learned from → the proposal
→ all of them, and captures that were read well before, are read with both profiles: the bench
→ when applied: the profile is written with tests, and all captures of the site are read again in one commit
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from archiver.app import profiles
from archiver.app.learning.profile_file import ProfileFile, write_learned
from archiver.errors import ArchiveDamaged, BodyPruned, NotInArchive, UsageError
from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.learn.doubtful_pages import DoubtfulPage, unlabelled
from archiver.learn.learned import LearnedProfile
from archiver.learn.learned_tests import tests_of
from archiver.learn.repair import repair_profile
from archiver.learn.repair_bench import RepairBench, bench_repair
from archiver.learn.repaired import MendedTable
from archiver.model.capture import Capture
from archiver.model.clock import instant
from archiver.model.event import Listener, Progress
from archiver.model.profile import Profile
from archiver.settings import Settings, bundled_profiles
from archiver.store.archive import Store
from archiver.store.sample_captures import MisreadPage

_MOST_LEARNED = 30
_MOST_GOOD = 200
_MOST_ROUNDS = 3
_MOST_TESTS = 3


@dataclass
class SiteRepair:
    """The proposal for a site.

    Attributes:
        profile: the profile that misreads pages; `mended`: the proposed one.
        pages: the pages in doubt.
        tables: the proposed tables; `failed`: those that are not good enough.
        bench: what both profiles read.
        unlike: the addresses of pages without most of their known text; nothing is learned from them.
        copied: whether the profile comes with the program, so that a copy will be written.
    """

    profile: Profile
    mended: Profile
    pages: Sequence[MisreadPage]
    path: Path
    tables: list[MendedTable] = field(default_factory=list)
    failed: list[MendedTable] = field(default_factory=list)
    unlike: list[str] = field(default_factory=list)
    bench: RepairBench = field(default_factory=RepairBench)
    copied: bool = False

    @property
    def is_safe(self) -> bool:
        """Return whether tables are proposed that read what is known, and earlier captures as before."""
        misread = any(each.misread for each in self.tables)
        return (bool(self.tables) or self.is_mended) and not self.bench.differing and not misread

    @property
    def is_mended(self) -> bool:
        """Return whether the profile reads all pages in doubt already: it was mended, and they were not read again."""
        return not self.tables and self.bench.pages > 0 and not self.bench.misread and not self.unlike

    @property
    def name(self) -> str:
        """Return the name of the site."""
        return self.profile.name

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        bench = self.bench
        return {
            "site": self.name,
            "path": str(self.path),
            "pages": len(self.pages),
            "tables": [_table_json(each) for each in self.tables],
            "failed": [_table_json(each) for each in self.failed],
            "unlike": self.unlike,
            "bench": {
                "pages": bench.pages,
                "read_before": bench.before,
                "read_after": bench.after,
                "unchanged": bench.unchanged,
                "fields": {name: {"known": n, "same": bench.same[name]} for name, n in sorted(bench.known.items())},
                "misread": bench.misread,
                "good": bench.good,
                "differing": bench.differing,
            },
        }


def _table_json(table: MendedTable) -> dict[str, Any]:
    rows = [
        {
            "field": each.name,
            "before": list(each.before),
            "after": list(each.after),
            "known": each.known,
            "right": each.right,
            "given": each.given,
            "confidence": round(each.confidence, 3),
            "lost": each.is_lost,
            "reason": each.reason,
        }
        for each in table.fields
    ]
    return {
        "since": str(table.table.since),
        "old": table.old.template,
        "pages": list(table.urls),
        "agreement": round(table.agreement, 3),
        "body": round(table.body, 3),
        "lost": list(table.lost),
        "fields": rows,
        "text": table.text,
    }


def propose_repair(store: Store, settings: Settings, name: str, since: str | None, listen: Listener) -> SiteRepair:
    """Return the proposed tables for a site; none when no page is in doubt, or when no rules were found.

    Args:
        store: the archive.
        settings: where profiles are.
        name: the name of the site.
        since: take all captures from this moment on (UTC text) as doubtful; None: those in doubt.
        listen: receives the progress.

    Raises:
        NotInArchive: the archive has no such site.
        ProfileError: the site has no profile with rules, or a faulty one.
    """
    profile = _profile(store, settings, name)
    site_id = store.pages.site_id(profile.name)
    if site_id is None:
        known = ", ".join(row["name"] for row in store.history.sites()) or "none yet"
        raise NotInArchive(f"{profile.name}: no such site in {store.path}; known: {known}")
    pages = store.sample_captures.since(site_id, since) if since else store.sample_captures.in_doubt(site_id)
    path, copied = _path(profile, settings)
    repair = SiteRepair(profile, profile, pages, path, copied=copied)
    if pages:
        first = min(each.since for each in pages)
        good = list(_captures(store, store.sample_captures.good_before(site_id, first, _MOST_GOOD)))
        _mend(repair, store, good, listen)
    return repair


def _profile(store: Store, settings: Settings, name: str) -> Profile:
    folders = settings.selectors
    if name.endswith(".toml") or profiles.is_named(name, folders) or store.pages.site_id(name) is None:
        return profiles.by_name(name, folders)
    found = profiles.stored(store, name)
    if found is None or not found.pages:
        raise UsageError(f"{name}: has no profile that could be mended; `archiver site learn {name} --from-archive`")
    return found


def _path(profile: Profile, settings: Settings) -> tuple[Path, bool]:
    """Return the file for the mended profile, and whether it is a copy of one that comes with the program."""
    path, bundled = Path(profile.source), bundled_profiles().resolve()
    if path.is_file() and path.resolve().parent != bundled:
        return path, False
    folder = next((each for each in settings.selectors if each.resolve() != bundled), Path("selectors"))
    return folder / f"{profile.name}.toml", path.is_file()


def _captures(store: Store, visits: Sequence[int]) -> Iterator[Capture]:
    for visit_id in visits:
        with suppress(ArchiveDamaged, BodyPruned):
            yield store.evidence.visit(visit_id).capture


def _mend(repair: SiteRepair, store: Store, good: Sequence[Capture], listen: Listener) -> None:
    """Learn from pages that are not read yet, until all are, or nothing more is found."""
    left = list(repair.pages)
    for _ in range(_MOST_ROUNDS):
        chosen = _spread(left, _MOST_LEARNED)
        some = list(_doubtful(repair, store, chosen, listen, f"learning the new template of {repair.name}"))
        found = repair_profile(repair.mended, some, good)
        repair.unlike += [each for each in found.unlike if each not in repair.unlike]
        task = f"reading the doubtful captures of {repair.name}"
        every = _doubtful(repair, store, repair.pages, listen, task)
        bench = bench_repair(repair.profile, found.profile, every, good)
        if found.proposed and not _reads_any(found.proposed, bench):
            repair.failed = [replace(each, text="") for each in found.tables]
            return
        repair.failed = [each for each in found.tables if not each.text]
        repair.mended, repair.bench = found.profile, bench
        repair.tables += found.proposed
        misread = set(repair.bench.misread)
        left = [each for each in left if each.url in misread and each.url not in repair.unlike]
        if not found.proposed or not left:
            return


def _reads_any(tables: Sequence[MendedTable], bench: RepairBench) -> bool:
    """Return whether tables read any of the pages that they were learned from; the bench does not read listings."""
    misread = set(bench.misread)
    return any(each.table.kind == "listing" or not misread.issuperset(each.urls) for each in tables)


def _spread(pages: Sequence[MisreadPage], most: int) -> list[MisreadPage]:
    """Return at most so many pages, at equal distances; those with a good capture first."""
    ordered = sorted(pages, key=lambda each: each.good is None)
    count = min(most, len(ordered))
    return [ordered[place * len(ordered) // count] for place in range(count)]


def _doubtful(
    repair: SiteRepair, store: Store, pages: Sequence[MisreadPage], listen: Listener, task: str
) -> Iterator[DoubtfulPage]:
    """Yield pages with their newest captures, and what was known of them."""
    for number, page in enumerate(pages, 1):
        listen(Progress(task, number, len(pages)))
        capture = next(_captures(store, [page.newest]), None)
        if capture is None:
            continue
        good = next(_captures(store, [page.good] if page.good is not None else []), None)
        at = instant(page.since)
        if good is not None:
            record = read(good, repair.profile, links=False)
            if not record.broken:  # else another profile read it
                yield DoubtfulPage(capture, at, record.content, record.readings, good)
                continue
        version = store.history.version_at(page.page_id, page.since)
        known = version.content if version is not None and version.seen_from < page.since else None
        yield DoubtfulPage(capture, at, known)


def write_repair(repair: SiteRepair, store: Store) -> tuple[Path, tuple[Path, ...]]:
    """Write the mended profile with tests of the new tables; return its file, and the pages of the tests.

    Raises:
        UsageError: a file cannot be written, or the profile was edited meanwhile.
    """
    urls = [url for table in repair.tables for url in table.urls[:_MOST_TESTS]]
    pages = [each for each in repair.pages if each.url in set(urls)]
    samples = [unlabelled(each, repair.mended) for each in _captures(store, [each.newest for each in pages])]
    tests, files = tests_of(repair.mended, [each.given.capture for each in samples])
    text = f"{repair.mended.text.rstrip()}\n{tests}\n" if tests else repair.mended.text
    existing = repair.profile if repair.path.exists() else None
    file = ProfileFile(repair.path, existing)
    learned = LearnedProfile(text, parse_profile(text, str(repair.path)), (), (), files)
    written = write_learned(file, learned)
    return repair.path, tuple(file.root / each.file for each in written.pages)
