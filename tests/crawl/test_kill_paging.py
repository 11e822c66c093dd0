"""`kill -9` while a crawl pages through a listing with forms: the next run continues where it stopped."""

import random
from pathlib import Path

import pytest

from archiver.demo.portal import Portal
from crawled import CONNECTIONS, KILLS, Crawls
from trials import IS_FULL

ARTICLES = 1500 if IS_FULL else 100  # every fifth is in the paged listing, four per page
CHANGES = {
    'start = ["/tintuc/default.aspx", "/thongbao/default.aspx"]': 'start = ["/thongbao/default.aspx"]',
    "skip = ['": "skip = ['(?i)aspx\\?ItemID', '",  # the sidebar's links: only the paging leads to the articles
    'files = ["pdf", "docx", "png"]': "files = []",
    "delay = 0.0": "delay = 0.03\ndepth = 200",
}
PAGERS = {
    "next page only": {'css = ".paging a.page", postback': 'css = ".paging b + a.page", postback'},
    "every page": {},
}
"""The links of a listing page: only to the next page, or to all pages."""

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("pager", PAGERS)
def test_a_crawl_killed_while_it_posts_forms_reaches_the_last_page(tmp_path: Path, pager: str) -> None:
    """Forms are stored with their hidden fields, so that the crawl does not start again from the first page.

    Forms that link to each other do not make forms due again that were posted before the kill.
    """
    with Portal(articles=ARTICLES) as portal:
        crawls = Crawls(tmp_path, portal, CHANGES | PAGERS[pager])
        crawls.kill_many(random.Random(pager))
        crawls.finish()
        listed = [item for item in portal.items if (item // 3) % 5 == 0]
        asked = len(portal.requests)
    forms = -(-len(listed) // 4) - (pager == "next page only")  # page 1 is a form, too, where others link to it
    again = KILLS * (CONNECTIONS + 1)
    visited = "SELECT count(DISTINCT page_id) FROM visits JOIN pages USING (page_id) WHERE kind = 'listing' AND outcome = 'ok'"
    assert crawls.value(visited) == forms + 1, "to the last page"
    assert crawls.value("SELECT count(*) FROM pages WHERE kind = 'article' AND version = 1") == len(listed)
    assert crawls.value("SELECT count(*) FROM changes") == 0
    assert crawls.asked("/thongbao/", "POST").total() <= forms + again
    assert asked - crawls.value("SELECT count(*) FROM visits") <= again, "only what was in flight is asked again"
    crawls.check_all_is_kept()
