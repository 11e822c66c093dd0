"""A worker that is killed, or stopped past its lease and woken: its own deadline and the epoch both say that it lost."""

import signal
import subprocess
import sys

import pytest

from archiver.model.lease import NewSite
from control_database import ControlDatabase
from postgres_server import wait_until

WORKER = """
import sys
from archiver.app.fleet.open_leases import open_leases
from archiver.model.clock import system_clock
from archiver.model.deadline import Deadline, steady_seconds
with open_leases(sys.argv[1], system_clock) as leases:
    asked = steady_seconds()
    (lease,) = leases.claim("stopped", 1.0)
    deadline = Deadline.granted(lease.seconds, asked)
    print(lease.epoch, flush=True)
    input()
    print(deadline.is_over, leases.renew("stopped", {"a": lease.epoch}, 60), leases.finish("a", lease.epoch, 60))
"""


@pytest.mark.parametrize("how", [signal.SIGSTOP, signal.SIGKILL], ids=["stopped", "killed"])
def test_a_worker_that_was_silent_for_too_long_has_lost(database: ControlDatabase, how: signal.Signals) -> None:
    with database.open() as leases:
        leases.add([NewSite("a", "one", 0.1)])
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, database.address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert worker.stdin is not None
        assert worker.stdout is not None
        assert worker.stdout.readline() == "1\n"
        worker.send_signal(how)
        taken: list[int] = []

        def claim() -> bool:
            taken.extend(each.epoch for each in leases.claim("new", 600))
            return bool(taken)

        wait_until(claim)
        assert taken == [2]
        worker.send_signal(signal.SIGCONT)
        said, _ = worker.communicate("\n" if how == signal.SIGSTOP else None)
        assert said == ("True {} False\n" if how == signal.SIGSTOP else "")
        assert leases.finish("a", 2, 60), "the new owner never noticed"
