"""The public API as a type checker sees it: these calls must type-check, and give what they say. Never run."""

from collections.abc import Iterator
from typing import Any, assert_type

import archiver
from archiver import Archive, Captured, Exported, Page, PageState, Report


def notebook() -> None:
    """What DESIGN promises for notebooks."""
    with archiver.open("data/archive.db", selectors="selectors", write=True) as opened:
        assert_type(opened, Archive)
        captured = opened.capture("http://portal.example/post.aspx?ItemID=5678", files=True)
        assert_type(captured, Captured)
        assert_type(captured.state, PageState)
        assert_type(captured.state.as_json(), dict[str, Any])
        page = opened.page("http://portal.example/post.aspx?ItemID=5678")
        assert_type(page, Page)
        assert_type(page.at("2022-11-01").content.title, str | None)
        assert_type(page.cite(version=2, form="bibtex"), str)
        assert_type(page.citation(at="2022-11-01").permalink, str)
        assert_type(page.diff(1, 2)[0].field, str)
        assert_type(page.readings("views"), list[dict[str, Any]])
        assert_type(opened.search("dân vận khéo", plain=True), list[dict[str, Any]])
        assert_type(opened.sql("SELECT 1"), Iterator[dict[str, Any]])
        assert_type(opened.crawl("demo", limit=5).tally.visits, int)
        assert_type(opened.report("demo", since="7d ago"), list[Report])
        assert_type(opened.export("csv", "pages.csv", view="pages"), Exported)
        assert_type(opened.export("parquet", "rows.parquet", sql="SELECT 1").files[0].rows, int | None)
        assert_type(opened.export_package("package", site="demo"), Exported)
