"""Tell text from binary data, and UTF-16 from encodings of one-byte units, by the bytes alone."""

import codecs
import re

from archiver.text.charset_names import to_text

_SAMPLE = 100_000
_QUICK = 1_024
_WIDE_SAMPLE = 4_096
_MARKUP = re.compile(
    rb"</?(?:!doctype|html|head|body|title|meta|link|script|style|h[1-6]|p|div|span|table|t[rdh]|a|br|ul|ol|li|img|font|"
    rb"center|form|main|article|section)[\s>/]",
    re.IGNORECASE,
)
WIDE = ("utf-16le", "utf-16be")
_TAG = re.compile(rb"<[/!?]?[a-zA-Z]")
_WIDE_TAG = {
    "utf-16le": re.compile(rb"<\0(?:[/!?]\0)?[a-zA-Z]\0", re.DOTALL),
    "utf-16be": re.compile(rb"\0<(?:\0[/!?])?\0[a-zA-Z]", re.DOTALL),
}
_CONTROLS = bytes((*range(9), *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F))
"""Control characters, except tab, line feed, vertical tab, form feed, carriage return, and ESC of ISO-2022-JP."""
_NO_CONTROLS = bytes(byte for byte in range(256) if byte not in _CONTROLS)
_KINDS, _SHARE, _MANY = 8, 0.02, 64
"""In random bytes one of nine is a control, of 27 kinds; a damaged page has a few, of one or two kinds."""
_PLAIN_KINDS, _PLAIN_SHARE = 3, 0.03
_NULS = 0.3
_PRINTABLE = bytes((0x09, 0x0A, 0x0D, *range(0x20, 0x7F)))
_GROUPS = (
    re.compile("[\t\n\r -~\xa0-\u1fff\u2010-\u2044]+"),
    re.compile("[\t\n\r -~\u2010-\u2044\u3000-\u33ff\u4e00-\u9fff\uff00-\uffef]+"),
    re.compile("[\t\n\r -~\u2010-\u2044\u3000-\u303f\uac00-\ud7a3]+"),
)
"""Alphabets; Chinese and Japanese; Korean: each with the spaces and signs used in it."""
_OUTSIDE = 20


def is_binary(body: bytes, *, quick: bool = False) -> bool:
    """Return whether a body is binary data: it contains many kinds of control characters, or mostly NULs.

    Compressed and encrypted data, images and programs are binary. A page with stray NULs or control characters is text.
    A body with HTML tags is binary only if it is not valid UTF-8.

    Args:
        body: as sent; not UTF-16.
        quick: examine only the first bytes.
    """
    sample = body[: _QUICK if quick else _SAMPLE]
    if not sample.translate(None, _NO_CONTROLS):
        return False
    sample = sample.strip(b"\0\x1a")  # padding
    controls = sample.translate(None, _NO_CONTROLS)
    share, kinds = len(controls) / max(1, len(sample)), len(set(controls))
    if has_markup(sample):
        return kinds >= _KINDS and share > _SHARE and len(controls) >= _MANY and not _is_utf8(sample)
    return not sample or (kinds >= _PLAIN_KINDS and share > _PLAIN_SHARE) or controls.count(0) > _NULS * len(sample)


def _is_utf8(sample: bytes) -> bool:
    try:
        codecs.utf_8_decode(sample, "strict", False)  # noqa: FBT003  (the sample may end within a letter)
    except UnicodeDecodeError:
        return False
    return True


def has_markup(body: bytes) -> bool:
    """Return whether a body contains tags of HTML."""
    return _MARKUP.search(body, 0, _SAMPLE) is not None


def find_wide(body: bytes, declared: str | None) -> str | None:
    """Return the name of the UTF-16 encoding of a body without a byte order mark; None when it is not UTF-16.

    Tags and NULs show it. Text without tags and NULs is UTF-16 only if the header declares it and the characters fit.

    Args:
        body: as sent.
        declared: the encoding in the header, by its standard name.
    """
    sample = body[:_WIDE_SAMPLE]
    tags = {name: sum(found.start() % 2 == 0 for found in tag.finditer(sample)) for name, tag in _WIDE_TAG.items()}
    name = max(tags, key=lambda each: tags[each])
    if tags[name]:
        return name if tags[name] >= len(_TAG.findall(sample)) else None
    if _TAG.search(sample):
        return None
    if declared not in WIDE:
        return _by_nuls(sample)
    return _by_nuls(sample) or next((each for each in (declared, *WIDE) if _is_plausible(sample, each)), None)


def _by_nuls(sample: bytes) -> str | None:
    """Recognise UTF-16 text that is mostly ASCII: nearly every other byte is NUL."""
    even, odd = sample[:256:2].count(0), sample[1:256:2].count(0)
    if max(even, odd) * 4 < min(len(sample), 256) or min(even, odd) * 10 > max(even, odd):
        return None
    return "utf-16le" if odd > even else "utf-16be"


def _is_plausible(sample: bytes, name: str) -> bool:
    """Return whether bytes without tags are UTF-16: nearly all characters are of one group of scripts."""
    if len(sample.translate(None, _PRINTABLE)) * 10 < len(sample):
        return False
    text = to_text(sample[: len(sample) // 2 * 2], name)
    return len(text) * 3 > len(sample) and any(len(group.sub("", text)) * _OUTSIDE <= len(text) for group in _GROUPS)
