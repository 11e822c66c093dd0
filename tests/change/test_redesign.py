"""Which changes have a transformation in common, and what remains of a change without it."""

from collections.abc import Sequence

import pytest

from archiver.change.redesign import Earlier, FieldPair, explain, remainder
from archiver.change.transformation import Items, Transformation, Way


def pairs(*changes: tuple[str | Sequence[str] | None, str | Sequence[str] | None]) -> dict[int, FieldPair]:
    return {number: (items(old), items(new)) for number, (old, new) in enumerate(changes)}


def items(value: str | Sequence[str] | None) -> Items:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def found(
    field: str, changes: dict[int, FieldPair], others: Sequence[Items] = (), *, proven: bool = False
) -> list[str]:
    result = explain(field, changes, lambda: others, is_proven=proven)
    assert result.keys == (set(changes) if result.transformations else set()), "all or none"
    return [each.told(field) for each in result.transformations]


NAMES = ("An", "Bình", "Chi", "Dũng", "Giang", "Hà")


@pytest.mark.parametrize(
    ("field", "changes", "told"),
    [
        ("bylines", [(None, [name]) for name in NAMES], ["bylines appear"]),
        ("summary", [(f"Tóm tắt {name}", None) for name in NAMES], ["summary disappears"]),
        ("title", [(f"Tin {name}", f"Tin {name} | Portal") for name in NAMES], ["title gains ' | Portal'"]),
        ("title", [(f"Portal: Tin {name}", f"Tin {name}") for name in NAMES], ["title loses 'Portal: '"]),
        ("section", [(f"Xã {name} - Tin", f"Xã {name} – Tin") for name in NAMES], ["'-' became '–' in section"]),
        ("title", [(f"Tin {name}", f"TIN {name.upper()}") for name in NAMES], ["upper case in title"]),
        ("title", [(f"Tin {name}", f"TIN {name.upper()} | PORTAL") for name in NAMES], ["title gains ' | PORTAL'", "upper case in title"]),
        ("captions", [([f"Ảnh: {a}", f"Ảnh: {a} và em"], [a, f"{a} và em"]) for a in NAMES], ["captions lose 'Ảnh: '"]),
        ("tags", [([name], [name, "portal"]) for name in NAMES], ["tags gain 'portal'"]),
        ("published", [(f"2022-10-2{n} 15:5{n}:00", f"2022-10-2{n}") for n in range(6)], ["published has another precision (the day)"]),
        ("published", [(f"2022-10-2{n} 15:5{n}:00", f"2022-10-2{n} 22:5{n}:00") for n in range(6)], ["published moves by 7 h"]),
        ("body", [(f"Bài {n}.", f"Bài {n}.\n\nBản quyền thuộc Portal.") for n in NAMES], ["body gains 'Bản quyền thuộc Portal.'"]),
    ],
)  # fmt: skip
def test_a_change_that_all_pages_have_in_common(
    field: str, changes: list[tuple[str | None, str | None]], told: list[str]
) -> None:
    assert found(field, pairs(*changes)) == told


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("body", [(f"Bài {n} có 1 điều.", f"Bài {n} có {m} điều.") for n, m in zip(NAMES, range(2, 8), strict=True)]),
        ("title", [(f"Tin {name}", f"Bài về {name} {name}") for name in NAMES[:3]]),
        ("bylines", [(["An"], [name]) for name in NAMES[1:]]),
        ("body", [(f"Bài {n}.", f"Bài {n}.\n\nTin liên quan: {n} {n}") for n in NAMES]),
    ],
)
def test_changes_that_differ(field: str, changes: list[tuple[str | None, str | None]]) -> None:
    assert found(field, pairs(*changes)) == []


def test_a_block_that_differs_from_page_to_page_needs_a_proven_redesign() -> None:
    changes = pairs(*((f"Bài {n}.", f"Bài {n}.\n\nTin liên quan: {n} {n}") for n in NAMES))
    assert found("body", changes) == []
    assert found("body", changes, proven=True) == ["body gains a block 'Tin liên quan:'"]


@pytest.mark.parametrize(("unchanged", "told"), [(4, ["bylines appear"]), (5, [])])
def test_the_share_of_the_pages_that_could_have_changed(unchanged: int, told: list[str]) -> None:
    changes = pairs(*((None, [name]) for name in NAMES))
    with_bylines: list[Items] = [("Lan",)] * 50
    assert found("bylines", changes, [*with_bylines, *[()] * unchanged]) == told


def test_a_mark_is_measured_by_the_pages_that_have_it() -> None:
    changes = pairs(*((f"{name} - Tin", f"{name} – Tin") for name in NAMES))
    assert found("section", changes, [("Pháp luật",)] * 90) == ["'-' became '–' in section"]
    assert found("section", changes, [("Văn hoá - Xã hội",)] * 90) == []


def test_sections_that_are_renamed_on_all_their_pages() -> None:
    changes = pairs(*[("Tin", "Thời sự")] * 5, *[("Văn hoá", "Giải trí")] * 4)
    assert len(found("section", changes)) == 2
    others: list[Items] = [("Pháp luật",)] * 30
    assert len(found("section", changes, others)) == 2
    assert found("bylines", changes, others) == [], "the same correction of a name is an edit"
    assert found("section", changes, [("Tin",)] * 9 + [("Văn hoá",)] * 9) == []


def test_an_edit_within_a_redesign_remains() -> None:
    changes = pairs(*((f"Tin {name}", f"Tin {name} | Portal") for name in NAMES), ("Quý 3", "Quý 4 | Portal"))
    result = explain("title", changes, tuple)
    assert result.keys == set(range(6))
    assert result.transformations == (Transformation(Way.ADDS, after=" | Portal"),)
    assert remainder(result.transformations, *changes[6]) == (("Quý 3",), ("Quý 4",))


@pytest.mark.parametrize(
    ("field", "changes", "earlier", "kept"),
    [
        ("title", [(f"Tin {n} | Portal", f"Tin {n}") for n in NAMES], Transformation(Way.ADDS, after=" | Portal"), "Tin"),
        ("title", [(f"{n} Báo tin", f"{n} Tin tức tin") for n in NAMES], Transformation(Way.BECOMES, "Bài", "Báo"), "Bài"),
        ("title", [(f"TIN {n.upper()}", f"Tin {n}") for n in NAMES], Transformation(Way.CASE, after="upper"), "Tin"),
        ("body", [(f"Bài, {n}", f"Bài {n}!") for n in NAMES], Transformation(Way.FOLD, after="punctuation"), "Bài"),
        ("published", [(f"2022-10-2{n} 22:00:00", f"2022-10-2{n} 15:00:00") for n in range(6)],
         Transformation(Way.SHIFTED, after="25200"), "2022-10-01 10:00:00"),
        ("tags", [((n, "portal"), (n,)) for n in NAMES], Transformation(Way.ADDS, after="portal"), "tin"),
        ("bylines", [(("Toà soạn",), ("Ban biên tập",))] * 6, Transformation(Way.RENAMED, "Báo", "Toà soạn"), "Báo"),
    ],
)  # fmt: skip
def test_what_undoes_a_redesign_is_measured_by_the_pages_that_it_reached(
    field: str, changes: list[tuple[str | Sequence[str], str | Sequence[str]]], earlier: Transformation, kept: str
) -> None:
    others: list[Items] = [(kept,)] * 14
    assert found(field, pairs(*changes), others) == []
    result = explain(field, pairs(*changes), lambda: others, Earlier((earlier,)))
    assert result.keys == set(range(6))
    unchanged = [items(old) for old, _ in changes]
    result = explain(field, pairs(*changes), lambda: others + unchanged, Earlier((earlier,), lambda: unchanged))
    assert result.keys == set(), "half of the pages that the redesign reached keep it, so these are edits"
