"""Decide whether a text is the name of a person, and extract the name from a printed byline."""

import re

LONGEST = 100
_BEFORE = re.compile(
    r"(?:(?:written|posted|published|reported|words|story|text|article|authored|created|contributed|submitted|compiled)"
    r"\s+by|by|authors?|byline|reporters?|contributors?|von|text|autor(?:in|es|a|zy)?|auteurs?|par|por|di|da|af|av|door|"
    r"przez|redactie|automatisch|skrevet av|skriven av|kirjoittanut|theo|bài(?: viết)?(?:,| và| &) ảnh|bài viết|bài|"
    r"tác giả|người viết|thực hiện|автор(?:ы)?|текст|yazar|yazan|penulis|oleh|ditulis oleh|作者|文|記者|记者|撰文|글|"
    r"기자)(?:\s*[:：]\s*(?=\S)|\s*[:：|]?\s+)",
    re.IGNORECASE,
)
_DECLARED_LABEL = re.compile(
    r"(?:(?:(?:written|posted|published|reported) )?by|bài viết|tác giả|người viết|автор|作者|記者|记者)"
    r"(?: ?[:：] ?| )",
    re.IGNORECASE,
)
_SHORTHAND = re.compile(r" \([a-z]{2,4}\.?\)\Z")
"""The sign after a name in German newspapers: "Anna Berg (abe)"."""
_MARKED_BEFORE = re.compile(r"[^:：]{1,30}[:：]\s*(?=\S)")
_END = re.compile(
    r"\s*[|•·⋅»▪●○\n\t/]|\s+[-–—]\s|\s*\(|\s+\d|\s*[@#<]|[, ]+(?:on|in|at|for|updated|published|posted|last|am|vom|le|"
    r"el|il|ngày|lúc|vào|pada|tarih)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?i:[a-z][a-z0-9+.-]*://|https?:|www\.|mailto:|urn:|tel:|data:|tag:|javascript:|_:|[/#@?&<]|\.{1,2}/)"
    r"|[\w-]+(?:\.[\w-]+)*(?:\.(?!js\b)[a-z]{2,}|\.(?i:com|org|vn))(?:[/?#:]|\Z)"
)
"""An address, a host, or a file name. Initials ("H.L") do not match, and neither does "TP.HCM"."""
_MAIL = re.compile(r"\S@\S|[\[(]\s?at\s?[\])]|\sat\s.*\sdot\s", re.IGNORECASE)
_IDENTIFIER = re.compile(
    r"[0-9a-f-]{16,}\Z|(?:[a-z]?[_-]|[a-zA-Z]|id|uid|nid|ID)?\d+\Z"
    r"|(?i:authors?|users?|person|people|writer|contributor|creator|id|tag|category|section|node|term|member|profile)"
    r"[\s/_:#=.-]*\d+\Z"
)
_TOPIC_WITH_NUMBER = re.compile(r"[A-Z]\d{1,3}\Z|[fgu]\d{1,2}\Z")
"""A section or a tag such as G7, U23, F1, which looks like an identifier."""
_TEMPLATE = re.compile(r"[{}%$]|\[object\b")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:\S")
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
        "n.a.",
        "unknown author",
        "person",
        "organization",
    ]
)
_NO_TOPIC = frozenset(("null", "undefined", "none", "nil", "n/a", "n.a.", "true", "false"))
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
_EASTERN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{2,5}|[\uac00-\ud7af]{2,4}")
"""A Chinese, Japanese or Korean name, which is one word."""


def is_name(text: str) -> bool:
    """Return whether a declared text may be a person's name: not an address, identifier, number or placeholder."""
    bare = text.strip()
    if not bare or len(bare) > LONGEST or not any(char.isalpha() for char in bare):
        return False
    return bare.casefold() not in _NOBODY and not is_identifier(bare) and not is_byline_label(bare)


def is_identifier(text: str) -> bool:
    """Return whether a declared text is an address, an identifier or a part of a template, and so never a name."""
    bare = text.strip()[: 2 * LONGEST]
    patterns = (_ADDRESS.match, _MAIL.search, _IDENTIFIER.match, _TEMPLATE.match, _SCHEME.match)
    return any(is_found(bare) for is_found in patterns)


def is_topic(text: str) -> bool:
    """Return whether a declared text may be a section or a tag: not an address, identifier, number or placeholder."""
    bare = text.strip()
    if not bare or len(bare) > LONGEST or not any(char.isalpha() for char in bare):
        return False
    if _TOPIC_WITH_NUMBER.match(bare):
        return True
    return bare.casefold() not in _NO_TOPIC and not is_identifier(bare)


def declared_name(text: str) -> str:
    """A declared name without a label such as "By"; "" when it is not a name. Only a sign at the end is cut off."""
    bare = " ".join(text.split())
    label = _DECLARED_LABEL.match(bare)
    name = _SHORTHAND.sub("", bare[label.end() :] if label else bare)
    return name if is_name(name) else ""


def is_byline_label(text: str) -> bool:
    """Return whether a text is only a label: "By", "Written by:", "Tác giả"."""
    return _BEFORE.fullmatch(f"{text.strip()} ") is not None


def has_byline_label(text: str) -> bool:
    """Return whether a line begins with a label such as "By" and continues."""
    return _BEFORE.match(text) is not None


def person_name(text: str, *, is_marked: bool = False) -> str:
    """Return the name in a printed byline; "" when none is certain.

    Args:
        text: one line, such as "By Jane Doe, Staff Writer | 5 May 2024".
        is_marked: whether the page marks the text as a name; then one word in lower case is enough.
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
    return name if is_name(name) and _is_person(name, is_marked=is_marked, is_labelled=labelled is not None) else ""


def _is_person(name: str, *, is_marked: bool, is_labelled: bool = False) -> bool:
    words = _WORD.findall(name)
    if not words or len(words) > _MOST_WORDS or name[-1] in "!?:;…":
        return False
    if any(word.casefold() in _NOT_NAMES for word in words):
        return False
    if is_marked:
        return True
    capital = [word[0].isupper() or not word[0].islower() or word.casefold() in _PARTICLES for word in words]
    is_eastern = is_labelled and _EASTERN.fullmatch(name) is not None
    return (len(words) > 1 or is_eastern) and all(capital) and words[0].casefold() not in _PARTICLES
