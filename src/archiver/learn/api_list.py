"""The list in the answer of an API whose headlines a page shows: its path, the headline, the addresses of its items."""

from typing import Any, NamedTuple

from archiver.extract.json_answer import Number
from archiver.extract.page import ParsedPage
from archiver.learn.api_addresses import template_of_links
from archiver.learn.api_members import Member, Steps, lists_in, members, named, path_text, text_of
from archiver.learn.shown_page import ShownPage, bare

_TITLES = ("title", "headline", "tieude", "name", "ten")
_LEAST_ITEMS, _LEAST_SHARE = 3, 0.5
_LEAST_HEADLINE, _LONGEST_HEADLINE = 8, 600
_MOST_ITEMS = 100


class ListPaths(NamedTuple):
    """A list that a page shows.

    Attributes:
        items: the path of the list; `entries`: its items.
        headline: the path of the headline, from an item.
        headlines: how many headlines the page shows; `example`: the first of them.
        follow: the template or path of the links of the page to its items; "" when there is none.
    """

    items: str
    entries: list[Any]
    headline: str
    headlines: int
    example: str
    follow: str


def list_paths(answer: Any, shown: ShownPage, page: ParsedPage, base: str) -> ListPaths | None:  # noqa: ANN401  (JSON)
    """Return the list of an answer of which the page shows most headlines; None when it shows none."""
    best: ListPaths | None = None
    for steps, entries in lists_in(answer):
        if sum(isinstance(each, dict) for each in entries) < _LEAST_ITEMS:
            continue
        found = _headline(entries[:_MOST_ITEMS], shown, page)
        if found is None or (best is not None and best.headlines >= found[1]):
            continue
        headline, count, example = found
        follow = template_of_links(entries[:_MOST_ITEMS], (link.url for link in shown.links), base)
        best = ListPaths(path_text(steps), entries, headline, count, example, follow)
    return best


def _headline(entries: list[Any], shown: ShownPage, page: ParsedPage) -> tuple[str, int, str] | None:
    """Return the path of the headline of the items, how many the page shows, and the first of them."""
    counts: dict[Steps, int] = {}
    exact: dict[Steps, int] = {}
    examples: dict[Steps, str] = {}
    for entry in entries:
        for member in members(entry):
            if isinstance(member.value, Number) or not _LEAST_HEADLINE <= len(member.value) <= _LONGEST_HEADLINE:
                continue
            text = text_of(member, page)
            if len(bare(text)) >= _LEAST_HEADLINE and shown.shows(text):
                counts[member.steps] = counts.get(member.steps, 0) + 1
                exact[member.steps] = exact.get(member.steps, 0) + (bare(text) in shown.lines)
                examples.setdefault(member.steps, text)
    enough = max(_LEAST_ITEMS, _LEAST_SHARE * len(entries))
    fitting = [steps for steps, count in counts.items() if count >= enough]
    if not fitting:
        return None
    hinted = {each.steps for each in named([Member(steps, "") for steps in fitting], *_TITLES)}
    best = max(fitting, key=lambda steps: (steps in hinted, exact[steps], counts[steps], -len(steps)))
    return path_text(best), counts[best], examples[best]
