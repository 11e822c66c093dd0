"""Sort the links of a site's pages: which addresses a pattern for articles should match, and which not."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from archiver.extract.attached import is_document
from archiver.model.record import Link
from archiver.text.url import canonical_or_none, origin_of

LISTS = ("author", "category", "page", "search", "tag", "tags", "user")
"""Folders of lists and of people's pages on most sites; addresses below them are no articles."""
_LISTS = frozenset(
    "autor auteur autore authors tac-gia c categoria categorias categorie categories chuyen-muc danh-muc etiqueta "  # noqa: SIM905
    "etiquetas etiquette g kategorie kategoria label labels login mot-cle paged profile profil register rss rubrik "
    "rubrika rubrique schlagwort section sections seite series stichwort taxonomy tagged tema temas thema themen "
    "the-loai tim-kiem topic topics trang tu-khoa u users".split()
)
"""More such folders, used only if a link of the site has them."""
_LEAST_TEXT = 25
_LEAST_WORDS = 4
_LEAST_UNSPACED = 12
_MENU_TEXT = 20
_MENU_WORDS = 3
_MOST = 1_000
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff]{4}")
_BREAK = re.compile(r"[-_+.]|%20")
_ID = re.compile(r"\d{4}|[0-9a-f]{12}")
_LEAST_SLUG = 3
_ENOUGH = 3
_FIT_KNOWN = 0.8
_FIT_LIKELY = 0.6
_FIT_BOUND = 0.85
_MOST_WRONG = 0.12


@dataclass(frozen=True, slots=True)
class HostAddresses:
    """Addresses of one host, sorted by what their links show.

    Attributes:
        sample: the article of which the pattern is made.
        known: certain articles: another page that was opened, the entries of a feed.
        likely: links whose text is as long as a headline.
        others: links of menus, and addresses with other addresses below them.
        never: the home page and listings that were opened.
        lists: folders of lists and of people, those of most sites and those that were seen.
    """

    sample: str
    known: tuple[str, ...] = ()
    likely: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    lists: tuple[str, ...] = LISTS

    def fits(self, pattern: str, *, is_bound: bool = False) -> bool:
        """Return whether a pattern is good enough to be used without comparing it with others.

        One that is bound to a section must match more of the likely articles: they show whether there are others.
        """
        likely = _FIT_BOUND if is_bound else _FIT_LIKELY
        wrong = _share(pattern, self.others)
        return (
            self.is_possible(pattern)
            and (not self.known or _share(pattern, self.known) >= _FIT_KNOWN)
            and (len(self.likely) < _ENOUGH or _share(pattern, self.likely) >= likely)
            and wrong <= _MOST_WRONG
        )

    def score(self, pattern: str) -> float:
        """Return how well a pattern separates the articles from the other addresses; higher is better."""
        return 2 * _share(pattern, self.known) + _share(pattern, self.likely) - 2 * _share(pattern, self.others)

    def is_possible(self, pattern: str) -> bool:
        """Return whether a pattern matches the sample, and neither the home page nor a listing."""
        compiled = re.compile(pattern)
        return bool(compiled.search(self.sample)) and not any(compiled.search(url) for url in self.never)


def _share(pattern: str, urls: Sequence[str]) -> float:
    compiled = re.compile(pattern)
    return sum(bool(compiled.search(url)) for url in urls) / len(urls) if urls else 0.0


def evidence_of(sample: str, links: Iterable[Link], known: Iterable[str], never: Iterable[str]) -> HostAddresses:
    """Sort the links of a site's pages by their texts and their places."""
    return evidence_from(sample, link_texts(links, origin_of(sample)), known, never)


def evidence_from(sample: str, linked: Mapping[str, str], known: Iterable[str], never: Iterable[str]) -> HostAddresses:
    """Sort the linked pages of a host by their texts (`link_texts`) and their places."""
    texts = {url: text for url, text in linked.items() if url != sample}
    sure = dict.fromkeys(url for each in known if (url := _here(each, origin_of(sample))) and url != sample)
    lists = ({url for url in texts if _is_list(url)} | holders(texts)) - sure.keys()
    left = {url: text for url, text in texts.items() if url not in sure}
    least = min(_LEAST_SLUG, _words_of(sample))
    likely = [url for url, text in left.items() if url not in lists and is_headline(text) and _words_of(url) >= least]
    menu = [url for url, text in left.items() if _is_menu(text, url)]
    own = {folder for url in (sample, *sure) for folder in _folders(url)}
    seen = sorted({folder for url in texts for folder in _folders(url) if folder in _LISTS})
    return HostAddresses(
        sample,
        known=tuple(sure),
        likely=tuple(likely),
        others=tuple(dict.fromkeys([*sorted(lists), *menu])),
        never=tuple(_web(never)),
        lists=tuple(folder for folder in (*LISTS, *seen) if folder not in own),
    )


def link_texts(links: Iterable[Link], origin: str) -> dict[str, str]:
    """Return the linked pages of one host, each with its longest text."""
    texts: dict[str, str] = {}
    for link in links:
        url = _here(link.url, origin)
        if url and len(link.text) >= len(texts.get(url, "")):
            texts[url] = link.text
        if len(texts) >= _MOST:
            break
    return texts


def sibling_sections(evidence: HostAddresses, pattern: str, section: str) -> list[str]:
    """Return the folders of likely articles that a pattern does not match, as deep as its own, the commonest first."""
    compiled, depth = re.compile(pattern), section.count("/") - 1
    left = (url for url in (*evidence.known, *evidence.likely) if not compiled.search(url))
    found = Counter("/" + "/".join(folders[:depth]) + "/" for url in left if len(folders := _folders(url)) > depth)
    return [folder for folder, _ in found.most_common() if folder != section]


def is_headline(text: str) -> bool:
    """Return whether a link's text is as long as a headline."""
    if _UNSPACED.search(text):
        return len(text) >= _LEAST_UNSPACED
    return len(text) >= _LEAST_TEXT and len(text.split()) >= _LEAST_WORDS


def _is_menu(text: str, url: str) -> bool:
    """Return whether a link belongs to a menu: its text is short, and its address has about as many words."""
    if not 0 < len(text) <= _MENU_TEXT or not text[0].isalpha() or _UNSPACED.search(text):
        return False
    words = len(text.split())
    return words <= _MENU_WORDS and _words_of(url) <= words + 1


def _words_of(url: str) -> int:
    """Return the number of words in the last part of an address; an id counts as several."""
    last = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    return len([word for word in _BREAK.split(last) if word]) + (_LEAST_SLUG if _ID.search(last) else 0)


def _is_list(url: str) -> bool:
    folders = _folders(url)
    return any(folder in LISTS or folder in _LISTS for folder in folders) or folders == [""]


def _folders(url: str) -> list[str]:
    return urlsplit(url).path.lower().strip("/").split("/")


def holders(urls: Iterable[str]) -> set[str]:
    """Return the addresses of sections: those that are the parent folder of at least two others."""
    paths = {url: urlsplit(url).path.rstrip("/") for url in urls}
    under = Counter(path.rpartition("/")[0] for path in set(paths.values()))
    return {url for url, path in paths.items() if path and under[path] > 1}


def _here(url: str, origin: str) -> str:
    """Return an address in normal form if it is a page of this origin; else ""."""
    found = next(iter(_web([url])), "")
    return found if found.startswith(origin + "/") and not is_document(found) else ""


def _web(urls: Iterable[str]) -> list[str]:
    return [address for address in map(canonical_or_none, urls) if address is not None]
