"""Propose `[[page]] kind = "api"` tables: when all that a script shows of a page came in the answer to one request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archiver.errors import ProfileError
from archiver.extract.address_template import addresses_of
from archiver.extract.json_answer import JsonAnswer, NotJson, read_answer
from archiver.extract.page import ParsedPage
from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.learn.api_addresses import api_template, next_of, pattern_of, templated
from archiver.learn.api_article import ArticlePaths, FieldPath, article_paths
from archiver.learn.api_list import ListPaths, list_paths
from archiver.learn.api_members import members
from archiver.learn.shown_page import ShownPage
from archiver.learn.toml_text import comment, literal, quoted
from archiver.model.capture import Capture
from archiver.model.profile import SiteInfo
from archiver.model.rendition import RequestLogged

_ASKED = ("XHR", "Fetch", "Script", "Other", "")
_MOST_ANSWERS = 50
_CLEARLY = 2
"""How much more of the page an answer must have than any other."""


@dataclass(frozen=True, slots=True)
class ApiProposal:
    """A table for an API, and what it is made of.

    Attributes:
        url: the address of the answer that has the page's data.
        kind: of the records: listing or article.
        text: the table as TOML; it loads, and reads the answer.
        paths: the path of each field, of `headline` and of `items`.
        template: of an article, its address in the API with members in the place of values: `/api/news/{data.id}`.
        follow: of a listing, the template or path of the addresses of its items.
    """

    url: str
    kind: str
    text: str
    paths: tuple[tuple[str, str], ...]
    template: str = ""
    follow: str = ""


def propose_api(
    shown: ShownPage,
    requests: Sequence[RequestLogged],
    answers: Mapping[str, Capture],
    site: SiteInfo,
    article: ApiProposal | None = None,
) -> ApiProposal | None:
    """Return the table for the one answer that has the data of a page; None when no answer has, or several have.

    Args:
        shown: what the browser shows of the page.
        requests: what the page requested.
        answers: the captures of the answers, by address.
        site: for language and time zone, and for the check of the table.
        article: of a listing, the proposal for its articles: their addresses in the API are followed.
    """
    page = ParsedPage("", shown.url, site)
    found = _answers(requests, answers, site)
    told = [(url, article_paths(each.value, shown, page)) for url, each in found.items()]
    articles = [(url, paths) for url, paths in told if paths is not None]
    if articles:
        return _only_article(articles, found, shown, answers, site)
    listed = [(url, list_paths(each.value, shown, page, url)) for url, each in found.items()]
    lists = [(url, paths) for url, paths in listed if paths is not None]
    return _only_list(lists, found, answers, site, article) if lists else None


def _answers(
    requests: Sequence[RequestLogged], answers: Mapping[str, Capture], site: SiteInfo
) -> dict[str, JsonAnswer]:
    """Return the answers that are JSON, by address."""
    found: dict[str, JsonAnswer] = {}
    for request in requests:
        capture = answers.get(request.url)
        is_data = request.method == "GET" and request.type in _ASKED and not request.refused
        if capture is None or not is_data or request.url in found or len(found) >= _MOST_ANSWERS:
            continue
        try:
            answer = read_answer(capture.body, capture.header("content-type"), site.language)
        except NotJson:
            continue
        if isinstance(answer.value, dict | list):
            found[request.url] = answer
    return found


def _only_article(
    articles: list[tuple[str, ArticlePaths]],
    found: Mapping[str, JsonAnswer],
    shown: ShownPage,
    answers: Mapping[str, Capture],
    site: SiteInfo,
) -> ApiProposal | None:
    if len(articles) > 1:
        return None
    url, paths = articles[0]
    answer = found[url].value
    template, address = api_template(url, answer), templated(shown.url, answer)
    lines = ["[[page]]", 'kind = "api"', f"url = {literal(pattern_of(url, template))}"]
    if address and shown.url in addresses_of(address, answer, shown.url):
        lines.append(f"address = {quoted(address if '{' in address else f'{{+{address}}}')}")
    lines += ["[page.fields]", *map(_rule, paths.fields)]
    if paths.readings:
        lines += ["[page.readings]", *map(_rule, paths.readings)]
    named = tuple((each.field, each.path) for each in (*paths.fields, *paths.readings))
    proposal = ApiProposal(url, "article", "\n".join(lines) + "\n", named, template)
    return proposal if _is_read(proposal, answers[url], site) else None


def _rule(each: FieldPath) -> str:
    is_usual = not each.type or each.field == "body"
    rule = quoted(each.path) if is_usual else f'{{ json = {quoted(each.path)}, type = "{each.type}" }}'
    return f"{each.field} = {rule}  # {comment(each.value[:60])}"


def _only_list(
    lists: list[tuple[str, ListPaths]],
    found: Mapping[str, JsonAnswer],
    answers: Mapping[str, Capture],
    site: SiteInfo,
    article: ApiProposal | None,
) -> ApiProposal | None:
    ranked = sorted(lists, key=lambda each: -each[1].headlines)
    url, paths = ranked[0]
    if len(ranked) > 1 and paths.headlines < _CLEARLY * ranked[1][1].headlines:
        return None
    follow = (_in_api(paths, article, url) if article is not None else "") or paths.follow
    if not follow:
        return None
    following = next_of(url, found[url].value, len(paths.entries))
    lines = [
        "[[page]]",
        'kind = "api"',
        f"url = {literal(pattern_of(url))}",
        f"items = {quoted(paths.items)}  # {len(paths.entries)} items",
        f"headline = {quoted(paths.headline)}  # {comment(paths.example)}",
        f"follow = [{quoted(follow)}]",
        *([f"next = {following}"] if following else []),
    ]
    named = (("items", paths.items), ("headline", paths.headline))
    proposal = ApiProposal(url, "listing", "\n".join(lines) + "\n", named, follow=follow)
    return proposal if _is_read(proposal, answers[url], site) else None


def _in_api(paths: ListPaths, article: ApiProposal, url: str) -> str:
    """Return the template of the addresses of articles in the API, with the members of an item; "" if it lacks one.

    An item has the members of an article's record, but not what is around the record: `data.id` is its `id`.
    """
    template = article.template
    if "{" not in template:
        return ""
    first = next((entry for entry in paths.entries if isinstance(entry, dict)), {})
    known = {each.path for each in members(first)}
    parts = template.split("{")
    made = parts[0]
    for part in parts[1:]:
        path, _, rest = part.partition("}")
        mark = "+" if path.startswith("+") else ""
        inner = _inner(path.removeprefix("+"), known)
        if not inner:
            return ""
        made += f"{{{mark}{inner}}}{rest}"
    return made if any(addresses_of(made, first, url)) else ""


def _inner(path: str, known: set[str]) -> str:
    """Return the longest end of a path that is a member of an item."""
    parts = path.removeprefix("$").removeprefix("[0]").strip(".").split(".")
    ends = (".".join(parts[start:]) for start in range(len(parts)))
    return next((end for end in ends if end in known), "")


def _is_read(proposal: ApiProposal, capture: Capture, site: SiteInfo) -> bool:
    """Return whether the table loads and reads the answer from which it was made."""
    zone = f"timezone = {quoted(site.timezone)}\n" if site.timezone else ""
    language = f"language = {quoted(site.language)}\n" if site.language else ""
    head = f"[site]\nname = {quoted(site.name)}\nhome = {quoted(site.home)}\n{language}{zone}"
    try:
        profile = parse_profile(head + proposal.text, site.name)
    except ProfileError:
        return False
    record = read(capture, profile)
    if record.kind != proposal.kind or record.broken:
        return False
    return bool(record.items) if proposal.kind == "listing" else bool(record.content.title and record.content.body)
