"""Fixtures of the tests of the web interface."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scripted import Scripted
from watched import Town


@pytest.fixture
def town(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Town]:
    """A small site whose pages a test defines, crawled once a day."""
    server = Scripted(tmp_path / "archive.db")
    yield Town(server, tmp_path, capsys)
    server.close()
