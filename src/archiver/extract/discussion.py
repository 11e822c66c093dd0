"""Find the posts of a discussion: forum threads and questions with answers, which article extractors tear apart.

Posts are recognised by schema.org microdata, by JSON-LD, or by the classes of common forum software.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from archiver.extract.page import ParsedPage
from archiver.extract.slots import Json, types_of
from archiver.extract.tree import Node, ancestry

_SOFTWARE = (
    ".message-body .bbWrapper",  # XenForo
    "[id^='post_message_'], .postcontent.restore",  # vBulletin 4, 5
    ".postbody .content",  # phpBB
    ".crawler-post .post, .topic-post .cooked",  # Discourse, as served without scripts
    "[data-role='commentContent']",  # Invision
    ".post_body.scaleimages",  # MyBB
    ".postarea .post .inner, .post_wrapper .postarea .inner",  # Simple Machines
    ".Post-body",  # Flarum
    "[component='post/content']",  # NodeBB
    ".js-post-body",  # Stack Exchange
    ".usertext-body .md",  # Reddit
    ".comtr .commtext",  # Hacker News
    ".bbp-reply-content, .bbp-topic-content",  # bbPress
)
_MICRODATA = (
    "[itemtype$='/Question'] [itemprop~='text'], [itemtype$='/Answer'] [itemprop~='text']",
    "[itemtype$='/DiscussionForumPosting'] :is([itemprop~='text'], [itemprop~='articleBody'])",
)
_POSTINGS = frozenset(("DiscussionForumPosting", "QAPage", "Question"))
_REPLIES = ("mainEntity", "acceptedAnswer", "suggestedAnswer", "comment")
_MOST_POSTS = 2_000
_LEAST_POSTS = 2


def posts_of(page: ParsedPage) -> list[Node]:
    """Return the nodes with the text of each post, in order; none when the page is not a discussion."""
    for selector in (*_MICRODATA, *_SOFTWARE):
        posts = _outermost(page.document.css(selector)[:_MOST_POSTS], page.hidden)
        if len(posts) >= _LEAST_POSTS:
            return posts
    return []


def _outermost(nodes: Iterable[Node], hidden: AbstractSet[int]) -> list[Node]:
    """Return the visible nodes that are not inside another one."""
    kept: list[Node] = []
    inside: set[int] = set()
    for node in nodes:
        above = [each.mem_id for each in ancestry(node)]
        if inside.isdisjoint(above) and hidden.isdisjoint(above):
            inside.add(node.mem_id)
            kept.append(node)
    return kept


def declared_posts(page: ParsedPage) -> list[str]:
    """Return the texts of the posts that JSON-LD declares, the first post first."""
    for each in page.slots.objects:
        if not _POSTINGS.isdisjoint(types_of(each)):
            return _texts(each)
    return []


def _texts(posting: Json) -> list[str]:
    waiting = [posting]
    texts: list[str] = []
    while waiting and len(texts) < _MOST_POSTS:
        each = waiting.pop()
        text = each.get("text") or each.get("articleBody")
        if isinstance(text, str) and text.strip():
            texts.append(text)
        replies = [reply for name in _REPLIES for reply in _list(each.get(name)) if isinstance(reply, dict)]
        waiting += reversed(replies[:_MOST_POSTS])
    return texts


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
