"""Parse the rules of a robots.txt by RFC 9309 and find the line that decides about an address.

Among the rules of the group that names one of our product tokens (else of `*`; groups of one name are merged), the rule
with the longest matching path decides; of two equally long rules the one that allows (2.2.2). `Crawl-delay` is not in
the RFC, but common, so it is honoured; it never ends a group.
"""

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

_KEYS = {
    "disallow": "disallow",
    "allow": "allow",
    "user-agent": "user-agent",
    "user agent": "user-agent",
    "useragent": "user-agent",
    "sitemap": "sitemap",
    "site-map": "sitemap",
    "site map": "sitemap",
}
"""How a key begins, as in Google's parser of robots.txt: `Disallows` is a Disallow, too."""
_ALIKE = 0.85  # the similarity from which a key is a misspelt `disallow`: one or two wrong letters
_LONGEST_KEY = 12
_LINE = re.compile(r"\r\n|\n|\r")
_TOKEN = re.compile(r"[a-zA-Z_-]+")
_PRODUCT = re.compile(r"([a-zA-Z_-]+)(?=/|\s|;|\)|$)")
_NOBODY = frozenset(("mozilla", "compatible"))  # every browser and crawler names itself so
_UNSAFE = re.compile(r"[\x00-\x20\"<>\\^`{|}\x7f]")  # characters that an address has only encoded (RFC 3986, 2)
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_MOST_RULES = 50_000
_SHOWN = 200


class RobotsRule(NamedTuple):
    """One Allow or Disallow. `line` counts from 1; `pattern` is normalised, with `*` and a final `$`."""

    allows: bool
    pattern: str
    line: int
    text: str

    @property
    def sorts(self) -> tuple[int, bool]:
        """Return the sort key: the longest rule first, and of two equally long ones the one that allows."""
        return -len(self.pattern), not self.allows


@dataclass
class RuleBlock:
    """The rules that follow consecutive User-agent lines; all those agents share them."""

    rules: list[RobotsRule] = field(default_factory=list)
    delay: float = 0.0


@dataclass
class AgentGroup:
    """The rules for one user agent, of all the blocks that name it."""

    agent: str
    blocks: list[RuleBlock] = field(default_factory=list)

    @cached_property
    def rules(self) -> list[RobotsRule]:
        """Return the rules in the order of precedence. Call it after the file is parsed."""
        return sorted((rule for block in self.blocks for rule in block.rules), key=lambda rule: rule.sorts)

    @property
    def delay(self) -> float:
        """Return the longest Crawl-delay, in seconds."""
        return max(block.delay for block in self.blocks)


@dataclass(frozen=True, slots=True)
class RobotsVerdict:
    """The result for an address: the rule that decides (None: no rule matches) and the agent it is for."""

    allowed: bool
    rule: RobotsRule | None = None
    agent: str = ""

    @property
    def words(self) -> str:
        """Return `line 3, "Disallow: /x", for "*"`; "" when no rule matches."""
        if self.rule is None:
            return ""
        return f'line {self.rule.line}, "{self.rule.text}", for "{self.agent}"'


class Rules:
    """A parsed robots.txt. No line is an error: lines that are not understood are skipped (2.2.4)."""

    def __init__(self, text: str) -> None:
        self.groups: dict[str, AgentGroup] = {}
        self.sitemaps: list[str] = []
        block: RuleBlock | None = None
        listens = True  # further user agents share this block
        count = 0
        for number, line in enumerate(_LINE.split(text), 1):
            key, value = _split(line.partition("#")[0])
            if key == "user-agent":
                block = block if block is not None and listens else RuleBlock()
                self._name(value, block)
                listens = True
            elif key in ("allow", "disallow"):
                listens = False
                count += 1
                if value and block is not None and count <= _MOST_RULES:
                    block.rules.append(RobotsRule(key == "allow", _pattern(value), number, line.strip()[:_SHOWN]))
            else:
                self._other(key, value, block)

    def _name(self, value: str, block: RuleBlock) -> None:
        """Add the block to the rules of a user agent."""
        token = _TOKEN.match(value)
        name = token[0].lower() if token else "*" if value.startswith("*") else value.lower()
        blocks = self.groups.setdefault(name, AgentGroup(value)).blocks
        if not blocks or blocks[-1] is not block:
            blocks.append(block)

    def _other(self, key: str, value: str, block: RuleBlock | None) -> None:
        if key == "sitemap" and value:
            self.sitemaps.append(value)
        elif key == "crawl-delay" and block is not None:
            block.delay = max(block.delay, _seconds(value))

    def groups_for(self, agent: str) -> list[AgentGroup]:
        """Return the groups for a user agent: those of its product tokens, else that of `*`."""
        tokens = {token.lower() for token in _PRODUCT.findall(agent)} - _NOBODY
        named = [self.groups[name] for name in sorted(tokens) if name in self.groups]
        return named or [self.groups[name] for name in "*" if name in self.groups]

    def verdict(self, url: str, agent: str) -> RobotsVerdict:
        """Return whether this agent may request this address, and by which rule."""
        parts = urlsplit(url)
        path = _normal((parts.path or "/") + (f"?{parts.query}" if "?" in url.partition("#")[0] else ""))
        path = path.replace("*", "%2A").replace("$", "%24")  # encoded as in rules that mean exactly these characters
        found = [
            (rule, group.agent)
            for group in self.groups_for(agent)
            if (rule := next((each for each in group.rules if _matches(each.pattern, path)), None))
        ]
        if not found:
            return RobotsVerdict(allowed=True)
        rule, name = min(found, key=lambda each: each[0].sorts)
        return RobotsVerdict(rule.allows, rule, name)

    def delay(self, agent: str) -> float:
        """Return the longest Crawl-delay for this agent, in seconds; 0 without one."""
        return max((group.delay for group in self.groups_for(agent)), default=0.0)


def sitemaps_named(robots: str, url: str) -> list[str]:
    """Return the absolute addresses of the sitemaps that a robots.txt names (sitemaps.org, "Specifying the location").

    The standard demands absolute addresses. Servers also write paths, and addresses without a scheme.

    Args:
        robots: the text.
        url: any address of the server.
    """
    scheme, server = urlsplit(url)[:2]
    found = []
    for value in (value for value in Rules(robots).sitemaps if value.strip("/")):
        is_bare = value.partition("/")[0].lower() in (server.lower(), server.lower().partition(":")[0])
        found.append(urljoin(url, f"{scheme}://{value}" if is_bare else value))
    return list(dict.fromkeys(found))


def _split(line: str) -> tuple[str, str]:
    """Return the key of a line, spelt right, and its value. Without a colon, exactly two words are key and value."""
    key, colon, value = line.partition(":")
    if not colon:
        words = line.split()
        key, value = words if len(words) == 2 else ("", "")  # noqa: PLR2004
    return _meant(" ".join(key.split()).lower()), value.strip()


def _meant(key: str) -> str:
    """Return the key that the author meant: `dissalow`, `diasllow` and `dis-allow` are `disallow`."""
    for beginning, name in _KEYS.items():
        if key.startswith(beginning):
            return name
    may_be = key[:1] == "d" and len(key) <= _LONGEST_KEY
    return "disallow" if may_be and SequenceMatcher(None, key, "disallow").ratio() >= _ALIKE else key


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        return 0.0
    return seconds if 0 < seconds < float("inf") else 0.0


def _pattern(value: str) -> str:
    """Return a rule's path, normalised. A path that begins with neither `/` nor `*` starts at the root."""
    path = _normal(value if value.startswith(("/", "*", "$")) else f"/{value}")
    return path[:-1].replace("$", "%24") + path[-1:]


def _normal(path: str) -> str:
    """Normalise percent-encoding (2.2.2): decode characters that need no escape, encode all others in capitals."""

    def plain(found: re.Match[str]) -> str:
        char = chr(int(found[1], 16))
        return char if char in _PLAIN else found[0].upper()

    path = _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", path)
    if not path.isascii():
        path = "".join(
            char if char.isascii() else "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))
            for char in path
        )
    if "%" not in path:
        return path
    way, mark, query = _ESCAPE.sub(plain, path).partition("?")
    return way + mark + query.replace("%2F", "/").replace("%3A", ":")  # in a query they separate nothing (RFC)


def _matches(pattern: str, path: str) -> bool:
    """Return whether a path begins as the pattern says, or equals it when that ends in `$`; in linear time."""
    ends = pattern.endswith("$")
    first, *parts = (pattern[:-1] if ends else pattern).split("*")
    if not path.startswith(first):
        return False
    position = len(first)
    for part in parts[:-1] if ends else parts:
        position = path.find(part, position)
        if position < 0:
            return False
        position += len(part)
    if not ends:
        return True
    if not parts:
        return position == len(path)
    return path.endswith(parts[-1]) and len(path) - len(parts[-1]) >= position
