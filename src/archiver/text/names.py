"""Whether a text is the name of somebody, and the name in a printed byline."""

import re

LONGEST = 100
_BEFORE = re.compile(
    r"(?:(?:written|posted|published|reported|words|story|text|article|authored|created|contributed|submitted|compiled)"
    r"\s+by|by|authors?|byline|reporters?|contributors?|von|text|autor(?:in|es|a|zy)?|auteurs?|par|por|di|da|af|av|door|"
    r"przez|redactie|automatisch|skrevet av|skriven av|kirjoittanut|theo|bài viết|bài|tác giả|người viết|thực hiện|"
    r"автор(?:ы)?|текст|yazar|yazan|penulis|oleh|ditulis oleh|作者|文|記者|记者|撰文|글|기자)\s*[:：|]?\s+",
    re.IGNORECASE,
)
_MARKED_BEFORE = re.compile(r"[^:：]{1,30}[:：]\s*(?=\S)")
_END = re.compile(
    r"\s*[|•·⋅»▪●○\n\t/]|\s+[-–—]\s|\s*\(|\s+\d|\s*[@#<]|[, ]+(?:on|in|at|for|updated|published|posted|last|am|vom|le|"
    r"el|il|ngày|lúc|vào|pada|tarih)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://|www\.|mailto:|urn:|_:|[/#@.?&<])|[\w-]+(?:\.[\w-]+)+(?:/|\Z)", re.IGNORECASE
)
_MAIL = re.compile(r"\S@\S")
_IDENTIFIER = re.compile(r"[a-z]{0,3}[_-]?\d+\Z|[0-9a-f-]{16,}\Z", re.IGNORECASE)
_NOBODY = frozenset(
    [
        "null",
        "undefined",
        "none",
        "nil",
        "n/a",
        "unknown",
        "admin",
        "administrator",
        "root",
        "user",
        "guest",
        "author",
        "authors",
        "editor",
        "default",
        "anonymous",
        "staff",
        "webmaster",
        "true",
        "false",
        "test",
        "super",
        "user",
        "website",
    ]
)
_NO_TOPIC = frozenset(("null", "undefined", "none", "nil", "n/a"))
_WORD = re.compile(r"[^\W\d_][\w'’.-]*")
_PARTICLES = frozenset(
    [
        "de",
        "da",
        "do",
        "dos",
        "das",
        "del",
        "della",
        "di",
        "du",
        "des",
        "la",
        "le",
        "les",
        "van",
        "von",
        "der",
        "den",
        "ten",
        "ter",
        "zu",
        "zur",
        "af",
        "av",
        "el",
        "al",
        "ul",
        "bin",
        "ibn",
        "ben",
        "y",
        "e",
        "et",
        "und",
        "and",
        "&",
        "og",
        "och",
        "en",
        "i",
        "of",
        "the",
    ]
)
_NOT_NAMES = frozenset(
    [
        "updated",
        "published",
        "posted",
        "sign",
        "log",
        "read",
        "more",
        "share",
        "follow",
        "view",
        "about",
        "subscribe",
        "written",
        "author",
        "authors",
        "by",
        "editor",
        "team",
        "contact",
        "all",
        "articles",
        "posts",
        "comments",
        "minutes",
        "min",
        "read",
        "newsletter",
        "home",
        "profile",
        "bio",
        "photo",
        "image",
        "loading",
    ]
)
_MOST_WORDS = 6


def is_name(text: str) -> bool:
    """Whether a declared text may name somebody: it is no address, identifier, number or placeholder."""
    bare = text.strip()
    if not bare or len(bare) > LONGEST or not any(char.isalpha() for char in bare):
        return False
    if bare.casefold() in _NOBODY or _ADDRESS.match(bare) or _MAIL.search(bare):
        return False
    return " " in bare or _IDENTIFIER.match(bare) is None


def is_topic(text: str) -> bool:
    """Whether a declared text may be a section or a tag: no address, identifier, number or placeholder."""
    bare = text.strip()
    if not bare or len(bare) > LONGEST or not any(char.isalpha() for char in bare):
        return False
    return bare.casefold() not in _NO_TOPIC and not _ADDRESS.match(bare) and _IDENTIFIER.match(bare) is None


def is_byline_label(text: str) -> bool:
    """Whether a text only announces a name: "By", "Written by:", "Tác giả"."""
    return _BEFORE.fullmatch(f"{text.strip()} ") is not None


def has_byline_label(text: str) -> bool:
    """Whether a line begins with a label such as "By", and then says more."""
    return _BEFORE.match(text) is not None


def person_name(text: str, *, is_marked: bool = False) -> str:
    """Return the name in a printed byline, "" when there is none that is sure.

    Args:
        text: one line, such as "By Jane Doe, Staff Writer | 5 May 2024".
        is_marked: the page marks the text as a name, so one word in lower case will do.
    """
    bare = text.strip(" \u00a0,;:.|-–—•·")
    labelled = _BEFORE.match(bare)
    if labelled:
        bare = bare[labelled.end() :]
    elif is_marked and (label := _MARKED_BEFORE.match(bare)):
        bare = bare[label.end() :]
    end = _END.search(bare, 1)
    name = bare[: end.start()] if end else bare
    if not labelled and not is_marked and len(name) < len(bare) * 0.3:
        return ""
    name = (
        name.split(",")[0].strip(" ,;:.|-–—•·") if name.count(",") == 1 and not labelled else name.strip(" ,;:|-–—•·")
    )
    return name if is_name(name) and _is_person(name, is_marked=is_marked) else ""


def _is_person(name: str, *, is_marked: bool) -> bool:
    words = _WORD.findall(name)
    if not words or len(words) > _MOST_WORDS or name[-1] in "!?:;…":
        return False
    if any(word.casefold() in _NOT_NAMES for word in words):
        return False
    if is_marked:
        return True
    capital = [word[0].isupper() or not word[0].islower() or word.casefold() in _PARTICLES for word in words]
    return len(words) > 1 and all(capital) and words[0].casefold() not in _PARTICLES
