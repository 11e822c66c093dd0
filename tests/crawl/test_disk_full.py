"""A disk is full or fails during a crawl: the crawl ends with one line, and continues when there is room."""

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
LAST = (
    500  # one of this many writes of a crawl fails: while the archive is created or opened, at visits, or at readings
)
CHANGES = {"delay = 0.0": "delay = 0.03", 'files = ["pdf", "docx", "png"]': "files = []"}
HOW = {"it is full": ["full", "enospc", "short"], "it fails": ["dead", "eio"]}
SAID = (
    ": the disk is full; make room, then run this again (acknowledged data is safe)\n",
    ": writing to the disk failed; check that the disk is sound and has room, then run this again\n",
)
"""A full disk can also show as a failure of fsync."""

pytestmark = pytest.mark.soak


def fail_once(crawls: Crawls, fault: dict[str, str]) -> bool:
    """Crawl with a fault; return whether the fault ended the crawl."""
    process = crawls.start("--all", environment=fault)
    output = crawls.end(process)
    if process.returncode == 0:  # the failed write was not needed, like one of a cleanup
        assert output == ""
        return False
    assert process.returncode == 4, output
    assert output.count("\n") == 1, "one line"
    assert output.startswith(f"error: {crawls.folder}"), output
    assert output.endswith(SAID), output
    return True


@pytest.mark.parametrize("disk", HOW)
def test_a_crawl_ends_with_one_line_and_continues_later(tmp_path: Path, failing_io: Path, disk: str) -> None:
    """After a fault at any write, all acknowledged pages and all earlier ones are in the archive."""
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
def test_a_full_disk_of_the_output_is_reported(tmp_path: Path, words: list[str], unbuffered: str) -> None:
    """The output can be on another disk than the archive; Python itself reports its errors too late."""
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
