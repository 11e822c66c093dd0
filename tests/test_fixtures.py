"""The stored pages of the bundled profiles: each expected field is one test, and each template has a page."""

import json
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from archiver.cli import run
from archiver.extract.profile import load_profile
from archiver.extract.read import read
from archiver.extract.schema import profile_schema
from archiver.extract.testing import TestResult, run_tests
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.profile import Profile, ProfileTest
from archiver.model.record import Record

ROOT = Path(__file__).resolve().parent.parent
SELECTORS = ROOT / "selectors"
PATHS = sorted(SELECTORS.glob("*.toml"))
PROFILES = {path.stem: load_profile(path) for path in PATHS}
GENERIC = tuple(path.stem for path in PATHS if path.stem not in ("demo", "demo-spa", "quan11"))
PAGES = [(profile, test) for profile in PROFILES.values() for test in profile.tests]
RESULTS = [(name, result) for name, profile in PROFILES.items() for result in run_tests(profile, ROOT)]


def _of_page(case: tuple[Profile, ProfileTest]) -> str:
    return f"{case[0].name}:{Path(case[1].file).name}"


def _of_field(case: tuple[str, TestResult]) -> str:
    return f"{case[0]}:{Path(case[1].file).name}:{case[1].name}"


def _capture(url: str, body: bytes) -> Capture:
    return Capture(
        request=Request(url),
        visited_at=datetime(2024, 6, 1, tzinfo=UTC),
        outcome=Outcome.OK,
        status=200,
        head=b"",
        headers=((b"Content-Type", b"text/html; charset=utf-8"),),
        body=body,
    )


def _record(profile: Profile, test: ProfileTest) -> Record:
    return read(_capture(test.url, (ROOT / test.file).read_bytes()), profile)


def _as_json(value: Any) -> Any:
    return json.loads(json.dumps(value, default=lambda each: each.isoformat() if isinstance(each, date) else str(each)))


@pytest.mark.parametrize("case", RESULTS, ids=_of_field)
def test_field(case: tuple[str, TestResult]) -> None:
    _, result = case
    assert result.got == result.expected


@pytest.mark.parametrize("case", PAGES, ids=_of_page)
def test_nothing_is_expected_to_be_empty(case: tuple[Profile, ProfileTest]) -> None:
    _, test = case
    expected = dict(test.expect)
    assert {"title", "body"} <= expected.keys()
    empty = [name for name, value in test.expect if value in ("", (), None)]
    assert empty == []


@pytest.mark.parametrize("case", PAGES, ids=_of_page)
def test_every_field_with_a_rule_and_a_value_is_expected(case: tuple[Profile, ProfileTest]) -> None:
    profile, test = case
    record = _record(profile, test)
    expected = {name.removeprefix("extra.") for name, _ in test.expect}
    ruled = {name for name, source in record.sources if source.rank}
    assert ruled - expected == set()


@pytest.mark.parametrize("case", PAGES, ids=_of_page)
def test_every_rule_of_a_template_finds_something_in_its_page(case: tuple[Profile, ProfileTest]) -> None:
    profile, test = case
    assert _record(profile, test).notes == ()


@pytest.mark.parametrize("case", PAGES, ids=_of_page)
def test_the_file_is_in_the_folder_of_its_profile(case: tuple[Profile, ProfileTest]) -> None:
    profile, test = case
    assert Path(test.file).parent == Path("tests/fixtures") / profile.name


@pytest.mark.parametrize("name", PROFILES)
def test_each_article_template_has_a_page(name: str) -> None:
    profile = PROFILES[name]
    templates = {page.template for page in profile.pages if page.kind == "article"}
    assert templates, "a profile without an article says nothing"
    assert {_record(profile, test).template for test in profile.tests} == templates


def test_each_stored_page_is_used_by_a_test() -> None:
    stored = {
        path.relative_to(ROOT).as_posix()
        for name in PROFILES
        for path in (ROOT / "tests/fixtures" / name).glob("*.html")
    }
    assert {test.file for _, test in PAGES} == stored


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_profile_is_named_as_its_file_and_fits_the_schema(path: Path) -> None:
    assert PROFILES[path.stem].name == path.stem
    jsonschema.Draft202012Validator(profile_schema()).validate(
        _as_json(tomllib.loads(path.read_text(encoding="utf-8")))
    )


@pytest.mark.parametrize("name", GENERIC)
def test_a_generic_profile_names_no_real_host(name: str) -> None:
    profile = PROFILES[name]
    assert profile.site.home == f"https://{name}.example/"
    assert all(test.url.startswith(profile.site.home) for test in profile.tests)


@pytest.mark.parametrize("name", GENERIC)
def test_articles_of_a_generic_profile_are_pages_and_follow_every_link(name: str) -> None:
    for page in PROFILES[name].pages:
        if page.kind == "article":
            assert page.follow is None
            assert page.url is not None, "without one every picture and style sheet would be an article"
            home = PROFILES[name].site.home
            assert not [end for end in ("style.css", "a/map.png", "a/list.pdf") if page.url.search(home + end)]


KINDS = [
    ("wordpress", "", "listing"),
    ("wordpress", "page/2/", "listing"),
    ("wordpress", "category/van-hoa/page/3/", "listing"),
    ("wordpress", "2024/02/", "listing"),
    ("wordpress", "2024/02/phien-cho-que/", "article"),
    ("wordpress", "?p=12", "article"),
    ("wordpress", "2024/02/phien-cho-que/feed/", "skipped"),
    ("wordpress", "wp-login.php", "skipped"),
    ("wordpress", "?s=cho", "skipped"),
    ("wordpress", "phien-cho-que/?replytocom=31", "skipped"),
    ("mediawiki", "", "article"),
    ("mediawiki", "wiki/Node.js", "article"),
    ("mediawiki", "index.php?title=Lantern_Islands", "article"),
    ("mediawiki", "index.php?title=Lantern_Islands&action=edit", "skipped"),
    ("mediawiki", "index.php?title=Lantern_Islands&oldid=4182", "skipped"),
    ("mediawiki", "wiki/Special:RecentChanges", "skipped"),
    ("mediawiki", "wiki/%C4%90%E1%BA%B7c_bi%E1%BB%87t:Li%C3%AAn_k%E1%BA%BFt", "skipped"),
    ("mediawiki", "wiki/Talk:Lantern_Islands", "skipped"),
    ("mediawiki", "wiki/User_talk:Ann", "skipped"),
    ("mediawiki", "wiki/Category:Islands", "listing"),
    ("mediawiki", "wiki/File:Keeper.jpg", "skip"),
    ("drupal", "", "listing"),
    ("drupal", "news?page=2", "listing"),
    ("drupal", "taxonomy/term/4", "listing"),
    ("drupal", "node/41", "article"),
    ("drupal", "news/ferry-timetable", "article"),
    ("drupal", "user/login?destination=/node/41", "skipped"),
    ("drupal", "node/41/edit", "skipped"),
    ("docbook", "", "article"),
    ("docbook", "en-US/sect.apt-get.html", "article"),
    ("docbook", "Common_Content/css/default.css", "skipped"),
    ("sphinx", "guide/winding.html", "article"),
    ("sphinx", "en/stable/", "article"),
    ("sphinx", "genindex.html", "skipped"),
    ("sphinx", "_sources/guide/winding.rst.txt", "skipped"),
    ("sphinx", "en/stable/search.html", "skipped"),
]


@pytest.mark.parametrize(("name", "path", "kind"), KINDS, ids=lambda part: part or "home")
def test_the_kind_of_an_address(name: str, path: str, kind: str) -> None:
    profile = PROFILES[name]
    url = profile.site.home + path
    skipped = any(pattern.search(url) for pattern in profile.crawl.skip)
    kinds = [page.kind for page in profile.pages if page.url is None or page.url.search(url)]
    assert ("skipped" if skipped else next(iter(kinds), None)) == kind


LISTINGS = [
    (
        "wordpress",
        "category/van-hoa/",
        """<nav><a href=/lien-he/>Liên hệ</a></nav><article><h2 class=entry-title><a href=/2024/02/hat-boi/>Hát bội</a></h2>
        <p>Đêm rằm… <a class=more-link href=/2024/02/hat-boi/>Đọc tiếp</a></p></article>
        <div class=nav-links><a class="prev page-numbers" href=/category/van-hoa/>1</a>
        <a class="next page-numbers" href=/category/van-hoa/page/3/>Trang sau</a></div>""",
        ("2024/02/hat-boi/",),
        ("category/van-hoa/page/3/",),
    ),
    (
        "wordpress",
        "categorie/vie-de-lecole/",
        """<ul class=wp-block-post-template><li><h2 class=wp-block-post-title><a href=/la-cantine/>La cantine</a></h2></li></ul>
        <nav class=wp-block-query-pagination><a class=wp-block-query-pagination-next href=/categorie/vie-de-lecole/page/2/>»</a></nav>""",
        ("la-cantine/",),
        ("categorie/vie-de-lecole/page/2/",),
    ),
    (
        "mediawiki",
        "wiki/Category:Islands",
        """<div id=mw-content-text><p>See <a href=/wiki/Orrin>Orrin</a>.</p><div id=mw-pages><h2>Pages</h2>
        (previous page) (<a href="/index.php?title=Category:Islands&amp;pagefrom=Gull#mw-pages">next page</a>)
        <div class=mw-content-ltr><ul><li><a href=/wiki/Gull_Rock>Gull Rock</a></li></ul></div></div></div>""",
        ("index.php?title=Category:Islands&pagefrom=Gull", "wiki/Gull_Rock"),
        ("index.php?title=Category:Islands&pagefrom=Gull",),
    ),
    (
        "drupal",
        "news?page=1",
        """<div class=views-row><article class="node node--view-mode-teaser"><h2 class=node__title><a href=/news/library>Library</a></h2>
        <a href=/user/login>Log in</a></article></div>
        <ul class=pager__items><li class="pager__item pager__item--next"><a href="?page=2" rel=next>Next</a></li></ul>""",
        ("news/library",),
        ("news?page=2",),
    ),
    (
        "drupal",
        "taxonomy/term/7",
        """<div class="node node-article node-teaser"><h2><a href=/patrimoine/le-four>Le four banal</a></h2></div>
        <ul class=pager><li class=pager-next><a href="/taxonomy/term/7?page=1">suivant</a></li></ul>""",
        ("patrimoine/le-four",),
        ("taxonomy/term/7?page=1",),
    ),
]


@pytest.mark.parametrize(("name", "path", "html", "follow", "following"), LISTINGS, ids=lambda part: str(part)[:24])
def test_a_listing_has_links_to_its_articles_and_its_next_page(
    name: str, path: str, html: str, follow: tuple[str, ...], following: tuple[str, ...]
) -> None:
    home = PROFILES[name].site.home
    record = read(_capture(home + path, html.encode()), PROFILES[name])
    assert (record.kind, record.soft_gone) == ("listing", False)
    assert record.follow == tuple(home + each for each in follow)
    assert record.next == tuple(home + each for each in following)


GONE = [
    ("wordpress", "khong-co/", "<body class='error404'><h1 class=page-title>Không tìm thấy</h1>"),
    (
        "mediawiki",
        "wiki/Nowhere",
        "<div id=mw-content-text><div class=noarticletext><p>There is no text.</p></div></div>",
    ),
]


@pytest.mark.parametrize(("name", "path", "html"), GONE)
def test_a_page_that_says_not_found_is_gone(name: str, path: str, html: str) -> None:
    assert read(_capture(PROFILES[name].site.home + path, html.encode()), PROFILES[name]).soft_gone


def test_site_check_finds_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--selectors", str(SELECTORS), "site", "check"]) == 0
    assert capsys.readouterr().out.count(": valid (") >= len(PATHS)


@pytest.mark.parametrize("name", PROFILES)
def test_site_test_passes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--selectors", str(SELECTORS), "site", "test", name]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == sum(len(test.expect) for test in PROFILES[name].tests)


def test_the_wheel_has_the_pages_of_the_bundled_profiles() -> None:
    """In the wheel, `selectors/` and `tests/fixtures/` are in one folder, as they are here."""
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]
    assert wheel["force-include"] == {"selectors": "archiver/selectors", "tests/fixtures": "archiver/tests/fixtures"}


def test_a_copy_of_a_bundled_profile_finds_its_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "wordpress.toml").write_bytes((SELECTORS / "wordpress.toml").read_bytes())
    assert run(["--selectors", str(tmp_path), "site", "test", "wordpress"]) == 0
    assert run(["--selectors", str(tmp_path), "site", "check", "wordpress"]) == 0
    assert "FAILED" not in capsys.readouterr().out
