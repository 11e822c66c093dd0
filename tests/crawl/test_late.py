"""Visits written down out of their order in time tell the same history as in order."""

import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.crawl.reread import open_site
from archiver.crawl.visit import Brought, Desk
from archiver.extract.profile import parse_profile
from archiver.model.capture import Capture
from archiver.model.clock import SettableClock
from archiver.model.event import ignore
from archiver.store.archive import Store
from archiver.store.check.verify import verify
from made import START, capture

HOME = "http://portal.example/"
PAGE = HOME + "1"
PROFILE = parse_profile(
    f"""[site]\nname = "t"\nhome = "{HOME}"\n[[page]]\nkind = "article"\n[page.fields]\ntitle = "h1"
body = "#b"\n[page.readings]\nviews = "#v"\n""",
    "t",
)
HISTORY = (
    "SELECT version, verdict, seen_from, seen_last, seen_until, c.body FROM _version v JOIN _content c USING (content_id) ORDER BY version",
    "SELECT field, old, new, not_before, not_after FROM _change ORDER BY not_after, field",
    "SELECT name, read_at, value, gained FROM _reading ORDER BY name, read_at",
    "SELECT last_seen, first_miss, last_miss, gone_by, back_by, misses, evidence FROM _absence ORDER BY first_miss",
    "SELECT state, views, last_visited FROM _page",
    "SELECT s.field, s.rule, v.version FROM _source s JOIN _version v USING (version_id) ORDER BY v.version, s.field",
)

# what a visit shows: a text (by its number) with a counter, or a status
SHOWN = st.one_of(st.integers(0, 2), st.sampled_from([404, 404, 410, 503, 301]))


def _visit(hour: int, shown: int) -> Capture:
    at = START + timedelta(hours=hour)
    if shown > 2:
        return capture(PAGE, b"gone", shown, at)
    body = f"<h1>Pond</h1><div id=b><p>Text {shown}</p></div><i id=v>{100 + hour}</i>"
    return capture(PAGE, body.encode(), at=at)


def _history(folder: Path, visits: Sequence[Capture], *, batch: int) -> list[list[tuple[Any, ...]]]:
    clock = SettableClock(START)
    with Store.open(folder / "archive.db") as store:
        site = open_site(store, PROFILE, clock, ignore, has_profile=True, slow=None)
        with store.transaction():
            page, _ = store.pages.put_page(site.site_id, PAGE, PAGE, "2022-10-21 09:00:00")
        run = store.runs.begin("crawl", site.site_id, "2022-10-21 09:00:00", code_version="2", command="")
        desk = Desk(store, site, clock, run_id=run, slow=None, follow=False)
        for start in range(0, len(visits), batch):
            desk.take([Brought(page, visit) for visit in visits[start : start + batch]])
        rows = [[tuple(row.values()) for row in store.sql(query)] for query in HISTORY]
    assert verify(folder / "archive.db", deep=True).whole
    return rows


@settings(max_examples=60, deadline=None)
@given(st.lists(SHOWN, min_size=1, max_size=8), st.randoms(use_true_random=False), st.integers(1, 3))
def test_any_order_of_arrival_tells_one_history(shown: list[int], chance: Any, batch: int) -> None:
    visits = [_visit(hour, what) for hour, what in enumerate(shown)]
    late = list(visits)
    chance.shuffle(late)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        assert _history(Path(one), visits, batch=1) == _history(Path(two), late, batch=batch)
