"""A fresh archive for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from archiver.model.profile import SiteInfo
from archiver.store.archive import Store
from made import Bench


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.db"


@pytest.fixture
def bench(path: Path) -> Iterator[Bench]:
    with Store.open(path) as store:
        site_id = store.pages.put_site(SiteInfo("portal", "Portal", "http://portal.example/", "vi", "Asia/Ho_Chi_Minh"))
        extractor = store.pages.put_extractor(site_id, "a" * 64, "", "test", "2022-10-21 09:00:00")
        store.pages.make_current(site_id, extractor.extractor_id, "2022-10-21 09:00:00")
        yield Bench(store, site_id, extractor.extractor_id)
