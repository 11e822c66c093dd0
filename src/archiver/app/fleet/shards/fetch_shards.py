"""Copies of archives of a fleet in a folder, to read with any command."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from archiver.app.fleet.shard_places import ARCHIVE, ShardPlace, shard_places
from archiver.app.fleet.working_copy import storage_of
from archiver.errors import ArchiveError, ArchiverError, ObjectMissing, UsageError
from archiver.maintain.generations.fetch_shard import fetch_shard
from archiver.model.generation import Generation
from archiver.model.lease import Leases


@dataclass(frozen=True, slots=True)
class FetchedShard:
    """What was fetched for a site.

    Attributes:
        site: its name.
        archive: the copy.
        generation: that it equals; None: it could not be fetched.
        error: why not; None when it was fetched.
    """

    site: str
    archive: Path
    generation: Generation | None
    error: ArchiverError | None = None


def fetch_shards(leases: Leases, sites: Sequence[str], to: Path, number: int | None = None) -> Iterator[FetchedShard]:
    """Bring copies of archives up to date, and yield each; one that fails costs only itself.

    Args:
        leases: the control database.
        sites: their names.
        to: the folder of all copies; each has a folder of its own there.
        number: of the generation, for one site; None: the newest.

    Raises:
        UsageError: a site is not in the fleet, or one number is given for several sites.
        FleetUnavailable: the control database does not answer.
    """
    places = shard_places(leases, sites).shards
    if number is not None and len(places) > 1:
        raise UsageError(f"--generation {number}: each site has generations of its own; name one SITE")
    for place in places:
        try:
            found = _fetched(place, to, number)
        except ArchiverError as error:
            yield FetchedShard(place.site, to / place.site / ARCHIVE, None, error)
        else:
            yield FetchedShard(place.site, to / place.site / ARCHIVE, found)


def _fetched(place: ShardPlace, to: Path, number: int | None) -> Generation:
    storage = storage_of(place.site, place.storage)
    try:
        return fetch_shard(storage, place.site, to / place.site, number)
    except ObjectMissing as error:
        if number is None:
            raise place.missing() or ArchiveError(str(error)) from None
        raise UsageError(
            f"{place.site}: {storage.place} has no archive in generation {number}; those that were replaced a week "
            "ago, or before a redaction, are deleted"
        ) from None
