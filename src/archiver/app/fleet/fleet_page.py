"""What the page "Fleet" of the web interface shows: counts, workers, what fails, and a part of the list of sites."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from archiver.app.fleet.manage import FleetState
from archiver.errors import UsageError
from archiver.model.clock import written
from archiver.model.lease import FleetCounts, FleetSite
from archiver.text.near import did_you_mean

A_PART = 50
"""The number of sites in one part of the list."""
MOST_ROWS = 10_000
"""The number of sites in one part of the list for other programs."""
MOST_TOLD = 8
"""Sites that are named in an alarm, and in the row of a worker."""
MOST_WORKERS = 100
STATES = ("due", "waiting", "held", "paused", "failing", "abandoned")


@dataclass(frozen=True, slots=True)
class FleetChoice:
    """Which sites: of a state ("": all), with a text in the name or the server group."""

    state: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class FleetPage:
    """What the page shows. Times are UTC, as text.

    Attributes:
        now: the moment of the control database.
        counts: of all sites.
        abandoned: how many sites are not held because their worker stopped renewing the lease.
        alarms: sites that fail, then abandoned ones, at most `MOST_TOLD` of each.
        workers: each with its sites and the first end of a lease, at most `MOST_WORKERS`, by name.
        sites: rows of the part.
        total: the number of sites that the choice lets through.
        part, parts: which part this is, from 1, and how many there are.
    """

    now: str
    counts: FleetCounts
    abandoned: int
    alarms: Sequence[dict[str, Any]]
    workers: Sequence[dict[str, Any]]
    sites: Sequence[dict[str, Any]]
    total: int
    part: int
    parts: int


def fleet_page(state: FleetState, chosen: FleetChoice, part: int = 1, size: int = A_PART) -> FleetPage:
    """Return what the page shows of the state of a fleet.

    Args:
        state: all sites at one moment.
        chosen: which of them are listed.
        part: which part of the list, from 1; a higher one than there is gives the last.
        size: the number of sites in a part.

    Raises:
        UsageError: there is no such state.
    """
    if chosen.state and chosen.state not in STATES:
        advice = did_you_mean(chosen.state, STATES)
        raise UsageError(f"state={chosen.state[:100]}: no state of a site; {advice}choose {', '.join(STATES)}")
    found = [each for each in state.sites if _is_chosen(each, state, chosen)]
    parts = max(1, -(-len(found) // size))
    part = min(max(1, part), parts)
    failing = [each for each in state.sites if each.failures]
    abandoned = [each for each in state.sites if _is_abandoned(each)]
    return FleetPage(
        now=written(state.now),
        counts=state.counts,
        abandoned=len(abandoned),
        alarms=[site_row(each, state) for each in (*failing[:MOST_TOLD], *abandoned[:MOST_TOLD])],
        workers=_workers(state),
        sites=[site_row(each, state) for each in found[(part - 1) * size : part * size]],
        total=len(found),
        part=part,
        parts=parts,
    )


def page_json(page: FleetPage, chosen: FleetChoice) -> dict[str, Any]:
    """Return what `/fleet.json` gives."""
    names = ("now", "abandoned", "alarms", "workers", "sites", "total", "part", "parts")
    return {**asdict(chosen), "counts": asdict(page.counts), **{name: getattr(page, name) for name in names}}


def site_row(site: FleetSite, state: FleetState) -> dict[str, Any]:
    """Return a site as a flat row; times are UTC, as text."""
    shard = site.shard
    return {
        "site": site.site,
        "state": site.state(state.now),
        "due_at": written(site.due_at),
        "group": site.group,
        "profile_version": site.profile_version,
        "epoch": site.epoch,
        "holder": site.holder,
        "held_until": written(site.held_until) if site.held_until else None,
        "finished_at": written(site.finished_at) if site.finished_at else None,
        "generation": shard.generation if shard else None,
        "visits": shard.visits if shard else None,
        "bytes": shard.bytes if shard else None,
        "storage": site.storage,
        "failures": site.failures,
        "abandoned": site.abandoned,
        "why": site.why,
    }


def _is_chosen(site: FleetSite, state: FleetState, chosen: FleetChoice) -> bool:
    text = chosen.text.casefold()
    if text not in site.site.casefold() and text not in site.group.casefold():
        return False
    if chosen.state == "failing":
        return bool(site.failures)
    if chosen.state == "abandoned":
        return _is_abandoned(site)
    return chosen.state in ("", site.state(state.now))


def _is_abandoned(site: FleetSite) -> bool:
    """Whether the last worker of a site stopped renewing its lease, and nobody has claimed the site since."""
    return bool(site.abandoned) and site.holder is None


def _workers(state: FleetState) -> list[dict[str, Any]]:
    """Return the workers by name, each with what it holds."""
    held: dict[str, list[FleetSite]] = {}
    for each in state.held:
        held.setdefault(each.holder or "", []).append(each)
    return [
        {
            "worker": name,
            "held": len(sites),
            "sites": [each.site for each in sites[:MOST_TOLD]],
            "until": written(sites[0].held_until or state.now),
        }
        for name, sites in sorted(held.items())[:MOST_WORKERS]
    ]
