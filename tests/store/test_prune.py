"""Pruning: only bytes are deleted, by rule, and the evidence stays verifiable."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from archiver.errors import ArchiveDamaged, ArchiveLocked, BodyPruned
from archiver.maintain.verify.clean import clean
from archiver.maintain.verify.verify import verify
from archiver.model.record import Content
from archiver.store.archive import Store
from archiver.store.chain import VISITS, canonical
from archiver.store.new_visit import NewVisit
from archiver.store.vault import Block
from archiver.text.digest import GENESIS, chain_link
from filled import fill
from made import Bench


@pytest.fixture
def watched(bench: Bench) -> Bench:
    """A page of three versions, seen 10, 1 and 5 times, with a 404 after each; and a listing that has no version."""
    for title, times in (("one", 10), ("two", 1), ("three", 5)):
        for _ in range(times):
            bench.visit(Content(title=title), readings=(("views", len(bench.runs)),))
        bench.visit(status=404)
    for _ in range(4):
        bench.visit(url="http://portal.example/list")
    return bench


def bodies(bench: Bench) -> list[int]:
    return [row["visit_id"] for row in bench.store._main.rows("SELECT visit_id FROM _visit WHERE frame_id IS NOT NULL")]


def pruned(bench: Bench, **rule: int) -> list[int]:
    before = bodies(bench)
    plan = bench.store.pruning.plan(bench.site_id, **rule)
    for page, visits in plan.visits.items():
        bench.store.pruning.prune(bench.site_id, page, visits)
    path = bench.store.path
    bench.store.close()
    clean(path)
    bench.store = Store.open(path)
    after = bodies(bench)
    assert (plan.count, plan.kept) == (len(before) - len(after), len(after))
    return sorted(set(before) - set(after))


def test_first_and_last_of_each_version_stay(watched: Bench) -> None:
    assert pruned(watched, newest=1, first=1) == [*range(2, 10), 15, 16, 17]


def test_the_newest_of_each_version_stay(watched: Bench) -> None:
    assert pruned(watched, newest=3) == [*range(1, 8), 14, 15]


def test_a_plan_changes_nothing(watched: Bench) -> None:
    before = bodies(watched)
    watched.store.pruning.plan(watched.site_id, newest=1)
    assert bodies(watched) == before


def test_retained_bodies_are_readable_and_pruned_ones_are_reported(watched: Bench) -> None:
    asked = ("SELECT * FROM versions", "SELECT * FROM changes", "SELECT * FROM readings", "SELECT * FROM visits")
    before = [list(watched.store.sql(query)) for query in asked]
    blocks = {number: watched.store.evidence.block(number) for number in bodies(watched)}
    gone = pruned(watched, newest=1, first=1)
    assert [list(watched.store.sql(query)) for query in asked] == before
    with Store.open(watched.store.path, write=False) as again:
        for number, block in blocks.items():
            if number in gone:
                with pytest.raises(BodyPruned, match=f"visit {number}: its bytes were pruned"):
                    again.evidence.block(number)
            else:
                assert again.evidence.block(number) == block
        assert set(again.evidence.readable(watched.site_id)) == set(blocks) - set(gone)
        link = GENESIS
        for row in again._main.rows(f"{VISITS} ORDER BY t.visit_id"):
            link = chain_link(link, canonical(row))
            assert row["chain"].hex() == link


def test_only_unneeded_frames_are_removed(watched: Bench) -> None:
    before = watched.store._vault._connection.value("SELECT count(*) FROM _frame")
    pruned(watched, newest=1, first=1)
    vault = watched.store._vault._connection
    rows = watched.store._main.rows("SELECT frame_id FROM _visit WHERE frame_id IS NOT NULL")
    needed, rest = set[int](), {row["frame_id"] for row in rows}
    while rest:
        number = rest.pop()
        needed.add(number)
        row = vault.row("SELECT reference, base, tail FROM _frame WHERE frame_id = ?", (number,))
        assert row is not None
        rest |= {each for each in row if each is not None} - needed
    assert {row["frame_id"] for row in vault.rows("SELECT frame_id FROM _frame")} == needed
    assert len(needed) < before
    for table in ("_mirror", "_base"):
        assert {row["frame_id"] for row in vault.rows(f"SELECT frame_id FROM {table}")} <= needed


def test_pruning_is_idempotent_and_visits_continue(watched: Bench) -> None:
    pruned(watched, newest=1)
    assert pruned(watched, newest=1) == []
    watched.visit(Content(title="four"))
    number = bodies(watched)[-1]
    assert watched.store.evidence.block(number).endswith(b"%d" % (len(watched.runs) - 1))


def test_unread_captures_are_retained(watched: Bench) -> None:
    with watched.store.transaction():
        watched.store._main.execute("INSERT INTO _unread(visit_id) VALUES (5)")
    assert 5 not in pruned(watched, newest=1)


def test_a_capture_during_pruning_loses_nothing(watched: Bench) -> None:
    """The same bytes again are no new frame: the capture may be about to name the one that pruning lets go."""
    again = watched.store.evidence.visit(bodies(watched)[-1])
    number = again.page_id
    for _ in range(3):
        watched.store.evidence.keep([NewVisit(number, again.capture)], None)
    watched.store._main.execute("DELETE FROM _unread")
    path, beside = watched.store.path, Store.open(watched.store.path)
    plan = beside.pruning.plan(watched.site_id, newest=1)
    write = watched.store._vault.write

    def then_prune(blocks: Sequence[Block]) -> list[int]:
        frames = write(blocks)
        for page, visits in plan.visits.items():
            beside.pruning.prune(watched.site_id, page, visits)
        with pytest.raises(ArchiveLocked):
            clean(path)
        return frames

    watched.store._vault.write = then_prune  # type: ignore[method-assign]
    watched.store.evidence.keep([NewVisit(number, again.capture)], None)
    watched.store.close()
    beside.close()
    clean(path)
    assert verify(path, deep=True).whole


@pytest.mark.parametrize("visit", [4, 18], ids=["one that would go", "one that stays"])
def test_a_page_with_a_damaged_body_is_not_pruned(watched: Bench, visit: int) -> None:
    """Damage is not let go as if by rule: repair may still heal it, and until then verify names it."""
    plan = watched.store.pruning.plan(watched.site_id, newest=1)
    ((page, visits),) = plan.visits.items()
    assert (visit in visits) == (visit == 4)
    named = watched.store._main.rows("SELECT visit_id, frame_id FROM _visit")
    watched.store._main.execute("UPDATE _visit SET frame_id = 9999 WHERE visit_id = ?", (visit,))
    damaged = {row["visit_id"]: row["frame_id"] for row in named} | {visit: 9999}
    with pytest.raises(ArchiveDamaged, match="frame 9999 is missing"):
        watched.store.pruning.prune(watched.site_id, page, visits)
    rows = watched.store._main.rows("SELECT visit_id, frame_id FROM _visit")
    assert {row["visit_id"]: row["frame_id"] for row in rows} == damaged


def test_a_plan_without_a_page_keeps_its_bodies(watched: Bench) -> None:
    plan = watched.store.pruning.plan(watched.site_id, newest=1)
    (page,) = plan.visits
    rest = plan.without([page])
    assert (rest.visits, rest.count, rest.bytes, rest.kept) == ({}, 0, 0, plan.kept + plan.count)


def test_frames_that_only_a_mirror_references_are_not_removed(path: Path) -> None:
    """A keyframe is lost, and its second copy whole: what that one needs is needed."""
    fill(path, 2)
    with Store.open(path) as store:
        keyframe = store._vault._connection.value("SELECT max(frame_id) FROM _mirror WHERE kind = 'K'")
        visit = store._main.value("SELECT visit_id FROM _visit WHERE frame_id = ?", (keyframe,))
        block = store.evidence.block(visit)
        store._main.execute("UPDATE _visit SET frame_id = NULL WHERE visit_id <> ?", (visit,))
        store._vault._connection.execute("PRAGMA foreign_keys=OFF")
        store._vault._connection.execute("DELETE FROM _frame WHERE frame_id = ?", (keyframe,))
    assert clean(path).frames
    with Store.open(path, write=False) as store:
        assert store.evidence.block(visit) == block
