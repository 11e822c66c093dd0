"""A portal is redesigned in the middle of a crawl, and `archiver site repair` mends its profile."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from archiver.app.learning.explain_capture import explain_capture
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
    assert portal.listings_in_doubt() == (portal.kind is wordpress_like)
    command("site", "repair", "portal", "--apply")
    assert portal.edits() == sorted([(2, "body"), figure])
    assert portal.in_doubt() == []
    assert portal.listings_in_doubt() == 0
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


def test_what_was_read_well_is_not_reinterpreted(portal: RedesignedPortal, command: Commands) -> None:
    portal.crawl()
    portal.redesign(2, after=5)
    portal.crawl()
    command("site", "repair", "portal", "--apply")
    assert portal.rows("SELECT * FROM reinterpretations") == []
    assert portal.versions() == ARTICLES
    readings = portal.rows("SELECT url, count(*) AS n FROM readings WHERE name = 'views' GROUP BY url")
    assert [row["n"] for row in readings] == [2] * ARTICLES


ONE = pytest.mark.parametrize("portal", [wordpress_like], indirect=True, ids=["wordpress"])


@ONE
def test_pages_without_any_of_their_text_have_no_mend(portal: RedesignedPortal, command: Commands) -> None:
    """All stays as it is: the profile, the versions, and the captures, which wait."""
    portal.crawl()
    portal.replace_all("Trang này đang được dựng lại cho bạn đọc. " * 30)
    portal.crawl()
    count, text = len(portal.in_doubt()), portal.profile_path.read_text(encoding="utf-8")
    assert count > 1
    command("site", "repair", "portal", "--apply", code=1)
    assert "no rules were found" in command.err
    assert portal.profile_path.read_text(encoding="utf-8") == text
    assert (len(portal.in_doubt()), portal.versions()) == (count, ARTICLES)


@ONE
def test_the_copy_of_a_profile_that_comes_with_the_program(portal: RedesignedPortal, command: Commands) -> None:
    """Its text is written to the folder of profiles with the new table; the bundled file is not touched."""
    own = portal.profile_path
    portal.crawl()
    portal.redesign(2)
    portal.crawl()
    bundled = own.parent.parent / "bundled" / own.name
    bundled.parent.mkdir()
    own.rename(bundled)
    text = bundled.read_text(encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        for module in ("archiver.settings", "archiver.app.crawling.repair_site", "archiver.app.profiles"):
            patched.setattr(f"{module}.bundled_profiles", lambda: bundled.parent)
        assert "(a copy: the profile comes with the program" in command("site", "repair", "portal")
        assert not own.exists()
        assert "a copy of the profile" in command("site", "repair", "portal", "--apply")
    assert bundled.read_text(encoding="utf-8") == text
    assert own.read_text(encoding="utf-8").startswith(text[:200])
    assert portal.in_doubt() == []


@ONE
def test_a_site_that_the_archive_does_not_have(portal: RedesignedPortal, command: Commands) -> None:
    portal.crawl()
    command("site", "repair", "portla", code=3)
    assert "portla" in command.err


def test_of_a_page_in_doubt_the_misread_capture_is_explained(portal: RedesignedPortal) -> None:
    portal.crawl()
    portal.redesign(2)
    portal.crawl()
    url = portal.in_doubt()[0]
    newest = portal.rows(f"SELECT max(visit_id) AS n FROM visits WHERE url = '{url}'")[0]["n"]
    assert explain_capture(portal.archive, url).visit_id == newest
