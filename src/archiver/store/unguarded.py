"""Removes triggers that protect evidence and contents, for statements that may alter them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from archiver.store.connection import Connection


@contextmanager
def unguarded(main: Connection, triggers: Sequence[str]) -> Iterator[None]:
    """Run the block without some triggers, within the caller's transaction; they are created again at its end."""
    marks = ", ".join("?" * len(triggers))
    guards = main.rows(f"SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name IN ({marks})", triggers)
    for guard in guards:
        main.execute(f"DROP TRIGGER {guard['name']}")
    yield
    for guard in guards:
        main.execute(guard["sql"])
