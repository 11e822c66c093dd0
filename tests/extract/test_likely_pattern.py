"""The pattern of a site's articles matches other articles and no listing, in any layout of addresses."""

import re
import time

import pytest

from archiver.learn.likely_addresses import identity
from archiver.learn.likely_evidence import evidence_of
from archiver.learn.likely_pattern import article_pattern
from archiver.model.record import Link
from archiver.text.url import canonical
from extract.address_cases import CASES, Case

HOST = "https://portal.example"


def pattern_of(sample: str, links: tuple[Link, ...] = (), known: tuple[str, ...] = (), language: str = "") -> str:
    url = canonical(HOST + sample)
    same = identity(url, [link.url for link in links])
    evidence = evidence_of(url, links, [HOST + each for each in known], [HOST + "/"])
    return article_pattern(evidence, same.key, language=language, fold_case=same.fold_case).regex


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_pattern_takes_articles_and_no_lists(case: Case) -> None:
    compiled = re.compile(pattern_of(case.sample, language=case.language))
    missed = [each for each in (case.sample, *case.articles) if not compiled.search(canonical(HOST + each))]
    wrong = [each for each in ("/", *case.others) if compiled.search(canonical(HOST + each))]
    assert (missed, wrong) == ([], []), compiled.pattern


def test_there_are_cases_enough() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


def links(*pairs: tuple[str, str]) -> tuple[Link, ...]:
    return tuple(Link(HOST + path, text) for path, text in pairs)


HEADLINE = "A headline of more than four words"


def fits(pattern: str, *paths: str) -> list[bool]:
    return [re.search(pattern, HOST + path) is not None for path in paths]


def test_a_short_name_is_bound_to_its_folder_until_others_are_seen() -> None:
    seen = links(
        ("/su-kien/den", HEADLINE), ("/su-kien/le", HEADLINE), ("/su-kien/ghe", HEADLINE), ("/tin-tuc/lua", HEADLINE)
    )
    assert fits(pattern_of("/tin-tuc/cho"), "/tin-tuc/ghe", "/su-kien/den") == [True, False]
    assert fits(pattern_of("/tin-tuc/cho", seen), "/tin-tuc/ghe", "/su-kien/den", "/tin-tuc/", "/") == [
        True,
        True,
        False,
        False,
    ]


def test_a_twin_with_a_short_name_widens_the_pattern_to_its_folder() -> None:
    pattern = pattern_of("/en/news/the-keeper-retires-in-may", known=("/en/news/new1",))
    assert fits(pattern, "/en/news/x", "/en/projects/a-pier-for-small-boats", "/en/projects", "/en/projects/x") == [
        True,
        True,
        False,
        False,
    ]


def test_long_names_in_other_sections_widen_a_pattern_of_a_short_one() -> None:
    names = (
        "/en/news/a-pier-for-small-boats",
        "/en/projects/ferry-runs-again-from-april",
        "/en/news/night-bus-is-voted-down",
    )
    seen = links(*((name, HEADLINE) for name in names))
    pattern = pattern_of("/en/press/new1", seen)
    assert fits(pattern, "/en/press/old7", "/en/projects/a-bridge-for-the-old-town", "/en/projects", "/en/press") == [
        True,
        True,
        False,
        False,
    ]


def test_links_of_menus_distinguish_sections_with_long_names_from_articles() -> None:
    menu = links(
        ("/arts-and-culture-news", "Arts & culture"),
        ("/food-and-drink-news", "Food & drink"),
        ("/arts-and-culture-news/a-play-opens-in-the-old-town-hall", HEADLINE),
        ("/arts-and-culture-news/the-lake-choir-sings-for-the-new-pier", HEADLINE),
        ("/food-and-drink-news/the-harbour-inn-opens-its-doors-again", HEADLINE),
        ("/food-and-drink-news/bread-prices-rise-for-the-third-time", HEADLINE),
    )
    pattern = pattern_of("/news/ferry-runs-every-day-again-from-april", menu)
    assert fits(pattern, "/arts-and-culture-news", "/food-and-drink-news", menu[2].url[len(HOST) :]) == [
        False,
        False,
        True,
    ]


def test_an_id_that_other_articles_lack_is_not_asked_for() -> None:
    seen = links(
        *((f"/news/{name}-of-the-old-town-{word}", HEADLINE) for name in ("tale", "song") for word in ("ends", "goes"))
    )
    assert (
        fits(pattern_of("/news/story-of-the-old-town-54321", seen), *(link.url[len(HOST) :] for link in seen))
        == [True] * 4
    )


def test_a_listing_that_was_opened_is_never_matched() -> None:
    sample = canonical(HOST + "/tin/cho-que-hop-lai-sau-hai-nam")
    home = HOST + "/cong-thong-tin-dien-tu-quan-hoa-sen"
    pattern = article_pattern(evidence_of(sample, (), (), [home]))
    assert pattern.matches(sample)
    assert not pattern.matches(home)


def test_a_home_page_as_the_only_sample_gives_no_pattern_that_matches_it() -> None:
    pattern = article_pattern(evidence_of(HOST + "/", (), (), []))
    assert not pattern.matches(HOST + "/")
    assert not pattern.matches(HOST + "/tin-tuc/")
    assert pattern.matches(HOST + "/tin/cho-que-hop-lai-sau-hai-nam")


_LONG = 8_000


def test_no_pattern_is_slow_on_hostile_addresses() -> None:
    pieces = (
        "a-",
        "a/",
        "1",
        "-",
        "a",
        "1/",
        "2024/05/",
        "1-",
        "a1",
        "a_",
        ".",
        "&id=",
        "2024-01-01-",
        "0a1b2c3d-",
        "/",
        ":_",
    )
    hostile = [f"{HOST}/{piece * (_LONG // len(piece))}{end}" for piece in pieces for end in ("", "!.x")]
    began = time.process_time()
    for pattern in {pattern_of(case.sample, language=case.language) for case in CASES}:
        compiled = re.compile(pattern)
        for url in hostile:
            compiled.search(url)
    assert time.process_time() - began < 10
