"""Evidence: exact bytes, chained rows, stored before they are read, and never a wrong body."""

import hashlib
import json
import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.errors import ArchiveDamaged
from archiver.store.archive import Store, vault_path
from archiver.store.new_visit import NewVisit
from made import Bench, capture, settle


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=st.lists(st.binary(max_size=5000), min_size=1, max_size=5))
def test_any_bytes_come_back_exactly(bench: Bench, bodies: list[bytes]) -> None:
    page = bench.page()
    taken = [capture("http://portal.example/1", body) for body in bodies]
    numbers = bench.store.evidence.keep([NewVisit(page, one) for one in taken], None)
    for number, one in reversed(list(zip(numbers, taken, strict=True))):
        kept = bench.store.evidence.visit(number).capture
        assert bench.store.evidence.block(number) == one.block
        assert (kept.body, kept.headers, kept.sha256) == (one.body, one.headers, one.sha256)


def test_stored_visits_are_on_the_unread_list(bench: Bench) -> None:
    number = bench.store.evidence.keep([NewVisit(bench.page(), capture("http://portal.example/1"))], None)[0]
    assert bench.store.evidence.unread(bench.site_id, "test") == [number]
    settle(bench.store, bench.site_id, bench.extractor_id, number, None)
    assert bench.store.evidence.unread(bench.site_id, "test") == []


def test_another_program_can_check_the_chain(bench: Bench) -> None:
    """By docs/reference/evidence.md alone: SQL, JSON and SHA-256."""
    page = bench.page()
    taken = [capture("http://portal.example/1", body) for body in (b"a", b"b", b"\xc4\x91")]
    bench.store.evidence.keep([NewVisit(page, one) for one in taken], None)
    bench.store.evidence.keep([NewVisit(page, capture("http://portal.example/1?x=\u0111", status=404))], None)
    database = sqlite3.connect(bench.store.path)
    rows = database.execute(
        "SELECT lower(hex(chain)) AS chain, json_object('visit_id', visit_id, 'page_id', t.page_id, 'run_id', run_id, "
        "'visited_at', visited_at, 'url', coalesce(asked, url), 'method', method, 'address', address, 'status', status, "
        "'outcome', outcome, 'location', location, 'media_type', media_type, 'bytes', bytes, 'milliseconds', milliseconds, "
        "'sent', sent, 'note', note, 'sha256', lower(hex(sha256)), 'block_sha256', lower(hex(block_sha256))) AS said, "
        "head, content FROM _visit t JOIN _page USING (page_id) JOIN _request USING (request_id) ORDER BY visit_id"
    ).fetchall()
    database.close()
    link = "0" * 64
    for chain, said, head, content in rows:
        row = json.loads(said)
        row["request_sha256"], row["content_sha256"] = (hashlib.sha256(sent).hexdigest() for sent in (head, content))
        text = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        link = hashlib.sha256(f"{link}\n{text}".encode()).hexdigest()
        assert chain == link
    assert len(rows) == 4


@pytest.mark.parametrize("place", [0, 10, -1])
def test_a_flipped_byte_in_the_vault_is_never_a_wrong_answer(bench: Bench, place: int) -> None:
    taken = capture("http://portal.example/1", b"x" * 900)
    number = bench.store.evidence.keep([NewVisit(bench.page(), taken)], None)[0]
    _flip(bench, "_frame", place)
    with Store.open(bench.store.path, write=False) as again:
        assert again.evidence.block(number) == taken.block  # its mirror has it
    _flip(bench, "_mirror", place)
    with Store.open(bench.store.path, write=False) as again, pytest.raises(ArchiveDamaged):
        again.evidence.block(number)


def _flip(bench: Bench, table: str, place: int) -> None:
    vault = sqlite3.connect(vault_path(bench.store.path))
    data = bytearray(vault.execute(f"SELECT data FROM {table}").fetchone()[0])
    data[place] ^= 0x10
    vault.execute(f"UPDATE {table} SET data = ?", (bytes(data),))
    vault.commit()
    vault.close()


def test_a_full_disk_stores_no_partial_batch(bench: Bench) -> None:
    from archiver.errors import ArchiveFull

    page = bench.page()
    vault = bench.store._vault._connection
    pages = vault.value("PRAGMA page_count")
    vault.execute(f"PRAGMA max_page_count = {pages + 1}")
    big = [NewVisit(page, capture("http://portal.example/1", bytes(range(256)) * 4000 + bytes([n]))) for n in range(3)]
    noise = [NewVisit(page, capture("http://portal.example/1", __import__("random").Random(1).randbytes(400_000)))]
    with pytest.raises(ArchiveFull, match="make room"):
        bench.store.evidence.keep(big + noise, None)
    assert next(bench.store.sql("SELECT count(*) AS visits FROM visits"))["visits"] == 0
    assert vault.value("SELECT count(*) FROM _frame") == 0
