"""A profile learned from a few pages reads other pages of the site, and nothing that is not the article."""

import re
import tomllib

import pytest

from archiver.errors import UsageError
from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.learn.learn import learn_profile
from archiver.learn.learned import LearnedProfile
from archiver.learn.samples import SamplePage
from archiver.learn.selectors import is_made
from archiver.model.record import Record
from learn.portals import (
    BULLETIN,
    JOURNAL,
    SECTIONS,
    TOPICS,
    TOWN,
    address,
    bulletin,
    bulletin_list,
    journal,
    paper,
    paragraphs,
    sample,
    town,
    town_home,
)


def as_read(page: SamplePage, learned: LearnedProfile) -> Record:
    return read(page.capture, learned.profile, links=False)


def rule_of(record: Record, name: str) -> str:
    return dict(record.sources)[name].rule


@pytest.fixture(scope="module")
def of_town() -> LearnedProfile:
    return learn_profile([town(0), town(1), town(2, is_new=True), town(3, is_new=True), town_home()], "town")


@pytest.mark.parametrize("is_new", [False, True])
def test_another_article_of_either_template_is_read_by_rules(of_town: LearnedProfile, *, is_new: bool) -> None:
    record = as_read(town(4, is_new=is_new), of_town)
    assert record.kind == "article"
    assert record.content.title == TOPICS[4]
    assert record.content.published is not None
    assert record.content.published.local == "2024-03-14 08:30:00"
    assert record.content.body == "\n\n".join(paragraphs(4))
    assert rule_of(record, "body").startswith("css:")


def test_captions_are_cut_out_of_the_body(of_town: LearnedProfile) -> None:
    assert as_read(town(5, is_new=True), of_town).content.captions == ("Photo 5 of the town hall",)


def test_the_address_pattern_takes_other_articles_and_no_listing(of_town: LearnedProfile) -> None:
    patterns = [kind.url for kind in of_town.profile.pages if kind.kind == "article"]
    found = [[bool(pattern and pattern.search(url)) for pattern in patterns] for url in map(address, range(6))]
    assert all(all(each) for each in found)
    listings = [f"{TOWN}/", f"{TOWN}/about/", *(f"{TOWN}/{section}/" for section in SECTIONS)]
    assert not any(pattern and pattern.search(url) for pattern in patterns for url in listings)
    assert as_read(town_home(), of_town).kind == "listing"


def test_what_is_known_about_each_field_is_told(of_town: LearnedProfile) -> None:
    titles = [each for each in of_town.fields if each.name == "title"]
    assert len(titles) == len([kind for kind in of_town.profile.pages if kind.kind == "article"])
    for each in titles:
        assert each.confidence == 1.0
        assert [value for _, value in each.values] == [TOPICS[n] for n in range(6) if address(n) in dict(each.values)]


def test_the_tests_of_a_learned_profile_name_its_pages(of_town: LearnedProfile) -> None:
    tests = tomllib.loads(of_town.text)["test"]
    assert [test["file"] for test in tests] == [page.file for page in of_town.pages]
    assert tests[0]["expect"] == {"title": TOPICS[0], "published": "2024-03-10 08:30:00"}
    assert {test["url"] for test in tests} == {address(number) for number in range(4)}


def test_the_same_pages_give_the_same_profile(of_town: LearnedProfile) -> None:
    pages = [town(0), town(1), town(2, is_new=True), town(3, is_new=True), town_home()]
    assert learn_profile(pages, "town").text == of_town.text


def test_no_rule_depends_on_a_hashed_name() -> None:
    learned = learn_profile([journal(0), journal(1)], "journal")
    selectors = re.findall(r'"([^"]*)"', learned.text.partition("[[page]]")[2].partition("[[test]]")[0])
    assert not any("x3kQ9" in each or "css-" in each or "sc-" in each for each in selectors)
    later = as_read(journal(4, build="Zt71a"), learned)
    assert later.content.title == TOPICS[4]
    assert (later.content.body or "").endswith("\n\n".join(paragraphs(4)))
    assert rule_of(later, "body").startswith("css:")


def test_an_existing_profile_is_extended_and_its_text_stays() -> None:
    first = learn_profile([town(0), town(1), town_home()], "town")
    existing = parse_profile("# by hand\n" + first.text, "town")
    more = learn_profile([town(0), town(2, is_new=True), town(3, is_new=True)], "town", existing)
    left = iter(more.text.splitlines())
    assert all(line in left for line in existing.text.splitlines())  # in their order
    assert as_read(town(4), more).content.body == as_read(town(4), first).content.body
    assert as_read(town(4, is_new=True), more).content.body == "\n\n".join(paragraphs(4))


def test_pages_that_the_existing_profile_reads_add_no_table() -> None:
    first = learn_profile([town(0), town(1), town_home()], "town")
    again = learn_profile([town(4), town(5)], "town", first.profile)
    assert len(again.profile.pages) == len(first.profile.pages)
    assert again.text.startswith(first.text.rstrip())
    assert again.notes == ("0 of 1 templates are new; the other tables stay as they are",)


def test_two_captures_of_a_page_tell_its_counters() -> None:
    twice = SamplePage(town(0).capture, again=town(0, views=1377).capture)
    learned = learn_profile([twice, town(1)], "town")
    record = as_read(town(4, views=2450), learned)
    assert record.readings == (("views", 2450),)
    assert record.content.body == "\n\n".join(paragraphs(4))


def test_the_declared_title_is_the_title_and_the_printed_one_a_field_of_its_own() -> None:
    record = as_read(paper(4), learn_profile([paper(0), paper(1)], "paper"))
    assert record.content.title == f"Exclusive: {TOPICS[4].lower()}"
    assert record.content.extra == (("heading", TOPICS[4]),)


def test_a_declared_title_that_is_the_printed_one_is_one_field() -> None:
    record = as_read(paper(4, is_same=True), learn_profile([paper(n, is_same=True) for n in range(2)], "paper"))
    assert (record.content.title, record.content.extra) == (TOPICS[4], ())


def test_a_declared_title_that_is_the_same_on_all_pages_is_none() -> None:
    pages = [sample(each.capture.url, _with_title(each, "Paper of the region")) for each in map(paper, range(2))]
    record = as_read(paper(4), learn_profile(pages, "paper"))
    assert rule_of(record, "title") == "jsonld:NewsArticle.headline"
    assert record.content.title == TOPICS[4]


def _with_title(page: SamplePage, title: str) -> str:
    return re.sub(r'("og:title" content=")[^"]*', rf"\1{title}", page.capture.body.decode())


@pytest.fixture(scope="module")
def of_bulletin() -> LearnedProfile:
    old = [bulletin(0, changed="2 April 2024"), bulletin(1)]
    return learn_profile([*old, bulletin(2, is_new=True), bulletin(3, is_new=True), bulletin_list(1)], "bulletin")


@pytest.mark.parametrize("is_new", [False, True])
def test_templates_that_share_a_name_are_told_apart(of_bulletin: LearnedProfile, *, is_new: bool) -> None:
    record = as_read(bulletin(4, is_new=is_new), of_bulletin)
    assert record.content.body == "\n\n".join(paragraphs(4))
    assert rule_of(record, "body").startswith("css:")
    assert record.content.title == TOPICS[4]
    assert sum("required = true" in line for line in of_bulletin.text.splitlines()) == 2  # the body and another field


def test_a_printed_date_of_the_latest_change_is_modified(of_bulletin: LearnedProfile) -> None:
    changed = as_read(bulletin(4, changed="9 May 2024"), of_bulletin)
    assert changed.modified is not None
    assert changed.modified.local == "2024-05-09"
    assert rule_of(changed, "modified").startswith("css:")
    assert as_read(bulletin(5), of_bulletin).modified is None


def test_a_listing_goes_on_with_its_next_page(of_bulletin: LearnedProfile) -> None:
    record = read(bulletin_list(2).capture, of_bulletin.profile)
    assert (record.kind, record.next) == ("listing", (f"{BULLETIN}/news/?page=3",))


def test_boxes_are_ignored_only_within_the_body(of_bulletin: LearnedProfile) -> None:
    tables = [kind for kind in of_bulletin.profile.pages if kind.kind == "article"]
    assert any(".nearby" in each for kind in tables for each in kind.ignore)
    assert all(":is(" in each for kind in tables for each in kind.ignore)


def test_the_values_of_the_body_are_those_of_its_rule(of_town: LearnedProfile) -> None:
    bodies = [each for each in of_town.fields if each.name == "body"]
    values = dict(pair for each in bodies for pair in each.values)
    assert {url: text[:40] for url, text in values.items()} == {address(n): paragraphs(n)[0][:40] for n in range(4)}


def test_one_page_is_enough_and_is_said_to_prove_little() -> None:
    learned = learn_profile([town(0)], "town")
    assert (as_read(town(4), learned).content.body or "").endswith("\n\n".join(paragraphs(4)))
    reasons = {each.name: each.reason for each in learned.fields}
    assert "one page of this template proves little" in reasons["title"]
    assert "one page of this template proves little" in reasons["body"]


def test_a_layout_without_names_gets_no_selector() -> None:
    def page(number: int) -> SamplePage:
        rows = [
            "<a href=/>Home</a>",
            f"<b>{TOPICS[number]}</b>",
            "".join(f"<p>{each}</p>" for each in paragraphs(number)),
        ]
        cells = "".join(f"<tr><td>{each}</td></tr>" for each in rows)
        return sample(address(number), f"<html lang=en><body><table>{cells}</table></body></html>")

    learned = learn_profile([page(0), page(1)], "town")
    kind = learned.profile.pages[0]
    assert (kind.kind, kind.fields) == ("article", ())
    body = next(each for each in learned.fields if each.name == "body")
    assert (body.rules, body.confidence) == ((), 0.0)
    assert "no stable selector" in body.reason


def test_pages_in_two_languages_are_read_by_one_profile() -> None:
    pages = [bulletin(0), bulletin(1), _in_french(bulletin(2)), _in_french(bulletin(3))]
    learned = learn_profile(pages, "bulletin")
    assert as_read(_in_french(bulletin(5)), learned).content.body == "\n\n".join(paragraphs(5))


def _in_french(page: SamplePage) -> SamplePage:
    html = page.capture.body.decode().replace('lang="en"', 'lang="fr"').replace("March", "mars")
    return sample(page.capture.url.replace("/news/", "/fr/"), html)


def test_hostile_pages_are_bounded() -> None:
    names = [f"part{chr(97 + n % 26)}-name{chr(97 + n // 26 % 26)}" for n in range(2_000)]
    text = "".join(f"<p>{each}</p>" for each in paragraphs(0))
    nested = "".join(f'<div class="{" ".join(names)}">' for _ in range(30))
    wide = sample(address(0), f"<html lang=en><body><h1>{TOPICS[0]}</h1>{nested}{text}{'</div>' * 30}</body></html>")
    many = "".join(f'<div class="item"><p>Line {n} of many</p></div>' for n in range(4_000))
    long = sample(address(1), f"<html lang=en><body><h1>{TOPICS[1]}</h1>{many}</body></html>")
    learned = learn_profile([wide, long], "town")
    assert {each.name for each in learned.fields} >= {"title", "body"}
    assert all(len(rule) < 1_000 for each in learned.fields for rule in each.rules)


def test_pages_without_an_article_are_refused() -> None:
    with pytest.raises(UsageError, match="none of the 1 pages is an article"):
        learn_profile([sample(f"{JOURNAL}/", "<html><body><a href=/a>A</a></body></html>")], "journal")


@pytest.mark.parametrize("name", ["css-1x2b3", "sc-bdVaJa", "hFrTgA", "svelte-1abc", "flex", "hdrlnk"])
def test_names_that_programs_make_are_recognised(name: str) -> None:
    assert is_made(name)


@pytest.mark.parametrize(
    "name", ["article-body", "noidung", "entryContent", "storyText", "tieude", "RichTextStoryBody"]
)
def test_names_that_people_choose_are_kept(name: str) -> None:
    assert not is_made(name)
