"""The sites of a fleet: add them with their profiles, pause and resume them, see what they do."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from archiver.app import profiles
from archiver.app.fleet.server_group import server_group
from archiver.errors import UsageError
from archiver.fleet.object_storage import check_storage, full_address, open_storage
from archiver.maintain.generations.restore import newest_epoch
from archiver.model.clock import written
from archiver.model.lease import FleetCounts, FleetSite, Leases, NewSite, count_sites
from archiver.text.near import did_you_mean

_AT_ONCE = 16
"""Requests to the storage at the same time."""


@dataclass(frozen=True, slots=True)
class AddedSite:
    """A site that was added, or whose profile was replaced. `profile_version`: of its newest profile."""

    site: str
    group: str
    profile_version: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class FleetState:
    """All sites of a fleet at one moment of the control database."""

    now: datetime
    sites: Sequence[FleetSite]
    storage: str

    @property
    def counts(self) -> FleetCounts:
        """How many sites are in each state."""
        return count_sites(self.now, self.sites)

    @property
    def held(self) -> list[FleetSite]:
        """The sites that are being crawled, the one whose lease ends first before the others."""
        return sorted((each for each in self.sites if each.held_until), key=lambda each: each.held_until or self.now)

    @property
    def failing(self) -> list[FleetSite]:
        """The sites whose last crawl failed, or that were abandoned and are not held."""
        return [each for each in self.sites if each.failures or (each.abandoned and each.holder is None)]


def add_sites(leases: Leases, names: Sequence[str], folders: Sequence[Path], storage: str = "") -> list[AddedSite]:
    """Add sites with their profiles, which become the newest version. With a faulty profile, nothing is added.

    Args:
        leases: the control database.
        names: names of profiles, or paths of their files.
        folders: where profiles are searched.
        storage: where the archives of these sites are, which must be new; "": where the fleet's are.

    Raises:
        UsageError: a site with a storage of its own is in the fleet already, or this is no address of a storage.
        ProfileError: a profile is missing or has faults.
        SiteBusy: a site is being crawled, and its server group would change.
        StorageUnavailable: the storage cannot be asked whether it has an archive of a site.
        FleetUnavailable: the control database does not answer.
    """
    found = [profiles.by_name(name, folders) for name in names]
    known = {each.site for each in leases.sites()[1]}
    own = full_address(storage)
    if own and (there := [each.name for each in found if each.name in known]):
        raise UsageError(f"{there[0]}: in the fleet already; `archiver fleet move` moves its archive")
    epochs = _stored_epochs([each.name for each in found if each.name not in known], own or leases.storage())
    new = [NewSite(each.name, server_group(each), each.crawl.delay, epochs.get(each.name, 0), own) for each in found]
    versions = {each.name: leases.put_profile(each.name, each.text) for each in found}  # before anybody can claim
    leases.add(new)
    return [AddedSite(each.site, each.group, versions[each.site], each.site not in known) for each in new]


def _stored_epochs(names: Sequence[str], storage: str) -> dict[str, int]:
    """Return the epochs of sites that have an archive in the storage: such a site was in a fleet before."""
    if not storage or not names:
        return {}
    place = open_storage(storage)
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return dict(zip(names, threads.map(lambda name: newest_epoch(place, name), names), strict=True))


def fleet_state(leases: Leases) -> FleetState:
    """Return what all sites do at present.

    Raises:
        FleetUnavailable: the control database does not answer.
    """
    return FleetState(*leases.sites(), leases.storage())


def sites_of_fleet(leases: Leases, names: Sequence[str]) -> tuple[str, list[FleetSite]]:
    """Return the storage of the fleet, and the named sites, all by default.

    Raises:
        UsageError: one is not in the fleet.
        FleetUnavailable: the control database does not answer.
    """
    known = {each.site: each for each in leases.sites()[1]}
    for name in names:
        if name not in known:
            raise UsageError(f"{name}: not in the fleet; {did_you_mean(name, list(known))}see `archiver fleet list`")
    return leases.storage(), [known[name] for name in dict.fromkeys(names)] if names else list(known.values())


def set_storage(leases: Leases, place: str) -> None:
    """Set where the archives of all sites are that have no place of their own, if it can be used for them.

    Raises:
        UsageError: it is no address of a storage.
        StorageUnavailable: it does not answer, refuses, or overwrites objects.
        FleetUnavailable: the control database does not answer.
    """
    address = full_address(place)
    check_storage(open_storage(address))
    leases.set_storage(address)


def pause_sites(leases: Leases, names: Sequence[str], *, resume: bool) -> None:
    """Pause sites, or let them be claimed again at once.

    Raises:
        UsageError: a site is not in the fleet; no site was changed.
        FleetUnavailable: the control database does not answer.
    """
    sites_of_fleet(leases, names)
    for name in names:
        leases.resume(name) if resume else leases.pause(name)


def site_json(site: FleetSite, now: datetime) -> dict[str, object]:
    """Return a site as `fleet list --json` prints it; times are UTC."""
    times = {
        name: None if (moment := getattr(site, name)) is None else written(moment)
        for name in ("due_at", "held_until", "not_before", "finished_at")
    }
    return {"site": site.site, "state": site.state(now)} | asdict(site) | times


def state_json(state: FleetState) -> dict[str, object]:
    """Return the state of a fleet as `fleet status --json` prints it; times are UTC."""
    return {
        "now": written(state.now),
        "storage": state.storage or None,
        **asdict(state.counts),
        "held_sites": [site_json(each, state.now) for each in state.held],
        "failing_sites": [site_json(each, state.now) for each in state.failing],
    }
