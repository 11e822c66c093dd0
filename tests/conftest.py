"""What tests share: the living portal, and a place of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from archiver.app import profiles
from archiver.app.archive import Archive
from archiver.demo.portal import Portal
from archiver.model.clock import SettableClock
from archiver.model.policy import Retries
from archiver.settings import Settings, bundled_profiles
from made import START, Works


@pytest.fixture
def portal() -> Iterator[Portal]:
    with Portal(articles=10) as portal:
        yield portal


@pytest.fixture
def works(portal: Portal, tmp_path: Path) -> Iterator[Works]:
    """An archive beside the portal, with a clock that is moved by hand and retries that do not wait."""
    clock = SettableClock(START)
    settings = Settings(tmp_path / "archive.db", (bundled_profiles(),), clock, Retries(3, 0.0, 0.01))
    profile = profiles.at_home(profiles.by_name("demo", settings.selectors), portal.url)
    with Archive(settings) as archive:
        yield Works(portal, archive, profile, clock)
