"""A page whose counters and tokens change at every visit: its edits are found, and no other changes."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from archiver.app.archive import Archive
from archiver.demo.articles import Article
from archiver.demo.portal import Portal
from archiver.model.clock import SettableClock
from archiver.model.policy import Retries
from archiver.settings import Settings, bundled_profiles
from made import START
from trials import lasting

ARTICLES = lasting(20, 40)


@dataclass
class Watched:
    """The portal, an archive, the file of the profile, and the clock."""

    portal: Portal
    archive: Archive
    profile: Path
    clock: SettableClock

    def edit_profile(self) -> None:
        """Change the profile: it does not accept bylines of two letters."""
        text = self.profile.read_text(encoding="utf-8")
        other = text.replace("([A-ZĐ]{2,6})", "([A-ZĐ]{3,6})")
        assert other != text
        self.profile.write_text(other, encoding="utf-8")

    def crawl(self) -> None:
        self.archive.crawl("demo", everything=True)

    def age(self, hours: int) -> None:
        self.portal.age(hours=hours)
        self.clock.advance(hours=hours)

    @property
    def now(self) -> str:
        return f"{self.clock():%Y-%m-%d %H:%M:%S}"

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return [tuple(row.values()) for row in self.archive.sql(query)]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    clock, profile = SettableClock(START), tmp_path / "profiles" / "demo.toml"
    profile.parent.mkdir()
    text = (bundled_profiles() / "demo.toml").read_text(encoding="utf-8")
    with Portal(articles=ARTICLES) as portal:
        profile.write_text(
            text.replace("http://127.0.0.1:8911/", portal.url).replace("delay = ", "delay = 0 # "), encoding="utf-8"
        )
        settings = Settings(tmp_path / "archive.db", (profile.parent,), clock, Retries(1, 0.0, 0.0))
        with Archive(settings) as archive:
            yield Watched(portal, archive, profile, clock)


def test_sixty_visits_with_one_edit_and_one_absence(watched: Watched) -> None:
    """The page has two counters, tokens and a changing sidebar. Then another profile reads the archive."""
    portal, item = watched.portal, watched.portal.items[0]
    address = portal.address(item)
    seen: list[str] = []
    for number in range(60):
        if number == 20:
            portal.edit(item, portal.article(item).paragraphs[1].split()[0], "Sửa")
        if number == 40:
            portal.withdraw(item)
        if number == 44:
            portal.restore(item)
        watched.archive.capture(address)
        seen.append(watched.now)
        watched.age(6)
    changes = watched.rows("SELECT field, not_before, not_after FROM changes")
    assert changes == [("body", seen[19], seen[20])]
    assert watched.rows("SELECT nature, context LIKE '%]{+Sửa+} %', spans_absence FROM changes") == [("words", 1, 0)]
    assert watched.rows("SELECT ended_by FROM versions ORDER BY version") == [("edit",), ("gone",), ("standing",)]
    absences = watched.rows("SELECT last_seen, gone_by, back_by, misses FROM absences")
    assert absences == [(seen[39], seen[40], seen[44], 4)]
    versions = watched.rows("SELECT version, seen_from, seen_last, seen_until FROM versions ORDER BY version")
    assert versions == [
        (1, seen[0], seen[19], seen[20]),
        (2, seen[20], seen[39], seen[40]),
        (3, seen[44], seen[59], None),
    ]
    assert (
        len(set(watched.rows("SELECT sha256 FROM visits WHERE outcome = 'ok' AND media_type LIKE 'text/html%'"))) == 56
    )
    readings = watched.rows("SELECT name, count(*), sum(gained < 0) FROM readings GROUP BY name")
    assert [row[:2] for row in readings] == [("site_visits", 56), ("views", 56)]
    watched.edit_profile()
    watched.archive.capture(address)
    assert watched.rows("SELECT field, not_before, not_after FROM changes") == changes
    assert watched.rows("SELECT last_seen, gone_by, back_by, misses FROM absences") == absences


@dataclass(frozen=True)
class Edit:
    """A small edit of an article: the field that it changes, its nature, and how it is made."""

    field: str
    nature: str
    make: Callable[[Article], None]


def _body(article: Article, old: str, new: str) -> None:
    place = next(place for place, (kind, text) in enumerate(article.blocks) if kind == "p" and old in text)
    article.blocks[place] = ("p", article.blocks[place][1].replace(old, new, 1))


def _caption(article: Article) -> None:
    place = next((place for place, (kind, _) in enumerate(article.blocks) if kind == "caption"), None)
    if place is None:
        article.blocks.insert(1, ("caption", "Quang cảnh buổi lễ."))
    else:
        article.blocks[place] = ("caption", article.blocks[place][1] + " (ảnh tư liệu)")


def _digit(article: Article) -> None:
    place, text = next((p, t) for p, (k, t) in enumerate(article.blocks) if k == "p" and any(map(str.isdigit, t)))
    at = next(at for at, char in enumerate(text) if char.isdigit())
    article.blocks[place] = ("p", text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :])


def _later(article: Article) -> None:
    article.published += timedelta(minutes=1)


EDITS = (
    Edit("body", "words", lambda article: _body(article, "a", "á")),
    Edit("body", "figures", _digit),
    Edit("body", "typography", lambda article: _body(article, ",", "")),
    Edit("body", "typography", lambda article: _body(article, ".", "!")),
    Edit("captions", "words", _caption),
    Edit("bylines", "words", lambda article: setattr(article, "byline", "XYZ" if article.byline != "XYZ" else "ZYX")),
    Edit("published", "figures", _later),
    Edit("section", "words", lambda article: setattr(article, "section", article.section + " mới")),
    Edit("title", "typography", lambda article: setattr(article, "title", article.title + ".")),
    Edit("summary", "words", lambda article: setattr(article, "summary", article.summary.replace(" ", " rất ", 1))),
)


@pytest.mark.soak
def test_small_edits_of_many_articles_are_all_found(watched: Watched) -> None:
    portal = watched.portal
    for _ in range(4):
        watched.crawl()
        watched.age(7)
    made: set[tuple[int, str, str]] = set()
    for number, item in enumerate(portal.items):
        edit = EDITS[number % len(EDITS)]
        edit.make(portal.article(item))
        made.add((item, edit.field, edit.nature))
    for _ in range(4):
        watched.crawl()
        watched.age(7)
    found = watched.rows("SELECT url, field, nature FROM changes")
    assert {(int(re.findall(r"ItemID=(\d+)", str(url))[0]), *rest) for url, *rest in found} == made
    assert watched.rows("SELECT count(*) FROM changes WHERE context IS NULL OR before_visit_id IS NULL") == [(0,)]
    assert len(found) == len(made) == ARTICLES
    watched.edit_profile()
    watched.crawl()
    assert set(watched.rows("SELECT url, field, nature FROM changes")) == set(found)
    assert set(watched.rows("SELECT DISTINCT field FROM reinterpretations")) <= {("bylines",), ("body",)}
