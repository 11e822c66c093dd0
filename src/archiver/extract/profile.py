"""Load a site's profile from its TOML file: strictly, and with all faults of the file at once, each with its line."""

import hashlib
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from archiver.errors import Fault, ProfileError
from archiver.extract.keys import TOP
from archiver.extract.lines import LineIndex
from archiver.extract.sections import read_crawl, read_keep, read_page, read_site, read_test, read_url
from archiver.extract.tables import Faults, tables_of
from archiver.model.profile import Profile

_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]*")
_LARGEST = 2_000_000
_HOME = re.compile(r"""^\s*home\s*=\s*(["'])(https?://[^"'\s]+)\1""", re.MULTILINE)
"""Find the home of a site in a text that may be invalid TOML."""


def load_profile(path: Path, *, any_name: bool = False) -> Profile:
    """Return the profile in a file. The file has the name of the site, so that both are found by it.

    Args:
        path: the file.
        any_name: accept a file of another name, such as a draft.

    Raises:
        ProfileError: the file cannot be read, or has faults; the error lists all of them.
    """
    try:
        with path.open("rb") as file:
            body = file.read(_LARGEST + 1)
    except OSError as fault:
        raise ProfileError(str(path), [Fault("", f"cannot be read: {fault.strerror or fault}")]) from fault
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = body.count(b"\n", 0, fault.start) + 1
        raise ProfileError(str(path), [Fault("", f"line {line}: not UTF-8: {fault.reason}")]) from fault
    if len(body) > _LARGEST:
        raise ProfileError(str(path), [Fault("", f"more than {_LARGEST} bytes")])
    return parse_profile(text, str(path), called=None if any_name else path.stem)


def parse_profile(text: str, source: str, *, called: str | None = None) -> Profile:
    """Return the profile in a text.

    Args:
        text: TOML.
        source: the name of the text in messages.
        called: the name that its site must have; None for any.

    Raises:
        ProfileError: the text has faults; the error lists all of them.
    """
    # A byte order mark and CRLF come with files edited on Windows; the digest is of the text as given.
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n")
    table = _toml(plain, source)
    faults = Faults(LineIndex(plain))
    profile = _assembled(table, text, source, faults)
    if called is not None and profile.name and profile.name != called:
        faults.add(("site", "name"), f"must be {called!r} as the file is called, or the file {profile.name}.toml")
    if faults.found:
        raise ProfileError(source, faults.found)
    return profile


def is_slug(name: str) -> bool:
    """Return whether a text is a valid site name."""
    return _SLUG.fullmatch(name) is not None


def claimed_scope(path: Path) -> tuple[str, tuple[str, ...]] | None:
    """Return home and scope of a profile that may have faults elsewhere; None when they are unknown."""
    try:
        text = path.read_bytes()[:_LARGEST].decode("utf-8", "replace")
    except OSError:
        return None
    home = _HOME.search(text)
    faults = Faults(LineIndex(""))
    try:
        table = tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    except (ValueError, RecursionError):
        table = {"site": {"name": path.stem, "home": home[2]}} if home else {}
    site = read_site(table.get("site", {}), faults)
    crawl = table.get("crawl")
    scope = crawl.get("scope") if isinstance(crawl, dict) else None
    rules = read_crawl({"scope": scope} if scope is not None else {}, site.home, faults)
    return (site.home, rules.scope) if rules.scope else None


def find_profile(name: str, folders: Sequence[Path]) -> Path | None:
    """Return the file of a site in the first folder that has one; None when there is none or the name is invalid."""
    if not is_slug(name):
        return None
    paths = (folder / f"{name}.toml" for folder in folders)
    return next((path for path in paths if path.is_file()), None)


def list_profiles(folders: Sequence[Path]) -> list[Path]:
    """Return the files of all sites by name; of one name only the file that `find_profile` returns."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in folder.glob("*.toml"):
            if is_slug(path.stem) and path.is_file():
                found.setdefault(path.stem, path)
    return [found[name] for name in sorted(found)]


def _toml(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        place = re.search(r"\(at line (\d+), column \d+\)", str(fault))
        line = int(place[1]) if place else text.count("\n") + 1
        what = re.sub(r" \(at .*\)$", "", str(fault))
        raise ProfileError(source, [Fault("TOML", what, line)]) from fault
    except ValueError as fault:  # a number of 5,000 digits
        raise ProfileError(source, [Fault("TOML", str(fault))]) from fault
    except RecursionError as fault:
        raise ProfileError(source, [Fault("TOML", "nested too deep")]) from fault


def _assembled(table: dict[str, Any], text: str, source: str, faults: Faults) -> Profile:
    """Read every section and collect the faults; the profile is valid only when there are none."""
    for name in table:
        if name not in TOP:
            faults.unknown((name,), TOP)
    site = read_site(table.get("site", {}), faults)
    pages = tuple(
        read_page(page, ("page", number), faults)
        for number, page in enumerate(tables_of(table.get("page", []), ("page",), faults))
    )
    tests = tuple(
        read_test(test, ("test", number), pages, faults)
        for number, test in enumerate(tables_of(table.get("test", []), ("test",), faults))
    )
    return Profile(
        site=site,
        crawl=read_crawl(table.get("crawl", {}), site.home, faults),
        url=read_url(table.get("url", {}), faults),
        keep=read_keep(table.get("keep", {}), faults),
        pages=pages,
        tests=tests,
        sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        source=source,
        text=text,
    )
