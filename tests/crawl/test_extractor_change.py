"""Ours before theirs: another profile, reader or library is never told as an edit of the site."""

from collections.abc import Iterator
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from archiver.app.crawling.fallback_worker import FallbackWorker
from archiver.extract import read as reader
from archiver.extract.fallback import guess_text
from archiver.extract.profile import parse_profile
from archiver.maintain.verify.verify import verify
from archiver.model.profile import Profile
from archiver.model.record import Record
from scripted import Scripted

FIRST = "Ao làng được nạo vét hôm thứ Hai. " * 20
EDITED = FIRST.replace("thứ Hai", "thứ Ba")
OTHER_READER = {
    "trafilatura": "the fallback reads another body",
    "selectolax": "the parser reads another title",
    "a profile": "the profile reads another title",
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    yield scripted
    scripted.close()


def _answer(site: Scripted, text: str, views: int = 1) -> None:
    body = f"<html><h1>Ao làng</h1><h2>Tin</h2><div><p>{text}</p></div><i>{views}</i></html>"
    site.answers["/a"] = (200, {}, body.encode())


def _profile(site: Scripted, title: str = "h1", body: str = 'body = "div"') -> Profile:
    text = (
        f'[site]\nname = "t"\nhome = "{site.url}/a"\nlanguage = "vi"\n[crawl]\ndelay = 0.0\nsitemaps = []\nfeeds = []\n'
        f'[[page]]\nkind = "article"\n[page.fields]\ntitle = "{title}"\n{body}\n[page.readings]\nviews = "i"\n'
    )
    return parse_profile(text, "t")


def _another(name: str, patch: pytest.MonkeyPatch) -> None:
    """As if the next release of a library read the same bytes in another way."""
    version = metadata.version
    patch.setattr(metadata, "version", lambda package: "99.0" if package == name else version(package))
    if name == "trafilatura":

        def guess(_worker: FallbackWorker, html: str, url: str) -> str:
            return guess_text(html, url).replace("nạo vét", "nạo-vét")

        patch.setattr(FallbackWorker, "guess", guess)
    elif name == "selectolax":
        inner = reader._read_page
        patch.setattr(reader, "_read_page", lambda *args, **kwargs: _retitled(inner(*args, **kwargs)))


def _retitled(read: tuple[Record, object]) -> tuple[Record, object]:
    record, gathered = read
    content = replace(record.content, title=(record.content.title or "").upper())
    return replace(record, content=content), gathered


@pytest.mark.parametrize("library", OTHER_READER)
@pytest.mark.parametrize("edited", [False, True])
def test_what_we_read_better_is_no_edit(
    site: Scripted, monkeypatch: pytest.MonkeyPatch, library: str, *, edited: bool
) -> None:
    body = "" if library == "trafilatura" else 'body = "div"'
    _answer(site, FIRST)
    site.archive.crawl(_profile(site, body=body), everything=True)
    site.clock.advance(days=1)
    _answer(site, EDITED if edited else FIRST, 1 if library == "selectolax" else 2)
    title = "h2" if library == "a profile" else "h1"
    _another(library, monkeypatch)
    summary = site.archive.crawl(_profile(site, title=title, body=body), everything=True)
    assert summary.tally.changed == edited
    fields = site.rows("SELECT field, old LIKE '%thứ Hai%', new LIKE '%thứ Ba%' FROM changes")
    assert fields == ([("body", 1, 1)] if edited else [])
    differs = "body" if library == "trafilatura" else "title"
    assert site.rows("SELECT DISTINCT field FROM reinterpretations") == [(differs,)]
    assert site.rows("SELECT count(*) FROM versions") == [(1 + edited,)]
    site.clock.advance(days=1)
    assert site.archive.crawl(_profile(site, title=title, body=body), everything=True).tally.changed == 0
    assert verify(site.archive.settings.archive, deep=True).whole


def test_where_the_bytes_were_pruned_the_page_starts_over(site: Scripted) -> None:
    _answer(site, FIRST)
    site.archive.crawl(_profile(site), everything=True)
    (row,) = site.rows("SELECT visit_id FROM visits WHERE url LIKE '%/a'")
    (page,) = site.rows("SELECT page_id FROM pages")
    site.archive.store.pruning.prune(1, page[0], [row[0]])
    site.clock.advance(days=1)
    _answer(site, EDITED)
    assert site.archive.crawl(_profile(site, title="h2"), everything=True).tally.changed == 0
    assert site.rows("SELECT * FROM changes") == []
    assert site.rows("SELECT version, title FROM versions ORDER BY version") == [(1, "Ao làng"), (2, "Tin")]
    assert site.rows("SELECT title FROM pages") == [("Tin",)]


def test_a_profile_that_is_changed_back_finds_no_edit_either(site: Scripted) -> None:
    """Each time the newest version is replaced; the changes of the time in between stay."""
    _answer(site, FIRST)
    texts = iter((EDITED, FIRST, FIRST, EDITED))
    site.archive.crawl(_profile(site), everything=True)
    for title in ("h2", "h1", "h2", "h1"):
        site.clock.advance(days=1)
        _answer(site, next(texts))
        site.archive.crawl(_profile(site, title=title), everything=True)
    assert site.rows("SELECT field FROM changes ORDER BY not_after") == [("body",)] * 3
    assert site.rows("SELECT version FROM versions ORDER BY version") == [(1,), (2,), (3,), (4,)]
    assert {row[0] for row in site.rows("SELECT version_id FROM changes")} <= {
        row[0] for row in site.rows("SELECT version_id FROM versions")
    }
    assert verify(site.archive.settings.archive, deep=True).whole


def test_the_same_bytes_by_the_same_reader_are_the_same_version(
    site: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was read of them the second time."""
    _answer(site, FIRST)
    site.archive.crawl(_profile(site), everything=True)
    site.clock.advance(days=1)
    inner = reader._read_page
    monkeypatch.setattr(reader, "_read_page", lambda *args, **kwargs: _retitled(inner(*args, **kwargs)))
    assert site.archive.crawl(_profile(site), everything=True).tally.changed == 0
    assert site.rows("SELECT count(*) FROM versions") == [(1,)]
