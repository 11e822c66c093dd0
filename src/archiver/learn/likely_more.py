"""Find the button of a list that loads more of it."""

import re

from archiver.extract.page import ParsedPage
from archiver.extract.tree import Node
from archiver.learn.shortest import labels

_MORE = re.compile(
    r"(?:load|show|see|view)? ?more(?: \w+)?|older posts|(?:xem|tải|hiển thị) (?:thêm|tiếp)(?: \w+){0,2}|mehr(?: \w+)?|"
    r"(?:voir|afficher|charger) plus|ver más|cargar más|もっと見る|加载更多|查看更多",
    re.IGNORECASE,
)
_LONGEST = 40


def more_button(page: ParsedPage) -> str:
    """Return a selector that finds only the button that loads more of a list; "" when there is none."""
    for node in page.document.css("button, [role='button'], a:not([href]), a[href='#'], a[href^='javascript:']"):
        text = page.beginning(node, _LONGEST + 1)
        if len(text) <= _LONGEST and _MORE.fullmatch(text.strip(" .…»›↓+")):
            return next((each for each in _names(node) if len(page.document.css(each)) == 1), "")
    return ""


def _names(node: Node) -> list[str]:
    tag = node.tag or ""
    return [each for each in labels(node) if each.startswith((f"{tag}.", f"{tag}#", "#"))]
