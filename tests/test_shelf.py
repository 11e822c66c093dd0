"""The bundled profiles of content systems: kinds of addresses, listings, and how `site new` recognises each system.

What is expected of a profile is in `tests/shelf/NAME.toml`; its articles are the `[[test]]` tables of the profile.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from archiver.app import profiles
from archiver.extract.page import ParsedPage
from archiver.extract.profile import load_profile
from archiver.extract.read import read
from archiver.learn.likely_generator import generator_of
from archiver.learn.likely_marks import DECLARED, MARKUP
from archiver.model.profile import Profile
from archiver.settings import bundled_profiles
from archiver.text.url import page_key
from extract.test_scaffold import seen

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "tests/fixtures"
SHELF = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "tests/shelf").glob("*.toml"))
}
PROFILES = {name: load_profile(ROOT / "selectors" / f"{name}.toml") for name in SHELF}
KINDS = [(name, path, kind) for name, each in SHELF.items() for path, kind in each["kinds"].items()]
LISTINGS = [(name, listing) for name, each in SHELF.items() for listing in each["listing"]]
GENERATORS = [(name, said, called) for name, each in SHELF.items() for said, called in each["generators"].items()]
SAME = [(name, *pair) for name, each in SHELF.items() for pair in each["same"].items()]
STRUCTURE = [(name, file) for name, each in SHELF.items() for file in each["structure"]]
PAGES = [
    (path.relative_to(FIXTURES).parts[0], path)
    for path in sorted(FIXTURES.rglob("*.html"))
    if path.relative_to(FIXTURES).parts[0] not in ("demo", "demo-spa", "quan11")
]
_DECLARED = re.compile(r"<meta[^>]*name=[\"']?generator[^>]*>", re.IGNORECASE)


def _undeclared(path: Path, name: str) -> ParsedPage:
    return ParsedPage(_DECLARED.sub("", path.read_text(encoding="utf-8")), f"https://{name}.example/x")


@pytest.mark.parametrize(("name", "path", "kind"), KINDS, ids=lambda part: part or "home")
def test_the_kind_of_an_address(name: str, path: str, kind: str) -> None:
    profile = PROFILES[name]
    url = profile.site.home + path
    skipped = any(pattern.search(url) for pattern in profile.crawl.skip)
    kinds = [page.kind for page in profile.pages if page.url is None or page.url.search(url)]
    assert ("skipped" if skipped else next(iter(kinds), "")) == kind


def _key(profile: Profile, path: str) -> str:
    rules = profile.url
    return page_key(profile.site.home + path, keep=rules.keep, drop=rules.drop, fold_case=rules.fold_case)


@pytest.mark.parametrize(("name", "one", "other"), SAME)
def test_parameters_that_say_nothing_do_not_count(name: str, one: str, other: str) -> None:
    assert _key(PROFILES[name], one) == _key(PROFILES[name], other)


@pytest.mark.parametrize(
    ("name", "listing"), LISTINGS, ids=lambda part: part if isinstance(part, str) else part["file"]
)
def test_a_listing_has_links_to_its_articles_and_its_next_page(name: str, listing: dict[str, Any]) -> None:
    home = PROFILES[name].site.home
    html = (FIXTURES / name / "listing" / listing["file"]).read_bytes()
    record = read(seen(home + listing["path"], html), PROFILES[name])
    assert (record.kind, record.soft_gone) == ("listing", False)
    assert [url.removeprefix(home) for url in record.follow] == listing["follow"]
    assert [url.removeprefix(home) for url in record.next] == listing["next"]


def test_each_listing_is_used() -> None:
    stored = {(path.parent.parent.name, path.name) for path in FIXTURES.glob("*/listing/*.html")}
    assert {(name, listing["file"]) for name, listing in LISTINGS} == stored


@pytest.mark.parametrize(("name", "said", "called"), GENERATORS, ids=lambda part: part[:40])
def test_what_a_program_declares(name: str, said: str, called: str) -> None:
    page = ParsedPage(f'<html><head><meta name="generator" content="{said}"></head></html>', "https://town.example/x")
    assert generator_of(page) == (name, called, "meta generator")


@pytest.mark.parametrize(("name", "file"), STRUCTURE)
def test_a_page_that_declares_nothing_is_known_by_its_markup(name: str, file: str) -> None:
    found = generator_of(_undeclared(FIXTURES / name / file, name))
    assert found is not None
    assert (found.profile, found.reason[:8]) == (name, "markup: ")


@pytest.mark.parametrize(("name", "path"), PAGES, ids=lambda part: part if isinstance(part, str) else part.name)
def test_no_page_is_taken_for_one_of_another_program(name: str, path: Path) -> None:
    """Each page is tried against the marks of all the other programs, with and without its declaration."""
    for page in (ParsedPage(path.read_text(encoding="utf-8"), f"https://{name}.example/x"), _undeclared(path, name)):
        assert getattr(generator_of(page), "profile", name) == name
        others = [
            mark for mark in MARKUP if mark.profile != name and (not mark.needed or page.document.css(mark.needed))
        ]
        assert [mark for mark in others if page.document.css(mark.selector)] == []


def test_each_profile_with_a_mark_is_bundled() -> None:
    marked = {each.profile for each in DECLARED} | {each.profile for each in MARKUP}
    bundled = {path.stem for path in (ROOT / "selectors").glob("*.toml")} - {"demo", "demo-spa", "quan11"}
    assert bundled <= marked
    assert set(SHELF) <= bundled


@pytest.mark.parametrize("name", SHELF)
def test_one_sign_alone_is_not_enough(name: str) -> None:
    """A page that only refers to the files of a program is not made by it: each mark needs a second sign."""
    marks = [mark for mark in MARKUP if mark.profile == name]
    assert marks
    assert all(mark.needed for mark in marks)


def test_a_page_with_the_signs_of_two_programs_is_not_guessed_at() -> None:
    said = "".join(f"<meta name=generator content='{each}'>" for each in ("Ghost 5.8", "Drupal 10"))
    assert generator_of(ParsedPage(f"<html><head>{said}</head></html>", "https://town.example/x")) is None
    body = "<body id=phpbb><div id=page-body></div><link rel=stylesheet href=/lib/exe/css.php><div class=dokuwiki>"
    assert generator_of(ParsedPage(f"<html>{body}</html>", "https://town.example/x")) is None


def test_an_address_of_a_real_host_loads_no_generic_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a generic profile holds an address is known without reading its rules."""
    loaded: list[str] = []

    def load(path: Path) -> Profile:
        loaded.append(path.stem)
        return load_profile(path)

    monkeypatch.setattr(profiles, "load_profile", load)
    assert profiles.for_address("https://town.example/news/1", [bundled_profiles()]) is None
    assert sorted(loaded) == ["demo", "demo-spa", "quan11"]
    found = profiles.for_address("https://joomla.example/news/1", [bundled_profiles()])
    assert found is not None
    assert found.name == "joomla"
