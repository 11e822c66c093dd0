"""Archives that an earlier version wrote: they migrate, stay whole, and a crawl of an unchanged site finds no change."""

import json
import lzma
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import archiver
from archiver.app.archive import Archive
from archiver.cli import run
from archiver.cli.context import GLOBAL_OPTIONS
from archiver.extract.profile import load_profile
from archiver.maintain.repair.salvage import DatabaseKind, rebuild
from archiver.model.clock import SettableClock
from archiver.model.policy import Retries
from archiver.settings import Settings
from archiver.store.content_columns import HELD
from archiver.store.plain_files import silent
from archiver.store.real_file import vault_path
from archiver.store.schema import APPLICATION_ID, MIGRATIONS
from damaged import emptied
from migrated import VIEWS, answers
from replayed import LastAnswers, served_at_home

STORED = Path(__file__).parent.parent / "archives"
SCHEMAS = ("schema-6",)
LATER = datetime(2022, 10, 30, 1, 0, tzinfo=UTC)
STANDING = ("changes", "captions", "bylines")
"""Views that a crawl of an unchanged site leaves as they are."""


@dataclass
class Old:
    """A copy of a stored archive, its site's profile, and what its views answered when it was stored."""

    settings: Settings
    answered: dict[str, list[list[Any]]]

    @property
    def path(self) -> Path:
        return self.settings.archive

    @property
    def schema(self) -> int:
        with closing(sqlite3.connect(self.path)) as database:
            return int(database.execute("PRAGMA user_version").fetchone()[0])

    def answers(self) -> dict[str, list[list[Any]]]:
        with Archive(self.settings, write=False) as archive:
            return answers(archive.sql)

    def command(self, *words: str) -> int:
        return run(["--archive", str(self.path), "--selectors", str(STORED), *words])


@pytest.fixture(params=SCHEMAS)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Old]:
    name = request.param
    for ending in ("db", "vault.db"):
        stored = (STORED / f"{name}.{ending}.xz").read_bytes()
        (tmp_path / f"{name}.{ending}").write_bytes(lzma.decompress(stored))
    settings = Settings(tmp_path / f"{name}.db", (STORED,), SettableClock(LATER), Retries(1, 0.0, 0.01))
    GLOBAL_OPTIONS.settings = settings
    yield Old(settings, json.loads((STORED / f"{name}.json").read_text(encoding="utf-8")))
    GLOBAL_OPTIONS.settings = None


def crawl_unchanged(old: Old) -> tuple[int, int, int]:
    """Crawl the site, which answers as it did last; gives how many pages changed, went and came back."""
    with Archive(old.settings) as archive, served_at_home(LastAnswers(archive.store)):
        tally = archive.crawl(load_profile(STORED / "demo.toml"), everything=True).tally
    assert tally.visits > 10
    assert tally.errors == 0
    return tally.changed, tally.gone, tally.back


def test_the_stored_archive_has_something_in_every_view_that_is_compared(old: Old) -> None:
    assert set(old.answered) == set(VIEWS)
    assert all(old.answered.values())
    outcomes = {row[VIEWS["visits"].split(", ").index("outcome")] for row in old.answered["visits"]}
    assert outcomes == {"ok", "not_modified", "moved", "gone"}


def test_a_migration_keeps_every_row_of_the_views(old: Old) -> None:
    Archive(old.settings).close()
    assert old.schema == len(MIGRATIONS)
    found = old.answers()
    for view in VIEWS:
        assert found[view] == old.answered[view], view


@pytest.mark.parametrize("words", [("search", "tin"), ("changes",), ("stats",), ("report",)], ids=" ".join)
def test_a_command_that_only_reads_migrates_an_archive(old: Old, words: tuple[str, ...]) -> None:
    assert old.command("-q", *words) == 0
    assert old.schema == len(MIGRATIONS)


def test_what_opens_an_archive_to_read_in_python_migrates_it(old: Old) -> None:
    archiver.open(old.path, write=False).close()
    assert old.schema == len(MIGRATIONS)


def test_an_old_archive_without_its_vault_is_migrated_and_read(old: Old) -> None:
    before = old.answers()
    vault_path(old.path).unlink()
    assert old.answers() == before
    assert old.schema == len(MIGRATIONS)
    assert not vault_path(old.path).exists()


def test_backup_and_verify_do_not_migrate_an_archive(old: Old, tmp_path_factory: pytest.TempPathFactory) -> None:
    before = old.schema
    assert old.command("-q", "backup", str(tmp_path_factory.mktemp("elsewhere") / "copy")) == 0
    assert old.command("-q", "verify") != 0
    assert old.schema == before < len(MIGRATIONS)


def test_migrated_changes_refer_to_contents(old: Old) -> None:
    Archive(old.settings).close()
    with closing(sqlite3.connect(old.path)) as database:
        inline = database.execute("SELECT DISTINCT field FROM _change WHERE old_content IS NULL").fetchall()
        (count,) = database.execute("SELECT count(*) FROM _change WHERE old_content IS NOT NULL").fetchone()
    assert count
    assert [field for (field,) in inline if field in HELD] == []


def test_contents_of_an_earlier_schema_are_salvaged(old: Old, tmp_path: Path) -> None:
    new = tmp_path / "new.db"
    salvaged = rebuild(old.path, new, None, DatabaseKind(APPLICATION_ID, MIGRATIONS), silent)
    assert "_origin" not in salvaged.unread
    with closing(sqlite3.connect(new)) as database, closing(sqlite3.connect(old.path)) as before:
        contents = "SELECT content_id, fingerprint, body FROM _content ORDER BY 1"
        assert database.execute(contents).fetchall() == before.execute(contents).fetchall() != []


def test_a_reading_command_migrates_an_old_archive(old: Old) -> None:
    assert old.answers()["versions"] == old.answered["versions"]
    assert old.schema == len(MIGRATIONS)


def test_a_migrated_archive_is_whole(old: Old, capsys: pytest.CaptureFixture[str]) -> None:
    Archive(old.settings).close()
    assert old.command("verify", "--deep") == 0, capsys.readouterr()


def test_a_crawl_of_the_unchanged_site_claims_no_change(old: Old, capsys: pytest.CaptureFixture[str]) -> None:
    assert crawl_unchanged(old) == (0, 0, 0)
    assert old.schema == len(MIGRATIONS)
    found = old.answers()
    for view in STANDING:
        assert found[view] == old.answered[view], view
    for view in ("readings", "visits"):
        assert [row for row in old.answered[view] if row not in found[view]] == [], view
    # the two files of the first run have versions now, and they count there
    assert [counts[4] for counts in found["runs"]] == [9, 6, 0, 1, 0, 0]
    apart = [[*row[:4], *row[5:]] for row in found["runs"]]
    assert [row for row in old.answered["runs"] if [*row[:4], *row[5:]] not in apart] == []
    pages = [row for row in found["versions"] if "/Documents/" not in row[0]]  # files had none
    assert by_content(pages) == by_content(old.answered["versions"])
    assert [row[:4] for row in found["absences"]] == [row[:4] for row in old.answered["absences"]]
    assert old.command("verify", "--deep") == 0, capsys.readouterr()


def test_a_crawl_after_a_repair_claims_no_change(old: Old) -> None:
    emptied(old.path, "_link", 0.5)
    old.command("repair")
    assert old.schema == len(MIGRATIONS)
    found = old.answers()
    assert [view for view in VIEWS if found[view] != old.answered[view]] == ["links"]
    assert crawl_unchanged(old) == (0, 0, 0)


def test_the_frontier_and_the_samples_of_missing_pages_are_migrated(old: Old) -> None:
    gone = "SELECT max(visit_id) FROM _visit WHERE outcome = 'gone' AND bytes > 0"
    with closing(sqlite3.connect(old.path)) as database:
        pages = database.execute("SELECT page_id, due_at FROM _frontier ORDER BY 1").fetchall()
        newest = database.execute(gone).fetchone()[0]
    with Archive(old.settings) as archive:
        queues = archive.store.due_queues(1, 1_000_000, everything=True)
        assert sorted((page.page_id, page.due_at) for page in queues.next_pages("2022-10-29 00:00:00", 1000)) == pages
        assert newest in archive.store.missing_samples.of(1)


def test_reading_a_migrated_archive_again_claims_no_change(old: Old, capsys: pytest.CaptureFixture[str]) -> None:
    assert old.command("extract", "--site", "demo") == 0, capsys.readouterr()
    assert old.schema == len(MIGRATIONS)
    assert old.answers()["changes"] == old.answered["changes"]
    assert old.command("verify", "--deep") == 0, capsys.readouterr()


def test_the_next_crawl_stores_the_first_edition_of_each_listing(old: Old, capsys: pytest.CaptureFixture[str]) -> None:
    crawl_unchanged(old)
    with Archive(old.settings, write=False) as archive:
        listings = list(
            archive.sql(
                "SELECT p.title, max(e.edition) AS n FROM pages p JOIN editions e USING (page_id) GROUP BY page_id"
            )
        )
        links = {
            row["from_url"]: row["n"] for row in archive.sql("SELECT from_url, count(*) AS n FROM links GROUP BY 1")
        }
        shown = {row["url"]: row["n"] for row in archive.sql("SELECT url, count(*) AS n FROM editions GROUP BY 1")}
    assert listings
    assert all(row["title"] and row["n"] == 1 for row in listings)
    assert all(links[url] >= count for url, count in shown.items())
    assert old.command("verify", "--deep") == 0, capsys.readouterr()


def by_content(versions: list[list[Any]]) -> list[list[Any]]:
    """Versions without the moment each was last seen, which a new visit moves."""
    columns = VIEWS["versions"].split(", ")
    return [[value for name, value in zip(columns, row, strict=True) if name != "seen_last"] for row in versions]


def test_stored_redirects_are_moves_since_they_were_first_seen(old: Old) -> None:
    """A crawl of the migrated archive finds no move again, and the new address counts as new neither before nor after."""
    query = "SELECT m.url, m.moved_to, m.how, m.found_at, m.until, m.moved_to_page IS NOT NULL AS known FROM moves m"
    redirects = "SELECT url, min(visited_at) AS at FROM visits WHERE outcome = 'moved' AND status = 301 GROUP BY url"
    new = "SELECT e.url FROM events e JOIN moves m ON m.moved_to_page = e.page_id WHERE e.kind = 'new'"
    with Archive(old.settings, write=False) as archive:
        found = list(archive.sql(query))
        assert [(row["url"], row["found_at"]) for row in found] == [
            (row["url"], row["at"]) for row in archive.sql(redirects)
        ]
        assert [(row["how"], row["until"], row["known"]) for row in found] == [("redirect", None, 1)]
        assert list(archive.sql(new)) == []
    crawl_unchanged(old)
    with Archive(old.settings, write=False) as archive:
        assert (list(archive.sql(query)), list(archive.sql(new))) == (found, [])
