"""`capture --files` captures the files that a page links to, with a profile and without one, and says how many."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from archiver.cli import app
from scripted import Scripted

TXT = {"Content-Type": "text/plain; charset=utf-8"}
LINKS = "<a href=/d/1.txt>one</a> <a href=/d/2.CSV?v=2>two</a> <a href=/d/none.pdf>three</a> <a href=/2>page</a>"
PROFILE = """[site]\nname = "t"\nhome = "{url}/"\n[crawl]\ndelay = 0.0\n{files}\n[[page]]\nkind = "{kind}"\n"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    scripted.answers["/d/1.txt"] = (200, TXT, b"First notice\n\nThe quay is closed.\n")
    scripted.answers["/d/2.CSV?v=2"] = (200, {"Content-Type": "text/csv"}, b"stone,price\ngranite,12\n")
    scripted.page("/2", "Page")
    yield scripted
    scripted.close()


def _capture(site: Scripted, path: str) -> tuple[int, str]:
    at = ["--archive", str(site.archive.store.path), "--selectors", str(site.selectors)]
    done = CliRunner().invoke(app, [*at, "capture", "--files", f"{site.url}{path}"])
    return done.exit_code, done.output.splitlines()[-1].removeprefix(f"{site.url}{path}: ")


@pytest.mark.parametrize("kind", ["article", "listing"])
def test_the_endings_of_the_profile_count(site: Scripted, kind: str) -> None:
    site.page("/", "Register", extra=f"<nav><a href=/d/menu.txt>menu</a></nav><main>{LINKS}</main>")
    text = PROFILE.format(url=site.url, files='files = ["txt", "csv"]', kind=kind)
    (site.selectors / "t.toml").write_text(text, encoding="utf-8")
    assert _capture(site, "/") == (0, "2 files captured")
    assert sorted(path for path in site.asked if path.startswith("/d/")) == ["/d/1.txt", "/d/2.CSV?v=2"]


def test_files_outside_the_body_count(site: Scripted) -> None:
    site.page(
        "/",
        "Decision",
        extra="<div class=attached><a href=/d/1.txt>attached</a></div><footer><a href=/d/f.txt>f</a></footer>",
    )
    text = PROFILE.format(url=site.url, files='files = ["txt"]', kind="article")
    (site.selectors / "t.toml").write_text(f'{text}[page.fields]\ntitle = "h1"\nbody = "#b"\n', encoding="utf-8")
    assert _capture(site, "/") == (0, "1 file captured")
    assert "/d/1.txt" in site.asked


def test_a_file_links_to_no_files(site: Scripted) -> None:
    assert _capture(site, "/d/1.txt") == (0, "no files linked")


def test_the_links_of_an_error_page_do_not_count(site: Scripted) -> None:
    site.answers["/gone"] = (404, {}, b"<h1>Not here</h1><p>See <a href=/d/1.docx>the form</a>.</p>")
    assert _capture(site, "/gone")[0] == 1
    assert "/d/1.docx" not in site.asked


def test_without_a_profile_the_default_endings_count(site: Scripted) -> None:
    site.page("/", "Register", text=f"{LINKS.replace('.txt', '.docx')} A sentence about the harbour. " * 3)
    site.answers["/d/1.docx"] = (200, {"Content-Type": "application/msword"}, b"PK\x03\x04no document")
    code, said = _capture(site, "/")
    assert said == "1 of 2 files captured"  # the PDF is missing
    assert code == 1
    assert {"/d/1.docx", "/d/none.pdf"} <= set(site.asked)
    assert not {"/d/2.CSV?v=2", "/2"} & set(site.asked)


def test_it_is_said_that_no_file_is_linked(site: Scripted) -> None:
    assert _capture(site, "/2") == (0, "no files linked")
