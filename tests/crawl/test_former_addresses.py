"""An address that has a page of its own leads to that page, although it redirects now."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.cli import run
from archiver.cli.context import GLOBAL_OPTIONS
from archiver.errors import NoSuchVersion
from scripted import Scripted

OLD = "Sáng nay bà con khu phố ra quân dọn vệ sinh, trồng cây và nhặt rác ở bờ kênh. " * 5
NEW = "Trường học trong quận khai giảng năm học mới với nhiều học sinh hơn năm ngoái. " * 5


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    yield scripted
    scripted.close()


def redirect(site: Scripted, path: str, target: str, status: int = 301) -> None:
    site.answers[path] = (status, {"Location": target}, b"")


def crawl(site: Scripted) -> str:
    """Crawl, and return the time."""
    at = f"{site.clock():%Y-%m-%d %H:%M:%S}"
    site.archive.crawl(site.profile(), everything=True)
    site.clock.advance(days=1)
    return at


def start(site: Scripted, path: str = "/a") -> str:
    site.page(path, "Ra quân", OLD)
    site.page("/", "Trang nhà", "Chào mừng.", extra=f"<a href='{path}'>x</a>")
    return crawl(site)


def body(site: Scripted, path: str, when: str | None = None) -> str | None:
    page = site.archive.page(site.url + path)
    version = page.at(when) if when else page.version()
    return version.content.body


@pytest.mark.parametrize("status", [301, 308, 302])
def test_a_page_that_redirects_keeps_its_history(site: Scripted, status: int) -> None:
    then = start(site)
    redirect(site, "/a", "/b", status)
    site.page("/b", "Khai giảng", NEW)
    later = crawl(site)
    assert site.archive.page(f"{site.url}/a").url == f"{site.url}/a"
    assert body(site, "/a") == body(site, "/a", then) == OLD.strip()
    assert body(site, "/b") == NEW.strip()
    if status != 302:
        with pytest.raises(NoSuchVersion, match=f"moved to {site.url}/b"):
            body(site, "/a", later)


def test_an_address_that_always_redirected_leads_to_the_target(site: Scripted) -> None:
    redirect(site, "/a", "/b")
    site.page("/b", "Khai giảng", NEW)
    site.page("/", "Trang nhà", "Chào mừng.", extra="<a href=/a>x</a>")
    crawl(site)
    assert site.archive.page(f"{site.url}/a").url == f"{site.url}/b"
    assert body(site, "/a") == NEW.strip()


def test_a_chain_of_moved_pages_keeps_each_history(site: Scripted) -> None:
    first = start(site)
    redirect(site, "/a", "/b")
    site.page("/b", "Khai giảng", NEW)
    second = crawl(site)
    redirect(site, "/b", "/c")
    site.page("/c", "Khai giảng", NEW)
    crawl(site)
    assert body(site, "/a", first) == OLD.strip()
    assert body(site, "/b", second) == NEW.strip()
    move = site.archive.page(f"{site.url}/a").moved_to
    assert move is not None
    assert move.moved_to == f"{site.url}/c"


def test_another_spelling_of_a_former_address(site: Scripted) -> None:
    then = start(site, "/a?x=1&y=2")
    for path in ("/a?x=1&y=2", "/a?y=2&x=1", "/a?x=1&y=2&utm_source=m"):
        redirect(site, path, "/b")
    site.page("/b", "Khai giảng", NEW)
    site.page("/", "Trang nhà", "Chào mừng.", extra="<a href='/a?y=2&x=1'>x</a>")
    crawl(site)
    for path in ("/a?x=1&y=2", "/a?y=2&x=1", "/a?x=1&y=2&utm_source=m"):
        assert body(site, path, then) == OLD.strip(), path


def test_commands_show_the_former_page_and_where_it_is_now(site: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    then = start(site)
    site.page("/a", "Ra quân", OLD + "Thêm một câu.")
    crawl(site)
    redirect(site, "/a", "/b")
    site.page("/b", "Khai giảng", NEW)
    crawl(site)
    GLOBAL_OPTIONS.settings = site.archive.settings
    site.archive.close()
    try:
        old, new = f"{site.url}/a", f"{site.url}/b"
        for words, expected in {
            ("history", old): [f"moved to {new} (permanent redirect)", "first seen"],
            ("show", old): ["Thêm một câu", f"the page moved to {new}"],
            ("show", old, "--at", then): ["Ra quân", f"the page moved to {new}"],
            ("diff", old): ["Thêm một câu", f"the page moved to {new}"],
            ("cite", old, "--at", then): ["Ra quân", f"now at {new}"],
            ("search", "Thêm một câu"): ["last seen ", f"the same document is now at {new}"],
        }.items():
            capsys.readouterr()
            assert run(["--archive", str(site.archive.settings.archive), *words]) == 0
            shown = capsys.readouterr().out
            assert all(each in shown for each in expected), (words, shown)
            assert "still there" not in shown
    finally:
        GLOBAL_OPTIONS.settings = None
