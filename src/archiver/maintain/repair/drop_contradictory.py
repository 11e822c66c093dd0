"""Removes derived rows that contradict others, and says what derives them again from the captures."""

import json
from collections.abc import Iterator

from archiver.maintain.verify.derived_rules import EXTRACT, RULES, DerivedRule
from archiver.maintain.verify.row_ranges import DAMAGE
from archiver.maintain.verify.verify_descriptions import misdescribed
from archiver.store.connection import Connection

READ_AGAIN = (
    "UPDATE _extractor SET code_version = code_version || ', rows lost from ' || extractor_id WHERE current = 1"
)
"""Marks what the current extractors of sites read, so that `extract` reads all captures again."""
_SITES = {
    "_change": "SELECT DISTINCT s.name FROM _change h JOIN _page p ON p.page_id = h.page_id JOIN _site s "
    "ON s.site_id = p.site_id WHERE h.change_id IN (SELECT value FROM json_each(?))",
    "_redesign": "SELECT DISTINCT s.name FROM _redesign d JOIN _site s ON s.site_id = d.site_id "
    "WHERE d.redesign_id IN (SELECT value FROM json_each(?))",
}
_SITE_OF_PAGES = (
    "SELECT DISTINCT s.name FROM _page p JOIN _site s ON s.site_id = p.site_id "
    "WHERE p.page_id IN (SELECT value FROM json_each(?))"
)


def drop_contradictory(main: Connection) -> list[str]:
    """Remove rows that break a rule, within the caller's transaction; return what was done, as text."""
    return [note for rule in RULES for note in _applied(main, rule)]


def _applied(main: Connection, rule: DerivedRule) -> Iterator[str]:
    try:
        keys = {row["key"] for row in main.rows(rule.faults)}
    except DAMAGE:
        return
    if not keys:
        return
    named = json.dumps(sorted(keys))
    sites = sorted(row["name"] for row in main.rows(_SITES.get(rule.table, _SITE_OF_PAGES), (named,)) if rule.again)
    for sql in rule.remedy:
        main.execute(sql, (named,))
    if rule.again == EXTRACT:
        main.execute(
            f"{READ_AGAIN} AND site_id IN (SELECT site_id FROM _site WHERE name IN (SELECT value FROM json_each(?)))",
            (json.dumps(sites),),
        )
    done = ", ".join(rule.again.format(site=site) for site in sites) or "were corrected"
    yield f"{len(keys)} wrong entries of {rule.table} {done}"


def describe_again(main: Connection) -> int:
    """Delete the wrong descriptions of changes, within the caller's transaction; return how many.

    The next opening of the archive describes the changes again.
    """
    wrong = [(number,) for number in misdescribed(main)]
    if wrong:
        main.executemany("UPDATE _change SET nature = NULL, context = NULL WHERE change_id = ?", wrong)
    return len(wrong)


def set_version_runs(main: Connection) -> None:
    """Set the run of each version, which a migration cannot find while its first visit is lost."""
    run = "(SELECT t.run_id FROM _visit t WHERE t.visit_id = _version.first_visit)"
    main.execute(f"UPDATE _version SET run_id = {run} WHERE run_id IS NOT {run}")
