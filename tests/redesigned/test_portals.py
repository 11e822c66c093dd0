"""The two portals of the tests of repair: their first template is read whole, and what moves at each visit is no change."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from redesigned import sharepoint_like, wordpress_like
from redesigned.portal import ARTICLES, RedesignedPortal


@pytest.fixture(params=(wordpress_like, sharepoint_like), ids=("wordpress", "sharepoint"))
def portal(request: pytest.FixtureRequest, path: Path) -> Iterator[RedesignedPortal]:
    kind: ModuleType = request.param
    portal = RedesignedPortal(path, kind)
    yield portal
    portal.close()


def test_the_first_template_is_read_whole_and_its_counters_are_no_change(portal: RedesignedPortal) -> None:
    portal.crawl()
    portal.crawl()
    assert portal.edits() == []
    assert portal.versions() == ARTICLES
    for row in portal.rows(
        "SELECT url, title, published, section, summary, body, extra FROM pages WHERE kind = 'article'"
    ):
        story = next(each for path, each in portal.stories.items() if row["url"].lower().endswith(path.lower()))
        assert (row["title"], row["section"], row["summary"]) == (story.title, story.section, story.lead)
        assert row["published"] == f"{story.published:%Y-%m-%d %H:%M:%S}"
        assert row["body"] == "\n\n".join([*story.paragraphs, "\n".join(f"- {each}" for each in story.points)])
        assert story.document in row["extra"]


def test_a_redesign_begins_in_the_middle_of_a_crawl(portal: RedesignedPortal) -> None:
    portal.redesign(2, after=5)
    portal.crawl()
    titles = portal.rows("SELECT count(*) AS n FROM versions WHERE section IS NOT NULL AND summary <> ''")
    assert portal.template == 2
    assert titles[0]["n"] < ARTICLES
