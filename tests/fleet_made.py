"""Fleets for the tests of failures: short leases and slices, and the checks that all rows have in common."""

from collections.abc import Mapping
from typing import Protocol

from fleet_processes import Fleet

LEASE, SLICE, DELAY = 3, 1, 0.2  # seconds
OPTIONS = ("--lease", f"{LEASE}s", "--slice", f"{SLICE}s", "--sites", "2")


class MakeFleet(Protocol):
    """Makes a fleet of so many sites, with portals of their own; it is ended after the test."""

    def __call__(
        self,
        sites: int,
        *,
        pages: int = 12,
        delay: float = DELAY,
        groups: Mapping[str, int] | None = None,
        address: str | None = None,
    ) -> Fleet: ...


def one_slice(fleet: Fleet) -> int:
    """Return the most requests to a site between two generations: a slice, and the lease for which shipping may take."""
    return int((LEASE + SLICE) / fleet.portals.delay) + 2
