"""Find the body of a page for which no rule gives one: a generic extractor, checked against the page itself."""

import html
import re
from collections.abc import Iterable

from archiver.extract.body import line
from archiver.extract.discussion import declared_posts, posts_of
from archiver.extract.fallback import RULE, Guess
from archiver.extract.gathered import Gathered
from archiver.extract.headline import folded
from archiver.extract.main_text import find_lead, find_main_text
from archiver.extract.outline import Outline
from archiver.extract.page import ParsedPage
from archiver.extract.rules import FoundValue, source_of
from archiver.extract.slots import types_of
from archiver.extract.tree import Node
from archiver.model.record import Source
from archiver.text.clean import without_joiners
from archiver.text.volatile_lines import without_volatile_lines

JSONLD, MICRODATA, POSTS = "fallback:jsonld", "fallback:microdata", "fallback:posts"
_LEAST_BODY = 200
"""Characters: a shorter declared text is a teaser."""
_LEAST_OF_GUESS = 0.7
_LEAST_COVERED = 0.8
_UNREAD = "script, style, template, select, textarea, noframes, noscript, rt, rp, rtc"
_REPEATED = 60
"""Characters from which a repeated paragraph is a copy for another screen width."""
_RAW = 500
_WORD = re.compile(r"\w+")
_MARKUP = re.compile(r"<(?:p|br|div)\b", re.IGNORECASE)


def fill_guessed(page: ParsedPage, into: Gathered, guess: Guess) -> None:
    """Fill the body. Nodes that are hidden, ignored, cut out or readings are removed from the page permanently.

    Raises:
        FallbackFailed: the extractor could not run, or failed.
    """
    declared = _declared(page)
    if not _fill_posts(page, into):
        outline = page.outline(into.cut.keys())
        captions = frozenset(node.mem_id for node in into.caption_nodes)
        remove_unseen(page, into.cut_nodes)
        text = with_joiners(guess(page.document.source(), page.url), outline)
        node, body = _main_text(page, outline, text, captions)
        if body:
            path = page.document.path(node) if node is not None else ""
            rule = MICRODATA if node is not None and "itemprop" in node.attrs else RULE
            into.fill("body", body, Source(rule, 0, text[:_RAW], path))
            into.bodies = [node] if node is not None else []
    _drop_title(into)
    _drop_volatile_lines(into, page.language)
    if declared and _is_whole(declared, into.values.get("body") or ""):
        into.fill("body", declared, Source(JSONLD, 0, declared[:_RAW]))
        into.bodies = []


def _drop_volatile_lines(into: Gathered, language: str) -> None:
    """Remove counters and relative times from the body: they change at each visit."""
    body = into.values.get("body") or ""
    kept = without_volatile_lines(body, language)
    if kept and kept != body:
        into.values["body"] = kept


def _drop_title(into: Gathered) -> None:
    """Remove a first paragraph of the body that repeats the title."""
    first, _, rest = (into.values.get("body") or "").partition("\n\n")
    if first and folded(first) == folded(str(into.values.get("title") or "")):
        if rest:
            into.values["body"] = rest
        else:
            del into.values["body"], into.sources["body"]
            into.bodies = []


def remove_unseen(page: ParsedPage, nodes: Iterable[Node]) -> None:
    """Remove hidden nodes and some others from the page permanently."""
    page.remove([*page.document.css(_UNREAD), *page.hidden_nodes, *nodes])


def _fill_posts(page: ParsedPage, into: Gathered) -> bool:
    """Fill the body of a discussion with its posts; return False when the page is not a discussion."""
    posts = posts_of(page)
    texts = [text for node in page.bounded(posts) if (text := page.paragraphs(node, into.cut.keys()))]
    if not texts:
        return False
    into.fill("body", "\n\n".join(texts), source_of(FoundValue(texts[0], posts[0]), POSTS, 0, page))
    into.bodies = posts
    return True


def _main_text(page: ParsedPage, outline: Outline, text: str, captions: frozenset[int]) -> tuple[Node | None, str]:
    """Return the block of the page with a text, and the visible text in it; the text itself, if that is longer."""
    marked = page.document.css("[itemprop~='articleBody']")
    found = find_main_text(outline, text, marked[0] if len(marked) == 1 else None)
    if found is None:
        return None, with_lead(text, find_lead(outline))
    node, left_out = found
    if _is_product(page) and not marked:
        return None, text
    body = with_lead(without_repeats(page.paragraphs(node, left_out | captions)), find_lead(outline))
    return (node, body) if len(body) >= _LEAST_OF_GUESS * len(text) else (None, text)


def _is_product(page: ParsedPage) -> bool:
    """Return whether the page sells one thing: other offers around its text look like text."""
    return any("Product" in types_of(each) for each in page.slots.objects) or "product" in page.slots.meta("og:type")


def with_joiners(text: str, outline: Outline) -> str:
    """Return a text with the joiners (U+200C, U+200D) that its lines have in the page: extractors remove them."""
    printed = {without_joiners(run.text): run.text for run in outline.runs if not run.text.isprintable()}
    return "\n".join(printed.get(each, each) for each in text.split("\n")) if printed else text


def with_lead(text: str, lead: list[str]) -> str:
    """Return a text with the paragraphs before it, and without a last line that only announces what follows."""
    missing = [paragraph for paragraph in lead if paragraph not in text]
    text = "\n\n".join([*missing, text]) if text else ""
    while (last := text.rpartition("\n")[2]) and len(last) < _REPEATED and last.endswith((":", "：")):
        text = text[: -len(last)].rstrip()
    return text


def without_repeats(text: str) -> str:
    """Return a text without repeated long paragraphs."""
    seen: set[str] = set()
    kept = []
    for paragraph in text.split("\n\n"):
        if len(paragraph) < _REPEATED or paragraph not in seen:
            seen.add(paragraph)
            kept.append(paragraph)
    return "\n\n".join(kept)


def _declared(page: ParsedPage) -> str:
    """Return the whole text that JSON-LD declares: the posts of a discussion, or the article."""
    posts = declared_posts(page)
    texts = posts or [text for each in page.main_objects[:1] for text in page.slots.of(each, "articleBody")[:1]]
    text = "\n\n".join(filter(None, map(plain_text, texts)))
    return text if len(text) >= _LEAST_BODY else ""


def _is_whole(declared: str, body: str) -> bool:
    """Whether a declared text replaces the printed one: that is empty, or less than half of it and part of it."""
    if len(declared) <= 2 * len(body):
        return False
    printed = _WORD.findall(body.lower())
    known = set(_WORD.findall(declared.lower()))
    return sum(map(known.__contains__, printed)) >= _LEAST_COVERED * len(printed)


def plain_text(text: str) -> str:
    """Return a declared text as paragraphs: some contain HTML, escaped once or twice, some lines."""
    for _ in range(2):
        text = html.unescape(text) if "&" in text else text
    if _MARKUP.search(text):
        fragment = ParsedPage(f"<body>{text}", "")
        body = fragment.document.first("body")
        return fragment.paragraphs(body) if body is not None else ""
    return "\n\n".join(part for part in map(line, text.splitlines()) if part)
