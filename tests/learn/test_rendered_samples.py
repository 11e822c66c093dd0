"""Profiles over pages that a browser opened: learned, compared, explained, mended and tested from its stored documents."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.app.browsing.rules import Pick, rules_of
from archiver.cli import run
from archiver.cli.context import GLOBAL_OPTIONS
from archiver.extract.profile import load_profile
from archiver.learn.render_keys import render_keys
from archiver.model.profile import Action, RenderRules
from browsed import HOME, Browsed, Opened, dom_of, png_of

SAID = (
    "Ủy ban nhân dân quận tổ chức hội nghị triển khai kế hoạch năm {n} với sự tham dự của nhiều đại biểu các phường.",
    "Phường {n} hoàn thành việc sửa chữa đường và hệ thống thoát nước trước mùa mưa năm nay theo kế hoạch đã duyệt.",
    "Trường học số {n} khai giảng năm học mới với hơn một nghìn học sinh và nhiều thầy cô giáo tham dự buổi lễ.",
    "Đoạn này nói thêm về việc số {n} ở nơi khác, và về những người đã làm việc đó trong nhiều năm.",
)
PAGES = range(1, 7)


def _text(number: int) -> str:
    return "</p><p>".join(each.format(n=number * 37 + place) for place, each in enumerate(SAID))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browsed]:
    """Six articles, each visited twice with another counter; the server sends the same shell for all."""
    monkeypatch.chdir(tmp_path)
    site = Browsed(tmp_path)
    for number in PAGES:
        for views in (100, 101):
            site.article(_text(number), number * views, title=f"Tin số {number} của quận", path=f"/a/{number}")
    yield site
    site.close()


def _run(site: Browsed, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    site.archive.release_files()
    GLOBAL_OPTIONS.settings = site.settings
    try:
        code = run(list(words))
    finally:
        GLOBAL_OPTIONS.settings = None
    printed = capsys.readouterr()
    assert code == 0, printed
    return printed.out + printed.err


def test_a_profile_is_learned_from_documents_and_its_tests_need_no_browser(
    site: Browsed, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVER_CHROMIUM", "/nowhere/chromium")
    path = site.selectors / "spa.toml"
    path.unlink()
    _run(site, capsys, "site", "learn", "spa", "--from-archive", "--output", str(path))
    learned = load_profile(path)
    assert [kind.render and kind.render.when for kind in learned.pages] == ["always", "always"]
    assert all("Tin số" in dict(test.expect)["title"] for test in learned.tests)  # type: ignore[operator]
    assert len(learned.tests) == 5
    assert "5 of 5 fields as expected" in _run(site, capsys, "site", "test", "spa")
    bench = _run(site, capsys, "site", "bench", "spa")
    assert "no field falls" in bench
    assert "article\tbody\t12\t100%\t100%\t100%" in bench
    _run(site, capsys, "extract", "--site", "spa")
    assert site.rows("SELECT * FROM changes") == []
    assert site.value("SELECT count(*) FROM versions WHERE body LIKE 'Ủy ban%'") == len(PAGES)


def test_the_bench_reads_both_ends_of_a_version_though_the_bytes_are_the_same(
    site: Browsed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "read 12 of 12 captures" in _run(site, capsys, "site", "bench", "spa")
    before = site.archive.store.sample_captures.of_site(1)
    assert all(each.again is not None for each in before)


def test_a_page_is_explained_from_its_document(site: Browsed, capsys: pytest.CaptureFixture[str]) -> None:
    told = _run(site, capsys, "site", "explain", f"{HOME}/a/1")
    assert "css:h1: Tin số 1 của quận" in told


def test_a_repair_keeps_how_pages_are_opened(site: Browsed, capsys: pytest.CaptureFixture[str]) -> None:
    for number in PAGES:
        document = dom_of(f"Tin số {number} của quận", _text(number), number * 102).decode()
        new = document.replace("class=body", "class=text").replace("h1>", "h2>").replace("class=views", "class=seen")
        site.visit(Opened(new.encode(), png_of(f"new {number}")), path=f"/a/{number}")
    assert site.value("SELECT count(*) FROM visits WHERE cause = 'broken'") == len(PAGES)
    proposed = _run(site, capsys, "site", "repair", "spa", "--apply")
    assert 'render = "always"' in proposed
    profile = load_profile(site.selectors / "spa.toml")
    assert {kind.render for kind in profile.pages} == {RenderRules("always")}
    assert profile.tests
    assert "fields as expected" in _run(site, capsys, "site", "test", "spa")
    assert site.rows("SELECT * FROM changes") == []
    assert site.value("SELECT count(*) FROM visits WHERE cause = 'broken'") == 0


def test_the_keys_of_rendering_are_written_as_they_are_read(tmp_path: Path) -> None:
    rules = RenderRules(
        "when-empty", "main .text", (Action("click", ".more", 3), Action("scroll", most=20), Action("press", "End")),
        (390, 800), ("ads", "media"), screenshot="never",
    )  # fmt: skip
    lines = "\n".join(render_keys(rules))
    path = tmp_path / "x.toml"
    path.write_text(f'[site]\nname = "x"\nhome = "http://x.example/"\n[[page]]\nkind = "article"\n{lines}\n')
    assert load_profile(path).pages[0].render == rules
    assert render_keys(None) == []


def test_rules_are_picked_in_documents(site: Browsed) -> None:
    page = site.archive.page(f"{HOME}/a/1")
    visit = site.value(f"SELECT max(visit_id) FROM visits WHERE url = '{HOME}/a/1'")
    elements = rules_of(site.archive, page, visit, None)["elements"]
    title = next(number for number, each in enumerate(elements) if each["text"] == "Tin số 1 của quận")
    picked = rules_of(site.archive, page, visit, Pick(title, field="title"))["picked"]
    assert picked["values"][0]["is_same"]
    assert len(picked["values"]) == len(PAGES) - 1
