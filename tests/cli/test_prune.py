"""`archiver prune`: messages and exit codes, also when some of the bodies are damaged."""

import sqlite3
from contextlib import closing

import pytest

from archiver.maintain.verify.verify import verify
from archiver.model.clock import SettableClock
from archiver.store.archive import Store, vault_path
from shell import Shell


@pytest.fixture
def watched(timed: Shell, clock: SettableClock) -> Shell:
    """Two pages of the demo, each captured four times in an hour; the profile keeps the newest body of a version."""
    profile = timed.selectors / "demo.toml"
    profile.write_text(profile.read_text(encoding="utf-8") + "\n[keep]\nbodies = 1\n", encoding="utf-8")
    for _ in range(4):
        for number in (0, 1):
            timed("capture", "--site", "demo", timed.portal.address(timed.portal.items[number]))
        clock.advance(minutes=10)
    return timed


def frames(shell: Shell) -> dict[int, int]:
    with Store.open(shell.archive, write=False) as store:
        rows = store._main.rows(
            "SELECT t.page_id, count(t.frame_id) FROM _visit t JOIN _page p USING (page_id) WHERE p.kind IS NOT 'robots' GROUP BY 1"
        )
        return {row[0]: row[1] for row in rows}


def test_a_dry_run_and_a_run_print_what_is_deleted(watched: Shell) -> None:
    assert "demo: the newest 1 of each version: 6 bodies of 2 pages would be deleted" in watched("prune", "demo")
    assert set(frames(watched).values()) == {4}
    assert "6 bodies of 2 pages deleted" in watched("prune", "demo", "--apply")
    assert set(frames(watched).values()) == {1}
    assert "nothing to delete" in watched("prune", "demo", "--apply")


@pytest.mark.parametrize("as_json", [False, True])
def test_only_the_page_with_a_damaged_body_is_not_pruned_and_it_is_reported(watched: Shell, as_json: bool) -> None:
    """Its page is not pruned, no frame is removed, and the exit code is 4."""
    with Store.open(watched.archive, write=False) as store:
        row = store._main.row(
            "SELECT page_id, frame_id FROM _visit JOIN _page USING (page_id) WHERE kind = 'article' ORDER BY frame_id DESC"
        )
        assert row
        page, frame = row
        url = store._main.value("SELECT url FROM _page WHERE page_id = ?", (page,))
        sound = store._main.value(
            "SELECT page_id FROM _visit JOIN _page USING (page_id) WHERE kind = 'article' AND page_id <> ?", (page,)
        )
    with closing(sqlite3.connect(vault_path(watched.archive), isolation_level=None)) as vault:
        for table in ("_frame", "_mirror"):
            vault.execute(f"UPDATE {table} SET data = zeroblob(9) WHERE frame_id = ?", (frame,))
    before = {found.visit_id for found in verify(watched.archive, deep=True).findings if found.kind == "body"}
    result = watched("prune", "demo", "--apply", *(["--json"] if as_json else []), code=4)
    assert url in (result if as_json else watched.err)
    assert '"bodies": 3' in result or "3 bodies of 1 pages deleted" in result
    assert frames(watched)[page] == 4
    assert frames(watched)[sound] == 1
    assert {found.visit_id for found in verify(watched.archive, deep=True).findings if found.kind == "body"} == before
