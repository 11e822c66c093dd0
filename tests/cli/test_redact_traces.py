"""What is left of a redacted page in places that belong to no capture: frames of killed writers, redesigns, rules of robots.txt."""

import hashlib
import sqlite3
from contextlib import closing

import pytest

from archiver.maintain.verify.verify import verify
from archiver.store.archive import Store, vault_path
from archiver.store.vault import Block
from redacted import found, plain_page, rows, secret_page, watch
from watched import Town

LONG = b"<!-- %s -->" % b"".join(hashlib.sha256(bytes([number])).hexdigest().encode() for number in range(100))
"""What one of the frames has in common with page 6, so that the page references it."""


def redact(town: Town, what: str) -> str:
    return town("redact", what, "--reason", "order", "--yes")


@pytest.fixture
def watched(town: Town) -> Town:
    watch(town)
    return town


def leave_frames(town: Town) -> list[int]:
    """Write answers of page 1 to the vault, as a crawl does that is killed before their rows; return the frames."""
    head = b"HTTP/1.1 200 OK\r\nX-Secret: zxqhead\r\n\r\n"
    with Store.open(town.path) as store:
        row = store._main.row(
            "SELECT p.site_id, p.page_id, t.frame_id FROM _visit t JOIN _page p ON p.page_id = t.page_id "
            "WHERE p.url = ? ORDER BY t.visit_id DESC LIMIT 1",
            (town.url(1),),
        )
        assert row is not None
        site, page, frame = row
        return store._vault.write(
            [
                Block(site, page, head + secret_page(50), frame),  # a delta
                Block(site, 998, head + secret_page(51) + LONG),  # a keyframe of the site, which others may reference
            ]
        )


def test_frames_that_a_killed_crawl_left_go_as_well(watched: Town) -> None:
    delta, keyframe = leave_frames(watched)
    watched.articles(range(6, 7), (plain_page(6, 1) + LONG).decode())
    watched("capture", watched.url(6))
    assert (keyframe,) in referenced(watched), "the test needs a capture that references what the killed crawl left"
    redact(watched, watched.url(1))
    assert found(watched.path) == set()
    assert not {delta, keyframe} & {row[0] for row in frames(watched)}
    assert verify(watched.path, deep=True).whole


def referenced(town: Town) -> list[tuple[int]]:
    with closing(sqlite3.connect(vault_path(town.path))) as vault:
        return vault.execute("SELECT reference FROM _frame UNION SELECT base FROM _frame").fetchall()


def frames(town: Town) -> list[tuple[int]]:
    with closing(sqlite3.connect(vault_path(town.path))) as vault:
        return vault.execute("SELECT frame_id FROM _frame UNION SELECT frame_id FROM _mirror").fetchall()


def test_frames_without_a_visit_stay_when_references_of_visits_are_lost(watched: Town) -> None:
    """They may be the bodies of those visits; a repair finds out."""
    number, frame = rows_of(
        watched, f"SELECT max(visit_id), frame_id FROM _visit WHERE page_id = ({page_of(watched, 3)})"
    )[0]
    with closing(sqlite3.connect(watched.path, isolation_level=None)) as connection:
        connection.execute("UPDATE _visit SET frame_id = NULL WHERE visit_id = ?", (number,))
    redact(watched, watched.url(1))
    assert (frame,) in frames(watched)
    assert found(watched.path) == set()


def page_of(town: Town, number: int) -> str:
    return f"SELECT page_id FROM _page WHERE url = '{town.url(number)}'"


def rows_of(town: Town, query: str) -> list[tuple[int, ...]]:
    with closing(sqlite3.connect(town.path)) as connection:
        return connection.execute(query).fetchall()


def test_the_words_of_a_redesign_that_no_other_page_has_go(watched: Town) -> None:
    """A redesign holds text that changed on its pages."""
    with closing(sqlite3.connect(watched.path, isolation_level=None)) as connection:
        change, site = connection.execute(
            f"SELECT change_id, (SELECT site_id FROM _site) FROM _change WHERE page_id = ({page_of(watched, 1)})"
        ).fetchone()
        connection.execute(
            "INSERT INTO _redesign(redesign_id, site_id, kind, fields, since, what) "
            "VALUES (7, ?, 'article', 'body', '2026-01-01 00:00:00', 'zxqnoidung appears')",
            (site,),
        )
        connection.execute("INSERT INTO _redesign_part VALUES (7, 'article', 'body', 0, 'replaced', 'zxqnoidung', 'x')")
        connection.execute("UPDATE _change SET redesign_id = 7 WHERE change_id = ?", (change,))
    redact(watched, watched.url(1))
    assert found(watched.path) == set()


def test_the_rules_of_a_redacted_robots_txt_go(town: Town) -> None:
    town.server.answers["/robots.txt"] = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /zxqhead\n")
    watch(town, days=1)
    (robots,) = rows_of(
        town, "SELECT max(t.visit_id) FROM _visit t JOIN _page p ON p.page_id = t.page_id WHERE p.kind = 'robots'"
    )[0]
    redact(town, town.url(1))
    assert {place.split()[0] for place in found(town.path)} == {"zxqhead"}
    redact(town, str(robots))
    assert found(town.path) == set()


def test_history_claims_no_edit_after_a_redacted_version(watched: Town) -> None:
    redact(watched, watched.url(1))
    watched.crawl()
    lines = watched("history", watched.url(1)).splitlines()
    assert "redacted on" in lines[-2]
    assert lines[-1].endswith("not compared: the version before is redacted")
    assert rows(watched.path, f"SELECT * FROM changes WHERE url = '{watched.url(1)}'") == []
