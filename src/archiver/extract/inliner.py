"""Put the requisites of a page into it: images and fonts as `data:` addresses, style sheets as text.

What was not captured is replaced by nothing. The bytes are bounded: a requisite counts as often as it is put in.
"""

import base64
import re
from collections.abc import Callable

from archiver.extract.css import CssAddress, css_text, declared_charset, own_address, replace_addresses
from archiver.model.capture import Capture
from archiver.text.url import absolute

NOTHING = "data:,"
"""The address of nothing."""
_DEEPEST = 5
_MEDIA_TYPE = re.compile(r"(?:image|font)/[a-z0-9.+-]{1,60}|application/(?:x-)?font-[a-z0-9.+-]{1,40}")
_HTML_COMMENT = re.compile(r"<!--|-->")
_MARKUP = re.compile(r"<(?=[A-Za-z/!?])")
_IMPORT_START = "data:text/css;charset=utf-8;base64,"


class Inliner:
    """Inlines the requisites of one page.

    Attributes:
        missing: addresses of requisites that were not captured.
        over: addresses of requisites for which there was no room.
    """

    def __init__(self, find: Callable[[str], Capture | None], budget: int) -> None:
        """Prepare a page.

        Args:
            find: returns the capture of an address, or None.
            budget: the number of characters that may be put in.
        """
        self._find = find
        self._left = budget
        self.missing: set[str] = set()
        self.over: set[str] = set()

    def data_address(self, url: str | None) -> str:
        """Return an image or a font as a `data:` address; "" when it is not there."""
        capture = self._captured(url)
        if capture is None or not self._take(capture.url, len(capture.body) * 4 // 3 + 100):
            return ""
        declared = capture.media_type or ""
        media_type = declared if _MEDIA_TYPE.fullmatch(declared) else "application/octet-stream"
        return f"data:{media_type};base64,{base64.b64encode(capture.body).decode('ascii')}"

    def style_sheet(self, url: str | None, depth: int = 1) -> str:
        """Return a style sheet with its requisites in it; "" when it is not there."""
        capture = self._captured(url)
        if capture is None or not self._take(capture.url, len(capture.body)):
            return ""
        text = css_text(capture.body, declared_charset(capture.header("content-type")))
        return self.style(text, capture.url, depth=depth)

    def style(self, text: str, base: str, charset: str = "utf-8", depth: int = 1) -> str:
        """Return CSS with its requisites in it, without characters that end a `style` element.

        Args:
            text: a style sheet, or the value of a `style` attribute.
            base: the address to which its addresses are relative.
            charset: the encoding of the page that holds it; queries of its addresses are escaped in it.
            depth: 1 for one that the page names, 2 for one that this one imports.
        """

        def replacement(found: CssAddress) -> str:
            if (own := own_address(found)) is not None:
                return own
            url = absolute(base, found.address, charset)
            if not found.is_import:
                return self.data_address(url) or NOTHING
            sheet = self.style_sheet(url, depth + 1) if depth < _DEEPEST else ""
            packed = base64.b64encode(sheet.encode("utf-8", "replace")).decode("ascii")
            return _IMPORT_START + packed if self._take(url or "", len(packed) - len(sheet)) else NOTHING

        plain = _HTML_COMMENT.sub("", replace_addresses(text, replacement))
        return _MARKUP.sub(r"\\3c ", plain)

    def _captured(self, url: str | None) -> Capture | None:
        capture = self._find(url) if url else None
        if capture is None and url:
            self.missing.add(url)
        return capture

    def _take(self, url: str, size: int) -> bool:
        """Take room for a number of characters, if there is enough."""
        if size > self._left:
            self.over.add(url)
            return False
        self._left -= size
        return True
