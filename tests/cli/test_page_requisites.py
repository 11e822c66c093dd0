"""`capture --page-requisites`, the summary of a crawl, and exports hold what a browser needs to show a page."""

import gzip
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from archiver.app.exporting.wacz_out import WaczOptions, export_wacz
from archiver.app.exporting.warc_out import export_warc
from archiver.app.exporting.warc_target import WarcOptions
from archiver.cli import app
from archiver.maintain.verify.verify import verify
from archiver.model.event import ignore
from scripted import Scripted

CSS = {"Content-Type": "text/css"}
WHY: dict[str, dict[str, int]] = {"foreign": {}, "failed_why": {}, "left_out_why": {}}
PNG = {"Content-Type": "image/png"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    scripted.page("/", "Home", extra="<link rel=stylesheet href=/a.css><img src=/a.png><img src=/none.png>")
    scripted.page("/2", "Two", extra="<link rel=stylesheet href=/a.css><img src=/b.png>")
    scripted.answers["/a.css"] = (200, CSS, b"@import url(css/b.css);")
    scripted.answers["/css/b.css"] = (200, CSS, b"i{background:url(c.png)}")
    for number, path in enumerate(("/a.png", "/b.png", "/css/c.png")):
        scripted.answers[path] = (200, PNG, b"\x89PNG\r\n\x1a\n" + bytes([number]) * 300)
    (scripted.selectors / "t.toml").write_text(scripted.profile().text, encoding="utf-8")
    yield scripted
    scripted.close()


def _asked(site: Scripted) -> list[str]:
    asked = sorted(path for path in site.asked if path != "/robots.txt")
    site.asked.clear()
    return asked


def _run(site: Scripted, *words: str) -> tuple[int, str]:
    at = ["--archive", str(site.archive.store.path), "--selectors", str(site.selectors)]
    done = CliRunner().invoke(app, [*at, *words])
    return done.exit_code, done.output


def test_capture_takes_the_whole_page(site: Scripted) -> None:
    captured = site.archive.capture(f"{site.url}/", requisites=True)
    assert _asked(site) == ["/", "/a.css", "/a.png", "/css/b.css", "/css/c.png", "/none.png"]
    assert captured.requisites is not None
    assert (captured.requisites.fetched, captured.requisites.failed, captured.requisites.left_out) == (4, 1, 0)
    assert [row[0] for row in site.rows("SELECT url FROM pages")] == [f"{site.url}/"]
    site.archive.capture(f"{site.url}/2", requisites=True)
    assert _asked(site) == ["/2", "/b.png"]
    site.archive.capture(f"{site.url}/", requisites=True)
    assert _asked(site) == ["/"]
    site.clock.advance(days=31)
    site.archive.capture(f"{site.url}/", requisites=True)
    assert len(_asked(site)) == 6
    assert not verify(site.archive.store.path, deep=True).findings


def test_capture_alone_takes_the_page_alone(site: Scripted) -> None:
    site.archive.capture(f"{site.url}/")
    assert _asked(site) == ["/"]


def test_capture_obeys_robots_and_the_budget(site: Scripted) -> None:
    site.answers["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /css/\n")
    profile = site.profile().text.replace("[crawl]", "[crawl]\nrequisite_bytes = 20\n")
    (site.selectors / "t.toml").write_text(profile, encoding="utf-8")
    captured = site.archive.capture(f"{site.url}/", requisites=True)
    assert _asked(site) == ["/", "/a.css"]
    assert captured.requisites is not None
    assert captured.requisites.left_out == 3


def test_the_commands_say_how_many_there_were(site: Scripted) -> None:
    code, output = _run(site, "capture", f"{site.url}/", "--page-requisites")
    assert code == 0
    assert "4 requisites (663 B), 1 requisite not fetched (404)" in output
    text = site.profile().text.replace("[crawl]", '[crawl]\nrequisites = "first"\nstart = ["/2"]\n')
    (site.selectors / "t.toml").write_text(text, encoding="utf-8")
    code, output = _run(site, "crawl", "t", "--json")
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    assert lines[-1]["requisites"] == {"fetched": 1, "bytes": 308, "failed": 0, "left_out": 0} | WHY
    assert lines[-1]["visits"] == 1
    assert [line["event"] for line in lines[:-1]].count("requisite") == 1
    code, output = _run(site, "crawl", "t", "--all")
    assert "requisite" not in output


def test_the_commands_say_why_requisites_are_lacking(site: Scripted) -> None:
    site.answers["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /css/\n")
    site.answers["/busy.png"] = (503, {}, b"later")
    images = "<img src=http://cdn.example/1.png><img src=http://cdn.example/2.png><img src=/ads/1.png>"
    site.page("/2", "Two", extra=f"<link rel=stylesheet href=/a.css>{images}<img src=/none.png><img src=/busy.png>")
    text = site.profile().text.replace("[crawl]", "[crawl]\nrequisites = 'first'\nrequisite_skip = ['/ads/']\n")
    (site.selectors / "t.toml").write_text(text.replace("start = []", ""), encoding="utf-8")
    other = "2 requisites on hosts that requisite_hosts does not name (cdn.example)"
    _, output = _run(site, "capture", f"{site.url}/2", "--page-requisites")
    line = next(line for line in output.splitlines() if "not fetched" in line)
    failed = line.partition("not fetched (")[2].partition(")")[0]
    assert set(failed.split(", ")) == {"404 ×1", "503 ×1", "robots.txt ×1"}
    assert line.endswith(other)
    site.page("/", "Home", extra=f"{images}<a href=/2>2</a>")
    _, output = _run(site, "crawl", "t")
    assert other in output


def _crawled(site: Scripted) -> None:
    site.page("/", "Home", extra="<link rel=stylesheet href=/a.css><img src=/a.png><a href=/2>2</a>")
    text = site.profile().text.replace("[crawl]", '[crawl]\nrequisites = "first"\n')
    (site.selectors / "t.toml").write_text(text, encoding="utf-8")
    site.archive.crawl("t")


def test_a_package_has_the_requisites_and_lists_only_pages(site: Scripted, tmp_path: Path) -> None:
    _crawled(site)
    dest = tmp_path / "a.wacz"
    export_wacz(site.archive.store, site.archive.settings, dest, WarcOptions(), WaczOptions(), ignore)
    with zipfile.ZipFile(dest) as package:
        pages = package.read("pages/pages.jsonl").decode()
        name = next(each for each in package.namelist() if each.endswith((".cdx.gz", ".cdxj", ".cdx")))
        index = gzip.decompress(package.read(name)) if name.endswith(".gz") else package.read(name)
    listed = [json.loads(line)["url"] for line in pages.splitlines()[1:]]
    assert sorted(listed) == [f"{site.url}/", f"{site.url}/2"]
    for path in ("/a.css", "/css/b.css", "/a.png", "/b.png", "/css/c.png"):
        assert f'"url": "{site.url}{path}"' in index.decode()


@pytest.mark.parametrize("selection", ["page", "since", "changed"])
def test_a_selection_includes_the_requisites_of_its_site(site: Scripted, tmp_path: Path, selection: str) -> None:
    _crawled(site)
    site.clock.advance(days=40)
    site.page("/2", "Two again")
    site.archive.crawl("t", everything=True)
    options = {
        "page": WarcOptions(pages=(f"{site.url}/2",), cdxj=True),
        "since": WarcOptions(since=f"{site.clock():%Y-%m-%d}", cdxj=True),
        "changed": WarcOptions(changed_only=True, cdxj=True),
    }[selection]
    export_warc(site.archive.store, site.archive.settings, tmp_path / "warc", options, ignore)
    index = (tmp_path / "warc" / "index.cdxj").read_text(encoding="utf-8")
    for path in ("/a.css", "/css/b.css", "/a.png", "/b.png", "/css/c.png"):
        assert f'"url": "{site.url}{path}"' in index


def test_older_captures_of_requisites_can_be_imported(site: Scripted, tmp_path: Path) -> None:
    _crawled(site)
    export_warc(site.archive.store, site.archive.settings, tmp_path / "warc", WarcOptions(), ignore)
    site.answers["/a.png"] = (404, {}, b"")
    site.clock.advance(days=40)
    with site.open(tmp_path / "later.db") as later:
        later.crawl("t")
        assert list(later.sql("SELECT state FROM requisites WHERE url LIKE '%/a.png'")) == [{"state": "gone"}]
        imported = later.import_files(sorted((tmp_path / "warc").glob("*.warc.gz")))
        assert imported.changed == 0
        states = {row["url"].removeprefix(site.url): row["state"] for row in later.sql("SELECT * FROM requisites")}
        assert states == dict.fromkeys(("/a.css", "/b.png", "/css/b.css", "/css/c.png"), "live") | {"/a.png": "gone"}
        assert len(list(later.sql("SELECT * FROM pages"))) == len(list(later.sql("SELECT * FROM versions"))) == 2
        assert not list(later.sql("SELECT * FROM absences"))
    assert not verify(tmp_path / "later.db", deep=True).findings


def test_requisites_come_back_from_our_files_as_requisites(site: Scripted, tmp_path: Path) -> None:
    _crawled(site)
    export_warc(site.archive.store, site.archive.settings, tmp_path / "warc", WarcOptions(), ignore)
    with site.open(tmp_path / "back.db") as back:
        back.import_files(sorted((tmp_path / "warc").glob("*.warc.gz")))
        for query in (
            "SELECT url FROM pages",
            "SELECT url, sha256, state FROM requisites",
            "SELECT url, title FROM versions",
        ):
            here = sorted(map(repr, (tuple(row.values()) for row in site.archive.sql(query))))
            assert sorted(map(repr, (tuple(row.values()) for row in back.sql(query)))) == here
        assert back.import_files(sorted((tmp_path / "warc").glob("*.warc.gz"))).captures == 0
    assert not verify(tmp_path / "back.db", deep=True).findings
