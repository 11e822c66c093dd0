"""The number of SQL statements of a visit."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.crawl.pipeline import Pipeline
from archiver.store.connection import Connection
from made import Works
from scripted import Scripted

FIRST, UNCHANGED = 21, 8
"""Plus one `executemany` for links. Two of the first add to the full-text indexes, two store sources, three those of readings."""
AROUND = 2  # BEGIN and COMMIT of a batch


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Counter[str]]]:
    """Return the statements of each settled batch, as text."""
    found: list[Counter[str]] = []
    depth = [0]

    def counting(name: str) -> None:
        inner = getattr(Connection, name)

        def run(connection: Connection, sql: str, *rest: object) -> object:
            if depth[0]:
                found[-1][" ".join(sql.split())[:90]] += 1
            return inner(connection, sql, *rest)

        monkeypatch.setattr(Connection, name, run)

    for name in ("execute", "executemany", "row", "rows"):
        counting(name)
    settle = Pipeline.settle

    def settled(pipeline: Pipeline, items: object) -> object:
        found.append(Counter())
        depth[0] += 1
        try:
            return settle(pipeline, items)  # type: ignore[arg-type]
        finally:
            depth[0] -= 1

    monkeypatch.setattr(Pipeline, "settle", settled)
    yield found
    for batch in found:
        print(sum(batch.values()), batch)


def test_the_statements_of_a_first_and_of_an_unchanged_visit(tmp_path: Path, counted: list[Counter[str]]) -> None:
    site = Scripted(tmp_path / "archive.db")
    site.page("/", "Home", extra="<a href=/p>p</a><a href=/q>q</a><i id=v>375</i>")
    site.page("/p", "P")
    site.archive.capture(f"{site.url}/")
    counted.clear()
    (site.selectors / "t.toml").write_text(_PROFILE.format(url=site.url), encoding="utf-8")
    site.archive.crawl("t", everything=True)
    first = [sum(batch.values()) for batch in counted]
    site.close()
    assert max(first) <= FIRST + 1 + AROUND + 2, "and what missing pages look like, once a run"


def test_a_304_needs_fewer_statements(works: Works, counted: list[Counter[str]]) -> None:
    works.crawl()
    counted.clear()
    summary = works.crawl()
    total = sum(sum(batch.values()) for batch in counted)
    assert total / summary.tally.visits <= UNCHANGED + AROUND


_PROFILE = """[site]
name = "t"
home = "{url}/"
[crawl]
delay = 0.0
sitemaps = []
feeds = []
[[page]]
kind = "article"
[page.fields]
title = "h1"
body = "p"
[page.readings]
views = "#v"
"""
