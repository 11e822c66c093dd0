"""Files have a history: a version for each content of their bytes, with the text that is read from them."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from archiver.app.archive import Archive
from archiver.app.crawling import fallback_worker
from archiver.app.crawling.reread_site import RereadOptions, extract_site
from archiver.cli import run
from archiver.crawl.read_capture import ReadResult, read_capture, read_captures
from archiver.extract import file_text as reader
from archiver.extract.file_format import FileFormat
from archiver.extract.profile import parse_profile
from archiver.extract.slow_steps import IN_PROCESS
from archiver.maintain.verify.verify import verify
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.event import ignore
from archiver.model.profile import Profile
from archiver.polite.stop import StopFlag
from made import START
from made_files import docx, locked_pdf, paragraphs, pdf, pdf_bomb
from scripted import Scripted

OLD = ("QUYẾT ĐỊNH", "", "Số: 12/QĐ-UBND", "", "Điều 1. Đặt tên đường Bình Thới cho đoạn thứ nhất.")
NEW = ("QUYẾT ĐỊNH", "", "Số: 12/QĐ-UBND", "", "Điều 1. Đặt tên đường Lạc Long Quân cho đoạn thứ nhất.")
PDF = {"Content-Type": "application/pdf"}
HTML = b"<html><title>Login</title><h1>Login</h1><p>Please log in to read the file.</p></html>"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    yield scripted
    scripted.close()


def profile(site: Scripted, rules: str = "") -> Profile:
    text = (
        f'[site]\nname = "t"\nhome = "{site.url}/"\nlanguage = "vi"\n[crawl]\ndelay = 0.0\nsitemaps = []\nfeeds = []\n'
        f'files = ["pdf", "docx", "jpg", "csv"]\n{rules}[[page]]\nkind = "article"\n[page.fields]\ntitle = "h1"\nbody = "#b"\n'
    )
    (site.selectors / "t.toml").write_text(text, encoding="utf-8")
    return parse_profile(text, "t")


def serve(site: Scripted, body: bytes, path: str = "/van-ban/12.pdf", **headers: str) -> None:
    site.answers[path] = (200, headers or PDF, body)


def crawl(site: Scripted, rules: str = "") -> tuple[int, int]:
    """Crawl everything; return how many pages are new and how many changed."""
    site.answers.setdefault(
        "/", (200, {}, b"<h1>Tin</h1><div id=b>Xem <a href=/van-ban/12.pdf>quy\xe1\xba\xbft</a></div>")
    )
    tally = site.archive.crawl(profile(site, rules), everything=True).tally
    site.clock.advance(days=1)
    return tally.new_pages, tally.changed


def versions(site: Scripted, columns: str = "version, title, body") -> list[tuple[object, ...]]:
    return site.rows(f"SELECT {columns} FROM versions WHERE url LIKE '%12.%' ORDER BY version")


def changes(site: Scripted) -> list[str]:
    return [row[0] for row in site.rows("SELECT field FROM changes WHERE url LIKE '%12.%' ORDER BY change_id")]


def is_whole(site: Scripted) -> bool:
    return verify(site.archive.settings.archive, deep=True).whole


def test_a_linked_pdf_has_a_version_for_each_text(site: Scripted) -> None:
    serve(site, pdf(OLD))
    assert crawl(site) == (2, 0)
    assert crawl(site) == (0, 0)
    serve(site, pdf(NEW))
    assert crawl(site) == (0, 1)
    assert [row[:2] for row in versions(site)] == [(1, "QUYẾT ĐỊNH"), (2, "QUYẾT ĐỊNH")]
    assert "Lạc Long Quân" in str(versions(site)[1][2])
    assert changes(site) == ["body", "file"]
    ((old, new),) = site.rows("SELECT old, new FROM changes WHERE field = 'file'")
    assert old.startswith("sha256:")
    assert new.endswith(f" ({len(pdf(NEW)):,} bytes)")
    hexed = site.rows("SELECT sha256 FROM visits WHERE url LIKE '%.pdf' ORDER BY visit_id DESC LIMIT 1")[0][0]
    assert hexed in new
    assert is_whole(site)


def test_a_pdf_saved_again_has_a_version_by_its_bytes_alone(site: Scripted) -> None:
    serve(site, pdf(OLD, modified="20240101000000"))
    crawl(site)
    serve(site, pdf(OLD, modified="20250101000000"))
    assert crawl(site) == (0, 1)
    assert changes(site) == ["file"]


@pytest.mark.parametrize("conditional", [False, True])
def test_an_unchanged_file_has_one_version(site: Scripted, *, conditional: bool) -> None:
    headers = PDF | ({"ETag": '"1"'} if conditional else {})
    serve(site, pdf(OLD), **headers)
    if conditional:
        site.rule = lambda path, asked: (304, headers, b"") if path.endswith("pdf") and asked["If-None-Match"] else None
    for _ in range(3):
        crawl(site)
    assert len(versions(site)) == 1
    assert changes(site) == []


def test_words_of_a_pdf_are_found_and_shown(site: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    serve(site, pdf(OLD))
    crawl(site)
    serve(site, pdf(NEW))
    crawl(site)
    options = ["--archive", str(site.archive.settings.archive), "--selectors", str(site.selectors)]
    address = f"{site.url}/van-ban/12.pdf"
    for words, shown in (
        (["search", "Lạc Long Quân"], "[Lạc] [Long] [Quân]"),
        (["search", "--plain", "dat ten duong"], "[Đặt] [tên] [đường]"),
        (["diff", address], "Lạc Long Quân"),
        (["history", address], "file"),
        (["changes", "--field", "file"], "sha256:"),
        (["show", address], "sha256:"),
        (["show", "--json", address], '"file": "sha256:'),
    ):
        assert run([*options, *words]) == 0, words
        assert shown in " ".join(capsys.readouterr().out.split()), words


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        ((200, {}, HTML), "text/html instead of the file; it makes no version"),
        ((200, PDF, HTML), "application/pdf instead of the file; it makes no version"),
        ((200, PDF, b"Loi he thong"), "declared application/pdf, but the bytes are not a PDF document"),
    ],
    ids=["HTML", "HTML called PDF", "text called PDF"],
)
@pytest.mark.parametrize("path", ["/van-ban/12.pdf", "/tai-ve?id=12.0"])
def test_a_page_at_the_address_of_a_file_is_no_version(
    site: Scripted, answer: tuple[int, dict[str, str], bytes], note: str, path: str
) -> None:
    profile(site)
    for body in (pdf(OLD), None, pdf(OLD)):
        site.answers[path] = (200, PDF, body) if body is not None else answer
        site.archive.capture(f"{site.url}{path}", site="t")
        site.clock.advance(days=1)
    assert len(versions(site)) == 1
    assert changes(site) == []
    ((cause, said),) = site.rows("SELECT cause, note FROM visits WHERE outcome = 'unreadable'")
    assert cause == "no_file"
    assert note in said
    assert is_whole(site)


def test_a_first_answer_that_is_no_file_makes_no_version(site: Scripted) -> None:
    serve(site, HTML, **{"Content-Type": "text/html"})
    assert crawl(site) == (1, 0)
    assert versions(site) == []
    serve(site, pdf(OLD))
    assert crawl(site) == (1, 0)
    assert changes(site) == []


def test_an_address_that_only_looks_like_that_of_a_file_is_a_page_from_its_second_visit_on(site: Scripted) -> None:
    serve(site, HTML, **{"Content-Type": "text/html"})
    for _ in range(3):
        crawl(site)
    assert [row[0] for row in site.rows("SELECT outcome FROM visits WHERE url LIKE '%/van-ban/%' ORDER BY 1")] == [
        "ok",
        "ok",
        "unreadable",
    ]
    assert len(versions(site)) == 1
    assert changes(site) == []
    assert is_whole(site)


def test_a_soft_404_at_the_address_of_a_file_is_a_miss(site: Scripted) -> None:
    rules = '[[page]]\nkind = "file"\nurl = "/van-ban/"\ngone = { css = "p", pattern = "không tồn tại" }\n'
    serve(site, pdf(OLD))
    crawl(site, rules)
    serve(site, "<p>Văn bản không tồn tại</p>".encode(), **{"Content-Type": "text/html"})
    for _ in range(2):
        crawl(site, rules)
    assert site.rows("SELECT state FROM pages WHERE url LIKE '%.pdf'") == [("gone",)]
    assert len(versions(site)) == 1


@pytest.mark.parametrize("broken", [locked_pdf(), b"%PDF-1.7 cut"], ids=["password", "broken"])
def test_a_file_that_cannot_be_read_keeps_its_text(site: Scripted, broken: bytes) -> None:
    for body in (pdf(OLD), broken, broken, pdf(OLD)):
        serve(site, body)
        crawl(site)
    assert changes(site) == ["file", "file"]
    assert len({row[2] for row in versions(site)}) == 1
    assert site.rows("SELECT cause FROM visits WHERE url LIKE '%.pdf'")[1:3] == [("partly_read",)] * 2
    assert is_whole(site)


def test_a_password_that_is_taken_away_is_no_edit_of_the_text(site: Scripted) -> None:
    for body in (locked_pdf(), pdf(OLD)):
        serve(site, body)
        crawl(site)
    assert changes(site) == ["file"]
    assert "Bình Thới" in str(versions(site)[1][2])


def test_images_have_a_history_of_their_bytes(site: Scripted) -> None:
    site.answers["/"] = (200, {}, b"<h1>Tin</h1><div id=b>Xem <a href=/anh/12.jpg>anh</a></div>")
    for number in range(2):
        serve(site, b"\xff\xd8\xff" + bytes([number]) * 100, "/anh/12.jpg", **{"Content-Type": "image/jpeg"})
        crawl(site)
    assert versions(site, "version, title, body") == [(1, "12.jpg", None), (2, "12.jpg", None)]
    assert changes(site) == ["file"]


def test_a_crash_of_the_library_leaves_the_digest(site: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(site, pdf(OLD))
    with monkeypatch.context() as patch:
        patch.setattr(fallback_worker, "file_text", _die)
        assert crawl(site) == (2, 0)
    assert [row[1:] for row in versions(site)] == [("12.pdf", None)]
    assert crawl(site) == (0, 0)
    assert [row[1] for row in versions(site)] == ["12.pdf", "QUYẾT ĐỊNH"]
    assert changes(site) == []


def _die(_body: bytes, _form: FileFormat) -> reader.FileText:
    os.abort()


def test_a_pdf_that_inflates_to_gigabytes_ends_only_its_reader(site: Scripted) -> None:
    serve(site, pdf_bomb(1_500_000_000))
    assert crawl(site) == (2, 0)
    ((note,),) = site.rows("SELECT note FROM visits WHERE url LIKE '%.pdf'")
    assert "text: not read, the worker failed on this file" in note
    assert len(versions(site)) == 1


def test_a_file_that_a_process_of_the_crawl_left_is_read_by_the_worker(site: Scripted) -> None:
    """Processes that read fast pages leave PDFs to the worker with a time limit."""
    capture = Capture(Request(f"{site.url}/12.pdf"), START, Outcome.OK, 200, headers=(), body=pdf(OLD))

    def elsewhere(known: Profile, captures: Mapping[int, Capture], _is_over: object) -> dict[int, ReadResult]:
        return {number: read_capture(each, known, None) for number, each in captures.items()}

    ((_, alone),) = read_captures({1: capture}, profile(site), None, lambda: False, elsewhere)
    ((_, result),) = read_captures({1: capture}, profile(site), IN_PROCESS, lambda: False, elsewhere)
    assert alone.record is not None
    assert alone.record.needs_fallback
    assert result.record is not None
    assert result.record.content.title == "QUYẾT ĐỊNH"


# archives from before files had versions


def _without_versions_of_files(site: Scripted) -> None:
    """Make the archive as an earlier version left it: captures of files, no versions, and another reader."""
    path = site.archive.settings.archive
    site.archive.close()
    with closing(sqlite3.connect(path)) as database, database:
        files = "SELECT page_id FROM _page WHERE url LIKE '%.pdf' OR url LIKE '%.docx'"
        database.execute(f"DELETE FROM _change WHERE page_id IN ({files})")
        database.execute(
            f"DELETE FROM _source WHERE version_id IN (SELECT version_id FROM _version WHERE page_id IN ({files}))"
        )
        database.execute(f"DELETE FROM _version WHERE page_id IN ({files})")
        database.execute("UPDATE _extractor SET code_version = '6 (old)'")
    site.archive = site.open(path)


@pytest.fixture
def old(site: Scripted) -> Scripted:
    """A PDF that was captured three times, with one edit, before files had versions."""
    for body in (pdf(OLD), pdf(OLD), pdf(NEW)):
        serve(site, body)
        crawl(site)
    _without_versions_of_files(site)
    return site


def _history(site: Scripted) -> list[tuple[object, ...]]:
    return versions(site, "version, substr(seen_from, 1, 10), substr(seen_last, 1, 10)")


def test_a_crawl_of_an_old_archive_announces_nothing(old: Scripted) -> None:
    assert crawl(old) == (0, 0)
    assert _history(old) == [(1, "2022-10-21", "2022-10-22"), (2, "2022-10-23", "2022-10-24")]
    assert changes(old) == ["body", "file"]
    assert is_whole(old)


def test_a_file_that_changed_since_is_a_change_after_its_last_capture(old: Scripted) -> None:
    serve(old, pdf((*NEW, "", "Điều 2. Thi hành.")))
    assert crawl(old) == (0, 1)
    assert [row[0] for row in _history(old)] == [1, 2, 3]
    ((before, after),) = old.rows(
        "SELECT not_before, not_after FROM changes WHERE field = 'body' ORDER BY 1 DESC LIMIT 1"
    )
    assert (before[:10], after[:10]) == ("2022-10-23", "2022-10-24")


def test_reading_an_old_archive_again_gives_its_files_their_versions(old: Scripted) -> None:
    options = RereadOptions(False, 1, ignore, StopFlag())
    done = extract_site(old.archive.store, old.archive.settings, profile(old), options, named=True)
    assert done.ended == "done"
    assert _history(old) == [(1, "2022-10-21", "2022-10-22"), (2, "2022-10-23", "2022-10-23")]
    assert crawl(old) == (0, 0)
    assert changes(old) == ["body", "file"]
    assert is_whole(old)


def test_an_old_file_whose_bodies_are_pruned_is_not_new(old: Scripted) -> None:
    old.archive.close()
    path = old.archive.settings.archive
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "UPDATE _visit SET frame_id = NULL WHERE page_id IN (SELECT page_id FROM _page WHERE url LIKE '%.pdf')"
        )
    old.archive = old.open(path)
    assert crawl(old) == (0, 0)
    assert len(versions(old)) == 1
    assert changes(old) == []


def test_another_version_of_a_library_is_no_edit(site: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    body = docx(paragraphs("Tờ trình", "Đoạn một"))
    site.answers["/"] = (200, {}, b"<h1>Tin</h1><div id=b>Xem <a href=/van-ban/12.docx>t</a></div>")
    serve(site, body, "/van-ban/12.docx", **{"Content-Type": "application/octet-stream"})
    crawl(site)
    monkeypatch.setattr("archiver.extract.reader_version.CODE_VERSION", "99")
    monkeypatch.setattr(fallback_worker.FallbackWorker, "file_text", _another_reader)
    assert crawl(site) == (0, 0)
    assert versions(site, "version, body") == [(1, "TỜ TRÌNH\n\nĐOẠN MỘT")]
    assert changes(site) == []
    assert site.rows("SELECT field FROM reinterpretations ORDER BY field") == [("body",)]


def _another_reader(_worker: object, body: bytes, form: FileFormat) -> reader.FileText:
    found = reader.file_text(body, form)
    return reader.FileText(found.body.upper(), found.title, found.heading, found.details, found.notes)


def test_a_notebook_captures_a_file_without_a_profile(site: Scripted) -> None:
    serve(site, pdf(OLD), "/12.pdf")
    captured = site.archive.capture(f"{site.url}/12.pdf").state
    assert captured.content is not None
    assert (captured.version, captured.content.title) == (1, "QUYẾT ĐỊNH")
    assert isinstance(site.archive, Archive)
