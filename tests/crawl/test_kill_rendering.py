"""A crawl that opens pages in a browser is killed: no browser stays, a visit is kept with all that it made or not at all."""

import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.demo.spa import SinglePagePortal
from browsers import needs_chromium
from crawled import PATIENCE, Crawls
from trials import IS_FULL, lasting

KILLS = lasting(3, 30)
ARTICLES = 60 if IS_FULL else 12
_GONE_WITHIN = 10  # seconds, on a machine that is busy

pytestmark = [needs_chromium, pytest.mark.soak]


@pytest.fixture
def crawls(tmp_path: Path) -> Iterator[Crawls]:
    """A crawl of the single-page portal."""
    with SinglePagePortal(articles=ARTICLES) as portal:
        yield Crawls(tmp_path, portal, site="demo-spa")


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for the temporary folders of browsers. Its path is short: Chromium has a socket in it."""
    with tempfile.TemporaryDirectory(prefix="kill.") as folder:
        yield Path(folder)


def _start(crawls: Crawls, temporary: Path) -> subprocess.Popen[str]:
    return crawls.start(environment={"TMPDIR": str(temporary)})


def _browsers(temporary: Path) -> list[int]:
    """Return the processes of browsers of these crawls."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if b"chrom" in words and str(temporary).encode() in words:
            found.append(int(path.parent.name))
    return found


def _assert_no_browser(temporary: Path) -> None:
    deadline = time.monotonic() + _GONE_WITHIN
    while (left := _browsers(temporary)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def _wait_for_browser(crawls: Crawls, temporary: Path, process: subprocess.Popen[str], pages: int) -> None:
    """Wait until a browser runs and has asked for the data of some pages."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        if _browsers(temporary) and crawls.asked("/api/articles").total() >= pages:
            return
        time.sleep(0.01)


def _assert_whole(crawls: Crawls) -> None:
    """Check that each visit that a browser opened has its document and its log, and the archive is undamaged."""
    if not crawls.is_made():
        return
    opened = "SELECT of_visit FROM _visit WHERE made_by IS NOT NULL"
    lacking = crawls.rows(
        f"SELECT t.visit_id FROM _visit t WHERE t.visit_id IN ({opened}) AND (SELECT group_concat(kind) FROM "
        "(SELECT kind FROM renditions r WHERE r.visit_id = t.visit_id ORDER BY kind)) NOT LIKE 'dom,requests%'"
    )
    assert lacking == []
    articles = crawls.rows(
        "SELECT visit_id FROM visits t WHERE url LIKE '%ItemID%' AND status = 200 AND final_url LIKE '%ItemID%' "
        f"AND visit_id NOT IN ({opened})"
    )
    assert articles == []


def test_a_killed_crawl_leaves_no_browser_and_nothing_half_kept(crawls: Crawls, temporary: Path) -> None:
    chance = random.Random(20)
    for number in range(KILLS):
        process = _start(crawls, temporary)
        _wait_for_browser(crawls, temporary, process, crawls.asked("/api/articles").total() + number % 3)
        time.sleep(chance.uniform(0, 1.0))
        crawls.kill(process)
        _assert_no_browser(temporary)
        _assert_whole(crawls)
    process = _start(crawls, temporary)
    errors = crawls.end(process)
    assert process.returncode == 0, errors
    _assert_no_browser(temporary)
    _assert_whole(crawls)
    crawls.check_all_is_kept()
    assert crawls.value("SELECT count(*) FROM pages WHERE kind = 'article' AND version = 1") == ARTICLES
    assert crawls.value("SELECT count(*) FROM changes") == 0
    assert list(temporary.glob("archiver-browser.*")) == []  # folders of killed runs are removed, too


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_crawl_that_is_asked_to_end_does_so_and_keeps_what_is_complete(
    crawls: Crawls, temporary: Path, sent: signal.Signals
) -> None:
    process = _start(crawls, temporary)
    _wait_for_browser(crawls, temporary, process, 3)
    process.send_signal(sent)
    errors = crawls.end(process)
    assert process.returncode in (130, 0), errors
    assert "Traceback" not in errors
    _assert_no_browser(temporary)
    _assert_whole(crawls)
    assert crawls.value("SELECT count(*) FROM runs WHERE ended IN ('interrupted', 'done')") == 1
    process = _start(crawls, temporary)
    errors = crawls.end(process)
    assert process.returncode == 0, errors
    crawls.check_all_is_kept()
    assert crawls.value("SELECT count(*) FROM pages WHERE kind = 'article' AND version = 1") == ARTICLES
