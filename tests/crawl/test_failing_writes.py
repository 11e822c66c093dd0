"""A failing write stops the run and counts against no page. The same command continues later."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.errors import ArchiveError, ArchiveFull
from archiver.maintain.verify.verify import verify
from archiver.store.runs import Runs
from scripted import Scripted


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    scripted.page("/", "Home", extra="<a href=/p>p</a>")
    scripted.page("/p", "P")
    yield scripted
    scripted.close()


@pytest.mark.parametrize("times", [1, 3, 8])
def test_repeated_failing_writes_give_up_no_page(site: Scripted, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ArchiveFull("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Runs, "count", fails)
        for _ in range(times):
            with pytest.raises(ArchiveError, match="the disk is full"):
                site.archive.crawl(site.profile(), everything=True)
    assert site.rows("SELECT count(*) FROM visits WHERE url NOT LIKE '%robots%'")[0][0] >= 1, "captures are kept"
    assert site.rows("SELECT count(*) FROM versions") == [(0,)], "nothing of them is marked as read"
    site.clock.advance(days=1)
    summary = site.archive.crawl(site.profile(), everything=True)
    assert summary.ended == "done"
    actual = dict(site.rows("SELECT url, outcome FROM visits WHERE url NOT LIKE '%robots%'"))
    assert set(actual.values()) == {"ok"}, actual
    assert sorted(site.rows("SELECT title, version FROM versions")) == [("Home", 1), ("P", 1)]
    assert verify(site.archive.settings.archive, deep=True).whole
