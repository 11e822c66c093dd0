"""Content rows are made from the table of content fields. Stored fingerprints and values stay as they are."""

import json
from dataclasses import asdict, fields, replace
from itertools import chain

import pytest

from archiver.app.reading.state import record_json
from archiver.model.record import CONTENT_FIELDS, FIELDS, LIST_FIELDS, Content, FieldShape, Link, Published
from archiver.store.content_columns import STORED, VIEWED
from archiver.store.content_rows import content_name, content_of, items_of, put_contents
from archiver.store.views import VIEWS
from made import Bench

FULL = Content(
    title="Tin mới",
    published=Published("2024-05-01 08:30:00", "2024-05-01 01:30:00", "01/05/2024 08:30", "minute"),
    section="Kinh tế",
    summary="Tóm tắt",
    body="Đoạn một.\n\nĐoạn hai.",
    captions=("Ảnh: một",),
    bylines=("An Nhiên", "Bảo"),
    tags=("thuế", "đất"),
    images=("http://a.example/1.jpg?sig=1",),
    files=(Link("http://a.example/a.pdf", "Văn bản"),),
    language="vi",
    extra=(("agency", "Ủy ban"),),
)
UNDATED = Content(
    title="a",
    published=Published(None, raw="hôm qua"),
    files=(Link("http://a.example/b.pdf"), Link("http://b.example/")),
)
CONTENTS = (FULL, UNDATED, Content(), Content(language="vi"), Content(extra=(("a", "1"), ("b", ""))))


def test_the_table_of_fields_has_every_field_of_the_dataclass_but_extra() -> None:
    assert [*FIELDS, "extra"] == [field.name for field in fields(Content)]
    assert LIST_FIELDS == ("captions", "bylines", "tags", "images", "files")


@pytest.mark.parametrize("content", CONTENTS)
def test_a_content_is_the_same_after_the_archive_and_after_json(bench: Bench, content: Content) -> None:
    number = put_contents(bench.store._main, [(content, None)])[content_name(content)]
    row = bench.store._main.row("SELECT * FROM _content WHERE content_id = ?", (number,))
    assert row is not None
    assert content_of(row) == content
    assert Content.from_plain(json.loads(json.dumps(asdict(content)))) == content


def test_fingerprints_of_stored_contents_do_not_change() -> None:
    """These values are in archives. A content field added later leaves them as they are while it is empty."""
    assert content_name(FULL) == "1:8676ac675956508525a27116937a780b83e62a127bf87b4b24c073e0be611d30"
    assert content_name(Content()) == "1:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_items_have_a_row_each_except_addresses_of_images() -> None:
    assert items_of(FULL) == [
        ("captions", 1, "Ảnh: một", None),
        ("bylines", 1, "An Nhiên", None),
        ("bylines", 2, "Bảo", None),
        ("tags", 1, "thuế", None),
        ("tags", 2, "đất", None),
        ("files", 1, "Văn bản", "http://a.example/a.pdf"),
    ]


def test_columns_of_table_view_and_json_follow_the_fields(bench: Bench) -> None:
    table = [row["name"] for row in bench.store._main.rows("SELECT name FROM pragma_table_info('_content')")]
    assert set(table) == {"content_id", "fingerprint", *STORED}
    (versions,) = (view for view in VIEWS if view.name == "versions")
    assert VIEWED.items() <= versions.columns.items()
    claim = ["modified", "modified_utc", "modified_raw"]  # beside the content
    assert [name for name in record_json(FULL) if name not in claim] == list(STORED)


def test_only_visible_fields_make_a_content_not_empty() -> None:
    assert Content().is_empty
    assert Content(language="vi").is_empty
    assert Content(extra=(("a", ""),)).is_empty
    assert not Content(extra=(("a", "x"),)).is_empty
    full = replace(FULL, file="sha256:00 (12 bytes)")
    shown = {field.name: getattr(full, field.name) for field in CONTENT_FIELDS if field.is_visible}
    assert not any(Content(**{name: value}).is_empty for name, value in shown.items())


def test_comparison_ignores_order_only_where_it_means_nothing() -> None:
    for field in CONTENT_FIELDS:
        if field.shape is FieldShape.TEXTS:
            same = field.comparable(("a", "b")) == field.comparable(("b", "a"))
            assert same is (field.name == "tags")
    assert set(chain(Content().flat(), Content().comparable())) == set(FIELDS)
