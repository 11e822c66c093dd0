"""Learn a profile that reads an API: the lists and articles whose data each page got in the answer to one request.

the pages that a browser opened → a table for each (`likely_api`) → the one that reads the answers of all articles
  → the lists that name those answers → TOML, with tests
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from archiver.errors import ProfileError
from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.learn.findings import SiteFindings
from archiver.learn.learned import LearnedProfile
from archiver.learn.learned_tests import tests_of
from archiver.learn.likely_api import ApiProposal, propose_api
from archiver.learn.samples import SamplePage
from archiver.learn.scaffold import site_table
from archiver.learn.shown_page import ShownPage, shown_page
from archiver.learn.toml_text import quoted_list
from archiver.model.capture import Capture
from archiver.model.profile import Profile, SiteInfo
from archiver.model.rendition import RequestLogged
from archiver.text.url import origin_of

_MOST_TRIED = 5
_LEAST_SHARE = 0.8
"""The least share of articles whose answers one table must read, and of the addresses of a list that lead to them."""


class _Shown(NamedTuple):
    """What a browser shows of a page, and the page."""

    shown: ShownPage
    page: SamplePage


@dataclass(frozen=True, slots=True)
class LearnedApi:
    """The tables of an API.

    Attributes:
        article: the table of the articles; `lists`: those of lists whose items lead to such articles.
        answers: the answers that have the articles of the pages.
        starts: the answers that have the lists.
        others: the addresses of opened pages that no table is for.
    """

    article: ApiProposal
    lists: tuple[ApiProposal, ...]
    answers: tuple[Capture, ...]
    starts: tuple[Capture, ...]
    others: tuple[str, ...]

    def profile(self, found: SiteFindings, name: str) -> LearnedProfile:
        """Return a profile that crawls the API, with tests. `found`: what the pages show of the site."""
        text = "\n".join([*site_table(found), *self._crawl_table(found.site.home), "", *self._tables()]) + "\n"
        tests, files = tests_of(parse_profile(text, name), self.answers)
        text = f"{text}{tests}\n" if tests else text
        return LearnedProfile(text, parse_profile(text, name), (), (), files)

    def _crawl_table(self, home: str) -> list[str]:
        addresses = list(dict.fromkeys(each.url for each in self.starts))
        root = origin_of(home)
        starts = [url[len(root) :] if url.startswith(f"{root}/") else url for url in addresses]
        origins = dict.fromkeys(f"{origin_of(url)}/" for url in (home, *addresses, self.article.url))
        lines = ["", "[crawl]", f"start = [{quoted_list(starts)}]  # lists of the API"]
        lines += [f"scope = [{quoted_list(origins)}]"] if len(origins) > 1 else []
        return [*lines, "delay = 1.0", "sitemaps = []  # they name pages that are shells", "feeds = []"]

    def _tables(self) -> list[str]:
        lists = {each.text.partition("items =")[0]: each.text for each in reversed(self.lists)}
        others = '[[page]]\nkind = "skip"  # the pages are shells: their text is in the API'
        return [*reversed(lists.values()), self.article.text, others]


def learn_api(pages: Sequence[SamplePage], site: SiteInfo) -> LearnedApi | None:
    """Return the tables of the API from which pages get their data; None when no single answer has an article.

    Args:
        pages: those that a browser opened have what it requested, and the answers.
        site: language and time zone.
    """
    answers: dict[str, Capture] = {}
    for page in pages:
        answers.update((each.url, each) for each in page.answers if each.url not in answers)
    opened = [_Shown(_shown(page), page) for page in pages if page.requests]
    first = [(each, propose_api(each.shown, each.page.requests, answers, site)) for each in opened]
    articles = [made for _, made in first if made is not None and made.kind == "article"]
    if not articles:
        return None
    best = _best(articles, answers, site)
    if best is None:
        return None
    made, read_well = best
    rest = [each for each, proposal in first if proposal is None or proposal.kind == "listing"]
    framing = _requested([each for each, _ in first if each not in rest])
    tried = [(each, propose_api(each.shown, _without(each, framing), answers, site, made)) for each in rest]
    lists = {
        each.shown.url: found
        for each, found in tried
        if found is not None and _leads_to(found, made, answers[found.url], site)
    }
    starts = tuple(answers[each.url] for each in lists.values())
    others = tuple(each.shown.url for each in rest if each.shown.url not in lists)
    return LearnedApi(made, tuple(lists.values()), tuple(read_well), starts, others)


def _requested(pages: Sequence[_Shown]) -> set[str]:
    return {request.url for each in pages for request in each.page.requests}


def _without(listing: _Shown, framing: set[str]) -> list[RequestLogged]:
    """Return the requests of a listing without those that articles made, too: they are for what is around each page."""
    return [each for each in listing.page.requests if each.url not in framing]


def _shown(page: SamplePage) -> ShownPage:
    dom = page.capture.dom
    return shown_page(dom.body.decode("utf-8", "replace") if dom is not None else "", page.capture.url)


def _best(
    articles: Sequence[ApiProposal], answers: Mapping[str, Capture], site: SiteInfo
) -> tuple[ApiProposal, list[Capture]] | None:
    """Return the table with the most fields that reads the answers of nearly all articles, and those answers."""
    captures = [answers[url] for url in dict.fromkeys(each.url for each in articles)]
    ranked = sorted(articles, key=lambda each: (-len(each.paths), len(_head(each))))[:_MOST_TRIED]
    for each in ranked:
        profile = _loaded(each.text, site)
        read_well = [capture for capture in captures if profile is not None and _is_read(capture, profile)]
        if len(read_well) >= _LEAST_SHARE * len(captures):
            return each, read_well
    return None


def _head(proposal: ApiProposal) -> str:
    """Return the table without its fields. The shortest has the plainest spelling of the page's own address."""
    return proposal.text.partition("[page.fields]")[0]


def _is_read(capture: Capture, profile: Profile) -> bool:
    record = read(capture, profile)
    return record.kind == "article" and not record.broken and bool(record.content.title and record.content.body)


def _leads_to(listing: ApiProposal, article: ApiProposal, answer: Capture, site: SiteInfo) -> bool:
    """Return whether the items of a list lead to articles of the API."""
    profile = _loaded(f"{listing.text}\n{article.text}", site)
    if profile is None:
        return False
    addresses = read(answer, profile).follow
    pattern = profile.pages[-1].url
    hits = sum(pattern is not None and pattern.search(url) is not None for url in addresses)
    return bool(addresses) and hits >= _LEAST_SHARE * len(addresses)


def _loaded(tables: str, site: SiteInfo) -> Profile | None:
    head = f'[site]\nname = "{site.name}"\nhome = "{site.home}"\n'
    try:
        return parse_profile(head + tables, site.name)
    except ProfileError:
        return None
