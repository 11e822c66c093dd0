"""One lived archive, served for all tests of the pages of a page."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lived_page import LivedPage, ServedPage, live_page
from web_served import served


@pytest.fixture(scope="session")
def lived_page(tmp_path_factory: pytest.TempPathFactory) -> LivedPage:
    return live_page(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def page(lived_page: LivedPage) -> Iterator[ServedPage]:
    with served(lived_page.path) as server:
        yield ServedPage(server, lived_page)


@pytest.fixture
def own_page(tmp_path: Path) -> LivedPage:
    """An archive that the test may change."""
    return live_page(tmp_path, days=8)
