"""The API from which the pages of a site get their data: what was found of it, and a profile that reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archiver.app.learning.profile_file import ProfileFile
from archiver.app.learning.sample_pages import LearningRequest
from archiver.errors import UsageError
from archiver.learn.learn import learn_api_of
from archiver.learn.learned import LearnedProfile
from archiver.learn.learned_api import LearnedApi
from archiver.learn.samples import SamplePage
from archiver.text.clean import counted


@dataclass(frozen=True, slots=True)
class FoundApi:
    """An API that has the text of the pages.

    Attributes:
        articles: how many pages got their text from one request each; `article`: the address of one.
        listing: the address of a list of the API; "" when none that leads to articles was found.
        others: pages that got their text in another way.
        text: its tables, as TOML.
    """

    articles: int
    article: str
    listing: str
    others: tuple[str, ...]
    text: str

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        values = {"articles": self.articles, "article": self.article, "listing": self.listing or None}
        return values | {"others": list(self.others), "text": self.text}


def found_api(pages: Sequence[SamplePage], name: str) -> FoundApi | None:
    """Return what was found of the API of some pages; None when there is none. Errors are those of `learn_profile`."""
    found = learn_api_of(pages, name)
    return None if found is None else _found(found[0])


def learned_api(
    file: ProfileFile, pages: Sequence[SamplePage], wanted: LearningRequest
) -> tuple[LearnedProfile, list[SamplePage], FoundApi]:
    """Return a profile that reads the API of some pages, and the answers that it was learned from.

    Raises:
        UsageError: there is no such API, no list of it was found, or the site has a profile that reads its pages.
    """
    if file.existing is not None and file.existing.pages:
        raise UsageError(
            f"{file.path}: reads the pages already, and with tables for the API, too, each edit would be told twice; "
            f"move the file away, then `archiver site learn {wanted.name} --from-archive --api` fetches nothing again"
        )
    found = learn_api_of(pages, wanted.name)
    if found is None:
        raise UsageError(
            f"{wanted.name}: no page got its title and its text from one request that a crawl can send; "
            "without --api, the pages are opened in a browser"
        )
    api, site = found
    if not api.lists:
        raise UsageError(
            f"{wanted.name}: articles are at addresses such as {api.article.url}, but no list was found whose items "
            "lead to them; give a page that shows one with --listing URL, or write the tables by hand"
        )
    return api.profile(site, wanted.name), [SamplePage(each) for each in (*api.answers, *api.starts)], _found(api)


def _found(api: LearnedApi) -> FoundApi:
    listing = api.lists[0].url if api.lists else ""
    text = "\n".join(each.text for each in (*api.lists, api.article))
    return FoundApi(len(api.answers), api.article.url, listing, api.others, text)


def advice(found: FoundApi, name: str, path: str) -> list[str]:
    """Return what was found, and how to use it, as sentences."""
    pages = counted(found.articles, "page")
    lines = [f"{pages} got title and text from one request each, such as {found.article}"]
    if not found.listing:
        return [*lines, "no list of them was found in the API: give a page that shows one, with --listing URL"]
    again = f"move {path} away, then `archiver site learn {name} --from-archive --api`"
    return [
        *lines,
        f"a list of them is {found.listing}",
        f"reading these needs no browser, and is mostly better; to do so: {again} (nothing is fetched again)",
    ]
