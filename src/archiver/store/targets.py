"""The targets of links: each pair of an address and a text is stored once, and links and items of listings refer to it."""

from collections.abc import Iterable

from archiver.store.connection import Connection
from archiver.store.lost_ids import new_number

_NEW = (
    f"INSERT INTO _target(target_id, to_url, text) SELECT {new_number('_target')}, ?1, ?2 "
    "WHERE NOT EXISTS (SELECT 1 FROM _target WHERE to_url = ?1 AND text = ?2)"
)


def put_targets(connection: Connection, targets: Iterable[tuple[str, str]]) -> None:
    """Store addresses with their texts, those that are not stored yet."""
    rows = list(dict.fromkeys(targets))
    if rows:
        connection.executemany(_NEW, rows)
