"""Many workers at once, some of which die: by their own deadlines, no two ever hold a server group together."""

import random
import threading
import time

from archiver.app.fleet.open_leases import open_leases
from archiver.model.clock import system_clock
from archiver.model.deadline import Deadline, steady_seconds
from archiver.model.lease import Lease, Leases, NewSite
from control_database import ControlDatabase

SECONDS = 0.3  # of a lease


class Watcher:
    """Knows who may request each group, by the deadline that the worker itself believes in."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.holders: dict[str, tuple[str, Deadline]] = {}
        self.epochs: dict[str, int] = {}
        self.paused: dict[str, float] = {}
        self.faults: list[str] = []
        self.claims = 0

    def begins(self, worker: str, lease: Lease, asked: float) -> Deadline:
        deadline = Deadline.granted(lease.seconds, asked)
        group, site, epoch = lease.group, lease.site, lease.epoch
        with self.lock:
            self.claims += 1
            before = self.holders.get(group)
            if asked > self.paused.get(site, asked):
                self.faults.append(f"{site}: {worker} got it, although it is paused")
            if before is not None and not before[1].is_over:
                self.faults.append(f"{group}: {worker} got it, {before[0]} has {before[1].left} s")
            if epoch <= self.epochs.get(site, 0):
                self.faults.append(f"{site}: epoch {epoch} after {self.epochs[site]}")
            self.epochs[site] = epoch
            self.holders[group] = (worker, deadline)
        return deadline

    def ends(self, group: str) -> None:
        with self.lock:
            self.holders.pop(group, None)


def test_no_two_workers_believe_that_they_hold_a_group(database: ControlDatabase) -> None:
    watcher, address = Watcher(), database.address
    sites = {f"s{number}": f"g{number % 5}" for number in range(15)}
    with database.open() as leases:
        leases.add([NewSite(site, group, 0.01) for site, group in sites.items()])
        threads = [threading.Thread(target=work, args=(f"w{seed}", seed, address, watcher)) for seed in range(5)]
        threads.append(threading.Thread(target=pause, args=(address, list(sites), watcher)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert watcher.faults == []
        assert watcher.claims >= 5, "each group at least once"
        assert drained(database, leases) == set(sites), "no site was forgotten"


def drained(database: ControlDatabase, leases: Leases) -> set[str]:
    """Claim and finish until nothing is due; return all sites that were."""
    database.pass_time(100 * 86_400.0)
    seen = set()
    while claimed := leases.claim("last", 60, 99):
        for each in claimed:
            seen.add(each.site)
            assert leases.finish(each.site, each.epoch, 3600, wait=0)
    return seen


def pause(address: str, sites: list[str], watcher: Watcher) -> None:
    chance = random.Random(7)
    with open_leases(address, system_clock) as leases:
        for _ in range(25):
            site = chance.choice(sites)
            leases.pause(site)
            with watcher.lock:
                watcher.paused[site] = steady_seconds()
            time.sleep(chance.random() * 0.02)
            with watcher.lock:
                del watcher.paused[site]
            leases.resume(site)


def work(worker: str, seed: int, address: str, watcher: Watcher) -> None:
    chance = random.Random(seed)
    with open_leases(address, system_clock) as leases:
        for _ in range(25):
            asked = steady_seconds()
            for lease in leases.claim(worker, SECONDS, 2):
                deadline = watcher.begins(worker, lease, asked)
                time.sleep(chance.random() * 0.02)
                if chance.random() < 0.3:
                    continue  # it dies: nobody ends the lease
                # before it is ended: as soon as it is, another worker may have it
                if not deadline.is_over:
                    watcher.ends(lease.group)
                    leases.finish(lease.site, lease.epoch, 0, wait=0)
            time.sleep(chance.random() * 0.05)
