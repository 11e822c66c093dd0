"""Delete bodies that the `[keep]` rule of a site's profile does not retain."""

from collections.abc import Callable
from dataclasses import dataclass

from archiver.app import profiles
from archiver.app.archive import Archive
from archiver.errors import ArchiveDamaged, ArchiveLocked, NotInArchive
from archiver.maintain.verify.clean import clean
from archiver.store.prune import PrunePlan


@dataclass(frozen=True, slots=True)
class Pruned:
    """The result of pruning a site, or of a dry run.

    Attributes:
        rule: the profile's `[keep] bodies`, in words.
        bytes: the size of the deleted bodies, as they were sent.
        freed: bytes of the vault that are free for new bodies; 0 for a dry run; None when another process had the
            archive open or bodies are damaged (`verify --clean` frees the space later).
        damaged: pages that were not pruned, each with its damaged body.
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
    """Delete the bodies that a site's `[keep]` rule does not retain. Pages with damage are not pruned.

    Args:
        archive: the archive.
        site: its name.
        apply: delete; without it, only count.
        progress: called with the pages done and their total.

    Raises:
        ProfileError: there is no such profile, or it has faults.
        NotInArchive: the archive has no such site.
        SiteBusy: the site is being crawled.
    """
    profile = profiles.by_name(site, archive.settings.selectors)
    site_id = archive.store.pages.site_id(profile.name)
    if site_id is None:
        raise NotInArchive(f"{profile.name}: no such site in {archive.settings.archive}; `archiver crawl` it first")
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
    problems = tuple(damaged.values())
    return Pruned(profile.name, rule, plan.pages, plan.count, plan.kept, plan.bytes, apply, freed, problems)


def _carry_out(
    archive: Archive, site: str, site_id: int, plan: PrunePlan, progress: Callable[[int, int], None]
) -> tuple[int | None, dict[int, str]]:
    """Delete the bodies; return the bytes freed and a message for each page with damage.

    The bytes are None when another process has the archive open, and when there is damage: in a damaged vault it is
    unknown which frames are needed. `verify --clean` removes them later.
    """
    damaged: dict[int, str] = {}
    with archive.lock_site(site):
        for number, (page_id, visits) in enumerate(plan.visits.items(), start=1):
            try:
                archive.store.pruning.prune(site_id, page_id, visits)
            except ArchiveDamaged as error:
                damaged[page_id] = _damage_of(archive, page_id, error)
            progress(number, len(plan.visits))
        archive.release_files()
        if damaged:
            return None, damaged
        try:
            return clean(archive.settings.archive).bytes, damaged
        except ArchiveLocked:
            return None, damaged


def _damage_of(archive: Archive, page_id: int, error: ArchiveDamaged) -> str:
    page = archive.store.pages.page(page_id)
    return f"{page.url if page else f'page {page_id}'}: not pruned, because one of its bodies is damaged: {error}"
