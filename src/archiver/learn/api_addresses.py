"""Templates and patterns of addresses, made from the values that occur in them: `/api/news/{data.id}`."""

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from archiver.extract.address_template import addresses_of
from archiver.learn.api_members import Member, members
from archiver.text.url import origin_of

_KEY = re.compile(
    r"(?:.*id|slug|code|alias|key|guid|url|uri|path|permalink|link|href|ma|.*slug|.*url|.*link|.*alias|.*path|nid|sef)\Z"
)
"""Names of members that identify a record. Of others, only long values count."""
_VALUE = re.compile(r"[\w./~%:?=&+,@-]{1,500}\Z")
_LONG = 6
_LEAST_ITEMS, _LEAST_SHARE = 3, 0.6
_MOST_ITEMS, _MOST_LINKS = 30, 500
_CACHE_KEY = re.compile(r"(?:_|t|ts|time|timestamp|nocache|cb|rnd|rand|random)=[0-9.]{8,30}", re.IGNORECASE)
_EXPRESSION = re.compile(r"\{[^{}]*\}")
_PAGE_NAMES = ("page", "p", "trang", "paged", "pageindex", "pagenumber", "pageno", "currentpage")
_OFFSET_NAMES = ("offset", "start", "skip", "from")


def templated(url: str, record: Any) -> str:  # noqa: ANN401  (JSON)
    """Return the path and query of an address with members of a record in the place of their values; "" without any."""
    return _templated(url, keys_of(record))


def api_template(url: str, record: Any) -> str:  # noqa: ANN401  (JSON)
    """Return the same for the address of an answer in the API, without parameters that only keep caches away.

    A member that has the whole address, such as `links.self`, tells nothing about the addresses of other records.
    """
    keys = [each for each in keys_of(record) if "/" not in each.value]
    return _templated(without_cache_keys(url), keys)


def without_cache_keys(url: str) -> str:
    """Return an address without parameters such as `_=1772586000123`."""
    address, mark, query = url.partition("?")
    kept = [each for each in query.split("&") if not _CACHE_KEY.fullmatch(each)]
    return f"{address}{mark}{'&'.join(kept)}" if kept and mark else address


def keys_of(record: Any) -> list[Member]:  # noqa: ANN401  (JSON)
    """Return the members of a record that may occur in its addresses, the longest values first."""
    keys = [each for each in members(record) if _is_key(each)]
    return sorted(keys, key=lambda each: (-len(each.value), len(each.steps), not each.name.endswith("id")))


def _templated(url: str, keys: list[Member]) -> str:
    rest = url[len(origin_of(url)) :]
    whole = next((each for each in keys if each.value in (url, rest)), None)
    if whole is not None:
        return whole.path
    template = rest
    for each in keys:
        template = _with_member(template, each)
    return template if "{" in template else ""


def _is_key(member: Member) -> bool:
    value = member.value
    if not _VALUE.match(value) or not any(map(str.isalnum, value)):
        return False
    return _KEY.match(member.name) is not None or (len(value) >= _LONG and not value.isdigit())


def _with_member(template: str, member: Member) -> str:
    """Put a member in the place of its value, once, where the value is a word of the address."""
    mark = "+" if "/" in member.value else ""
    written = quote(member.value, safe="/" if mark else "")
    before = "" if written.startswith("/") else r"(?<![\w%{])"
    place = re.search(rf"{before}{re.escape(written)}(?![\w%}}])(?![^{{]*\}})", template)
    if place is None:
        return template
    return f"{template[: place.start()]}{{{mark}{member.path}}}{template[place.end() :]}"


def template_of_links(items: Sequence[Any], urls: Iterable[str], base: str) -> str:
    """Return the template or path that makes links of a page from the items of a list; "" when there is none.

    Args:
        items: of the list.
        urls: the links of the page.
        base: the address of the answer.
    """
    links = list(islice((url for url in dict.fromkeys(urls) if urlsplit(url).path not in ("", "/")), _MOST_LINKS))
    counts: dict[str, int] = {}
    for item in items[:_MOST_ITEMS]:
        keys = keys_of(item)
        for template in {_templated(url, keys) for url in links} - {""}:
            counts[template] = counts.get(template, 0) + 1
    known = frozenset(links)
    best, most = "", 0
    for template in sorted(counts, key=lambda each: (-counts[each], len(each)))[:_MOST_ITEMS]:
        origin = origin_of(links[0])
        hits = sum(any(url in known for url in addresses_of(template, item, base or origin)) for item in items)
        if hits > most:
            best, most = template, hits
    return best if most >= max(_LEAST_ITEMS, _LEAST_SHARE * len(items)) else ""


def pattern_of(url: str, template: str = "") -> str:
    """Return a regex for the addresses of an API.

    Args:
        url: one of them.
        template: the same with members in the place of values; "" for a list, whose parameters change.
    """
    if not template or "{" not in template:
        return re.escape(urlsplit(url).path).replace("\\-", "-") + r"(?:\?|$)"
    parts, texts = _EXPRESSION.findall(template), _EXPRESSION.split(template)
    plain = [re.escape(text).replace("\\-", "-") for text in texts]
    pattern = plain[0]
    plain_url = without_cache_keys(url)
    values = _values_in(plain_url[len(origin_of(url)) :], texts)
    for part, value, text in zip(parts, values, plain[1:], strict=True):
        pattern += (r"\d+" if value.isdigit() else ".+" if part[1] == "+" else "[^/?&]+") + text
    return pattern + (r"(?:&|$)" if "?" in template else "$")


def _values_in(address: str, texts: Sequence[str]) -> list[str]:
    """Return what stands between the texts of a template in an address."""
    pattern = "(.+?)".join(map(re.escape, texts))
    found = re.fullmatch(pattern, address)
    return list(found.groups()) if found else [""] * (len(texts) - 1)


def next_of(url: str, answer: Any, size: int) -> str:  # noqa: ANN401  (JSON)
    """Return the value of `next` for a list, as TOML; "" when nothing says how the next list is found."""
    for member in members(answer):
        if "next" in member.path.lower() and ("://" in member.value or member.value.startswith(("/", "?"))):
            return f'"{member.path}"' if '"' not in member.path else f"'{member.path}'"
    for name, value in parse_qsl(urlsplit(url).query):
        plain = name.casefold().replace("_", "")
        if plain in _PAGE_NAMES and value.isdigit():
            return f'{{ query = "{name}" }}' if name.isidentifier() else ""
        if plain in _OFFSET_NAMES and value.isdigit() and name.isidentifier():
            return f'{{ query = "{name}", step = {size}, first = 0 }}'
    return ""
