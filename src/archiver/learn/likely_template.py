"""Fill the data of one site into a bundled profile. Its rules are kept, its tests and its example site are not."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from archiver.extract.choose import choose
from archiver.extract.page import ParsedPage
from archiver.extract.profile import parse_profile
from archiver.learn.findings import SiteFindings
from archiver.learn.likely_evidence import holders
from archiver.learn.likely_generator import Generator, front_of, root_of, title_of
from archiver.learn.likely_parts import escaped
from archiver.learn.scaffold import crawl_lines, field_lines, site_table, title_rules
from archiver.learn.toml_text import literal, quoted, quoted_list, sentences
from archiver.model.profile import Profile
from archiver.text.url import in_scope, origin_of

_TABLE = re.compile(r"\[\[?[a-z.]+\]\]?")
_OWN = re.compile(r"#? ?(start|scope|sitemaps|feeds|delay)\s*=")
_NONE = re.compile(r"(sitemaps|feeds)\s*=\s*\[\]")
_URL = re.compile(r"url\s*=")
_TITLE = re.compile(r"^title = (\[.*\]|\{.*\}|\".*\")([ \t]*(?:#.*)?)$", re.MULTILINE)
_ARTICLE = re.compile(r'kind\s*=\s*"article"')
_CSS = re.compile(r'css = "([^"]+)"')
_HOST = "^https?://[^/]+/"
_MOST_LISTS = 12


def from_bundled(text: str, found: SiteFindings, generator: Generator, own: tuple[str, ...] = ()) -> str:
    """Return the TOML of a bundled profile with the data of a site.

    Args:
        text: the TOML of the bundled profile.
        found: the findings about the site's pages.
        generator: the program that made the pages.
        own: fields that the profile's rules do not find in the page. For the title, a rule of the page's own is added
            to each table; for the body, a table with rules of the page's own is put before the others.
    """
    text = _with_own_table(text, found) if "body" in own else _with_own_title(text, found) if own else text
    root = root_of(found.page, generator.profile)
    written = _written(text, found, generator, root, pattern="")
    profile = parse_profile(written, generator.profile)
    kind, _ = choose(profile, found.page.url, found.around.page.visited_at, found.page)
    if kind is None or kind.kind == "skip":
        folder = urlsplit(found.page.url).path.lstrip("/").rpartition("/")[0]
        pattern = f"{_HOST}{escaped(folder)}/[^?]" if folder else found.pattern.regex
        written = _written(text, found, generator, root, pattern=pattern)
        profile = parse_profile(written, generator.profile)
    lists = _lists(profile, found)
    return written if not lists else _with_lists(written, lists)


def _written(text: str, found: SiteFindings, generator: Generator, root: str, *, pattern: str) -> str:
    lines = [
        *sentences(f"{generator.called} ({generator.reason}): based on the bundled profile {generator.profile}."),
        "# Delete the parts that the site does not have (docs/howto/start-from-a-generic-profile.md).",
        "",
        *site_table(found, home=root, title=title_of(found.page, generator.profile)),
    ]
    for name, *block in _blocks(text):
        if name == "[[test]]":
            break
        if name == "[crawl]":
            lines += ["", "[crawl]", *_crawl(block, found, generator, root)]
        elif name not in ("", "[site]") and (name != "[page.readings]" or _has_any(found.page, block)):
            lines += ["", *(_at(root, line) for line in _with_pattern(block, pattern))]
    return "\n".join(_without_gaps(lines)) + "\n"


def _with_own_title(text: str, found: SiteFindings) -> str:
    """Add the page's rules for the title after those of every table."""
    rules = ", ".join(title_rules(found))

    def longer(match: re.Match[str]) -> str:
        known = match[1].removeprefix("[").removesuffix("]") if match[1][0] == "[" else match[1]
        return f"title = [{known}, {rules}]{match[2]}"

    return _TITLE.sub(longer, text) if rules else text


def _with_own_table(text: str, found: SiteFindings) -> str:
    """Insert a table with the page's own rules before the first table of articles, for the same addresses."""
    lines: list[str] = []
    is_there = False
    for _, *block in _blocks(text):
        if not is_there and any(_ARTICLE.match(line) for line in block):
            is_there = True
            table = block[block.index("[[page]]") :]
            lines += ["", "# Articles in the site's own markup, which the tables below do not know.", *table]
            lines += [*field_lines(found), ""]
        lines += block
    return "\n".join(lines)


def _blocks(text: str) -> Iterator[list[str]]:
    """Yield the tables of a profile with the comments above them: the table's name, then its lines; "" for the head."""
    block: list[str] = []
    name = ""
    for line in text.splitlines():
        header = _TABLE.match(line)
        if header:
            moved = _comment_above(block)
            yield [name, *block]
            name, block = header[0], moved
        block.append(line)
    yield [name, *block]


def _comment_above(block: list[str]) -> list[str]:
    """Remove the comment at the end of a block and return it: it belongs to the next block."""
    moved: list[str] = []
    while block and block[-1].startswith("#"):
        moved.insert(0, block.pop())
    return moved


def _has_any(page: ParsedPage, lines: list[str]) -> bool:
    """Return whether the page has a node for which one of these rules searches."""
    return any(page.document.css(selector) for line in lines for selector in _CSS.findall(line))


def _with_pattern(lines: list[str], pattern: str) -> list[str]:
    """Return the lines of a table, with another `url` if it is a table of articles."""
    if not pattern or not any(_ARTICLE.match(line) for line in lines):
        return lines
    return [f"url = {literal(pattern)}" if _URL.match(line) else line for line in lines]


def _at(root: str, line: str) -> str:
    """Return a line in which patterns that begin with the host begin with the folder of the site."""
    folder = urlsplit(root).path.lstrip("/")
    return (
        line.replace(_HOST, _HOST + escaped(folder)) if folder and line.lstrip().startswith(("url", "'", '"')) else line
    )


def _crawl(lines: list[str], found: SiteFindings, generator: Generator, root: str) -> list[str]:
    """Return the lines of the `[crawl]` table: the site's own, and the bundled `skip`, `revisit` and `files`."""
    none = {match[1] for line in lines if (match := _NONE.match(line))}
    own = [line for line in crawl_lines(found) if line.partition(" ")[0] not in none | {"start"}]
    front = front_of(found.page, generator.profile)
    start = dict.fromkeys([*found.start, *found.relative([front] if front else [])])
    leading = [each for each in start if each not in found.relative([root])]
    own = [f"start = [{quoted_list(leading)}]", *own] if leading else own
    if root != origin_of(root) + "/":
        own.append(f"scope = [{quoted(root)}]  # the folder of the site; the host may hold more")
    kept = [line for line in lines if line != "[crawl]" and (not _OWN.match(line) or _NONE.match(line))]
    return [*own, *(_at(root, line) for line in kept)]


def _lists(profile: Profile, found: SiteFindings) -> list[str]:
    """Return the paths of sections that the profile would read as articles."""
    root = profile.site.home
    sections = sorted(url for url in holders(link.url for link in found.links) if in_scope(url, profile.crawl.scope))
    listed = [url for url in sections if url not in (root, found.page.url) and _is_article(profile, url)]
    return [urlsplit(url).path.rstrip("/") for url in listed[:_MOST_LISTS] if not urlsplit(url).query]


def _is_article(profile: Profile, url: str) -> bool:
    if any(pattern.search(url) for pattern in profile.crawl.skip):
        return False
    kinds = (kind.kind for kind in profile.pages if kind.url is None or kind.url.search(url))
    return next(kinds, "") == "article"


def _with_lists(text: str, paths: Iterable[str]) -> str:
    """Insert a table for the sections that were seen before all others."""
    choice = "|".join(escaped(path.lstrip("/")) for path in dict.fromkeys(paths))
    table = [
        "# Sections that the pages lead to, with pages below them.",
        "[[page]]",
        'kind = "listing"',
        f"url = {literal(f'{_HOST}(?:{choice})/?(?:[?#]|$)')}",
    ]
    lines = text.split("\n")
    first = next(place for place, line in enumerate(lines) if line == "[[page]]")
    while lines[first - 1].startswith("#"):
        first -= 1
    return "\n".join([*lines[:first], *table, "", *lines[first:]])


def _without_gaps(lines: list[str]) -> list[str]:
    """Return lines without two empty ones in a row, and without empty ones at the end."""
    kept = [line for place, line in enumerate(lines) if line or (place and lines[place - 1])]
    while kept and not kept[-1]:
        kept.pop()
    return kept
