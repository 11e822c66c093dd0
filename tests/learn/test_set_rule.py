"""A rule is put before those that a field has; all other text of the profile stays to the letter."""

import pytest

from archiver.extract.profile import parse_profile
from archiver.learn.set_rule import with_rule

HEAD = (
    '[site]\nname = "town"\nhome = "http://town.example/"\n\n# articles\n[[page]]\nkind = "article"\nurl = "/news/"\n'
)
TAIL = '\n# the rest\n[[page]]\nkind = "listing"\n'
FIELD = '[page.fields]\ntitle = "h1"  # as printed # twice\nbody = [\n  "div.old",  # until May\n  { css = "div#x", take = "all" },\n]\n'


def rules_after(text: str, field: str) -> list[str]:
    (table, *_) = parse_profile(text, "town").pages
    kind, _, name = field.partition(".")
    found = dict(table.readings)[name] if kind == "readings" else dict(table.fields)[field]
    return [rule.text for rule in found]


def put(text: str, field: str, rule: str) -> str | None:
    profile = parse_profile(text, "town")
    return with_rule(profile, profile.pages[0], field, rule)


@pytest.mark.parametrize(
    ("field", "rule", "expected"),
    [
        ("title", '"h1.new"', ["css:h1.new", "css:h1"]),
        ("title", '{ css = "h1.new", take = "last" }', ["css:h1.new", "css:h1"]),
        ("body", '"div.new"', ["css:div.new", "css:div.old", "css:div#x"]),
        ("published", '{ css = "time", attr = "datetime", type = "datetime" }', ["css:time@datetime"]),
        ("readings.views", '{ css = ".views", type = "integer" }', ["css:.views"]),
    ],
)
def test_the_rule_is_the_first_of_its_field_and_comments_stay(field: str, rule: str, expected: list[str]) -> None:
    text = HEAD + "\n" + FIELD + TAIL
    changed = put(text, field, rule)
    assert changed is not None
    assert rules_after(changed, field) == expected
    kept = [line for line in text.splitlines() if not line.startswith(f"{field} =")]
    assert [line for line in changed.splitlines() if line in kept and line] == [line for line in kept if line]
    assert "# as printed # twice" in changed


def test_a_table_without_fields_gets_a_section_and_the_next_table_stays_as_it_is() -> None:
    changed = put(HEAD + TAIL, "title", '"h1"')
    assert changed == HEAD + '\n[page.fields]\ntitle = "h1"\n' + TAIL


def test_a_rule_that_is_there_already_changes_nothing() -> None:
    assert put(HEAD + FIELD + TAIL, "title", '"h1"') is None
    assert put(HEAD + FIELD + TAIL, "body", '{ css = "div#x", take = "all" }') is None


def test_readings_of_a_table_are_not_fields() -> None:
    text = HEAD + '[page.fields]\ntitle = "h1"\n\n[page.readings]\nviews = ".n"\n' + TAIL
    changed = put(text, "readings.views", '{ css = ".views", type = "integer" }')
    assert changed is not None
    assert rules_after(changed, "readings.views") == ["css:.views", "css:.n"]
    assert rules_after(changed, "title") == ["css:h1"]


def test_a_profile_with_lines_of_windows_is_changed_and_loads() -> None:
    changed = put((HEAD + FIELD + TAIL).replace("\n", "\r\n"), "title", '"h1.new"')
    assert changed is not None
    assert rules_after(changed, "title") == ["css:h1.new", "css:h1"]
