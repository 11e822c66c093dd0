"""Reads the state of a fleet for the requests of a server: one question at a time, with a time limit."""

import threading
from concurrent.futures import Future
from time import monotonic

from archiver.app.fleet.manage import FleetState, fleet_state
from archiver.errors import FleetUnavailable
from archiver.model.lease import Leases

_FRESH = 2.0
"""Seconds for which an answer is given again. So the control database does not notice how many visitors there are."""


class FleetReader:
    """Asks the control database. Requests at the same time share one question; its thread may outlive them."""

    def __init__(self, leases: Leases, seconds: float) -> None:
        """Read from a control database.

        Args:
            leases: the control database; it belongs to this reader.
            seconds: the longest time that a request waits.
        """
        self._leases = leases
        self._seconds = seconds
        self._lock = threading.Lock()
        self._running: Future[FleetState] | None = None
        self._found: tuple[FleetState, float] | None = None

    def state(self) -> FleetState:
        """Return what all sites do, at most `_FRESH` seconds ago.

        Raises:
            FleetUnavailable: the control database does not answer, or not in time.
            UsageError: there is no fleet in it, or that of a newer archiver.
        """
        with self._lock:
            if self._found is not None and monotonic() - self._found[1] < _FRESH:
                return self._found[0]
            if self._running is None:
                self._running = Future()
                # a daemon: a database that never answers must not keep the server from ending
                threading.Thread(target=self._ask, args=(self._running,), daemon=True).start()
            running = self._running
        try:
            return running.result(self._seconds)
        except TimeoutError:
            raise FleetUnavailable(
                f"the control database did not answer within {self._seconds:g} s; see whether it runs, then load this "
                "page again"
            ) from None

    def _ask(self, running: "Future[FleetState]") -> None:
        asked_at = monotonic()
        try:
            found = fleet_state(self._leases)
        except BaseException as error:  # noqa: BLE001  (each request that waits raises it again)
            with self._lock:
                self._running = None
            running.set_exception(error)
        else:
            with self._lock:
                self._running, self._found = None, (found, asked_at)
            running.set_result(found)
