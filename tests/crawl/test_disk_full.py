"""A disk that is full, or fails, in mid-crawl: one line says so, and with room the same command goes on."""

import os
import random
import subprocess
from pathlib import Path

import pytest

from archiver.demo.portal import Portal
from crawled import CONNECTIONS, KILLS, Crawls
from trials import IS_FULL

FAULTS = KILLS
ARTICLES = 100 if IS_FULL else 24
LAST = 500  # of a crawl's writes, one fails: at the making of the archive, at opening it, at visits, at readings
CHANGES = {"delay = 0.0": "delay = 0.03", 'files = ["pdf", "docx", "png"]': "files = []"}
HOW = {"it is full": ["full", "enospc", "short"], "it fails": ["dead", "eio"]}
SAID = (
    ": the disk is full; make room, then run this again (acknowledged data is safe)\n",
    ": writing to the disk failed; check that the disk is sound and has room, then run this again\n",
)
"""A full disk may come to light when the system is asked to bring all to the disk, and is a failure like others then."""

pytestmark = pytest.mark.soak


def fail_once(crawls: Crawls, fault: dict[str, str]) -> bool:
    """A crawl that meets a fault; gives whether that ended it."""
    process = crawls.start("--all", environment=fault)
    told = crawls.end(process)
    if process.returncode == 0:  # the write was one that is not needed, as that of tidying up
        assert told == ""
        return False
    assert process.returncode == 4, told
    assert told.count("\n") == 1, "one line"
    assert told.startswith(f"error: {crawls.folder}"), told
    assert told.endswith(SAID), told
    return True


@pytest.mark.parametrize("disk", HOW)
def test_a_crawl_ends_with_one_line_and_goes_on_when_it_can(tmp_path: Path, failing_io: Path, disk: str) -> None:
    """Wherever it hits, what was acknowledged is there, and so is what the archive held before the fault."""
    chance = random.Random(disk)
    failed, held = 0, set[tuple[int, bytes]]()
    with Portal(articles=ARTICLES) as portal:
        crawls = Crawls(tmp_path, portal, CHANGES)
        for number in range(FAULTS):
            where = chance.randint(1, LAST if number % 5 else LAST // 5)
            fault = {"ARCHIVER_FAIL_AT": str(where), "ARCHIVER_FAIL_HOW": chance.choice(HOW[disk])}
            failed += fail_once(crawls, {"LD_PRELOAD": str(failing_io), **fault})
            now = set(crawls.rows("SELECT visit_id, chain FROM _visit")) if crawls.is_made() else set()
            assert held <= now
            held = now
        crawls.finish()
        asked = len(portal.requests)
    assert failed > FAULTS // 3, "how many writes there are depends on what is ready together"
    assert crawls.value("SELECT count(*) FROM pages WHERE kind = 'article' AND version = 1") == ARTICLES
    assert crawls.value("SELECT count(*) FROM changes") == 0
    assert asked - crawls.value("SELECT count(*) FROM _visit") <= FAULTS * (CONNECTIONS + 1), "what was in flight"
    crawls.check_all_is_kept()


@pytest.mark.parametrize(
    ("words", "unbuffered"), [(["crawl", "demo", "--json"], "1"), (["crawl", "demo"], ""), (["--help"], "")]
)
def test_a_full_disk_behind_its_output_is_told_as_that(tmp_path: Path, words: list[str], unbuffered: str) -> None:
    """What is printed may go to a file on another disk than the archive's; Python itself would tell of it too late."""
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    with Portal(articles=1) as portal, Path("/dev/full").open("w", encoding="ascii") as full:
        crawls = Crawls(tmp_path, portal)
        command = [*crawls.command, *words]
        environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=environment)
    assert done.returncode == 4
    assert done.stderr.startswith("error: stdout: No space left on device; everything acknowledged is stored; ")
    assert done.stderr.count("\n") == 1
