"""Guess the selectors of a page's title, date and body; they also have to match in its twin.

Theory. The title is the heading that agrees with `<title>`, og:title or JSON-LD; a heading that does not agree
is the portal's banner. The date is a short text that the date reader can read, close to title and body, the
more precise the better. The body is the node with most of the text outside links, and not the title.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator

from archiver.extract.body import line
from archiver.extract.headline import without_site
from archiver.extract.page import ParsedPage
from archiver.extract.tree import Node, ancestry, attribute
from archiver.learn.likely_change import is_change
from archiver.learn.likely_site import rest_of_title
from archiver.learn.shortest import labels, shortest
from archiver.text.dates import PrintedDate, read_date

_HEADINGS = (
    "h1, h2, h3, h4",
    "[itemprop='headline']",
    "[class*='title' i], [class*='tieude' i], [class*='headline' i], [id*='title' i]",
    "td, div, span, strong, b, p, h5",
)
_LEAST_TITLE = 4
_MARK = re.compile(r"\s*[-–—|·•:»]")
_LAST_PART = re.compile(r"(?<=\s)[-–—|·•:»]\s+([^-–—|·•:»]+)\Z")
_MOST_HEADINGS = 50
_DATES = "time, span, p, div, td, li, em, i, b, strong, small, abbr, font, h4, h5, h6, label, dd"
_LONGEST_DATE = 120
_NAMED_DATE = re.compile("date|time|publi|post|creat|ngay|ngày|fecha|datum", re.IGNORECASE)
_CHANGED_DATE = re.compile("modif|lastmod|updat|revis|cap-?nhat", re.IGNORECASE)
_PRECISION = {"second": 0, "minute": 0, "day": 1}
_BODIES = (
    "[itemprop='articleBody']",
    "article .entry-content",
    ".entry-content",
    ".post-content",
    ".detail-content",
    ".field--name-body",
    ".field-name-body",
    ".article-body",
)
_TEXTS = "p, div, td, section, article, li, blockquote, pre, font, span"
_PIECES = frozenset(("p", "li", "blockquote", "pre", "font", "span"))
_ASIDE = frozenset(("nav", "aside", "footer", "a"))
_NO_BODY = frozenset(("header", "button", "select", "ul", "ol", "table", "tbody", "tr", "form", "html", "body"))
_OVERLAYS = ", ".join(
    f"[{name}*='{word}' i]"
    for name in ("class", "id")
    for word in ("cookie", "consent", "gdpr", "modal", "popup", "comment")
)
_WHOLE_PAGES = frozenset(("html", "body", "main", "article"))
_MOST_NODES = 5_000
_WHOLE = 1.5
"""A node whose text is this many times that of its heaviest part is the body instead of that part."""
_LEAST_BODY = 40
_MOST_AROUND = 6
_LITTLE_MORE = 1.3
_KNOWN_SHARE = 0.3
_PART_SHARE = 0.3


class LikelyFields:
    """Finds title, body and date of one page, in this order: the later ones are searched near the earlier ones.

    Attributes:
        title: the node of the title, once found.
        body: the node of the body, once found.
    """

    def __init__(self, page: ParsedPage, twin: ParsedPage | None, names: list[str], today: str) -> None:
        self._page = page
        self._twin = twin
        self._names = names
        self._folded = {name.casefold() for name in names}
        self._today = today
        self.title: Node | None = None
        self.body: Node | None = None

    def title_selector(self) -> str | None:
        """Return a selector of the heading that agrees with the declared title and differs in the twin."""
        said = [title.casefold() for title in declared_titles(self._page, self._names)]
        for agree in (_begins, _ends):
            for node in self._headings():
                text = heading_text(self._page, node).casefold()
                if len(text) < _LEAST_TITLE or text in self._folded or not any(agree(title, text) for title in said):
                    continue
                selector = shortest(node, self._page, self._twin, self._differ)
                if selector:
                    self.title = node
                    return selector
        return None

    def heading_selector(self) -> str | None:
        """Return a selector of the first `h1` that is not the site's name. Call `title_selector` first."""
        known = {*self._folded, *self._site_titles()}
        twins = {heading_text(self._twin, node) for node in self._twin.document.css("h1")} if self._twin else set()
        headings = self._page.document.css("h1")[:_MOST_HEADINGS]
        for node in headings:
            text = heading_text(self._page, node)
            if len(text) >= _LEAST_TITLE and text.casefold() not in known and text not in twins:
                is_first = node.mem_id == headings[0].mem_id
                return shortest(node, self._page) or ("h1" if is_first else None)
        return None

    def _site_titles(self) -> set[str]:
        """Return the parts of the document's title other than the heading: one may be the site's name."""
        title = self._page.title_line
        ends = {mark[1].casefold() for mark in _LAST_PART.finditer(title)}
        rest = rest_of_title(self._page, heading_text(self._page, self.title)) if self.title is not None else ""
        return {*ends, rest.casefold()} - {""}

    def _headings(self) -> Iterator[Node]:
        for selector in _HEADINGS:
            for node in self._page.document.css(selector)[:_MOST_NODES]:
                if not any(above.tag == "a" for above in ancestry(node)[1:]):
                    yield node

    def _differ(self, here: Node, there: Node) -> bool:
        """Return whether a node has text in both pages, and not the same text."""
        text = self._twin.line(there) if self._twin else ""
        return bool(text) and text != self._page.line(here)

    def body_selector(self) -> str | None:
        """Return a selector of a container with a well-known name, else of the node with most text outside links."""
        heaviest = self._heaviest()
        weight = len(self._page.line(heaviest)) if heaviest is not None else 0
        for selector in _BODIES:
            found = self._page.document.css(selector)
            if len(found) == 1 and len(self._page.line(found[0])) >= max(weight * _KNOWN_SHARE, _LEAST_BODY):
                self.body = found[0]
                return selector
        if heaviest is None:
            return None
        self.body = heaviest
        return self._container(heaviest, weight)

    def _container(self, body: Node, weight: int) -> str | None:
        """Return a selector of the body, or of the nearest node around it that holds little more text."""
        for node in ancestry(body)[:_MOST_AROUND]:
            if node.tag in _NO_BODY or len(self._page.line(node)) > _LITTLE_MORE * weight:
                break
            selector = shortest(node, self._page, self._twin, self._differ) or shortest(node, self._page)
            if selector:
                self.body = node
                return selector
        return None

    def _heaviest(self) -> Node | None:
        """Return the node with most text; a node without the title is preferred if it has a fair share of the text."""
        weighed = self._weighed()
        best = _outermost_worth_it(weighed)
        others = [(node, weight) for node, weight in weighed if self.title is None or not _is_inside(self.title, node)]
        part = _outermost_worth_it(others)
        if best is None or part is None:
            return best
        weights = {node.mem_id: weight for node, weight in weighed}
        chosen = part if weights[part.mem_id] >= _PART_SHARE * weights[best.mem_id] else best
        return _named(chosen, {node.mem_id for node, weight in weighed if weight == weights[chosen.mem_id]})

    def _weighed(self) -> list[tuple[Node, int]]:
        """Return every node that may be a body with its characters of text outside links, the fewest first."""
        weights: Counter[int] = Counter()
        nodes: dict[int, Node] = {}
        overlays = self._overlays()
        for node in self._page.document.css(_TEXTS)[:_MOST_NODES]:
            own = _own_text(node, self._page)
            holders = ancestry(node)[1 if node.tag in _PIECES else 0 :] if own else []
            if any(above.tag in _ASIDE or above.mem_id in overlays for above in holders):
                continue
            for above in holders:
                nodes[above.mem_id] = above
                weights[above.mem_id] += own
        return [
            (nodes[number], weight)
            for number, weight in _by_weight(weights, nodes)
            if nodes[number].tag not in _NO_BODY
        ]

    def _overlays(self) -> set[int]:
        """Return the nodes of cookie notices, pop-ups and comments; nodes that hold the title are left out."""
        title = {above.mem_id for above in ancestry(self.title)} if self.title is not None else set()
        found = (node for node in self._page.document.css(_OVERLAYS) if node.tag not in _WHOLE_PAGES)
        return {node.mem_id for node in found} - title

    def published_selector(self) -> str | None:
        """Return a selector of the readable date nearest to title and body, without dates in lists and today's date."""
        for node in self._dates():
            selector = shortest(node, self._page, self._twin, self._is_dated)
            if selector:
                return selector
        return None

    def _is_dated(self, here: Node, there: Node) -> bool:
        """Return whether the twin's node is a date as well, and the two are not today's date on both pages."""
        text = self._twin.line(there) if self._twin else ""
        said = self._said(text)
        if said.local is None:
            return False
        return text != self._page.line(here) or (not said.local.startswith(self._today) and self._is_in_side_box(here))

    def _is_in_side_box(self, node: Node) -> bool:
        """Return whether a node is in the smallest part of the page with title and body."""
        if self.title is None or self.body is None:
            return False
        holds_body = {above.mem_id for above in ancestry(self.body)}
        part = next((above for above in ancestry(self.title) if above.mem_id in holds_body), None)
        return part is not None and _is_inside(node, part)

    def _dates(self) -> list[Node]:
        order = {node.mem_id: place for place, node in enumerate(self._page.document.css("*"))}
        anchors = [node for node in (self.title, self.body) if node is not None]
        around = {above.mem_id: len(ancestry(above)) for node in anchors for above in ancestry(node)}
        start = order.get(anchors[0].mem_id, 0) if anchors else 0
        ranked: list[tuple[tuple[bool, int, int, int, int], Node]] = []
        for node in self._page.document.css(_DATES)[:_MOST_NODES]:
            precision = self._precision(self._page.line(node)) if self._may_hold_date(node) else None
            if precision is not None:
                close = next((around[above.mem_id] for above in ancestry(node) if above.mem_id in around), 0)
                distance = abs(order.get(node.mem_id, 0) - start)
                text = self._page.line(node)
                is_later = is_change(text, self._page.site.language)
                ranked.append(((is_later, -close, precision, distance, len(text)), node))
        holders = {above.mem_id for _, node in ranked for above in ancestry(node)[1:]}
        return [node for _, node in sorted(ranked, key=lambda each: each[0]) if node.mem_id not in holders]

    def _may_hold_date(self, node: Node) -> bool:
        """Whether a node is short, has a digit, and is not a link, a date of a change, or the body's own text."""
        text = self._page.line(node)
        if not text or len(text) > _LONGEST_DATE or not any(letter.isdigit() for letter in text):
            return False
        if any(above.tag in ("a", "nav") for above in ancestry(node)):
            return False
        names = " ".join(label for above in ancestry(node)[:3] for label in labels(above))
        if _CHANGED_DATE.search(names):
            return False
        is_named = node.tag == "time" or any(map(_NAMED_DATE.search, labels(node)))
        return is_named or self.body is None or not _is_inside(node, self.body)

    def _precision(self, text: str) -> int | None:
        said = self._said(text)
        return None if said.local is None else _PRECISION.get(said.precision or "", 1)

    def _said(self, text: str) -> PrintedDate:
        return read_date(text, language=self._page.site.language, timezone=self._page.site.timezone)


def heading_text(page: ParsedPage, node: Node) -> str:
    """Return the text of a heading without the sign that links to it (`¶`)."""
    return page.line(node).rstrip(" ¶#\uf0c1")


def declared_titles(page: ParsedPage, names: list[str]) -> list[str]:
    """Return the titles that a page declares (`<title>`, og:title, JSON-LD), without the site's name."""
    titles = [
        *page.slots.meta("og:title"),
        *page.slots.jsonld("headline"),
        page.title_line,
    ]
    return [title for each in titles if (title := without_site(line(html.unescape(each)), names))]


def machine_date(node: Node) -> bool:
    """Return whether a node has its date as an attribute: `<time datetime=…>`."""
    return node.tag == "time" and bool(attribute(node, "datetime"))


def _begins(title: str, heading: str) -> bool:
    """Whether a declared title is the heading, or begins with it before a mark, or is its beginning and an ellipsis."""
    if title.endswith(("…", "...")):
        return heading.startswith(title.rstrip(".… "))
    rest = title.removeprefix(heading)
    return rest != title and (not rest or bool(_MARK.match(rest)) or len(heading) >= len(rest))


def _ends(title: str, heading: str) -> bool:
    """Return whether a declared title ends with the heading, after a mark."""
    return title.endswith(heading) and bool(_MARK.match(title.removesuffix(heading)[::-1]))


def _own_text(node: Node, page: ParsedPage) -> int:
    """Return the number of characters of the node's own text: outside the blocks and links inside it."""
    length = 0
    child = node.first_child
    while child is not None:
        if child.is_text_node:
            length += len(line(child.text_content or ""))
        elif child.tag in ("b", "strong", "i", "em", "u", "sup", "sub", "mark", "code"):
            length += len(page.line(child))
        child = child.next
    return 0 if any(above.tag == "a" for above in ancestry(node)) else length


def _by_weight(weights: Counter[int], nodes: dict[int, Node]) -> list[tuple[int, int]]:
    """Sort nodes by weight, the lightest first; of two with the same weight the inner one comes last."""
    return sorted(weights.items(), key=lambda each: (each[1], len(ancestry(nodes[each[0]]))))


def _outermost_worth_it(weighed: list[tuple[Node, int]]) -> Node | None:
    """Return the heaviest node; a node around a heavy one counts only if it weighs a good deal more."""
    best: Node | None = None
    least = 0.0
    for node, weight in weighed:
        if best is None or not _is_inside(best, node) or weight >= least:
            best, least = node, weight * _WHOLE
    return best


def _named(node: Node, same: set[int]) -> Node:
    """Return the node, or the first one around it that has a name and holds exactly as much text."""
    for above in ancestry(node):
        if above.mem_id not in same:
            break
        if labels(above):
            return above
    return node


def _is_inside(inner: Node, outer: Node) -> bool:
    return any(above.mem_id == outer.mem_id for above in ancestry(inner))
