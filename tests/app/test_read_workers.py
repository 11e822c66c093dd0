"""Captures are read in worker processes while pages arrive fast, with the same results as in this process."""

import concurrent.futures
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from archiver.app.crawling import read_workers
from archiver.app.crawling.read_workers import ReadWorkers
from archiver.app.crawling.reread_workers import describe_failure
from archiver.app.reading.state import CrawlSummary
from archiver.crawl.read_capture import ReadResult, read_capture
from archiver.extract.profile import parse_profile
from archiver.maintain.verify.verify import verify
from archiver.model.capture import Capture, Outcome, Request, parse_head
from archiver.model.clock import system_clock
from archiver.model.outcome import Cause
from archiver.model.profile import Profile
from killers import KILLER, read_or_die
from scripted import Scripted

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
TEXT = '[site]\nname = "a"\nhome = "%s/"\n[crawl]\nsitemaps = []\ndelay = 0.0\n[[page]]\nkind = "article"\n%s[page.fields]\ntitle = "h1"\n'


def profile(url: str = "http://a.example", *, body: bool = True) -> Profile:
    rules = 'body = "#b"\n' if body else ""
    return parse_profile(TEXT % (url, "" if not body else "fallback = false\n") + rules, "a")


def capture(number: int, text: str = "text") -> Capture:
    page = f"<h1>Title {number}</h1><div id=b><p>{text} {number}</p><a href=/{number}.pdf>file</a></div>"
    url = f"http://a.example/{number}"
    return Capture(Request(url), system_clock(), Outcome.OK, 200, HEAD, parse_head(HEAD), page.encode())


def never() -> bool:
    return False


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every crawl counts as fast, on a machine with three cores."""
    monkeypatch.setattr(read_workers, "_MEASURED", 1)
    monkeypatch.setattr(read_workers, "_FAST", 0.0)
    monkeypatch.setattr(read_workers, "available_cores", lambda: 3)


@pytest.fixture
def deadly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some pages kill the process that reads them."""
    monkeypatch.setattr(read_workers, "_read", read_or_die)


def test_a_slow_crawl_starts_no_process() -> None:
    """One page a second is slow for ever; the rate is that of the last pages."""
    now = [0.0]
    with ReadWorkers(2, lambda: now[0]) as workers:
        for number in range(1000):
            now[0] += 1.0
            assert workers.read(profile(), {number: capture(number)}, never) is None
        assert workers._pool is None
        now[0] += 1.0
        many = {number: capture(number) for number in range(1000)}
        assert workers._count(len(many)), "a thousand pages within seconds are fast"


@pytest.mark.usefixtures("deadly")
def test_careful_readers_read_all_in_another_process() -> None:
    captures = {1: capture(1), 2: capture(2, KILLER.decode()), 3: capture(3)}
    with ReadWorkers(1, is_careful=True) as workers:
        found = [workers.read(profile(), {number: each}, never) or {} for number, each in captures.items()]
    assert [each.cause for results in found for each in results.values()] == [None, Cause.READER_DIED, None]


def test_one_core_reads_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_workers, "available_cores", lambda: 1)
    assert ReadWorkers().workers == 0
    assert ReadWorkers().read(profile(), {1: capture(1)}, never) is None


@pytest.mark.usefixtures("fast")
def test_results_are_those_of_this_process() -> None:
    captures = {number: capture(number) for number in range(20)}
    with ReadWorkers() as workers:
        found = workers.read(profile(), captures, never)
    assert found == {number: read_capture(each, profile(), None) for number, each in captures.items()}


@pytest.mark.usefixtures("fast", "deadly")
def test_a_page_that_kills_its_reader_costs_only_its_own_reading(caplog: pytest.LogCaptureFixture) -> None:
    """Threads share the processes: a batch that another batch's page killed is read, too."""
    found: dict[int, dict[int, ReadResult]] = {}
    with ReadWorkers() as workers:

        def read(batch: int) -> None:
            text = KILLER.decode() if batch == 1 else "text"
            captures = {batch * 10 + at: capture(at, text if at == 4 else "text") for at in range(8)}
            found[batch] = workers.read(profile(), captures, never) or {}

        threads = [threading.Thread(target=read, args=(batch,)) for batch in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    results = {number: result for batch in found.values() for number, result in batch.items()}
    assert len(results) == 32
    assert [number for number, result in results.items() if result.cause is Cause.READER_DIED] == [14]
    assert "visit 14 stays unread: a process that reads pages died" in caplog.text
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert warnings
    assert all(text.startswith("a process that reads pages died (killed, ") for text in warnings)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            BrokenProcessPool("A child process terminated abruptly"),
            "died (killed, out of memory, or a page crashed it)",
        ),
        (TimeoutError(), "took longer than 120 seconds"),
        (concurrent.futures.TimeoutError(), "took longer than 120 seconds"),
        (MemoryError("no room"), "failed (MemoryError: no room)"),
    ],
)
def test_a_failure_of_a_worker_is_described_in_plain_words(error: Exception, text: str) -> None:
    assert describe_failure(error) == f"a process that reads pages {text}"


@pytest.mark.usefixtures("fast")
def test_what_takes_too_long_is_a_failure_of_that_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_workers, "PATIENCE", 0.0)
    monkeypatch.setattr(read_workers, "_LOOK", 0.0)
    with ReadWorkers() as workers:
        found = workers.read(profile(), {1: capture(1)}, never)
    assert found is not None
    assert found[1].cause is Cause.READER_DIED


@pytest.mark.usefixtures("fast")
def test_a_run_that_is_over_waits_for_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_workers, "_LOOK", 0.0)
    with ReadWorkers() as workers:
        assert workers.read(profile(), {1: capture(1)}, lambda: True) == {}


@pytest.mark.usefixtures("fast", "deadly")
@pytest.mark.parametrize("body", [True, False], ids=["rules", "fallback"])
def test_a_crawl_with_workers_writes_the_same_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, body: bool
) -> None:
    rows = []
    for cores in (1, 3):
        monkeypatch.setattr(read_workers, "available_cores", lambda cores=cores: cores)
        (tmp_path / str(cores)).mkdir()
        site = Scripted(tmp_path / str(cores) / "archive.db")
        site.page("/", "Home", extra="".join(f"<a href=/{number}>x</a>" for number in range(30)))
        for number in range(30):
            site.page(f"/{number}", f"Text {number} of a page, which says more than a word. " * 5)
        summary = site.archive.crawl(profile(site.url, body=body))
        assert (summary.tally.visits, summary.tally.unread) == (31, 0)
        rows.append(site.rows("SELECT title, body FROM versions ORDER BY 1, 2"))
        assert verify(site.archive.settings.archive, deep=True).whole
        site.close()
    assert rows[0] == rows[1]
    assert len(rows[0]) == 31


@pytest.mark.usefixtures("fast")
def test_a_page_that_kills_its_reader_stays_unread_and_is_read_by_the_next_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Scripted(tmp_path / "archive.db")
    site.page("/", "Home", extra="".join(f"<a href=/{number}>x</a>" for number in range(10)))
    for number in range(10):
        site.page(f"/{number}", KILLER.decode() if number == 5 else f"Text {number}")
    with monkeypatch.context() as patched:
        patched.setattr(read_workers, "_read", read_or_die)
        first = site.archive.crawl(profile(site.url))
    assert isinstance(first, CrawlSummary)
    assert (first.tally.visits, first.tally.unread) == (11, 1)
    assert site.rows("SELECT count(*) FROM visits WHERE cause = 'reader_died'") == [(1,)]
    site.archive.crawl(profile(site.url))
    assert site.rows("SELECT count(*) FROM versions") == [(11,)]
    assert verify(site.archive.settings.archive, deep=True).whole
    site.close()


def test_workers_end_when_their_parent_is_killed() -> None:
    program = """if True:
        import sys, time
        from test_read_workers import ReadWorkers, capture, never, profile, read_workers
        read_workers._MEASURED = 1
        with ReadWorkers(2) as workers:
            workers.read(profile(), {1: capture(1)}, never)
            print(*workers._pool._processes, flush=True)
            time.sleep(60)"""
    path = os.pathsep.join((str(Path(__file__).parent), str(Path(__file__).parents[1]), *sys.path))
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path}
    ) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        parent.send_signal(signal.SIGKILL)
    assert pids
    until = time.monotonic() + 30
    while any(map(_lives, pids)) and time.monotonic() < until:
        time.sleep(0.02)
    assert not any(map(_lives, pids))


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
