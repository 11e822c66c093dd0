"""Visits that are written out of order give the same history as visits in order."""

import itertools
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.crawl.fetched import Fetched
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.reread import open_site
from archiver.extract.profile import parse_profile
from archiver.maintain.verify.verify import verify
from archiver.model.capture import Capture
from archiver.model.clock import SettableClock
from archiver.model.event import ignore
from archiver.model.profile import Profile
from archiver.store.archive import Store
from archiver.store.search import SearchResult
from made import START, capture
from trials import lasting

HOME = "http://portal.example/"
PAGE = HOME + "1"
PROFILE = parse_profile(
    f"""[site]\nname = "t"\nhome = "{HOME}"\n[[page]]\nkind = "article"\n[page.fields]\ntitle = "h1"
body = "#b"\n[page.readings]\nviews = "#v"\n""",
    "t",
)
HISTORY = (
    "SELECT version, verdict, seen_from, seen_last, seen_until, c.body FROM _version v JOIN _content c USING (content_id) ORDER BY version",
    "SELECT field, old, new, not_before, not_after FROM changes ORDER BY not_after, field",
    "SELECT name, read_at, value, gained FROM readings ORDER BY name, read_at",
    "SELECT last_seen, first_miss, last_miss, gone_by, back_by, misses, evidence FROM _absence ORDER BY first_miss",
    "SELECT state, views, last_visited FROM _page",
    "SELECT s.field, s.rule, v.version FROM _source s JOIN _version v USING (version_id) ORDER BY v.version, s.field",
)

# the result of a visit: a text (by its number) with a counter, or a status
SHOWN = st.one_of(st.integers(0, 2), st.sampled_from([404, 404, 410, 503, 301]))


def _visit(hour: int, shown: int) -> Capture:
    at = START + timedelta(hours=hour)
    if shown > 2:
        return capture(PAGE, b"gone", shown, at)
    body = f"<h1>Pond</h1><div id=b><p>Text {shown}</p></div><i id=v>{100 + hour}</i>"
    return capture(PAGE, body.encode(), at=at)


def _history(
    folder: Path, visits: Sequence[Capture], *, batch: int, profile: Profile = PROFILE
) -> list[list[tuple[Any, ...]]]:
    clock = SettableClock(START)
    with Store.open(folder / "archive.db") as store:
        site = open_site(store, profile, clock, ignore, has_profile=True)
        with store.transaction():
            page, _ = store.pages.put_page(site.site_id, PAGE, PAGE, "2022-10-21 09:00:00")
        run = store.runs.begin("crawl", site.site_id, "2022-10-21 09:00:00", code_version="2", command="")
        pipeline = Pipeline(store, site, clock, run_id=run, steps=None, follow=False)
        for start in range(0, len(visits), batch):
            pipeline.process([Fetched(page, visit) for visit in visits[start : start + batch]])
        rows = [[tuple(row.values()) for row in store.sql(query)] for query in HISTORY]
    assert verify(folder / "archive.db", deep=True).whole
    return rows


@pytest.mark.soak
@settings(max_examples=lasting(20, 300), deadline=None)
@given(st.lists(SHOWN, min_size=1, max_size=8), st.randoms(use_true_random=False), st.integers(1, 3))
def test_any_order_of_visits_gives_the_same_history(shown: list[int], chance: Any, batch: int) -> None:
    visits = [_visit(hour, what) for hour, what in enumerate(shown)]
    late = list(visits)
    chance.shuffle(late)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        assert _history(Path(one), visits, batch=1) == _history(Path(two), late, batch=batch)


@pytest.mark.soak
@settings(max_examples=lasting(20, 300), deadline=None)
@given(st.lists(SHOWN, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_each_moment_has_one_version_and_phrases_agree_with_versions(shown: list[int], chance: Any) -> None:
    visits = [_visit(hour, what) for hour, what in enumerate(shown)]
    chance.shuffle(visits)
    with tempfile.TemporaryDirectory() as folder:
        _history(Path(folder), visits, batch=2)
        with Store.open(Path(folder) / "archive.db", write=False) as store:
            spans = [tuple(row.values()) for row in store.sql("SELECT since, until, state, seen_last FROM timeline")]
            versions = list(
                store.sql("SELECT version, seen_from, seen_last, seen_until, body FROM versions ORDER BY version")
            )
            spells = {what: list(store.search.spans(SearchResult(f'"Text {what}"'))) for what in range(3)}
    spans.sort()
    assert all(since <= last < until for since, until, _, last in spans)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    assert [span[0] for span in spans if span[2] == "shown"] == [version["seen_from"] for version in versions]
    for what, found in spells.items():
        carrying = [version for version in versions if version["body"] == f"Text {what}"]
        assert sorted(spell.seen_from for spell in found) == [version["seen_from"] for version in carrying]
        assert sorted(spell.went_by or "" for spell in found) == sorted(
            version["seen_until"] or "" for version in carrying
        )
        follows = {version["seen_from"] for version in versions}
        assert all((spell.went == "edited") == (spell.went_by in follows) for spell in found)


def test_alternating_templates_are_no_change_and_alternating_texts_are() -> None:
    """Two servers have one address. First their templates differ, then their texts."""
    kind = '[[page]]\nkind = "article"\n[page.fields]\ntitle = {{ css = "{0}", required = true }}\nbody = "{1}"\n'
    both = f'[site]\nname = "t"\nhome = "{HOME}"\n' + kind.format("h1.old", "#b") + kind.format("h2.new", ".text")
    shapes = ("<h1 class=old>Pond</h1><div id=b><p>{}</p></div>", "<h2 class=new>Pond</h2><p class=text>{}</p>")
    pages = [shapes[hour % 2].format("Water") for hour in range(8)] + [
        shapes[0].format(f"Ice {n % 2}") for n in range(4)
    ]
    visits = [capture(PAGE, page.encode(), at=START + timedelta(hours=hour)) for hour, page in enumerate(pages)]
    with tempfile.TemporaryDirectory() as folder:
        versions, changes, *_ = _history(Path(folder), visits, batch=3, profile=parse_profile(both, "t"))
    day = f"{START:%Y-%m-%d} {{:02}}:00:00".format
    assert [(row[2], row[5]) for row in versions] == [
        (day(9), "Water"),
        (day(17), "Ice 0"),
        (day(18), "Ice 1"),
        (day(19), "Ice 0"),
        (day(20), "Ice 1"),
    ]
    assert [row[3:] for row in changes] == [(day(hour), day(hour + 1)) for hour in (16, 17, 18, 19)]
