"""A site's profile as the other packages use it: typed, checked, with its defaults.

`archiver.extract.profile` reads the TOML file; nothing here validates.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from archiver.text.patterns import Pattern

RuleKind = Literal["css", "json", "meta", "jsonld", "const", "pattern"]
RecordKind = Literal["listing", "article", "file", "skip"]
ValueType = Literal["text", "html", "datetime", "date", "integer", "url"]
Take = Literal["first", "last", "all"] | int

DEFAULT_FILES = (
    "pdf",
    "doc",
    "docx",
    "xls",
    "xlsx",
    "ppt",
    "pptx",
    "odt",
    "ods",
    "zip",
    "rar",
    "jpg",
    "jpeg",
    "png",
    "gif",
)


@dataclass(frozen=True, slots=True)
class SiteInfo:
    """The `[site]` table.

    `language` is BCP 47, for dates and numbers in words; `timezone` is an IANA name, for dates without an
    offset. Both are "" when unknown.
    """

    name: str
    title: str = ""
    home: str = ""
    language: str = ""
    timezone: str = ""


@dataclass(frozen=True, slots=True)
class CrawlRules:
    """The `[crawl]` table. Units: seconds, bytes, requests; patterns are regexes searched in the URL.

    `server`: which servers share one rate limit (`polite.server_groups`).
    """

    start: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] | Literal["auto"] = "auto"
    feeds: tuple[str, ...] | Literal["auto"] = "auto"
    scope: tuple[str, ...] = ()
    skip: tuple[Pattern, ...] = ()
    delay: float = 1.0
    connections: int = 1
    robots: Literal["obey", "ignore"] = "obey"
    user_agent: str = ""
    contact: str = ""
    max_bytes: int = 10_000_000
    timeout: float = 60.0
    revisit_min: float = 3600.0
    revisit_max: float = 30 * 86400.0
    revisit_budget: float | None = None
    files: tuple[str, ...] = ()
    tls: Literal["verify", "record"] = "verify"
    cookies: bool = False
    server: str = ""
    depth: int = 20
    pages: int = 100_000
    requisites: Literal["none", "first", "all"] = "none"
    requisite_scripts: bool = False
    requisite_hosts: tuple[str, ...] = ()
    requisite_skip: tuple[Pattern, ...] = ()
    requisite_bytes: int = 20_000_000
    requisite_run_bytes: int = 1_000_000_000


@dataclass(frozen=True, slots=True)
class UrlRules:
    """The `[url]` table: when two addresses are the same page. Names may contain the wildcards `*` and `?`."""

    keep: tuple[str, ...] | None = None
    drop: tuple[str, ...] = ()
    fold_case: bool = False


@dataclass(frozen=True, slots=True)
class KeepRules:
    """The `[keep]` table: which bodies of a page's visits `archiver prune` retains.

    Attributes:
        bodies: all of them; the first and the last of each version; or the newest N of each version.
    """

    bodies: Literal["all", "first-and-last"] | int = "all"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule for a value. `text` is the rule as it is printed in sources: `css:h3.tieude`, `meta:og:title`.

    A rule of the kind `pattern` is for files: its pattern searches the whole text. One of the kind `json` is a path
    into the answer of an API.
    """

    kind: RuleKind
    selector: str
    attr: str | None = None
    pattern: Pattern | None = None
    take: Take = "first"
    join: str | None = None
    cut: bool = False
    type: ValueType = "text"
    format: str | None = None
    required: bool = False

    @property
    def text(self) -> str:
        """Return the rule as one text, as in `sources.rule`."""
        return f"{self.kind}:{self.selector}" + (f"@{self.attr}" if self.attr else "")


Rules = tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class NextRule:
    """Pagination: links to the next listing pages; `postback` for ASP.NET `__doPostBack` forms.

    Of an API, `json` is the path of a member with the next address. With `query`, it is the path of the value that this
    parameter of the address gets; without `json`, the parameter is a number that grows by `step`, and counts as `first`
    where it is missing.
    """

    css: str = ""
    postback: bool = False
    json: str = ""
    query: str = ""
    step: int = 1
    first: int = 1


@dataclass(frozen=True, slots=True)
class GoneRule:
    """A soft 404: a node whose text matches the pattern (or, without a pattern, that exists).

    Of an API, `json` is the path of a member whose text matches or, without a pattern, that is neither empty nor false.
    """

    css: str = ""
    pattern: Pattern | None = None
    json: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a browser does with a page before it is kept.

    Attributes:
        kind: `click` the first node of a selector; `scroll` to the end, until nothing more comes; `press` a key.
        argument: the selector, or the name of the key; "" for `scroll`.
        most: how often it is repeated, while it makes the page longer.
    """

    kind: Literal["click", "scroll", "press"]
    argument: str = ""
    most: int = 1


@dataclass(frozen=True, slots=True)
class RenderRules:
    """How pages of a kind are opened in a browser.

    Attributes:
        when: `always`; or `when-empty`: only pages in which no rule and no fallback finds a body, and that look like
            the shell of a script.
        wait: a CSS selector of a node without which the page is not complete; "" for none.
        actions: what is done then, in order.
        viewport: width and height in CSS pixels.
        block: what is not requested.
        screenshot: when a picture of the whole page is kept; `changed`: when content or layout differ from
            those of the last screenshot.
        counters: CSS selectors of `[page.readings]`: where they are in the screenshot is noted.
    """

    when: Literal["always", "when-empty"]
    wait: str = ""
    actions: tuple[Action, ...] = ()
    viewport: tuple[int, int] = (1280, 1000)
    block: tuple[Literal["ads", "fonts", "images", "media"], ...] = ()
    screenshot: Literal["changed", "always", "never"] = "changed"
    counters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageKind:
    """One `[[page]]` table: for which addresses and dates it is valid, and how their pages are read.

    Attributes:
        line: its line in the file, for messages and for `Record.template` (`article@42`).
        follow: None means every link within the scope; () means none. Of an API, address templates and paths.
        drift: whether a page that the rules seem to misread makes no version until that is decided.
        lost: fields that the template does not show; a page that had a value keeps it.
        render: how a browser opens its pages, whose document is then read; None: it does not.
        continues: a CSS rule for the links to the other parts of an article; "" when each article has one address.
        items: of an API, the path of the list that a listing lists; "" when the answer is one article.
        headline: the path of an item's headline, from the item.
        address: the template of the address at which people read the record of an API; "" when it is not known.
    """

    kind: Literal["listing", "article", "api", "file", "skip"]
    url: Pattern | None = None
    since: date | None = None
    until: date | None = None
    ignore: tuple[str, ...] = ()
    gone: GoneRule | None = None
    follow: tuple[str, ...] | None = None
    next: NextRule | None = None
    continues: str = ""
    render: RenderRules | None = None
    fallback: bool = True
    drift: bool = True
    lost: tuple[str, ...] = ()
    items: str = ""
    headline: str = ""
    address: str = ""
    fields: tuple[tuple[str, Rules], ...] = ()
    readings: tuple[tuple[str, Rules], ...] = ()
    line: int = 0

    @property
    def template(self) -> str:
        """Return the name of the template, unique within a profile: `article@42` is the kind `article` of line 42."""
        return f"{self.kind}@{self.line}"

    @property
    def record_kind(self) -> RecordKind:
        """Return the kind of the records that it reads: the answer of an API is a listing or an article."""
        if self.kind == "api":
            return "listing" if self.items else "article"
        return self.kind


@dataclass(frozen=True, slots=True)
class ProfileTest:
    """One `[[test]]` table: a stored page and the expected values."""

    file: str
    url: str
    expect: tuple[tuple[str, object], ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Profile:
    """How one site is crawled and read. The SHA-256 of the file's bytes identifies the profile in the archive.

    It can be pickled, so that worker processes can use it.
    """

    site: SiteInfo
    crawl: CrawlRules = field(default_factory=CrawlRules)
    url: UrlRules = field(default_factory=UrlRules)
    keep: KeepRules = field(default_factory=KeepRules)
    pages: tuple[PageKind, ...] = ()
    tests: tuple[ProfileTest, ...] = ()
    sha256: str = ""
    source: str = ""
    text: str = ""

    @property
    def name(self) -> str:
        """Return the site's name, as on the command line."""
        return self.site.name

    @property
    def may_render(self) -> bool:
        """Return whether pages of the site may be opened in a browser."""
        return any(kind.render for kind in self.pages)
