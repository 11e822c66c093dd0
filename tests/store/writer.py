"""A program that writes visits until it is killed, and says which are acknowledged. `test_crash.py` starts it.

    python writer.py ARCHIVE SEED VISITS

Each line on stdout: visit number, SHA-256 of its block. With VISITS = 0 it is a nursery: it reads lines `SEED DELAY`
from stdin, and for each forks a writer that is killed after DELAY seconds (forking is a hundred times faster than a
new interpreter); it then prints what that writer acknowledged, and `killed`.
"""

import hashlib
import os
import random
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archiver.errors import ArchiverError
from archiver.model.capture import Capture, Outcome, Request, parse_head
from archiver.model.profile import SiteInfo
from archiver.store.archive import Store
from archiver.store.new_visit import NewVisit

SITE = SiteInfo("s", "S", "http://s.example/", "vi", "Asia/Ho_Chi_Minh")
TEMPLATE = random.Random(1).randbytes(12_000).hex().encode()


def write(path: Path, seed: int, visits: int) -> int:
    """Write visits in batches and acknowledge each batch; returns the exit code."""
    chance = random.Random(seed)
    try:
        with Store.open(path) as store:
            site = store.pages.put_site(SITE)
            count = 0
            while count < visits:
                seen = [_seen(store, site, chance) for _ in range(chance.randint(1, 6))]
                numbers = store.evidence.keep(seen, None)
                said = [
                    f"{n} {hashlib.sha256(s.capture.block).hexdigest()}" for n, s in zip(numbers, seen, strict=True)
                ]
                os.write(1, ("\n".join(said) + "\n").encode())
                count += len(numbers)
    except ArchiverError as error:
        os.write(1, f"error {type(error).__name__}\n".encode())
        return 1
    return 0


def _seen(store: Store, site: int, chance: random.Random) -> NewVisit:
    page = chance.randrange(5)
    url = f"http://s.example/{page}"
    page_id = store.pages.put_page(site, url, url, "2022-10-21 09:00:00")[0]
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    body = TEMPLATE[: 20_000 + page * 100] + chance.randbytes(chance.choice([8, 60, 4000]))
    now = datetime(2022, 10, 21, tzinfo=UTC) + timedelta(seconds=chance.randrange(10**6))
    return NewVisit(page_id, Capture(Request(url), now, Outcome.OK, 200, head, parse_head(head), body), is_page=False)


def nursery(path: Path) -> None:
    """Fork writers and kill them."""
    for line in sys.stdin:
        seed, delay = line.split()
        child = os.fork()
        if not child:
            os._exit(write(path, int(seed), 10**9))
        time.sleep(float(delay))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.write(1, b"killed\n")


if __name__ == "__main__":
    archive, number = Path(sys.argv[1]), int(sys.argv[3])
    if number:
        sys.exit(write(archive, int(sys.argv[2]), number))
    nursery(archive)
