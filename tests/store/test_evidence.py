"""Evidence: exact bytes back, chained rows, kept before they are read, and never a wrong answer."""

import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.errors import ArchiveDamaged
from archiver.store.archive import vault_path
from archiver.store.evidence import Seen
from archiver.text.digest import GENESIS, chain_link
from made import START, Bench, capture


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=st.lists(st.binary(max_size=5000), min_size=1, max_size=5))
def test_any_bytes_come_back_exactly(bench: Bench, bodies: list[bytes]) -> None:
    page = bench.page()
    taken = [capture("http://portal.example/1", body) for body in bodies]
    numbers = bench.store.evidence.keep([Seen(page, one) for one in taken], None)
    for number, one in reversed(list(zip(numbers, taken, strict=True))):
        kept = bench.store.evidence.visit(number).capture
        assert bench.store.evidence.block(number) == one.block
        assert (kept.body, kept.headers, kept.sha256) == (one.body, one.headers, one.sha256)


def test_what_is_kept_waits_to_be_read(bench: Bench) -> None:
    number = bench.store.evidence.keep([Seen(bench.page(), capture("http://portal.example/1"))], None)[0]
    assert bench.store.evidence.unread(bench.site_id) == [number]
    bench.store.evidence.done(number)
    assert bench.store.evidence.unread(bench.site_id) == []


def test_each_visit_is_chained_to_the_one_before(bench: Bench) -> None:
    page = bench.page()
    taken = [capture("http://portal.example/1", body) for body in (b"a", b"b")]
    bench.store.evidence.keep([Seen(page, one) for one in taken], None)
    database = sqlite3.connect(bench.store.path)
    rows = database.execute(
        "SELECT lower(hex(chain)), lower(hex(block_sha256)) FROM _visit ORDER BY visit_id"
    ).fetchall()
    database.close()
    previous = GENESIS
    for (chain, block), one in zip(rows, taken, strict=True):
        previous = chain_link(
            previous,
            {
                "url": one.url,
                "method": "GET",
                "visited_at": START.strftime("%Y-%m-%d %H:%M:%S"),
                "status": 200,
                "block_sha256": block,
                "location": None,
            },
        )
        assert chain == previous


@pytest.mark.parametrize("place", [0, 10, -1])
def test_a_flipped_byte_in_the_vault_is_never_a_wrong_answer(bench: Bench, place: int) -> None:
    number = bench.store.evidence.keep([Seen(bench.page(), capture("http://portal.example/1", b"x" * 900))], None)[0]
    vault = sqlite3.connect(vault_path(bench.store.path))
    data = bytearray(vault.execute("SELECT data FROM _frame").fetchone()[0])
    data[place] ^= 0x10
    vault.execute("UPDATE _frame SET data = ?", (bytes(data),))
    vault.commit()
    vault.close()
    with pytest.raises(ArchiveDamaged):
        bench.store.evidence.block(number)


def test_a_full_disk_keeps_nothing_half(bench: Bench) -> None:
    from archiver.errors import ArchiveFull

    page = bench.page()
    vault = bench.store._vault._door
    pages = vault.value("PRAGMA page_count")
    vault.execute(f"PRAGMA max_page_count = {pages + 1}")
    big = [Seen(page, capture("http://portal.example/1", bytes(range(256)) * 4000 + bytes([n]))) for n in range(3)]
    noise = [Seen(page, capture("http://portal.example/1", __import__("random").Random(1).randbytes(400_000)))]
    with pytest.raises(ArchiveFull, match="make room"):
        bench.store.evidence.keep(big + noise, None)
    assert next(bench.store.sql("SELECT count(*) AS visits FROM visits"))["visits"] == 0
    assert vault.value("SELECT count(*) FROM _frame") == 0
