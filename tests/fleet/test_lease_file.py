"""The SQLite file of leases: several processes, and files that are something else."""

import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from archiver.app.fleet.open_leases import create_fleet, open_leases
from archiver.errors import FleetUnavailable, UsageError
from archiver.model.clock import system_clock
from archiver.model.lease import NewSite

CLAIM = """
import sys
from archiver.app.fleet.open_leases import open_leases
from archiver.model.clock import system_clock
with open_leases(sys.argv[1], system_clock) as leases:
    for _ in range(20):
        print(*(each.site for each in leases.claim(sys.argv[2], 1000, 1)))
"""


@pytest.mark.parametrize("form", ["sqlite:///{}", "{}"])
def test_processes_share_a_file(tmp_path: Path, form: str) -> None:
    address = form.format(tmp_path / "fleet.db")
    assert create_fleet(address)
    assert not create_fleet(address)
    with open_leases(address, system_clock) as leases:
        leases.add([NewSite(f"s{number}", f"g{number}", 1) for number in range(30)])
    workers = [
        subprocess.Popen([sys.executable, "-c", CLAIM, address, f"w{n}"], stdout=subprocess.PIPE) for n in range(3)
    ]
    said = b" ".join(worker.communicate()[0] for worker in workers).split()
    assert Counter(said) == {f"s{number}".encode(): 1 for number in range(30)}


def test_other_files_are_refused_and_not_changed(tmp_path: Path) -> None:
    other = tmp_path / "archive.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    for use in (create_fleet, lambda address: open_leases(address, system_clock)):
        with pytest.raises(UsageError, match="not the file of a fleet"):
            use(str(other))
    text = tmp_path / "text.db"
    text.write_text("no database" * 100)
    with pytest.raises(FleetUnavailable, match=r"text\.db: file is not a database"):
        create_fleet(str(text))
    with pytest.raises(UsageError, match="there is no fleet"):
        open_leases(str(tmp_path / "missing.db"), system_clock)
    assert not (tmp_path / "missing.db").exists()


def test_a_file_of_a_newer_archiver_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fleet.db"
    create_fleet(str(path))
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(UsageError, match="upgrade"):
        open_leases(str(path), system_clock)
