"""Upkeep of an archive: letting bodies go by the rule of a site's profile."""

from collections.abc import Callable
from dataclasses import dataclass

from archiver.app import profiles
from archiver.app.archive import Archive
from archiver.errors import ArchiveLocked, NotInArchive
from archiver.store.check.clean import clean
from archiver.store.prune import Plan


@dataclass(frozen=True, slots=True)
class Pruned:
    """What pruning a site came to, or would.

    Attributes:
        rule: the profile's `[keep] bodies`, in words.
        bytes: the bodies that go, as they were sent.
        freed: bytes of the vault that are free for new bodies; 0 for a dry run, None when another program had the
            archive open: `verify --clean` frees them.
    """

    site: str
    rule: str
    pages: int
    bodies: int
    kept: int
    bytes: int
    applied: bool
    freed: int | None = 0


def prune(
    archive: Archive, site: str, *, apply: bool, progress: Callable[[int, int], None] = lambda *_: None
) -> Pruned:
    """Let go of the bodies a site's `[keep]` does not keep; only told, unless `apply`.

    Raises:
        ProfileError: there is no such profile, or it has faults.
        NotInArchive: nothing of the site is in this archive.
        SiteBusy: the site is being crawled.
    """
    profile = profiles.by_name(site, archive.settings.selectors)
    site_id = archive.store.pages.site_id(profile.name)
    if site_id is None:
        raise NotInArchive(f"{profile.name}: nothing of this site is in {archive.settings.archive}")
    bodies = profile.keep.bodies
    if bodies == "all":
        plan, rule = Plan({}, 0, archive.store.pruning.bodies(site_id)), "all bodies are kept"
    elif bodies == "first-and-last":
        plan, rule = archive.store.pruning.plan(site_id, newest=1, first=1), "the first and the last of each version"
    else:
        plan, rule = archive.store.pruning.plan(site_id, newest=bodies), f"the newest {bodies} of each version"
    freed = _carry_out(archive, profile.name, site_id, plan, progress) if apply and plan.visits else 0
    return Pruned(profile.name, rule, len(plan.visits), plan.count, plan.kept, plan.bytes, apply, freed)


def _carry_out(
    archive: Archive, site: str, site_id: int, plan: Plan, progress: Callable[[int, int], None]
) -> int | None:
    """Gives the bytes freed; None when another program has the archive open, so that frames are left to `--clean`."""
    with archive.only_crawl(site):
        for number, (page_id, visits) in enumerate(plan.visits.items(), start=1):
            archive.store.pruning.prune(site_id, page_id, visits)
            progress(number, len(plan.visits))
        archive.let_go()
        try:
            return clean(archive.settings.archive).bytes
        except ArchiveLocked:
            return None
