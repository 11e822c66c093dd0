"""A portal is redesigned in the middle of a crawl, and `archiver site repair` mends its profile."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from redesigned import sharepoint_like, wordpress_like
from redesigned.portal import ARTICLES, RedesignedPortal
from shell import Commands


@pytest.fixture(params=(wordpress_like, sharepoint_like), ids=("wordpress", "sharepoint"))
def portal(request: pytest.FixtureRequest, path: Path) -> Iterator[RedesignedPortal]:
    kind: ModuleType = request.param
    portal = RedesignedPortal(path, kind)
    yield portal
    portal.close()


@pytest.fixture
def command(portal: RedesignedPortal, path: Path, capsys: pytest.CaptureFixture[Any]) -> Commands:
    return Commands(path, portal.server.selectors, capsys)


def test_a_mend_of_all_captures_since_a_day(portal: RedesignedPortal, command: Commands) -> None:
    """An archive in which misread captures became versions already: the false changes are withdrawn."""
    portal.crawl(days=3)
    portal.redesign(2)
    portal.story(4).replace("Sáng nay", "Chiều qua")
    portal.crawl(days=3)
    (proposal,) = command.json("site", "repair", "portal", "--since", "2022-10-23")
    assert proposal["applied"] is None
    assert proposal["bench"]["read_after"] == ARTICLES
    (mended,) = command.json("site", "repair", "portal", "--since", "2022-10-23", "--apply")
    assert mended["bench"]["unchanged"] == ARTICLES - 1
    assert portal.edits() == [(4, "body")]
    command("site", "test", "portal")
