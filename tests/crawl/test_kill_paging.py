"""`kill -9` while a listing is paged by posting ASP.NET's form: the chain of forms goes on where it broke off."""

import random
from pathlib import Path

import pytest

from archiver.demo.portal import Portal
from crawled import CONNECTIONS, KILLS, Crawls
from trials import IS_FULL

ARTICLES = 1500 if IS_FULL else 100  # every fifth stands in the paged listing, four on a page
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
"""What a page links to: each form is known only by the page before it; or all forms point at each other."""

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("pager", PAGERS)
def test_killed_while_it_posts_forms_it_goes_on_to_the_last_page(tmp_path: Path, pager: str) -> None:
    """Forms are kept with their hidden fields, so that the chain is not walked again from its first page.

    Nor do forms that point at each other make those due again that were posted before the kill.
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
