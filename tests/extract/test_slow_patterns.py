"""A pattern that runs out of time leaves its field unread; nothing else of the page is lost."""

import time
from pathlib import Path

import pytest

from archiver.extract.explain import explain
from archiver.extract.read import read
from archiver.extract.testing import run_tests
from archiver.model.record import Content
from extract.test_read import article, capture, profile
from extract.test_read import fields as read_fields

SLOW = r"'(a|aa)+$'"
PAGE = f"<h1>T</h1><p class=c>{'a' * 100}!</p><p class=n>12</p><div class=b>hello <i>{'a' * 100}!</i> world</div>"
RULES = 'title = "h1"\nbody = ".b"\n'


@pytest.mark.parametrize(
    ("rule", "unread"),
    [
        (f'captions = {{ css = ".c", pattern = {SLOW}, take = "all" }}', ("captions",)),
        (f'section = {{ css = ".c", pattern = {SLOW} }}', ("section",)),
        (f'published = {{ css = ".c", pattern = {SLOW} }}', ("published",)),
        (f'images = {{ css = ".c", attr = "class", pattern = "c" }}\nsummary = {{ css = ".c", pattern = {SLOW} }}', ("summary",)),
        (f'doc_number = {{ css = ".c", pattern = {SLOW} }}', ("extra.doc_number",)),
        (f'bylines = {{ css = ".c", pattern = {SLOW}, cut = true }}', ("body", "bylines", "files", "images")),
        (f'tags = [{{ css = ".c", pattern = {SLOW} }}, ".n"]', ("tags",)),
    ],
)  # fmt: skip
def test_the_field_is_unread_and_the_others_are_not(rule: str, unread: tuple[str, ...]) -> None:
    record = read_fields(PAGE, RULES + rule)
    assert record.unread == unread
    assert record.content.title == "T"
    assert record.content.body is not None
    name = rule.split(" ", 1)[0] if "summary" not in rule else "summary"
    (note,) = [note for note in record.notes if "ran out of time" in note]
    assert note.startswith(f"{name}: the pattern '(a|aa)+$' ran out of time on http://portal.example/")


def test_a_body_that_is_unread_is_not_left_to_the_fallback() -> None:
    record = article(PAGE, f'[page.fields]\ntitle = "h1"\nbody = {{ css = ".b i", pattern = {SLOW} }}')
    assert record.unread == ("body", "files", "images")
    assert not record.needs_fallback


def test_a_counter_that_is_unread_leaves_the_body_unread_because_its_node_is_cut_out_of_it() -> None:
    record = article(PAGE, f'[page.fields]\n{RULES}[page.readings]\nviews = {{ css = ".b i", pattern = {SLOW} }}')
    assert record.readings == ()
    assert record.unread == ("body", "files", "images")


def test_a_soft_404_that_cannot_be_told_counts_as_none() -> None:
    record = read_fields(PAGE, RULES, kind=f'gone = {{ css = ".c", pattern = {SLOW} }}')
    assert not record.soft_gone
    assert any(note.startswith("gone: the pattern") for note in record.notes)


def test_a_required_rule_that_runs_out_of_time_is_not_found() -> None:
    text = f'[[page]]\nkind = "article"\n[page.fields]\ntitle = {{ css = ".c", pattern = {SLOW}, required = true }}\n'
    both = text + '[[page]]\nkind = "article"\n[page.fields]\ntitle = "h1"\nbody = ".b"\n'
    record = read(capture(PAGE), profile(both))
    assert record.content.title == "T"


def test_an_address_pattern_that_runs_out_of_time_does_not_match() -> None:
    kinds = f'[[page]]\nkind = "skip"\nurl = {SLOW}\n[[page]]\nkind = "article"\n[page.fields]\ntitle = "h1"\n'
    record = read(capture(PAGE, url="http://portal.example/" + "a" * 100 + "!"), profile(kinds))
    assert record.kind == "article"
    assert record.content.title == "T"


def test_all_patterns_of_a_page_have_a_bounded_time_together() -> None:
    rules = "\n".join(f'extra{number} = {{ css = ".c", pattern = {SLOW} }}' for number in range(30))
    began = time.process_time()
    record = read_fields(PAGE, RULES + rules)
    assert time.process_time() - began < 7
    assert len(record.unread) == 30
    assert record.content.body == f"hello {'a' * 100}! world"


def test_what_is_unread_keeps_its_previous_value() -> None:
    record = read_fields(PAGE, RULES + f'captions = {{ css = ".c", pattern = {SLOW}, take = "all" }}')
    before = Content(title="Old", body="old", captions=("one",), extra=(("number", "1"), ("note", "x")))
    stood = record.content.with_previous(record.unread, before)
    assert (stood.title, stood.captions) == ("T", ("one",))


def test_fields_of_other_names_keep_their_previous_value_too() -> None:
    now = Content(title="New", extra=(("note", "y"),))
    before = Content(title="Old", section="S", extra=(("number", "1"), ("note", "x")))
    assert now.with_previous((), before) == now
    kept = now.with_previous(("section", "extra.number"), before)
    assert kept == Content(title="New", section="S", extra=(("note", "y"), ("number", "1")))
    assert now.with_previous(("extra.missing",), before) == now


def test_site_test_and_explain_say_why(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    rules = f'[[page]]\nkind = "article"\n[page.fields]\n{RULES}number = {{ css = ".c", pattern = {SLOW} }}\n'
    test = '[[test]]\nfile = "page.html"\nurl = "http://portal.example/1"\nexpect = { title = "T", number = "1" }\n'
    results = run_tests(profile(rules + test), tmp_path)
    assert [(result.name, result.ok) for result in results] == [("title", True), ("number", False)]
    assert "ran out of time" in str(results[1].got)
    tried = [str(each) for each in explain(capture(PAGE), profile(rules))]
    assert any("ran out of time" in line and line.startswith("number:") for line in tried)
