"""Fingerprints and chain links are stable: published recipes never change."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.text.digest import GENESIS, chain_link, fingerprint

VALUES = st.dictionaries(
    st.text(max_size=8), st.none() | st.text(max_size=8) | st.lists(st.text(max_size=4)).map(tuple), max_size=5
)


def test_the_recipe_of_a_fingerprint_is_pinned() -> None:
    assert fingerprint({}) == "1:" + hashlib.sha256(b"{}").hexdigest()
    assert fingerprint({"b": ("x", "y"), "a": 'ữ\n"', "c": None, "d": "", "e": ()}) == (
        "1:" + hashlib.sha256('{"a":"ữ\\n\\"","b":["x","y"]}'.encode()).hexdigest()
    )


@given(VALUES)
def test_empty_fields_and_their_order_do_not_count(values: dict[str, str | tuple[str, ...] | None]) -> None:
    full = {name: value for name, value in reversed(values.items()) if value}
    assert fingerprint(full) == fingerprint(values) == fingerprint({**values, "later" * 3: None})


@given(VALUES, VALUES)
def test_different_contents_have_different_names(
    one: dict[str, str | tuple[str, ...] | None], other: dict[str, str | tuple[str, ...] | None]
) -> None:
    same = {n: v for n, v in one.items() if v} == {n: v for n, v in other.items() if v}
    assert (fingerprint(one) == fingerprint(other)) is same


def test_a_list_of_one_is_not_a_text_and_parts_do_not_run_together() -> None:
    values = [{"a": "x"}, {"a": ("x",)}, {"a": "x,y"}, {"a": ("x", "y")}, {"a": ("xy",)}, {"a": ("", "x")}, {"b": "x"}]
    assert len({fingerprint(value) for value in values}) == len(values)  # type: ignore[arg-type]


def test_lone_surrogates_have_a_name_too() -> None:
    assert fingerprint({"a": "\ud800"}) != fingerprint({"a": "\ufffd"})


def test_the_chain_is_pinned_and_every_part_of_it_counts() -> None:
    visit: dict[str, str | int | None] = {"url": "http://e.org/ữ", "status": 200, "note": None}
    expected = hashlib.sha256(
        GENESIS.encode() + b"\n" + json.dumps(visit, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()
    link = chain_link(GENESIS, visit)
    assert link == expected
    assert GENESIS == "0" * 64
    others = [
        chain_link(link, visit),
        chain_link(GENESIS, visit | {"status": 201}),
        chain_link(GENESIS, visit | {"status": "200"}),
        chain_link(GENESIS, visit | {"note": ""}),
        chain_link(GENESIS, {"url": visit["url"], "status": 200}),
    ]
    assert len({link, *others}) == 6


def test_a_chain_link_follows_only_a_link() -> None:
    with pytest.raises(UnicodeEncodeError):
        chain_link("ữ", {})
