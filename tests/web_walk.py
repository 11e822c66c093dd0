"""Goes over all pages of a running web interface, as a visitor would who follows every link."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx2
from selectolax.lexbor import LexborHTMLParser, LexborNode

from web_served import Served

_DIGITS = re.compile(r"\d+")
_ADDRESS = re.compile(r"^/web/.*")
FORMATS = ("json", "csv", "atom")
_OF_PAGES = ("/page/N?", "/page/N/at/N?", "/page/N/compare/N..N?")


@dataclass
class Visited:
    """A page of the interface that answered: its address without the origin, and the answer."""

    place: str
    answer: httpx2.Response
    tree: LexborHTMLParser = field(init=False)

    def __post_init__(self) -> None:
        self.tree = LexborHTMLParser(self.answer.text if self.is_html else "")

    @property
    def is_html(self) -> bool:
        return self.answer.headers.get("content-type", "").startswith("text/html")

    @property
    def links(self) -> list[str]:
        """The addresses that the page leads to: of links, and of forms that only ask."""
        forms = [
            node for node in self.tree.css("form[action]") if (attribute(node, "method") or "get").lower() == "get"
        ]
        filled = [node for node in forms if all(attribute(each, "value") for each in node.css("input[required]"))]
        return [
            *(attribute(node, "href") for node in self.tree.css("a[href], link[href]")),
            *(f"{attribute(node, 'action')}?{urlencode(_values(node))}".rstrip("?") for node in filled),
        ]

    @property
    def parts(self) -> list[str]:
        """The addresses that a browser requests to show the page."""
        nodes = self.tree.css(
            "script[src], img[src], iframe[src], source[src], video[src], audio[src], embed[src], object[data]"
        )
        sheets = [attribute(node, "href") for node in self.tree.css("link[rel=stylesheet], link[rel=icon]")]
        return [*sheets, *(attribute(node, "src") or attribute(node, "data") for node in nodes)]


@dataclass
class Walk:
    """All pages that were reached from Today, and each link that did not answer as it should.

    Attributes:
        pages: HTML pages, by address.
        others: what else was reached: data, feeds, static files.
        broken: status and address of what answered with an error, and the page that has the link.
        foreign: links to other origins, with the page that has them.
    """

    pages: dict[str, Visited]
    others: dict[str, Visited]
    broken: list[tuple[int, str, str]]
    foreign: list[tuple[str, str]]


def _values(form: LexborNode) -> list[tuple[str, str]]:
    """Return what a form sends when nothing is filled in."""
    fields = form.css("input[name]:not([type=checkbox]):not([type=radio]), input[name][checked]")
    chosen = [
        (attribute(node, "name"), node.css("option[selected], option:first-child")) for node in form.css("select[name]")
    ]
    values = [(attribute(node, "name"), attribute(node, "value")) for node in fields]
    return values + [(name, attribute(options[-1], "value")) for name, options in chosen if options]


def attribute(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""


def walk(server: Served, start: str = "/", of_a_shape: int = 6, of_pages: int = 0) -> Walk:
    """Follow every link from a page on. Of addresses that differ only in numbers and values, the first few are opened.

    `of_pages`: so many of the pages of pages, when that is more.
    """
    found = Walk({}, {}, [], [])
    waiting, known, shapes = [(start, "")], {start}, dict[str, int]()
    while waiting:
        place, source = waiting.pop(0)
        answer = _got(server, place)
        if answer.status_code != 200:
            found.broken.append((answer.status_code, place, source))
            continue
        page = Visited(place, answer)
        (found.pages if page.is_html else found.others)[place] = page
        for link in page.links:
            target = urljoin(server.url + place, link).partition("#")[0]
            if not target.startswith(server.url + "/") and target != server.url:
                found.foreign.append((target, place))
                continue
            inside = target.removeprefix(server.url) or "/"
            shape = _shape(inside)
            if inside not in known and shapes.get(shape, 0) < (
                max(of_a_shape, of_pages) if shape in _OF_PAGES else of_a_shape
            ):
                known.add(inside)
                shapes[shape] = shapes.get(shape, 0) + 1
                waiting.append((inside, place))
    return found


def _got(server: Served, place: str) -> httpx2.Response:
    """Return the answer, after at most three redirects within the server."""
    answer = server.client.get(server.url + place)
    for _ in range(3):
        if answer.status_code not in (301, 302, 303, 307, 308):
            break
        answer = server.client.get(urljoin(server.url + place, answer.headers["location"]))
    return answer


def _shape(place: str) -> str:
    """Return what addresses of one kind have in common: the path without numbers, and the names of the parameters."""
    parts = urlsplit(place)
    path = _ADDRESS.sub("/web/", parts.path)
    names = sorted(name for name, _ in parse_qsl(parts.query))
    return f"{_DIGITS.sub('N', path)}?{'&'.join(names)}"


def format_links(page: Visited) -> dict[str, str]:
    """Return the addresses of the same page in other formats, from its foot."""
    links = [attribute(node, "href") for node in page.tree.css("footer a[href]")]
    return {ext: link for link in links for ext in FORMATS if urlsplit(link).path.endswith(f".{ext}")}


def headings(page: Visited) -> Iterator[int]:
    """Yield the levels of the headings, in their order."""
    for node in page.tree.css("h1, h2, h3, h4, h5, h6"):
        yield int((node.tag or "h0")[1])
