"""The vault: any sequence of blocks is restored byte for byte in any order, needs little space, and damage stays limited."""

import contextlib
import hashlib
import importlib
import random
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.errors import ArchiveDamaged
from archiver.store.connection import Connection
from archiver.store.frame_codec import pack
from archiver.store.open_file import CHECKPOINT, open_connection
from archiver.store.schema import VAULT_APPLICATION_ID, VAULT_MIGRATIONS
from archiver.store.vault import GROUP, LARGE, LONGEST_CHAIN, Block, Vault

WORDS = "quận phường hội nghị nhân dân thành phố giáo dục y tế văn hoá công tác tổ chức phát triển".split()


def text(seed: int, words: int) -> bytes:
    chance = random.Random(seed)
    return " ".join(f"{chance.choice(WORDS)}{chance.randrange(900)}" for _ in range(words)).encode()


TEMPLATE = text(1, 3000)


def visit(page: int, number: int, template: bytes = TEMPLATE, *, nonce: bool = False) -> bytes:
    """A page as a server sends it: its template, its text, and what is new each time."""
    chance = random.Random(page * 1000 + number)
    head = b"HTTP/1.1 200 OK\r\nDate: %d\r\nSet-Cookie: s=%s\r\n\r\n" % (number, chance.randbytes(12).hex().encode())
    token = chance.randbytes(12).hex().encode()
    scripts = b'<script nonce="%s"></script>' % token * 30 if nonce else b""
    return head + template[:9000] + b"<b>%d</b>" % (number * 37) + text(page + 50, 300) + scripts + template[9000:]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    connection = open_vault(tmp_path / "a.vault.db")
    yield connection
    connection.close()


def open_vault(path: Path) -> Connection:
    return open_connection(path, application_id=VAULT_APPLICATION_ID, migrations=VAULT_MIGRATIONS, write=True)


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def fill(vault: Vault, blocks: list[tuple[int, bytes]], batch: int = 7) -> list[int]:
    """Write (page, block) in batches, as a crawl does; the frame of each."""
    last: dict[int, int] = {}
    frames: list[int] = []
    for start in range(0, len(blocks), batch):
        part = [Block(1, page, data, last.get(page)) for page, data in blocks[start : start + batch]]
        for block, number in zip(part, vault.write(part), strict=True):
            last[block.page] = number
            frames.append(number)
    return frames


SMALL = st.binary(max_size=40) | st.sampled_from([b"", b"x", TEMPLATE, TEMPLATE[:100], TEMPLATE + b"!", b"\0" * 5000])
BLOCKS = st.lists(st.tuples(st.integers(1, 3), SMALL), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(blocks=BLOCKS, batch=st.integers(1, 9), order=st.randoms(use_true_random=False))
def test_any_sequence_comes_back_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, blocks: list[tuple[int, bytes]], batch: int, order: random.Random
) -> None:
    connection = open_vault(tmp_path_factory.mktemp("vault") / "v.db")
    try:
        kept = list(zip(fill(Vault(connection), blocks, batch), blocks, strict=True))
        order.shuffle(kept)
        reader = Vault(connection)
        assert all(reader.read(number, sha(data)) == data for number, (_, data) in kept)
    finally:
        connection.close()


def test_a_vault_with_pages_of_64_kb_keeps_them(tmp_path: Path) -> None:
    """Vaults of earlier versions have such pages; new ones have 4 kB."""
    path = tmp_path / "old.vault.db"
    with contextlib.closing(sqlite3.connect(path)) as plain:
        plain.execute("PRAGMA page_size=65536")
        plain.execute("VACUUM")
    old, new = open_vault(path), open_vault(tmp_path / "new.vault.db")
    for each, size in ((old, 65536), (new, 4096)):
        frames = fill(Vault(each), [(1, visit(1, number)) for number in range(9)])
        assert each.value("PRAGMA page_size") == size
        assert each.value("PRAGMA wal_autocheckpoint") * size == CHECKPOINT
        assert lost_of(each, {frame: visit(1, number) for number, frame in enumerate(frames)}) == 0
        each.close()


def test_the_first_keyframe_of_a_page_tries_few_references(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = Vault(connection)
    fill(vault, [(page, visit(page, 0)) for page in range(1, 9)])
    prefixes: list[int] = []

    def counted(block: bytes, prefix: bytes, level: int) -> bytes:
        prefixes.append(len(prefix))
        return pack(block, prefix, level)

    monkeypatch.setattr("archiver.store.vault.pack", counted)
    fill(vault, [(9, visit(9, 0))])
    assert len(prefixes) <= 4  # without a reference, with the newest and the newest full keyframe, and the final one


def test_large_small_and_shrinking_blocks(connection: Connection) -> None:
    chance = random.Random(3)
    large = [
        chance.randbytes(5_000_000),
        b"a" * 5_000_000,
        chance.randbytes(LARGE - 1),
        b"",
        b"y",
        TEMPLATE * 30,
        TEMPLATE,
    ]
    frames = fill(Vault(connection), [(1, data) for data in large], batch=2)
    reader = Vault(connection)
    assert all(reader.read(number, sha(data)) == data for number, data in zip(frames, large, strict=True))


def test_a_large_body_is_stored_once(connection: Connection) -> None:
    body = random.Random(4).randbytes(LARGE)
    heads = [b"HTTP/1.1 200 OK\r\nDate: %d\r\n\r\n" % number for number in range(4)]
    frames = fill(Vault(connection), [(page, head + body) for page, head in enumerate(heads)])
    assert connection.value("SELECT sum(length(data)) FROM _frame") < LARGE + 1000
    reader = Vault(connection)
    assert [reader.read(number, sha(head + body)) for number, head in zip(frames, heads, strict=True)] == [
        head + body for head in heads
    ]


def test_identical_bytes_need_no_new_frame(connection: Connection) -> None:
    vault = Vault(connection)
    frames = fill(vault, [(1, visit(1, 0))] * 5)
    assert len(set(frames)) == 1
    again = fill(vault, [(2, visit(2, 0)), (2, visit(2, 1)), *[(2, visit(2, 2))] * 12])
    assert len(set(again)) <= 4
    assert (
        connection.value("SELECT kind FROM _frame WHERE frame_id = ?", (again[-1],)) == "K"
    )  # many hang on it: kept twice


def test_a_visit_of_a_known_page_costs_only_new_content(connection: Connection) -> None:
    fill(Vault(connection), [(page, visit(page, number)) for number in range(60) for page in range(1, 5)])
    kinds = [tuple(row) for row in connection.rows("SELECT kind, count(*) FROM _frame GROUP BY kind")]
    assert kinds == [("D", 236), ("F", 1), ("K", 3)]
    assert connection.value("SELECT avg(length(data)) FROM _frame WHERE kind = 'D'") < 120
    assert connection.value("SELECT max(length(data)) FROM _frame WHERE kind = 'K'") < 3000


def test_a_nonce_on_every_script_costs_no_more_than_one(connection: Connection) -> None:
    fill(Vault(connection), [(1, visit(1, number, nonce=True)) for number in range(20)])
    assert connection.value("SELECT avg(length(data)) FROM _frame WHERE kind = 'D'") < 140
    assert connection.value("SELECT count(*) FROM _frame WHERE swaps IS NOT NULL") == 19


def test_a_redesign_starts_an_epoch_that_other_pages_reference(connection: Connection) -> None:
    other = text(2, 3000)
    fill(Vault(connection), [(page, visit(page, number)) for number in range(5) for page in range(1, 5)])
    fill(Vault(connection), [(page, visit(page, number, other)) for number in range(5) for page in range(1, 5)])
    assert connection.value("SELECT count(*) FROM _frame WHERE kind = 'F'") == 2
    assert connection.value("SELECT count(*) FROM _frame WHERE kind = 'K'") == 6


def test_a_large_random_token_starts_no_epoch_at_each_visit(connection: Connection) -> None:
    chance = random.Random(9)
    fill(Vault(connection), [(1, visit(1, number) + chance.randbytes(7000).hex().encode()) for number in range(40)])
    assert connection.value("SELECT count(*) FROM _frame WHERE kind <> 'D'") <= 2


def test_chains_are_short_and_epochs_end(connection: Connection) -> None:
    vault = Vault(connection)
    frames = fill(vault, [(1, visit(1, number)) for number in range(300)])
    assert connection.value("SELECT max(depth) FROM _frame") <= LONGEST_CHAIN
    assert connection.value("SELECT count(*) FROM _frame WHERE kind <> 'D'") == 5
    assert all(_steps(connection, number) <= LONGEST_CHAIN for number in frames)


def _steps(connection: Connection, number: int) -> int:
    row = connection.row("SELECT reference, base FROM _frame WHERE frame_id = ?", (number,))
    assert row is not None
    return 1 + max((_steps(connection, each) for each in row if each is not None), default=0)


def test_a_damaged_delta_loses_at_most_eight_visits_and_a_keyframe_none(connection: Connection) -> None:
    blocks = [(page, visit(page, number)) for number in range(70) for page in (1, 2)]
    frames = fill(Vault(connection), blocks)
    whole = dict(zip(frames, (data for _, data in blocks), strict=True))
    for row in connection.rows("SELECT frame_id, kind, data FROM _frame ORDER BY frame_id"):
        if row["kind"] == "D" and row["frame_id"] % 3:
            continue
        broken = bytearray(row["data"])
        broken[len(broken) // 2] ^= 0x40
        connection.execute("UPDATE _frame SET data = ? WHERE frame_id = ?", (bytes(broken), row["frame_id"]))
        lost = lost_of(connection, whole)
        assert lost <= (GROUP if row["kind"] == "D" else 0)
        connection.execute("UPDATE _frame SET data = ? WHERE frame_id = ?", (row["data"], row["frame_id"]))


def lost_of(connection: Connection, whole: dict[int, bytes]) -> int:
    """How many blocks cannot be read; one that is read and is wrong fails the test."""
    reader, lost = Vault(connection), 0
    for number, data in whole.items():
        try:
            assert reader.read(number, sha(data)) == data
        except ArchiveDamaged:
            lost += 1
    return lost


def test_any_byte_of_any_frame_flipped_is_never_a_wrong_answer(connection: Connection) -> None:
    blocks = [(1, visit(1, number, nonce=True)) for number in range(12)]
    frames = fill(Vault(connection), blocks)
    whole = dict(zip(frames, (data for _, data in blocks), strict=True))
    chance = random.Random(5)
    for _ in range(150):
        number, table = chance.choice(frames), chance.choice(["_frame", "_frame", "_mirror"])
        row = connection.row(f"SELECT * FROM {table} WHERE frame_id = ?", (number,))
        if row is None:
            continue
        column = chance.choice(["data", "data", "swaps", "reference", "base", "tail", "size"])
        connection.execute("PRAGMA foreign_keys=OFF")
        value = row[column]
        if isinstance(value, bytes):
            flipped = bytearray(value)
            flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
            damaged: bytes | int = bytes(flipped)
        else:
            damaged = (value or 0) ^ 1 << chance.randrange(12)
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE frame_id = ?", (damaged, number))
        assert lost_of(connection, whole) <= GROUP
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE frame_id = ?", (value, number))


def test_writing_continues_despite_damage(connection: Connection) -> None:
    frames = fill(Vault(connection), [(1, visit(1, number)) for number in range(5)])
    connection.execute("UPDATE _frame SET data = x'00'")
    connection.execute("UPDATE _mirror SET data = x'00'")
    vault = Vault(connection)
    number = vault.write([Block(1, 1, visit(1, 6), frames[-1])])[0]
    assert Vault(connection).read(number, sha(visit(1, 6))) == visit(1, 6)
    with pytest.raises(ArchiveDamaged, match="frame 1 is damaged"):
        vault.read(1, b"")


def test_a_failed_write_stores_nothing(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = Vault(connection)
    frames = fill(vault, [(1, visit(1, 0))])
    monkeypatch.setattr("archiver.store.frame_store.unpack", lambda *_: b"something else")
    with pytest.raises(ArchiveDamaged, match="nothing was kept"):
        vault.write([Block(1, 1, visit(1, 1), frames[0]), Block(1, 1, visit(1, 2))])
    monkeypatch.undo()
    assert connection.value("SELECT count(*) FROM _frame") == 1
    number = vault.write([Block(1, 1, visit(1, 2), frames[0])])[0]
    assert vault.read(number, sha(visit(1, 2))) == visit(1, 2)


def test_frames_can_be_decoded_without_archiver(connection: Connection) -> None:
    """docs/reference/evidence.md: `zstd -d --patch-from`, or ten lines of any language."""

    zstd = importlib.import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
    fill(Vault(connection), [(1, visit(1, number)) for number in range(3)])
    plain = sqlite3.connect(connection.path)
    known: dict[int, bytes] = {}
    for number, data, reference in plain.execute("SELECT frame_id, data, reference FROM _frame ORDER BY frame_id"):
        prefix = zstd.ZstdDict(known[reference], is_raw=True).as_prefix if reference else None
        known[number] = zstd.ZstdDecompressor(zstd_dict=prefix).decompress(data)
    plain.close()
    assert list(known.values()) == [visit(1, number) for number in range(3)]


def test_the_id_of_a_removed_frame_is_never_reused(connection: Connection) -> None:
    vault = Vault(connection)
    (first,) = vault.write([Block(1, 1, b"HTTP/1.1 200 OK\r\n\r\none")])
    assert vault.remove([first])
    (second,) = vault.write([Block(1, 1, b"HTTP/1.1 200 OK\r\n\r\ntwo")])
    assert second > first


def test_a_damaged_large_body_does_not_stop_its_site(connection: Connection) -> None:
    body = random.Random(4).randbytes(LARGE)
    heads = [b"HTTP/1.1 200 OK\r\nDate: %d\r\n\r\n" % number for number in range(3)]
    first = fill(Vault(connection), [(1, heads[0] + body)])[0]
    tail = connection.value("SELECT frame_id FROM _large")
    connection.execute("UPDATE _frame SET data = zeroblob(length(data)) WHERE frame_id = ?", (tail,))
    later = fill(Vault(connection), [(1, heads[1] + body), (2, heads[2] + body)])
    reader = Vault(connection)
    assert [reader.read(number, sha(head + body)) for number, head in zip(later, heads[1:], strict=True)]
    with pytest.raises(ArchiveDamaged):
        reader.read(first, sha(heads[0] + body))


@pytest.mark.parametrize("size", [1500, 4000, 20_000])
def test_pages_with_a_large_random_part_are_no_keyframes_at_each_visit(connection: Connection, size: int) -> None:
    """Such as the view state of ASP.NET: a delta of it costs almost as much as a keyframe, which is stored twice."""
    chance, vault = random.Random(1), Vault(connection)
    pages = {page: text(page, 600) for page in range(6)}
    visits = [
        (page, TEMPLATE + body + chance.randbytes(size).hex().encode())
        for _ in range(30)
        for page, body in pages.items()
    ]
    fill(vault, visits, batch=len(visits))
    rows = {
        row["kind"]: row["count"] for row in connection.rows("SELECT kind, count(*) AS count FROM _frame GROUP BY kind")
    }
    assert rows["D"] >= 0.8 * len(visits)
