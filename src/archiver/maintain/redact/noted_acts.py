"""The acts of redaction, noted in the vault as well: `repair` takes from there what `archive.db` has lost.

Each act is one value of the vault's `_meta`: JSON with the columns of `_redaction` and the visits of `_redacted`.
"""

import json
from typing import Any

from archiver.store.connection import Connection
from archiver.store.redaction_chain import links

_KEY = "redaction "
_COLUMNS = ("redaction_id", "site_id", "redacted_at", "reason", "redacted_by", "wanted", "visits")


def note_acts(main: Connection, vault: Connection) -> None:
    """Note all acts of `archive.db` in the vault, within the caller's transaction."""
    for act in links(main):
        number = act.row["redaction_id"]
        visits = main.rows("SELECT visit_id, mark FROM _redacted WHERE redaction_id = ? ORDER BY visit_id", (number,))
        spans = main.rows("SELECT page_id, since, until FROM _redacted_page WHERE redaction_id = ?", (number,))
        values = {name: act.row[name] for name in _COLUMNS}
        values |= {"chain": act.stored, "redacted": [[row["visit_id"], row["mark"]] for row in visits]}
        values |= {"pages": [list(row) for row in spans]}
        text = json.dumps(values, ensure_ascii=False)
        vault.execute("INSERT OR REPLACE INTO _meta(key, value) VALUES (?, ?)", (f"{_KEY}{number}", text))


def restore_acts(main: Connection, vault: Connection) -> int:
    """Insert the acts that only the vault has, within the caller's transaction; return how many captures are redacted again.

    Acts of visits or sites that `archive.db` does not have are restored for those that it has.
    """
    count = 0
    for (text,) in vault.rows("SELECT value FROM _meta WHERE key LIKE ? ORDER BY key", (f"{_KEY}%",)):
        try:
            count += _restore(main, json.loads(text))
        except (ValueError, TypeError, KeyError):  # the note is damaged
            continue
    return count


def _restore(main: Connection, act: dict[str, Any]) -> int:
    number = act["redaction_id"]
    if main.value("SELECT 1 FROM _site WHERE site_id = ?", (act["site_id"],)) is None:
        return 0
    main.execute(
        "INSERT OR IGNORE INTO _redaction(redaction_id, site_id, redacted_at, reason, redacted_by, wanted, visits, chain) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*(act[name] for name in _COLUMNS), bytes.fromhex(act["chain"])),
    )
    for page, since, until in act["pages"]:
        main.execute(
            "INSERT OR IGNORE INTO _redacted_page(redaction_id, page_id, since, until) SELECT ?2, page_id, ?3, ?4 FROM _page "
            "WHERE page_id = ?1",
            (page, number, since, until),
        )
    done = 0
    for visit, mark in act["redacted"]:
        done += main.execute(
            "INSERT OR IGNORE INTO _redacted(visit_id, redaction_id, frame_id, mark) "
            "SELECT visit_id, ?2, frame_id, ?3 FROM _visit WHERE visit_id = ?1",
            (visit, number, mark),
        ).rowcount
    return max(done, 0)
