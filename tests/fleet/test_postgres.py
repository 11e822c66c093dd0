"""The connection to Postgres: restarts, refusals, limits of time, passwords, versions of the tables."""

import signal
from datetime import datetime, timedelta

import psycopg
import pytest

from archiver.app.fleet.open_leases import create_fleet, fleet_address, open_leases
from archiver.errors import FleetUnavailable, UsageError
from archiver.fleet import postgres_leases, postgres_sites
from archiver.fleet.postgres_connection import PostgresConnection
from archiver.model.clock import system_clock
from archiver.model.lease import NewSite
from postgres_server import PASSWORD, QUOTED, PostgresServer


@pytest.fixture
def address(postgres: PostgresServer) -> str:
    address = postgres.database()
    assert create_fleet(address)
    return address


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["restart", "crash"])
def test_leases_outlive_a_restart_of_the_server(postgres: PostgresServer, address: str, how: signal.Signals) -> None:
    with open_leases(address, system_clock) as leases:
        leases.add([NewSite("a", "one", 1), NewSite("b", "two", 1)])
        (lease,) = leases.claim("w", 1000)
        postgres.stop(how)
        with pytest.raises(
            FleetUnavailable, match=r"^Postgres at 127\.0\.0\.1:\d+, database fleet_\d+: .+; see"
        ) as down:
            leases.renew("w", {"a": 1}, 1000)
        assert PASSWORD not in str(down.value)
        assert QUOTED not in str(down.value)
        postgres.start()
        assert leases.renew("w", {lease.site: 1}, 1000) == {lease.site: 1000}
        postgres.restart(how)
        assert leases.finish(lease.site, 1, 1000), "a broken connection is opened again without an error"
        assert [each.site for each in leases.claim("w", 1000, 9)] == ["b"]


def test_no_message_has_the_password(postgres: PostgresServer) -> None:
    for wrong in (
        postgres.address("nowhere"),
        postgres.address(password="wr0ng"),  # noqa: S106
        postgres.address().replace(str(postgres.port), "1"),
        postgres.address() + "?password=wr0ng",
    ):
        with pytest.raises(FleetUnavailable) as error:
            create_fleet(wrong)
        assert not any(word in str(error.value) for word in (PASSWORD, QUOTED, "wr0ng"))
        assert "\n" not in str(error.value)
    for invalid in (f"postgresql://fleet:{QUOTED}@host/x?nonsense=1", f"mysql://fleet:{QUOTED}@host/x", "somewhere"):
        with pytest.raises(UsageError, match=r"^--fleet: not ") as usage:
            open_leases(invalid, system_clock)
        assert QUOTED not in str(usage.value)
        assert PASSWORD not in str(usage.value)


def test_a_database_without_a_fleet_says_what_to_do(postgres: PostgresServer) -> None:
    address = postgres.database()
    with (
        open_leases(address, system_clock) as leases,
        pytest.raises(UsageError, match="there is no fleet; `archiver fleet init`"),
    ):
        leases.sites()
    assert create_fleet(address)
    assert not create_fleet(address), "the tables stay as they are"


def test_tables_of_a_newer_archiver_are_left_alone(postgres: PostgresServer, address: str) -> None:
    postgres.execute(address, "UPDATE archiver_fleet.made SET version = 99")
    with open_leases(address, system_clock) as leases, pytest.raises(UsageError, match=r"has version 99, .*upgrade"):
        leases.due()
    with pytest.raises(UsageError, match="upgrade"):
        create_fleet(address)


def test_a_lock_that_is_never_released_ends_in_one_line(postgres: PostgresServer, address: str) -> None:
    with open_leases(address + "?options=-c%20lock_timeout%3D100ms", system_clock) as leases:
        leases.add([NewSite("a", "one", 1)])
        with psycopg.connect(address) as other:
            other.execute("LOCK TABLE archiver_fleet.server_group")
            with pytest.raises(FleetUnavailable, match="lock timeout"):
                leases.claim("w", 1000)
        assert len(leases.claim("w", 1000)) == 1


def test_a_locked_group_keeps_no_other_waiting(postgres: PostgresServer, address: str) -> None:
    with open_leases(address, system_clock) as leases:
        leases.add([NewSite("a", "one", 1), NewSite("b", "two", 1)])
        with psycopg.connect(address) as other:
            other.execute("SELECT 1 FROM archiver_fleet.server_group WHERE server_group = 'one' FOR UPDATE")
            assert [each.site for each in leases.claim("w", 1000, 9)] == ["b"]


def test_a_user_without_rights_is_refused_in_one_line(postgres: PostgresServer, address: str) -> None:
    postgres.execute(address, "DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN PASSWORD 'guest'")
    with (
        open_leases(address.replace(f"fleet:{QUOTED}", "guest:guest"), system_clock) as leases,
        pytest.raises(FleetUnavailable, match="permission denied"),
    ):
        leases.sites()


def test_the_address_comes_from_the_option_or_the_environment() -> None:
    assert fleet_address("given.db", {"ARCHIVER_FLEET": "other.db"}) == "given.db"
    assert fleet_address(None, {"ARCHIVER_FLEET": "other.db"}) == "other.db"
    with pytest.raises(UsageError, match=r"\$ARCHIVER_FLEET"):
        fleet_address(None, {})


@pytest.mark.parametrize("minutes", [-10, 10])
def test_the_clock_of_a_worker_does_not_matter(address: str, minutes: int) -> None:
    def wrong() -> datetime:
        return system_clock() + timedelta(minutes=minutes)

    with open_leases(address, wrong) as leases, open_leases(address, system_clock) as others:
        others.add([NewSite("a", "one", 1)])
        (lease,) = leases.claim("w", 300)
        assert others.claim("other", 300) == []
        assert leases.renew("w", {"a": lease.epoch}, 300) == {"a": 300}
        assert leases.finish("a", lease.epoch, 300)
        assert leases.due() == pytest.approx(300, abs=60)


def test_no_statement_of_a_worker_reads_a_whole_table(address: str) -> None:
    values = {
        "most": 1,
        "seconds": 60.0,
        "worker": "w",
        "site": "a",
        "epoch": 1,
        "wait": None,
        "due_in": 60.0,
    } | dict.fromkeys(("generation", "visits", "bytes"))
    held = {"sites": ["a"], "epochs": [1]}

    def plans(cursor: psycopg.Cursor) -> list[str]:
        found = []
        for sql in (
            postgres_leases._CLAIM,
            postgres_leases._RENEW,
            postgres_leases._FINISH,
            postgres_leases._CLAIM_SITE,
        ):
            cursor.execute("EXPLAIN " + sql, values | held)  # type: ignore[arg-type,unused-ignore]
            found += [str(row[0]) for row in cursor.fetchall()]
        cursor.execute("EXPLAIN " + postgres_sites.PLAN, (["one"],))
        return found + [str(row[0]) for row in cursor.fetchall()]

    connection = PostgresConnection(address)
    lines = connection.run(plans)
    connection.close()
    assert any("Index Scan" in line for line in lines)
    assert [line for line in lines if "Seq Scan" in line and "on made" not in line] == [], "made has one row"
