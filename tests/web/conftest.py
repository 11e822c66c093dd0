"""Fixtures of the tests of the web interface."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import lived
from scripted import Scripted
from watched import Town
from web_served import Served, served


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lived.live(tmp_path_factory.mktemp("web"))


@pytest.fixture(scope="module")
def server(archive: Path) -> Iterator[Served]:
    with served(archive) as found:
        yield found


@pytest.fixture
def town(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Town]:
    """A small site whose pages a test defines, crawled once a day."""
    server = Scripted(tmp_path / "archive.db")
    yield Town(server, tmp_path, capsys)
    server.close()
