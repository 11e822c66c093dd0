"""Rewrite XHTML as HTML, so that an HTML parser reads the same page.

In XML `<script src="a.js"/>` is a complete element, and `<![CDATA[5 < 6]]>` is text. An HTML parser would read the rest
of the page as script, and lose the text. One pass over the text, in linear time; markup that is not well-formed stays.
Only for documents that are sent as XML: HTML Standard, "Parsing XHTML documents".
"""

import re

_TAG = re.compile(r"<(/?)([A-Za-z_][^\s/>\"'<=]*)((?:[^\"'<>]++|\"[^\"]*+\"|'[^']*+')*+)(>?)")
_NAMESPACE = re.compile(r"xmlns:([A-Za-z_][\w.-]*)\s*=\s*[\"']http://www\.w3\.org/1999/xhtml[\"']")
_ROOT_WITHIN = 4_000
_VOID_TAGS = "area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr"
_VOID = frozenset(_VOID_TAGS.split())
_RAW = frozenset(("script", "style"))
"""An HTML parser decodes no entities in these."""
_CDATA, _CDATA_END = "<![CDATA[", "]]>"
_ENTITY = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6}));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_LAST_CODE_POINT = 0x10FFFF


def as_html(text: str) -> str:
    """Return an XHTML document as HTML."""
    return _Rewriter(text).rewritten()


class _Rewriter:
    """Goes through the text from one `<` to the next."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._done: list[str] = []
        namespace = _NAMESPACE.search(text, 0, _ROOT_WITHIN)
        self._prefix = f"{namespace[1]}:" if namespace else ""

    def rewritten(self) -> str:
        text = self._text
        while (start := text.find("<", self._at)) >= 0:
            self._done.append(text[self._at : start])
            self._at = start
            if text.startswith(_CDATA, start):
                self._done.append(_escaped(self._upto(_CDATA_END, len(_CDATA))))
            elif text.startswith("<!--", start):
                self._upto("-->", 4)
            elif text.startswith("<?", start):
                self._upto("?>", 2)
            elif text.startswith("<!", start):
                self._doctype()
            else:
                self._tag()
        self._done.append(text[self._at :])
        return "".join(self._done)

    def _upto(self, end: str, skipped: int) -> str:
        """Pass over a section that begins here; return what is in it."""
        first = self._at + skipped
        last = self._text.find(end, first)
        self._at = len(self._text) if last < 0 else last + len(end)
        return self._text[first:] if last < 0 else self._text[first:last]

    def _doctype(self) -> None:
        """Pass over a doctype with its own declarations, which an HTML parser would read as text."""
        end = self._text.find(">", self._at)
        subset = self._text.find("[", self._at, end)
        if subset >= 0:
            end = self._text.find(">", max(subset, self._text.find("]", subset)))
        self._at = len(self._text) if end < 0 else end + 1
        self._done.append("<!DOCTYPE html>")

    def _tag(self) -> None:
        """Rewrite one tag; text that only looks like one is kept."""
        found = _TAG.match(self._text, self._at)
        if found is None:
            self._done.append("<")
            self._at += 1
            return
        self._at = found.end()
        closing, name, attributes, end = found.groups()
        name = name.removeprefix(self._prefix)
        if not end:
            self._done.append(found[0])
        elif closing:
            self._done.append("" if name in _VOID else f"</{name}>")
        elif not attributes.endswith("/"):
            self._done.append(f"<{name}{attributes}>")
            if name in _RAW:
                self._raw(name)
        else:
            self._done.append(f"<{name}{attributes[:-1]}>" + ("" if name in _VOID else f"</{name}>"))

    def _raw(self, name: str) -> None:
        """Rewrite the content of a script or a style, up to its end tag."""
        end = -1
        while self._at < len(self._text):
            if end < self._at:
                end = self._text.find(f"</{self._prefix}{name}", self._at)
                end = len(self._text) if end < 0 else end
            section = self._text.find(_CDATA, self._at, end)
            first = end if section < 0 else section
            self._done.append(_ENTITY.sub(_decoded, self._text[self._at : first]))
            self._at = first
            if section < 0:
                return
            self._done.append(self._upto(_CDATA_END, len(_CDATA)).replace(f"</{name}", f"<\\/{name}"))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _decoded(found: re.Match[str]) -> str:
    named, decimal, hexadecimal = found.groups()
    if named:
        return _NAMED[named]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if 0 < code <= _LAST_CODE_POINT else found[0]
