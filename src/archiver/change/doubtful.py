"""Compare a tiny text with the content that a page had before: is the page edited, or does something else answer?

A challenge or a maintenance page of an unknown maker has little text and shares nothing with the page. Pure.
"""

import re
from itertools import pairwise

from archiver.model.record import Content
from archiver.text.digest import fingerprint

_TINY = 600  # characters of a body
_MOST_IMAGES = 2  # a page with more is a gallery
_LEAST_BEFORE = 80  # characters; a shorter page may be rewritten as another short one
_SHORT = 300  # characters; a longer text is doubtful only when the content before was longer
_MOST_SHARED_TITLE = 0.5
_MOST_SHARED_TEXT = 0.2
_LEAST_SHARED = 0.5
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff"
_WORD = re.compile(f"[{_UNSPACED}]|[^\\W\\d_{_UNSPACED}]+")
_CODE = re.compile(r"\S*\d\S*")
"""Numbers, times, addresses and names of incidents, which differ at each visit."""


def mark_of(content: Content) -> str:
    """Return a fingerprint of a tiny text without its numbers; "" for a content that is not tiny."""
    body = content.body or ""
    if len(body) > _TINY or len(content.images) > _MOST_IMAGES or content.files or content.captions:
        return ""
    words = _words(_CODE.sub(" ", f"{content.title or ''}\n{body}"))
    return fingerprint({"words": " ".join(words)})[2:34] if words else ""


def is_beginning(before: Content, now: Content) -> bool:
    """Return whether a body is only the beginning of the body that the page had before. Its last word may be cut."""
    old, new = before.body or "", now.body or ""
    return 0 < len(new) < len(old) and old.startswith(new)


def is_replaced(before: Content, now: Content) -> bool:
    """Return whether a tiny text shares nothing with the content that the page had before."""
    old, new = before.body or "", now.body or ""
    if len(old) < _LEAST_BEFORE or len(new) > max(len(old), _SHORT):
        return False
    known = _words(f"{before.title or ''}\n{before.summary or ''}\n{old}")
    title = set(_words(now.title or "")) & set(_words(before.title or ""))
    if len(title) >= _MOST_SHARED_TITLE * max(len(set(_words(now.title or ""))), 1):
        return False
    pairs = list(pairwise(_words(new)))
    return len(set(pairs) & set(pairwise(known))) <= _MOST_SHARED_TEXT * len(set(pairs))


def shares_words(old: str, new: str) -> bool:
    """Return whether a text has at least half of its pairs of words in another one, or the other way round."""
    first, second = (set(pairwise(_words(text))) for text in (old, new))
    return len(first & second) >= _LEAST_SHARED * max(1, min(len(first), len(second)))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
