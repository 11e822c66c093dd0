"""Convert the tables of a profile, with one function each, to the types of the model with defaults."""

from datetime import date, datetime, time
from typing import Any
from urllib.parse import urljoin, urlsplit

from archiver.extract.api_keys import read_api_keys
from archiver.extract.fields import read_rule_table
from archiver.extract.keys import CRAWL, GONE, KEEP, NEXT, PAGE, REVISIT, SITE, TEST, URL
from archiver.extract.lines import Path
from archiver.extract.tables import Faults, read_table
from archiver.model.profile import (
    CrawlRules,
    GoneRule,
    KeepRules,
    NextRule,
    PageKind,
    ProfileTest,
    RenderRules,
    SiteInfo,
    UrlRules,
)
from archiver.model.record import FIELDS

_RENDERING = ("wait", "actions", "viewport", "block", "screenshot")
_TESTABLE = (
    *FIELDS, "published_utc", "published_raw", "published_precision", "modified", "modified_raw", "kind", "soft_gone",
)  # fmt: skip


def read_site(table: object, faults: Faults) -> SiteInfo:
    """Return the `[site]` table."""
    read = read_table(table, SITE, ("site",), faults)
    return SiteInfo(**({"name": ""} | read))


def read_crawl(table: object, home: str, faults: Faults) -> CrawlRules:
    """Return the `[crawl]` table with absolute addresses; without one, home is the start and home's host the scope."""
    read = read_table(table, CRAWL, ("crawl",), faults)
    revisit = read_table(read.pop("revisit", {}), REVISIT, ("crawl", "revisit"), faults)
    if "every" in revisit:
        if len(revisit) > 1:
            faults.add(("crawl", "revisit", "every"), "cannot be combined with other keys")
        revisit = {"min": revisit["every"], "max": revisit["every"]}
    read |= {f"revisit_{name}": seconds for name, seconds in revisit.items()}
    for name in ("start", "sitemaps", "feeds"):
        if isinstance(read.get(name), tuple):
            read[name] = tuple(urljoin(home, address) for address in read[name])
    read.setdefault("start", (home,) if home else ())
    if not read.get("scope"):
        read["scope"] = _origins(home)
    rules = CrawlRules(**read)
    if rules.revisit_min > rules.revisit_max:
        faults.add(("crawl", "revisit"), "min is more than max")
    return rules


def _origins(home: str) -> tuple[str, ...]:
    """Return the prefixes of everything on home's host, by either scheme."""
    host = urlsplit(home).netloc.rpartition("@")[2].lower()
    return (f"http://{host}/", f"https://{host}/") if host else ()


def read_url(table: object, faults: Faults) -> UrlRules:
    """Return the `[url]` table."""
    read = read_table(table, URL, ("url",), faults)
    if "keep" in read and "drop" in read:
        faults.add(("url", "drop"), "write either 'keep' or 'drop': a parameter that is not kept is dropped")
    return UrlRules(**read)


def read_keep(table: object, faults: Faults) -> KeepRules:
    """Return the `[keep]` table."""
    return KeepRules(**read_table(table, KEEP, ("keep",), faults))


def read_page(table: object, path: Path, faults: Faults) -> PageKind:
    """Return one `[[page]]` table with its rules."""
    if isinstance(table, dict) and table.get("kind") == "api":
        read = _with_rules(read_api_keys(table, path, faults), path, faults)
        _check_dates(read, path, faults)
        return PageKind(**read, line=faults.line(path))
    for name in ("items", "headline", "address"):
        if isinstance(table, dict) and name in table:
            faults.add((*path, name), 'is for the answers of an API: kind = "api"')
            table = {each: value for each, value in table.items() if each != name}
    read = _with_rules(read_table(table, PAGE, path, faults), path, faults)
    if "gone" in read:
        gone = read_table(read["gone"], GONE, (*path, "gone"), faults)
        read["gone"] = GoneRule(**({"css": ""} | gone))
    if "next" in read:
        read["next"] = NextRule(**({"css": ""} | read_table(read["next"], NEXT, (*path, "next"), faults)))
    _check_dates(read, path, faults)
    if "continues" in read and read.get("kind", "article") != "article":
        faults.add((*path, "continues"), "only articles have parts; the pages of a listing are found by 'next'")
    read |= _render(read, path, faults)
    return PageKind(**({"kind": "article"} | read), line=faults.line(path))


def _with_rules(read: dict[str, Any], path: Path, faults: Faults) -> dict[str, Any]:
    """Return a `[[page]]` table with the rules of its fields and readings."""
    kind = read.get("kind", "article")
    rules = {
        name: read_rule_table(read[name], (*path, name), faults, kind=kind)
        for name in ("fields", "readings")
        if name in read
    }
    return read | rules


def _check_dates(read: dict[str, Any], path: Path, faults: Faults) -> None:
    if "since" in read and "until" in read and read["since"] > read["until"]:
        faults.add((*path, "until"), "is before 'since'")


def _render(read: dict[str, Any], path: Path, faults: Faults) -> dict[str, RenderRules]:
    """Take the keys of rendering out of a `[[page]]` table; return its rules, if it is to be rendered."""
    others = {name: read.pop(name) for name in _RENDERING if name in read}
    if "render" not in read:
        for name in others:
            faults.add((*path, name), "says how a browser opens the page: add render = 'always' or 'when-empty'")
        return {}
    when = read.pop("render")
    if read.get("kind") in ("api", "file", "skip"):
        faults.add((*path, "render"), "only articles and listings are opened in a browser")
    return {"render": RenderRules(when, **others)}


def read_test(table: object, path: Path, pages: tuple[PageKind, ...], faults: Faults) -> ProfileTest:
    """Return one `[[test]]` table; it may only expect names that the rules can give."""
    read = read_table(table, TEST, path, faults)
    expect = read.get("expect", {})
    if not isinstance(expect, dict):
        faults.add((*path, "expect"), 'must be a table: { title = "…" }')
        expect = {}
    elif "expect" in read and not expect:
        faults.add((*path, "expect"), "expects nothing: add at least one expected field")
    known = _expectable(pages)
    flat = []
    for name, value in _flat(expect):
        place = (*path, "expect", *name.split("."))
        if name not in known:
            faults.unknown(place, known, name)
        else:
            flat.append((name, _plain(value, place, faults)))
    return ProfileTest(file=read.get("file", ""), url=read.get("url", ""), expect=tuple(flat), line=faults.line(path))


def _expectable(pages: tuple[PageKind, ...]) -> set[str]:
    """Return every name that a test may expect."""
    known = set(_TESTABLE)
    for page in pages:
        extras = [name for name, _ in page.fields if name not in FIELDS]
        known.update(extras, (f"extra.{name}" for name in extras), (f"readings.{name}" for name, _ in page.readings))
    return known


def _flat(table: dict[str, Any], prefix: str = "") -> list[tuple[str, object]]:
    """Return nested tables with dotted names: `readings.views`."""
    flat: list[tuple[str, object]] = []
    for name, value in table.items():
        flat += _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else [(f"{prefix}{name}", value)]
    return flat


def _plain(value: object, place: Path, faults: Faults) -> object:
    """Return a value as in a record: text, number, or a tuple of texts. TOML's own dates become text."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list):
        if not all(isinstance(item, str) for item in value):
            faults.add(place, "a list may only hold text")
        return tuple(value)
    return value
