"""A site's profile as the rest of the house sees it: typed, checked, complete with its defaults.

The TOML file is read by `archiver.extract.profile`; nothing here validates.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from archiver.text.patterns import Pattern

RuleKind = Literal["css", "meta", "jsonld", "const"]
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

    `language` is BCP 47, for dates and numbers in words; `timezone` is an IANA name, for dates printed without an
    offset. Both are "" when not known.
    """

    name: str
    title: str = ""
    home: str = ""
    language: str = ""
    timezone: str = ""


@dataclass(frozen=True, slots=True)
class CrawlRules:
    """The `[crawl]` table. Units: seconds, bytes, requests; patterns are regexes searched in the URL."""

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
    depth: int = 20
    pages: int = 100_000


@dataclass(frozen=True, slots=True)
class UrlRules:
    """The `[url]` table: what makes two addresses one page. Names may hold `*` and `?` wildcards."""

    keep: tuple[str, ...] | None = None
    drop: tuple[str, ...] = ()
    fold_case: bool = False


@dataclass(frozen=True, slots=True)
class KeepRules:
    """The `[keep]` table: which bodies of a page's visits stay when `archiver prune` is asked for.

    Attributes:
        bodies: all of them; of each version the first and the last; or of each version so many newest.
    """

    bodies: Literal["all", "first-and-last"] | int = "all"


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to a value. `text` is the rule as provenance prints it: `css:h3.tieude`, `meta:og:title`."""

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
        """The rule in one word, as `sources.rule` holds it."""
        return f"{self.kind}:{self.selector}" + (f"@{self.attr}" if self.attr else "")


Rules = tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class NextRule:
    """Pagination: links to the next listing pages; `postback` for ASP.NET `__doPostBack` forms."""

    css: str
    postback: bool = False


@dataclass(frozen=True, slots=True)
class GoneRule:
    """A soft 404: a node whose text matches the pattern (or, without a pattern, that exists)."""

    css: str
    pattern: Pattern | None = None


@dataclass(frozen=True, slots=True)
class PageKind:
    """One `[[page]]` table: which addresses, since and until when, and how they are read.

    Attributes:
        line: where it begins in the file, for messages and for `Record.template` (`article@42`).
        follow: None means every in-scope link; () none.
    """

    kind: Literal["listing", "article", "file", "skip"]
    url: Pattern | None = None
    since: date | None = None
    until: date | None = None
    ignore: tuple[str, ...] = ()
    gone: GoneRule | None = None
    follow: tuple[str, ...] | None = None
    next: NextRule | None = None
    fallback: bool = True
    fields: tuple[tuple[str, Rules], ...] = ()
    readings: tuple[tuple[str, Rules], ...] = ()
    line: int = 0

    @property
    def template(self) -> str:
        """A name that tells two templates of one kind apart: `article@42` is the one from line 42."""
        return f"{self.kind}@{self.line}"


@dataclass(frozen=True, slots=True)
class ProfileTest:
    """One `[[test]]` table: a stored page and what must be read from it."""

    file: str
    url: str
    expect: tuple[tuple[str, object], ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Profile:
    """How one site is crawled and read; `sha256` of the file's bytes names it in the archive.

    Picklable, so that it can travel to worker processes.
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
        """The site's slug."""
        return self.site.name
