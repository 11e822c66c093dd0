"""Finds the counters of a visit that come from another place than before, or are printed in another way. Pure."""

from archiver.model.record import Record, Source
from archiver.store.page_state import PriorState
from archiver.store.reading_sources import ReadingSource
from archiver.text.printed_number import form_of, is_printed


def new_reading_sources(record: Record, state: PriorState) -> tuple[ReadingSource, ...]:
    """Return the sources of a record's counters that differ from those of the visit before."""
    if not record.readings:
        return ()
    last = {each.name: each for each in state.reading_sources}
    sources = dict(record.sources)
    found = []
    for name, value in record.readings:
        source, before = sources.get(f"readings.{name}"), last.get(name)
        if source is None or (before is not None and _is_same(before, source, value)):
            continue
        form = form_of(source.raw, value, before.form if before else None)
        now = ReadingSource(name, source.rule, source.rank, source.node_path, form, before.since if before else None)
        if now != before:
            found.append(now)
    return tuple(found)


def _is_same(before: ReadingSource, source: Source, value: int) -> bool:
    """Whether a counter comes from where it did before, and is printed in the same way; False when unsure."""
    return (
        before.node_path == source.node_path
        and before.rule == source.rule
        and before.rank == source.rank
        and is_printed(before.form, source.raw, value)
    )
