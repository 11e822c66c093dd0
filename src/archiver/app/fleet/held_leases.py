"""The leases that a worker holds: claimed, renewed by a thread, and over at their deadlines.

A deadline is measured by the clock of this machine that nobody sets, from before the lease was asked for. So a worker
that was stopped for too long, or cut off from the control database, knows it by itself, before it sends a request.
"""

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

from archiver.errors import FleetUnavailable, ShardFenced
from archiver.model.deadline import Deadline, steady_seconds
from archiver.model.lease import Lease, Leases
from archiver.polite.stop import LeaseOver, StopFlag

_LOG = logging.getLogger(__name__)

_RENEWALS = 3
"""Renewals in the time of a lease."""
_RESERVE = 4
"""A crawl is ended when less than this part of its lease is left, so that what it fetched can still be stored."""
_RETRY = 12
"""When a renewal fails, the next try is after this part of the time of a lease."""


class HeldLease:
    """A lease, its deadline, and the flag that ends its crawl. Any thread may use it.

    Attributes:
        lease: as it was claimed.
        stop: ends the crawl; its check raises LeaseOver when the lease is over.
    """

    def __init__(self, lease: Lease, deadline: Deadline) -> None:
        self.lease = lease
        self.stop = StopFlag(check=self.check)
        self._reserve = lease.seconds / _RESERVE
        self._deadline = deadline
        self._is_lost = False

    @property
    def left(self) -> float:
        """The seconds that are left of the lease; 0 when it is over or lost."""
        return 0.0 if self._is_lost else self._deadline.left

    def check(self) -> None:
        """Do nothing while the lease is held; end the crawl when it ends soon.

        Raises:
            LeaseOver: it is over, or another worker may have it.
        """
        self.end_in_time()
        if self._is_lost or self._deadline.is_over:
            raise LeaseOver(f"{self.lease.site}: the lease is over")

    def demand(self) -> None:
        """Do as `check`, for work on the objects of a shard: when the lease is over, that is an error of it.

        Raises:
            ShardFenced: it is over, or another worker may have it.
        """
        try:
            self.check()
        except LeaseOver as over:
            raise ShardFenced(str(over)) from over

    def must_end(self) -> bool:
        """Whether no other crawl may begin."""
        return self.stop.wanted

    def end_in_time(self) -> None:
        """End the crawl when the lease ends soon, because it could not be renewed: its pages can still be stored."""
        if self.left < self._reserve:
            self.stop.wanted = True

    def prolong(self, deadline: Deadline) -> None:
        """Take over a later deadline, unless the present one has passed: the crawl may have seen that."""
        if not self._deadline.is_over:
            self._deadline = deadline

    def lose(self) -> None:
        """Note that the lease is not held any longer."""
        self._is_lost = self.stop.wanted = True


class HeldLeases:
    """The leases of a worker. Use as a context manager: a thread renews them until its end.

    Args:
        leases: the control database.
        worker: the name of this worker.
        seconds: how long a lease lasts without a renewal.
        on_trouble: called with a line when renewing fails, and when it works again.

    Attributes:
        renewed_at: seconds of the steady clock at the last renewal or claim; None before the first.
    """

    def __init__(self, leases: Leases, worker: str, seconds: float, on_trouble: Callable[[str], None]) -> None:
        self._leases = leases
        self._worker = worker
        self._seconds = seconds
        self._on_trouble = on_trouble
        self._held: dict[str, HeldLease] = {}
        self._lock = threading.Lock()
        self._end: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._is_troubled = False
        self._thread = threading.Thread(target=self._run, name="leases", daemon=True)
        self.renewed_at: float | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.put(None)
        self._thread.join()

    def claim(self, most: int) -> list[HeldLease]:
        """Claim up to so many sites that are due.

        Raises:
            FleetUnavailable: the control database does not answer.
        """
        asked_at = steady_seconds()
        claimed = self._leases.claim(self._worker, self._seconds, most)
        return self._added(claimed, asked_at)

    def claim_site(self, site: str) -> HeldLease:
        """Claim one site, also when it is not due or paused.

        Raises:
            SiteBusy: its server group is held, or may not be requested yet.
            UsageError: it is not in the fleet.
            FleetUnavailable: the control database does not answer.
        """
        asked_at = steady_seconds()
        return self._added([self._leases.claim_site(site, self._worker, self._seconds)], asked_at)[0]

    def _added(self, claimed: list[Lease], asked_at: float) -> list[HeldLease]:
        held = [HeldLease(each, Deadline.granted(each.seconds, asked_at)) for each in claimed]
        with self._lock:
            self._held.update({each.lease.site: each for each in held})
        self.renewed_at = steady_seconds() if claimed else self.renewed_at
        return held

    def forget(self, held: HeldLease) -> None:
        """Renew a lease no longer."""
        with self._lock:
            if self._held.get(held.lease.site) is held:
                del self._held[held.lease.site]

    def stop_all(self) -> None:
        """End all crawls."""
        for each in self.held.values():
            each.stop.wanted = True

    @property
    def held(self) -> Mapping[str, HeldLease]:
        """The leases that are renewed, by site."""
        with self._lock:
            return dict(self._held)

    @property
    def least_left(self) -> float | None:
        """The seconds that are left of the lease that ends first; None without any."""
        return min((each.left for each in self.held.values()), default=None)

    def _run(self) -> None:
        """Renew until the end."""
        wait = self._seconds / _RENEWALS
        while True:
            with suppress(queue.Empty):
                self._end.get(timeout=wait)
                return
            wait = self._seconds / _RETRY
            try:
                if self._is_renewed():
                    wait = self._seconds / _RENEWALS
            except Exception:  # noqa: BLE001  (the border of this thread; crawls end in time by their own deadlines)
                _LOG.exception("a bug of archiver while leases were renewed")
            for each in self.held.values():
                each.end_in_time()

    def _is_renewed(self) -> bool:
        """Renew, and return whether the control database answered; tell when that changes."""
        trouble = ""
        try:
            self._renew()
        except FleetUnavailable as error:
            trouble = f"leases cannot be renewed: {error}"
        if bool(trouble) != self._is_troubled:
            self._is_troubled = bool(trouble)
            self._on_trouble(trouble or "leases are renewed again")
        return not trouble

    def _renew(self) -> None:
        held = self.held
        if not held:
            return
        asked_at = steady_seconds()
        epochs = {site: each.lease.epoch for site, each in held.items()}
        granted = self._leases.renew(self._worker, epochs, self._seconds)
        for site, each in held.items():
            if site in granted:
                each.prolong(Deadline.granted(granted[site], asked_at))
            else:
                each.lose()
        self.renewed_at = steady_seconds()
