"""The file of shared hosts: two programs together send no more requests to a server than one."""

import itertools
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.store.shared_hosts import SharedHostsFile

HOST, OTHER = "http://x.example", "http://y.example"


def _open(path: Path, now: float = 0.0) -> SharedHostsFile:
    servers = SharedHostsFile.open(path / "servers.db", now)
    assert servers is not None
    return servers


def test_two_programs_reserve_one_time_after_the_other(tmp_path: Path) -> None:
    one, two = _open(tmp_path), _open(tmp_path)
    waits = [each.take(HOST, 100.0, 2.0, 60.0) for each in (one, two, one)]
    assert waits == [0.0, 2.0, 4.0]
    assert two.take(OTHER, 100.0, 2.0, 60.0) == 0.0
    one.done(HOST, 111.0)
    assert two.take(HOST, 110.0, 2.0, 60.0) == 1.0


def test_a_suspension_holds_for_all_programs_and_a_long_wait_reserves_nothing(tmp_path: Path) -> None:
    one, two = _open(tmp_path), _open(tmp_path)
    one.hold(HOST, 1000.0)
    one.hold(HOST, 400.0)
    assert [two.take(HOST, 100.0, 1.0, 300.0) for _ in range(3)] == [900.0] * 3
    assert two.take(HOST, 1000.0, 1.0, 300.0) == 0.0


def test_a_suspension_by_a_wrong_clock_lasts_at_most_a_day(tmp_path: Path) -> None:
    one = _open(tmp_path)
    one.hold(HOST, 10**9)
    assert one.take(HOST, 0.0, 1.0, 300.0) == 86400.0


def test_old_rows_are_deleted(tmp_path: Path) -> None:
    _open(tmp_path).done(HOST, 50.0)
    _open(tmp_path, 200_000.0)
    with sqlite3.connect(tmp_path / "servers.db") as connection:
        assert connection.execute("SELECT count(*) FROM server").fetchone() == (0,)
    connection.close()


def test_an_unusable_file_does_not_stop_a_crawl(tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("no folder", encoding="utf-8")
    assert SharedHostsFile.open(tmp_path / "blocked" / "servers.db", 0.0) is None
    (tmp_path / "servers.db").write_bytes(b"no database at all" * 300)
    assert SharedHostsFile.open(tmp_path / "servers.db", 0.0) is None
    (tmp_path / "servers.db").unlink()
    servers = _open(tmp_path)
    with sqlite3.connect(tmp_path / "servers.db") as connection:
        connection.execute("DROP TABLE server")
    connection.close()
    assert servers.take(HOST, 0.0, 1.0, 9.0) == 0.0
    assert not servers.are_shared
    servers.done(HOST, 5.0)
    servers.close()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 5), st.booleans()), min_size=2, max_size=12))
def test_no_two_requests_are_closer_than_the_gap(steps: list[tuple[float, bool]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        one, two = _open(Path(folder)), _open(Path(folder))
        now, turns = 0.0, []
        for step, first in steps:
            now += step
            turns.append(now + (one if first else two).take(HOST, now, 1.5, 1e6))
        one.close()
        two.close()
    turns.sort()
    assert all(after - before >= 1.5 - 1e-9 for before, after in itertools.pairwise(turns))


_ASK = """
import sys, time
from pathlib import Path
from archiver.store.shared_hosts import SharedHostsFile

servers = SharedHostsFile.open(Path(sys.argv[1]), time.time())
for _ in range(4):
    now = time.time()
    wait = servers.take("http://x.example", now, 0.05, 60.0)
    print(now + wait)
    time.sleep(wait)
"""


def test_processes_keep_their_distance(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _ASK, str(tmp_path / "servers.db")]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    asked = sorted(float(line) for worker in workers for line in worker.communicate(timeout=60)[0].split())
    assert len(asked) == 12
    gaps = [after - before for before, after in itertools.pairwise(asked)]
    assert min(gaps) > 0.049, gaps
