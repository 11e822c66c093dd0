"""Sources of values: rules and places in the page are stored once, and rows of earlier schemas are read, too."""

from archiver.model.record import Content, Source
from archiver.store.source_rows import copy_sources, put_sources, sources_of
from made import Bench

TITLE = Source("css:h1", 1, "Họp", "html > body > h1")
BODY = Source("css:#b", 2, "Văn bản.", "html > body > div")
META = Source("meta:package", 1, "x")


def test_equal_origins_are_stored_once_and_read_back(bench: Bench) -> None:
    for number in range(3):
        bench.visit(Content(title=f"T {number}"))
    main = bench.store._main
    main.execute("DELETE FROM _source")
    put_sources(main, [(1, (("title", TITLE), ("body", BODY), ("extra.a", META))), (2, (("title", TITLE),)), (3, ())])
    put_sources(main, [(3, (("title", TITLE),))])
    assert sources_of(main, 1) == {"title": TITLE, "body": BODY, "extra.a": META}
    assert sources_of(main, 2) == sources_of(main, 3) == {"title": TITLE}
    assert main.value("SELECT count(*) FROM _origin") == 3
    assert main.value("SELECT count(*) FROM _source WHERE rule <> '' OR node_path IS NOT NULL") == 0


def test_rows_of_earlier_schemas_are_read_and_copied(bench: Bench) -> None:
    bench.visit(Content(title="a"))
    bench.visit(Content(title="b"))
    main = bench.store._main
    main.execute("DELETE FROM _source")
    main.execute(
        "INSERT INTO _source(version_id, field, rule, rank, raw, node_path) VALUES (1, 'title', 'css:h1', 1, 'Họp', 'html > body > h1')"
    )
    put_sources(main, [(1, (("body", BODY),))])
    copy_sources(main, from_version=1, to_version=2)
    assert sources_of(main, 1) == sources_of(main, 2) == {"title": TITLE, "body": BODY}
    rows = main.rows("SELECT field, rule, rank, raw, node_path FROM sources WHERE version_id = 2 ORDER BY field")
    assert [tuple(row) for row in rows] == [
        (name, each.rule, each.rank, each.raw, each.node_path) for name, each in (("body", BODY), ("title", TITLE))
    ]


def test_half_an_emoji_in_a_source_is_stored_as_a_question_mark(bench: Bench) -> None:
    bench.visit(Content(title="a"))
    put_sources(bench.store._main, [(1, (("title", Source("css:h1", 1, "\ud83d", "p.\udc00")),))])
    assert sources_of(bench.store._main, 1)["title"] == Source("css:h1", 1, "?", "p.?")
