"""Many workers at once, some of which die: by their own deadlines, no two ever hold a server group together."""

import random
import threading
import time

from archiver.app.fleet.open_leases import open_leases
from archiver.model.clock import system_clock
from archiver.model.deadline import Deadline, steady_seconds
from archiver.model.lease import NewSite
from control_database import ControlDatabase

SECONDS = 0.3  # of a lease


class Watcher:
    """Knows who may request each group, by the deadline that the worker itself believes in."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.holders: dict[str, tuple[str, Deadline]] = {}
        self.epochs: dict[str, int] = {}
        self.faults: list[str] = []
        self.claims = 0

    def begins(self, worker: str, group: str, site: str, epoch: int, deadline: Deadline) -> None:
        with self.lock:
            self.claims += 1
            before = self.holders.get(group)
            if before is not None and not before[1].is_over:
                self.faults.append(f"{group}: {worker} got it, {before[0]} has {before[1].left} s")
            if epoch <= self.epochs.get(site, 0):
                self.faults.append(f"{site}: epoch {epoch} after {self.epochs[site]}")
            self.epochs[site] = epoch
            self.holders[group] = (worker, deadline)

    def ends(self, group: str) -> None:
        with self.lock:
            self.holders.pop(group, None)


def test_no_two_workers_believe_that_they_hold_a_group(database: ControlDatabase) -> None:
    watcher = Watcher()
    with open_leases(database.address, system_clock) as leases:
        leases.add([NewSite(f"s{number}", f"g{number % 5}", 0.01) for number in range(15)])
    threads = [threading.Thread(target=work, args=(f"w{seed}", seed, database.address, watcher)) for seed in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert watcher.faults == []
    assert watcher.claims >= 5, "each group at least once"


def work(worker: str, seed: int, address: str, watcher: Watcher) -> None:
    chance = random.Random(seed)
    with open_leases(address, system_clock) as leases:
        for _ in range(25):
            asked = steady_seconds()
            for lease in leases.claim(worker, SECONDS, 2):
                deadline = Deadline.granted(lease.seconds, asked)
                watcher.begins(worker, lease.group, lease.site, lease.epoch, deadline)
                time.sleep(chance.random() * 0.02)
                if chance.random() < 0.3:
                    continue  # it dies: nobody ends the lease
                # before it is ended: as soon as it is, another worker may have it
                if not deadline.is_over:
                    watcher.ends(lease.group)
                    leases.finish(lease.site, lease.epoch, 0, wait=0)
            time.sleep(chance.random() * 0.05)
