"""Upkeep of an archive: letting bodies go by the rule of a site's profile."""

from collections.abc import Callable
from dataclasses import dataclass

from archiver.app import profiles
from archiver.app.archive import Archive
from archiver.errors import ArchiveDamaged, ArchiveLocked, NotInArchive
from archiver.maintain.verify.clean import clean
from archiver.store.prune import PrunePlan


@dataclass(frozen=True, slots=True)
class Pruned:
    """What pruning a site came to, or would.

    Attributes:
        rule: the profile's `[keep] bodies`, in words.
        bytes: the bodies that go, as they were sent.
        freed: bytes of the vault that are free for new bodies; 0 for a dry run, None when another program had the
            archive open, or bodies are damaged: `verify --clean` frees them.
        damaged: pages that were left as they are, each with the body that does not read.
    """

    site: str
    rule: str
    pages: int
    bodies: int
    kept: int
    bytes: int
    applied: bool
    freed: int | None = 0
    damaged: tuple[str, ...] = ()


def prune(
    archive: Archive, site: str, *, apply: bool, progress: Callable[[int, int], None] = lambda *_: None
) -> Pruned:
    """Let go of the bodies a site's `[keep]` does not keep; only told, unless `apply`. Damaged pages stay as they are.

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
        plan, rule = PrunePlan({}, {}, archive.store.pruning.bodies(site_id)), "all bodies are kept"
    elif bodies == "first-and-last":
        plan, rule = archive.store.pruning.plan(site_id, newest=1, first=1), "the first and the last of each version"
    else:
        plan, rule = archive.store.pruning.plan(site_id, newest=bodies), f"the newest {bodies} of each version"
    freed: int | None = 0
    damaged: dict[int, str] = {}
    if apply and plan.visits:
        freed, damaged = _carry_out(archive, profile.name, site_id, plan, progress)
        plan = plan.without(damaged)
    told = tuple(damaged.values())
    return Pruned(profile.name, rule, len(plan.visits), plan.count, plan.kept, plan.bytes, apply, freed, told)


def _carry_out(
    archive: Archive, site: str, site_id: int, plan: PrunePlan, progress: Callable[[int, int], None]
) -> tuple[int | None, dict[int, str]]:
    """Gives the bytes freed, and what is said of pages with damage.

    None were freed when another program has the archive open, and when there is damage: in a vault that is not whole,
    nobody can say which frames are needed. They are left to `--clean`.
    """
    damaged: dict[int, str] = {}
    with archive.only_crawl(site):
        for number, (page_id, visits) in enumerate(plan.visits.items(), start=1):
            try:
                archive.store.pruning.prune(site_id, page_id, visits)
            except ArchiveDamaged as error:
                damaged[page_id] = _left(archive, page_id, error)
            progress(number, len(plan.visits))
        archive.let_go()
        if damaged:
            return None, damaged
        try:
            return clean(archive.settings.archive).bytes, damaged
        except ArchiveLocked:
            return None, damaged


def _left(archive: Archive, page_id: int, error: ArchiveDamaged) -> str:
    page = archive.store.pages.page(page_id)
    return f"{page.url if page else f'page {page_id}'}: left as it is, for a body of it does not read: {error}"
