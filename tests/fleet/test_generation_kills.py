"""A worker that is killed at any of its requests: its shard is a published generation, whole, and the next owner goes on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.app import profiles
from archiver.app.archive import Archive
from archiver.demo.portal import Portal
from archiver.extract.profile import parse_profile
from archiver.fleet.object_storage import open_storage
from archiver.maintain.generations.restore import newest_number, read_generation
from archiver.maintain.generations.shard_copy import ShardCopy, fetch_shard, newest_generation
from archiver.maintain.verify.verify import verify
from archiver.model.clock import SettableClock
from archiver.model.policy import Retries
from archiver.settings import Settings, bundled_profiles
from made import START
from s3_server import FaultyProxy, S3Server, environment, killing
from sharded import SITE, digests, fetched, first_generation, go_on, slice_of
from trials import lasting

_WORKS = """
import sys
from pathlib import Path
from archiver.fleet.object_storage import open_storage
from archiver.maintain.generations.shard_copy import ShardCopy
from sharded import SITE, slice_of
with ShardCopy(Path(sys.argv[1]), open_storage(sys.argv[2]), SITE) as copy:
    copy.begin(int(sys.argv[3]), "killed")
    slice_of(copy, int(sys.argv[3]))
print("published")
"""


def work(folder: Path, url: str, epoch: int, address: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _WORKS, str(folder), url, str(epoch)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | environment(address) | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )


@pytest.mark.soak
def test_a_worker_is_killed_at_each_request(s3_server: S3Server, proxy: FaultyProxy, tmp_path: Path) -> None:
    url = s3_server.bucket()
    storage = open_storage(url)
    with ShardCopy(tmp_path / "first", storage, SITE) as copy:
        first_generation(copy)
        slice_of(copy, 1)
    states = {3: digests(tmp_path / "first")}
    epoch, kept = 1, {number: read_generation(storage, SITE, number)[1] for number in (1, 2, 3)}
    for trial in range(lasting(3, 40)):
        number, after = (1, 3, 5)[trial] if lasting(1, 0) else trial // 2 + 1, trial % 2 == 1
        epoch += 1
        proxy.requests.clear()
        process = [work(tmp_path / "killed", url, epoch, proxy.address)]
        proxy.plan = killing(process, number, after=after)
        is_published = "published" in (process[0].communicate(timeout=60)[0] or "")
        proxy.plan = lambda _request: "pass"
        newest = newest_number(storage, SITE)
        for known in range(1, newest + 1):  # no generation was overwritten
            digest = read_generation(storage, SITE, known)[1]
            assert kept.setdefault(known, digest) == digest
        epoch += 1
        with ShardCopy(tmp_path / "next", storage, SITE) as copy:
            found = copy.begin(epoch, "next")
            assert found is not None
            before = digests(tmp_path / "next")
            assert before == fetched(storage, tmp_path / f"fetched{trial}")
            slice_of(copy, epoch)
            states[newest] = digests(tmp_path / "next")
        if is_published:
            break
    assert newest_number(storage, SITE) > 3


def test_a_crawled_archive_is_whole_on_another_machine(s3_server: S3Server, proxy: FaultyProxy, tmp_path: Path) -> None:
    storage = open_storage(s3_server.bucket())
    clock = SettableClock(START)
    text = (bundled_profiles() / "demo.toml").read_text(encoding="utf-8")
    with Portal(articles=4) as portal, ShardCopy(tmp_path / "copy", storage, SITE, clock) as copy:
        copy.begin(1, "worker")
        profile = profiles.at_home(parse_profile(text, "demo"), portal.url)
        for _day in range(2):
            with copy.recording(), Archive(Settings(copy.path, (), clock, Retries(1, 0.0, 0.01))) as archive:
                archive.crawl(profile, everything=True)
            copy.ship(go_on, 3)
            clock.advance(days=1)
            portal.edit_sentence(portal.items[0])
    assert fetched(storage, tmp_path / "fetched") == digests(tmp_path / "copy")
    published = newest_generation(storage, SITE)
    assert published is not None
    assert published.profile_version == 3
    assert "(" in published.reader
    assert verify(tmp_path / "fetched" / "archive.db", deep=True).findings == []
    assert fetch_shard(storage, SITE, tmp_path / "again").head.visits == published.state.visits
