"""Write proposed tables as TOML, and put them into the text of a profile, which stays as it is to the letter."""

import re
from collections.abc import Sequence
from dataclasses import replace

from archiver.errors import ProfileError
from archiver.extract.profile import parse_profile
from archiver.learn.field_rules import toml_of
from archiver.learn.known_rules import type_of
from archiver.learn.render_keys import render_keys
from archiver.learn.repair_table import is_never
from archiver.learn.toml_text import literal, quoted, quoted_list, sentences
from archiver.model.profile import PageKind, Profile, Rules
from archiver.model.record import LIST_FIELDS

_HEADER = re.compile(r"\[(?!\[?page\b)")


def table_text(table: PageKind, notes: Sequence[str]) -> str:
    """Return a `[[page]]` table as TOML, without an empty line at its end. `notes`: sentences above it."""
    lines = [*(line for note in notes for line in sentences(note)), "[[page]]", f'kind = "{table.kind}"']
    lines += [f"url = {literal(table.url.pattern)}"] if table.url is not None else []
    lines += [f"since = {table.since}"] if table.since else []
    lines += render_keys(table.render)
    lines += [f"ignore = [{quoted_list(table.ignore)}]"] if table.ignore else []
    if table.gone is not None:
        more = f", pattern = {literal(table.gone.pattern.pattern)}" if table.gone.pattern else ""
        lines.append(f"gone = {{ css = {quoted(table.gone.css)}{more} }}")
    lines += [f"follow = [{quoted_list(table.follow)}]"] if table.follow is not None else []
    if table.next is not None:
        lines.append(f"next = {{ css = {quoted(table.next.css)}{', postback = true' if table.next.postback else ''} }}")
    lines += [f"continues = {quoted(table.continues)}"] if table.continues else []
    lines += [] if table.fallback else ["fallback = false"]
    lines += [] if table.drift else ["drift = false"]
    lines += [f"lost = [{quoted_list(table.lost)}]  # no longer shown; pages keep their values"] if table.lost else []
    if table.fields:
        lines += ["", "[page.fields]", *(_rules(name, rules) for name, rules in table.fields)]
    if table.readings:
        lines += ["", "[page.readings]", *(_rules(name, rules, "integer") for name, rules in table.readings)]
    return "\n".join(lines)


def _rules(name: str, rules: Rules, kind: str = "") -> str:
    kind = kind or type_of(name)

    def take(joined: str | None) -> str:
        return "all" if name in LIST_FIELDS or joined is not None else "first"

    shown = [toml_of(rule, take(rule.join), kind) for rule in rules]
    note = "  # no page had it before; delete this line to read it" if any(map(is_never, rules)) else ""
    return (f"{name} = {shown[0]}" if len(shown) == 1 else f"{name} = [{', '.join(shown)}]") + note


def with_table(profile: Profile, text: str, old: PageKind, *, is_before: bool) -> str:
    """Return the text of a profile with a table next to another one; at the end, where that is not possible."""
    lines = profile.text.splitlines(keepends=True)
    place = _start(lines, old.line - 1) if is_before else _end(lines, profile, old)
    for at in (place, len(lines)):
        before, after = "".join(lines[:at]), "".join(lines[at:])
        found = f"{before.rstrip()}\n\n{text}\n" + (f"\n{after.lstrip(chr(10))}" if after.strip() else "")
        if _is_added(profile, found):
            return found
    raise ProfileError(profile.source, [])


def _is_added(profile: Profile, text: str) -> bool:
    """Return whether a text loads, and has the tables of a profile and one more."""
    try:
        found = parse_profile(text, profile.source)
    except ProfileError:
        return False
    old, new = ([replace(each, line=0) for each in pages.pages] for pages in (profile, found))
    return len(new) == len(old) + 1 and all(each in new for each in old) and len(found.tests) == len(profile.tests)


def _start(lines: Sequence[str], at: int) -> int:
    """Return the line of the first comment directly above a line."""
    while at and lines[at - 1].lstrip().startswith("#"):
        at -= 1
    return at


def _end(lines: Sequence[str], profile: Profile, old: PageKind) -> int:
    """Return the line after a table, before the comments of the next one."""
    starts = [*(each.line for each in profile.pages), *(each.line for each in profile.tests)]
    known = [line - 1 for line in starts if line > old.line]
    others = (at for at, line in enumerate(lines) if at >= old.line and _HEADER.match(line))
    return _start(lines, min([*known, next(others, len(lines))]))
