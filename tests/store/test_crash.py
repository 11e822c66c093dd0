"""Kills and disk failures during writes: the archive opens, is undamaged, and has all acknowledged visits."""

import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.store.archive import Store
from archiver.store.chain import VISITS, canonical
from archiver.text.digest import GENESIS, chain_link
from trials import lasting

HERE = Path(__file__).parent
KILLS = lasting(40, 200)
FAULTS = lasting(25, 60)

pytestmark = pytest.mark.soak


def check(path: Path, acknowledged: dict[int, str]) -> int:
    """The archive opens, is sound, and holds what was acknowledged, byte for byte; how many visits it holds."""
    with Store.open(path) as store:
        for connection in (store._main, store._vault._connection):
            assert connection.value("PRAGMA quick_check") == "ok"
            assert connection.rows("PRAGMA foreign_key_check") == []
        rows = store._main.rows(f"{VISITS} ORDER BY t.visit_id")
        link = GENESIS
        for row in rows:
            link = chain_link(link, canonical(row))
            assert row["chain"].hex() == link
            block = hashlib.sha256(store.evidence.block(row["visit_id"])).hexdigest()
            assert block == row["block_sha256"].hex() == acknowledged.get(row["visit_id"], block)
        assert set(acknowledged) <= {row["visit_id"] for row in rows}
        return len(rows)


def acknowledgements(text: str) -> dict[int, str]:
    lines = (line.split() for line in text.splitlines())
    return {int(line[0]): line[1] for line in lines if len(line) == 2 and line[0].isdigit() and len(line[1]) == 64}


def test_killed_at_random_moments(tmp_path: Path) -> None:
    """Archives, each killed again and again, and checked between."""
    chance = random.Random(11)
    kept = 0
    for number in range(KILLS // 20):
        path = tmp_path / f"{number}.db"
        command = [sys.executable, str(HERE / "writer.py"), str(path), "0", "0"]
        delays = [*(chance.uniform(0.001, 0.06) for _ in range(19)), 1.0]  # the last one also writes under load
        orders = "".join(f"{chance.randrange(10**6)} {delay:.4f}\n" for delay in delays)
        output = subprocess.run(command, input=orders, capture_output=True, text=True, check=True).stdout
        assert output.count("killed") == 20
        kept += check(path, acknowledgements(output))
    assert kept > 0


@pytest.mark.parametrize("how", ["enospc", "eio", "short", "dead", "full"])
def test_a_disk_that_fails(tmp_path: Path, failing_io: Path, how: str) -> None:
    """Whichever call fails, the writer says so in a line of ours or goes on, and nothing acknowledged is lost."""
    chance = random.Random(how)
    path, acknowledged, failed = tmp_path / "a.db", dict[int, str](), 0
    for _ in range(FAULTS // 5):
        environment = os.environ | {
            "LD_PRELOAD": str(failing_io),
            "ARCHIVER_FAIL_AT": str(chance.randint(1, 120)),
            "ARCHIVER_FAIL_HOW": how,
        }
        command = [sys.executable, str(HERE / "writer.py"), str(path), str(chance.randrange(10**6)), "30"]
        process = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert "Traceback" not in process.stderr
        failed += "error Archive" in process.stdout
        acknowledged |= acknowledgements(process.stdout)
        check(path, acknowledged)
    assert failed >= FAULTS // 8
