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


def test_two_redesigns_in_the_middle_of_crawls_and_three_true_edits(
    portal: RedesignedPortal, command: Commands
) -> None:
    """Misread captures wait, no false change is told at any time, and one command mends each redesign."""
    portal.crawl()
    portal.story(2).replace("Sáng nay", "Chiều qua")  # words, before the redesign
    portal.redesign(2, after=5, edit=(" triệu đồng và", ",5 triệu đồng và"))  # a figure, with the redesign
    portal.crawl()
    figure = (portal.first_redesigned, "body")
    assert len(portal.in_doubt()) == ARTICLES - 5
    assert set(portal.edits()) <= {(2, "body")}
    portal.crawl()
    assert len(portal.in_doubt()) == ARTICLES
    assert set(portal.edits()) <= {(2, "body")}
    command("site", "repair", "portal", "--apply")
    assert portal.edits() == sorted([(2, "body"), figure])
    assert portal.in_doubt() == []
    portal.crawl()
    portal.redesign(3, after=8)
    portal.crawl()
    portal.story(5).title += " (bổ sung)"  # after the second redesign, before it is mended
    portal.crawl()
    assert portal.edits() == sorted([(2, "body"), figure])
    (mended,) = command.json("site", "repair", "portal", "--apply")
    assert [(each["field"], each["new"][-9:]) for each in mended["applied"]["told"]] == [("title", "(bổ sung)")]
    assert portal.edits() == sorted([(2, "body"), (5, "title"), figure])
    assert portal.in_doubt() == []
    assert portal.versions() == ARTICLES + 3
    portal.crawl()
    assert portal.versions() == ARTICLES + 3
    assert "nothing to mend" in command("site", "repair", "portal")
