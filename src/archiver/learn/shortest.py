"""Find the shortest selector that matches a node in a page and in its twin, made of names that are likely to last."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from archiver.extract.page import ParsedPage
from archiver.extract.tree import Node, ancestry

_STABLE = re.compile(r"[A-Za-z][A-Za-z]*(?:[-_]{1,2}[A-Za-z]+)*\d?\Z")
"""Names that people chose: `noidung`, `entry-content`, `h2`; not `post-5678`, `css-1x2b3`, `ctl00_PlaceHolder`."""
_HASHED = re.compile(r"([A-Za-z][A-Za-z-]*_[A-Za-z-]+_{2,3})[A-Za-z0-9_-]{5}")
"""A name of CSS modules: a name that people chose and a hash: `Post_body__3xk2a`."""
_PASSING = frozenset(
    "active current first last odd even selected hidden show in open fade row col left right clearfix".split()  # noqa: SIM905
)
"""Classes that describe the state or the layout of a node, not its meaning."""
_MOST_ABOVE, _MOST_CLASSES = 8, 100
_MOST_REMEMBERED = 4_096
_BARE = frozenset(("h1", "h2", "h3", "article", "main", "time"))
"""Tags that have a meaning without a name."""

Agrees = Callable[[Node, Node], bool]
"""Returns whether the node found in the twin corresponds to the node in the page."""


def shortest(node: Node, page: ParsedPage, twin: ParsedPage | None = None, agrees: Agrees | None = None) -> str | None:
    """Return the shortest selector that matches only this node, and exactly one node in the twin.

    None when it would need positions, which break as soon as a node is added.
    """
    for selector in _candidates(node):
        found = page.document.css(selector)
        if len(found) != 1 or found[0].mem_id != node.mem_id:
            continue
        if twin is None:
            return selector
        others = twin.document.css(selector)
        if len(others) == 1 and (agrees is None or agrees(node, others[0])):
            return selector
    return None


def labels(node: Node) -> list[str]:
    """Return the simple selectors of a node: by tag and class, by id, and by tag if the tag has a meaning."""
    attributes = node.attributes
    named = (attributes.get(name) or "" for name in ("class", "id", "itemprop"))
    return list(_labels(node.tag or "*", *named))


@lru_cache(maxsize=_MOST_REMEMBERED)
def _labels(tag: str, classes: str, name: str, item: str) -> tuple[str, ...]:
    given = classes.split()[:_MOST_CLASSES]
    return (
        *(f"{tag}.{each}" for each in given if _is_stable(each)),
        *(f"[class*='{match[1]}']" for each in given if (match := _HASHED.fullmatch(each))),
        *([f"#{name}"] if _is_stable(name) else []),
        *([f"[itemprop='{item}']"] if item.isalpha() else []),
        *([tag] if tag in _BARE else []),
    )


def _is_stable(name: str) -> bool:
    return bool(_STABLE.match(name)) and name not in _PASSING


def _candidates(node: Node) -> Iterator[str]:
    own = labels(node)
    yield from own
    above = ancestry(node)[1 : _MOST_ABOVE + 1]
    inner = own or [node.tag or "*"]
    for each in above:
        for outer in labels(each):
            yield from (f"{outer} {label}" for label in inner)
    tag = node.tag or "*"
    for each in above[:1]:
        yield from (f"{outer} > {tag}" for outer in labels(each))
