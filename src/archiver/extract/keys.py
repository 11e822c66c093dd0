"""The table of the keys of a profile: the loader, the JSON Schema and the reference are made from it."""

from collections.abc import Mapping
from dataclasses import dataclass

from archiver.extract import api_values, browser_values, values
from archiver.extract.values import Check


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its check, its meaning, whether it is required."""

    check: Check
    doc: str
    required: bool = False


Keys = Mapping[str, Key]

TOP = {
    "site": "the name and address of the site",
    "crawl": "how the site is crawled",
    "url": "when two addresses are the same page",
    "keep": "which bodies `archiver prune` retains",
    "page": "the kinds of pages, first match wins",
    "test": "stored pages and the expected values",
}
"""The tables of a profile with their meanings."""

SITE: Keys = {
    "name": Key(values.SLUG, "the slug used on the command line", required=True),
    "title": Key(values.TEXT, "the name people know"),
    "home": Key(values.WEB_ADDRESS, "the first page", required=True),
    "language": Key(values.LANGUAGE, "BCP 47: picks month names, number marks, counter words; empty when not known"),
    "timezone": Key(values.TIMEZONE, "IANA name, for dates printed without an offset"),
}

REVISIT: Keys = {
    "min": Key(values.DURATION, "least time between two visits of a page"),
    "max": Key(values.DURATION, "most time between two visits of a page"),
    "every": Key(values.SOME_TIME, "fixed time between two visits of a page; nothing is learned"),
    "budget": Key(values.whole(1, 10**9), "visits a day; intervals are chosen so that all pages together need no more"),
}

CRAWL: Keys = {
    "start": Key(values.some_of(values.ADDRESS), "addresses relative to home, or absolute; default: home"),
    "sitemaps": Key(values.auto_or(values.ADDRESS), '"auto" (robots.txt, /sitemap.xml), a list, or []'),
    "feeds": Key(values.auto_or(values.ADDRESS), '"auto" (RSS/Atom found in pages), a list, or []'),
    "scope": Key(values.list_of(values.WEB_ADDRESS), "URL prefixes; default: home's host"),
    "skip": Key(values.list_of(values.SEARCHING_REGEX), "regexes on the URL: pages that are never visited"),
    "delay": Key(values.DURATION, "minimum seconds between two requests to the host"),
    "connections": Key(values.whole(1, 64), "requests at the same time"),
    "robots": Key(values.one_of("obey", "ignore"), "ignore is recorded in every WARC and log"),
    "user_agent": Key(values.HEADER_TEXT, "default: archiver/VERSION (+contact)"),
    "contact": Key(values.HEADER_TEXT, "address to which operators can write"),
    "max_bytes": Key(values.SIZE, "longest body that is kept whole"),
    "timeout": Key(values.SOME_TIME, "for the whole fetch, not for each read"),
    "revisit": Key(
        Check(lambda value: value, {}),
        "when pages are visited again: { min, max, budget }, or { every }",
    ),
    "files": Key(values.list_of(values.EXTENSION), "extensions of linked files kept as captures"),
    "tls": Key(values.one_of("verify", "record"), "record: accept an invalid certificate and record that"),
    "cookies": Key(values.SWITCH, "whether cookies are kept and sent"),
    "server": Key(
        values.HEADER_TEXT,
        'servers that share one delay and one limit of connections: "ip" for those at one address, or a name for those '
        "of all sites that give the same name; default: each server its own",
    ),
    "depth": Key(values.whole(0, 1000), "most links from a start page"),
    "pages": Key(values.whole(1, 10**9), "most pages of the site; traps end here, with a warning"),
    "requisites": Key(
        values.one_of("none", "first", "all"),
        "what a browser needs to show the pages (images, style sheets, fonts, icons): not fetched, fetched once, or "
        "fetched again after 30 days",
    ),
    "requisite_scripts": Key(values.SWITCH, "whether scripts are among the requisites"),
    "requisite_hosts": Key(
        values.list_of(values.HOST), "other hosts from which requisites are fetched, such as 'cdn.example.org'"
    ),
    "requisite_skip": Key(
        values.list_of(values.SEARCHING_REGEX),
        "regexes on the URL: requisites that are not fetched; `skip` is for pages",
    ),
    "requisite_bytes": Key(values.SIZE, "most bytes of requisites that a run fetches for one page"),
    "requisite_run_bytes": Key(values.SIZE, "most bytes of requisites that a run fetches"),
}

URL: Keys = {
    "keep": Key(values.list_of(values.TEXT), "only these query parameters count (* and ? are wildcards)"),
    "drop": Key(values.list_of(values.TEXT), "these query parameters do not count (* and ? are wildcards)"),
    "fold_case": Key(values.SWITCH, "case of path and parameter names does not count"),
}

KEEP: Keys = {
    "bodies": Key(values.BODIES, '"all", "first-and-last" of each version, or how many newest of each version'),
}

GONE: Keys = {
    "css": Key(values.CSS, "the node with the message", required=True),
    "pattern": Key(values.REGEX, "regex searched in its text"),
}

NEXT: Keys = {
    "css": Key(values.CSS, "links to the next listing pages", required=True),
    "postback": Key(values.SWITCH, "ASP.NET __doPostBack links"),
}

_RAW = Check(lambda value: value, {})

PAGE: Keys = {
    "kind": Key(values.one_of("listing", "article", "api", "file", "skip"), "the kind of page", required=True),
    "url": Key(values.REGEX, "regex searched in the URL; default: every URL"),
    "since": Key(values.DAY, "first day this template was in use"),
    "until": Key(values.DAY, "last day this template was in use"),
    "ignore": Key(values.list_of(values.CSS), "nodes that are never content"),
    "gone": Key(_RAW, "a soft 404: { css, pattern }"),
    "follow": Key(values.list_of(values.CSS), "links to follow; default: every link in scope"),
    "next": Key(_RAW, "pagination: { css, postback }"),
    "continues": Key(values.CSS, "links to the other parts of an article; all parts are one record"),
    "render": Key(
        values.one_of("always", "when-empty"),
        "open its pages in a browser as well, and read the browser's document; when-empty: only pages without a body "
        "that look like the shell of a script",
    ),
    "wait": Key(values.CSS, "with `render`: a node without which the page is not complete"),
    "actions": Key(
        values.list_of(browser_values.ACTION),
        "with `render`: what is done before the page is kept: 'click:CSS', 'scroll', 'press:KEY'; 'click:CSS*20' and "
        "'scroll*20' repeat it at most 20 times, while the page grows",
    ),
    "viewport": Key(browser_values.VIEWPORT, "with `render`: the browser's window in CSS pixels, such as '1280x1000'"),
    "block": Key(
        values.list_of(values.one_of("ads", "fonts", "images", "media")), "with `render`: what is not requested"
    ),
    "screenshot": Key(
        values.one_of("changed", "always", "never"),
        "with `render`: which visits keep a screenshot: those whose content or layout differs from that of the last "
        "one (the default), all, or none",
    ),
    "fallback": Key(
        values.SWITCH,
        "whether meta, JSON-LD and trafilatura may fill fields without rules, and a body or a date that no rule finds",
    ),
    "drift": Key(
        values.SWITCH,
        "whether a page that the rules seem to misread makes no version until that is decided (see drift)",
    ),
    "lost": Key(
        values.list_of(values.NONEMPTY_TEXT),
        "fields that a new template no longer shows; a page that had a value keeps it, so that the redesign is no edit",
    ),
    "fields": Key(_RAW, "rules of the content"),
    "readings": Key(_RAW, "rules of the counters"),
}

RULE: Keys = {
    "css": Key(values.CSS, "a CSS selector; of an API, in the HTML of the body"),
    "json": Key(api_values.PATH, "of an API: a path into JSON"),
    "meta": Key(values.NONEMPTY_TEXT, "a <meta> by its name, property or itemprop"),
    "jsonld": Key(values.NONEMPTY_TEXT, "a dotted path in JSON-LD: NewsArticle.datePublished"),
    "const": Key(values.NONEMPTY_TEXT, "a constant value"),
    "attr": Key(values.NONEMPTY_TEXT, "the attribute that holds the value; default: the text"),
    "pattern": Key(
        values.REGEX,
        "regex searched in the text; its first group is the value. Alone, for a file: searched in its whole text",
    ),
    "take": Key(values.TAKE, "which of the nodes that match: first, last, all, or a number"),
    "join": Key(values.TEXT, "put between the values of several nodes"),
    "cut": Key(values.SWITCH, "take the nodes out of the body"),
    "type": Key(
        values.one_of("text", "html", "datetime", "date", "integer", "url"),
        "the type of the value; `html` of JSON is read as text",
    ),
    "format": Key(values.TEXT, "strptime form of a date, only when needed"),
    "required": Key(values.SWITCH, "a page without it is not of this template"),
}

RULE_KINDS = ("css", "json", "meta", "jsonld", "const")

TEST: Keys = {
    "file": Key(values.TEXT, "the stored page, relative to the project", required=True),
    "url": Key(values.WEB_ADDRESS, "the address of the page", required=True),
    "expect": Key(_RAW, "field = value, readings.NAME = number", required=True),
}
