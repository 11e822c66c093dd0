"""A profile is mended from what was known of the misread pages: both portals, in each of their templates."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from types import ModuleType

import pytest

from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.learn.doubtful_pages import DoubtfulPage
from archiver.learn.repair import repair_profile
from archiver.learn.repair_bench import bench_repair
from archiver.learn.repaired import MendedField, MendedTable, Repair
from archiver.model.capture import Capture
from archiver.model.profile import PageKind, Profile
from learn.portals import sample
from redesigned import sharepoint_like, wordpress_like
from redesigned.stories import Story, stories

START = datetime(2022, 10, 21, 9, tzinfo=UTC)
HOME = "http://portal.example"


@dataclass
class Site:
    """A portal without a server: its articles, its profile, and the last good captures."""

    kind: ModuleType
    profile: Profile
    stories: list[Story]
    good: dict[int, Capture]
    turn: int = 0

    @classmethod
    def of(cls, kind: ModuleType) -> "Site":
        profile = parse_profile(kind.PROFILE.format(name="portal", url=HOME), "portal")
        site = cls(kind, profile, stories(8), {})
        site.good = site.captures(1)
        return site

    def captures(self, template: int, only: Sequence[int] = range(1, 9)) -> dict[int, Capture]:
        """Return the articles as they are now, in a template; counters and the sidebar differ at each visit."""
        self.turn += 1
        found = {}
        for story in self.stories:
            if story.number in only:
                story.views += 2
                others = [each for each in self.stories if each is not story]
                at = (self.turn + story.number) % len(others)
                around = ((others[at:] + others[:at])[:3], 1009 * self.turn + story.number)
                page = sample(HOME + self.kind.path(story), self.kind.article(story, template, around)).capture
                found[story.number] = replace(page, visited_at=START + timedelta(days=10 * template))
        return found

    def doubtful(self, template: int, only: Sequence[int] = range(1, 9)) -> list[DoubtfulPage]:
        """Return the articles in a new template, with what was known of them."""
        pages = []
        for number, capture in self.captures(template, only).items():
            record = read(self.good[number], self.profile, links=False)
            page = DoubtfulPage(capture, capture.visited_at, record.content, record.readings, self.good[number])
            pages.append(page)
        return pages

    def differences(self, mended: Profile, pages: Sequence[DoubtfulPage]) -> list[tuple[int, str]]:
        """Return the article and the field of each value that a profile reads differently than it was known."""
        found = []
        for page in pages:
            assert page.known is not None
            before, after = page.known.comparable(), read(page.capture, mended, links=False).content.comparable()
            number = next(each.number for each in self.stories if page.capture.url == HOME + self.kind.path(each))
            found += [(number, name) for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
        return sorted(found)


@pytest.fixture(params=(wordpress_like, sharepoint_like), ids=("wordpress", "sharepoint"))
def site(request: pytest.FixtureRequest) -> Site:
    return Site.of(request.param)


def _mended(site: Site, pages: list[DoubtfulPage]) -> Repair:
    return repair_profile(site.profile, pages, list(site.good.values()))


def test_two_redesigns_are_mended_and_only_true_edits_differ(site: Site) -> None:
    for template in (2, 3):
        site.stories[template].replace("Sáng nay", "Chiều qua")
        site.stories[template + 2].title += " (bổ sung)"
        pages = site.doubtful(template)
        repair = _mended(site, pages)
        assert site.differences(repair.profile, pages) == [(template + 1, "body"), (template + 3, "title")]
        bench = bench_repair(site.profile, repair.profile, pages, site.good.values())
        assert (bench.before, bench.after, bench.unchanged, bench.differing, bench.misread) == (0, 8, 6, [], [])
        assert repair.proposed[0].table.since == date(2022, 10, 21) + timedelta(days=10 * template)
        site.profile = repair.profile
        site.good = {number: page.capture for number, page in zip(site.good, pages, strict=True)}


def test_the_text_of_the_profile_stays_and_gets_a_table(site: Site) -> None:
    repair = _mended(site, site.doubtful(2))
    first, _, last = repair.text.partition("\n" + repair.proposed[0].text + "\n")
    assert (first + last).split() == site.profile.text.split()
    assert site.profile.text.splitlines()[:20] == repair.text.splitlines()[:20]


def test_counters_go_on(site: Site) -> None:
    pages = site.doubtful(2)
    mended = _mended(site, pages).profile
    for page in pages:
        readings = dict(read(page.capture, mended, links=False).readings)
        assert readings["views"] == dict(page.readings)["views"] + 2


def test_one_page_is_enough_where_its_text_is_known(site: Site) -> None:
    repair = _mended(site, site.doubtful(2, only=[4]))
    assert repair.proposed
    others = site.doubtful(2)
    assert [each for each in site.differences(repair.profile, others) if each[1] in ("title", "body")] == []


def test_pages_of_which_nothing_is_known_get_a_table_from_weak_labels(site: Site) -> None:
    pages = [replace(each, known=None, readings=(), good=None) for each in site.doubtful(2)]
    repair = _mended(site, pages)
    assert repair.proposed
    for page in pages:
        story = next(each for each in site.stories if page.capture.url == HOME + site.kind.path(each))
        content = read(page.capture, repair.profile, links=False).content
        assert content.title == story.title
        assert all(each in (content.body or "") for each in story.paragraphs)


def test_pages_that_are_read_as_before_need_no_mend(site: Site) -> None:
    pages = site.doubtful(1)
    repair = _mended(site, pages)
    assert (repair.tables, repair.text) == ((), site.profile.text)


def test_a_field_that_is_nowhere_in_the_new_pages_is_named(site: Site) -> None:
    pages = site.doubtful(2)
    pages = [
        replace(each, known=replace(each.known, extra=(("doc_number", "none of them"),)))
        for each in pages
        if each.known
    ]
    repair = _mended(site, pages)
    assert repair.proposed[0].lost == ("doc_number",)
    assert repair.proposed[0].text.count("doc_number") == 1
    assert 'lost = ["doc_number"]' in repair.proposed[0].text
    site.profile = repair.profile
    site.good = {number: page.capture for number, page in zip(site.good, pages, strict=True)}
    pages = [replace(each, known=replace(each.known, extra=())) for each in site.doubtful(3) if each.known]
    assert _mended(site, pages).proposed[0].table.lost == ("doc_number",)


def test_two_new_templates_get_two_tables(site: Site) -> None:
    pages = [*site.doubtful(2, only=range(1, 5)), *site.doubtful(3, only=range(5, 9))]
    repair = _mended(site, pages)
    assert len(repair.proposed) == 2
    assert site.differences(repair.profile, pages) == []
    assert bench_repair(site.profile, repair.profile, pages, site.good.values()).differing == []


LISTING = """
[site]
name = "portal"
home = "http://portal.example/"
[[page]]
kind = "listing"
url = '/news/$'
follow = ["h2.entry a"]
next = { css = "a.older" }
[[page]]
kind = "article"
url = '/news/\\d+$'
[page.fields]
title = "h1"
"""


def _listing(numbers: Sequence[int], item: str, older: str) -> Capture:
    items = "".join(item.format(n=n, text=f"The news of day {n} from the town") for n in numbers)
    menu = "".join(f'<li class=m><a href="/about/{n}">About the town {n}</a></li>' for n in range(4))
    html = f"<html><body><ul>{menu}</ul><main>{items}</main>{older}</body></html>"
    return replace(sample(f"{HOME}/news/", html).capture, visited_at=START)


def test_the_links_of_a_listing_are_found_by_the_addresses_that_it_listed() -> None:
    profile = parse_profile(LISTING, "portal")
    older = '<a class="{}" href="/news/?page=2">Older news of the town</a>'
    good = _listing(range(1, 9), '<h2 class=entry><a href="/news/{n}">{text}</a></h2>', older.format("older"))
    new = _listing(range(3, 12), '<div class=tile><a href="/news/{n}">{text}</a></div>', older.format("pager"))
    repair = repair_profile(profile, [DoubtfulPage(new, START, None, (), good)])
    (table,) = repair.proposed
    record = read(new, repair.profile)
    assert [item.url for item in record.items or ()] == [f"{HOME}/news/{n}" for n in range(3, 12)]
    assert record.next == (f"{HOME}/news/?page=2",)
    assert [item.url for item in read(good, repair.profile).items or ()] == [f"{HOME}/news/{n}" for n in range(1, 9)]
    assert table.table.since == START.date()


def test_a_text_whose_paragraphs_are_parted_by_line_breaks() -> None:
    """A new page of which nothing is known is read by the table of the others."""
    site = Site.of(wordpress_like)
    pages = []
    for story, page in zip(site.stories, site.doubtful(2), strict=True):
        html = (
            f"<html lang=vi><title>{story.title}</title><table><tr><td class=l><a href=/>Trang chủ</a><br><a href=/m>Mục</a>"
            f"<td class=r><font class=t>{story.title}</font><br><font class=d>{story.published:%d/%m/%Y %H:%M}</font><br>"
            f"<div class=full>{'<br><br>'.join(story.paragraphs)}</div><div class=pic>{story.caption}</div></table></html>"
        )
        pages.append(replace(page, capture=replace(sample(page.capture.url, html).capture, visited_at=page.since)))
    pages[-1] = replace(pages[-1], known=None, readings=(), good=None)
    repair = _mended(site, pages)
    assert (repair.unlike, len(repair.proposed)) == ((), 1)
    for story, page in zip(site.stories, pages, strict=True):
        body = read(page.capture, repair.profile, links=False).content.body
        assert body == "\n\n".join(story.paragraphs)


def test_a_table_that_reads_another_body_on_most_pages_would_tell_false_edits() -> None:
    body = MendedField("body", ("css:div.a",), ("css:div.b",), known=5, right=0, given=5, pages=5, reason="")
    table = MendedTable(PageKind("article"), PageKind("article"), ("http://a.example/1",), 0.9, 0.9, (body,))
    assert table.misread == ("body",)
    assert replace(table, fields=(replace(body, right=4),)).misread == ()
    assert replace(table, fields=(replace(body, known=1),)).misread == ()
