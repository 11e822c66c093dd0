"""Finds the counters of a visit that come from another place than before, or are printed in another way. Pure."""

from dataclasses import replace

from archiver.model.record import Record
from archiver.store.page_state import PriorState
from archiver.store.reading_sources import ReadingSource
from archiver.text.printed_number import form_of


def new_reading_sources(record: Record, state: PriorState) -> tuple[ReadingSource, ...]:
    """Return the sources of a record's counters that differ from those of the visit before."""
    last = {each.name: each for each in state.reading_sources}
    sources = dict(record.sources)
    found = []
    for name, value in record.readings:
        source, before = sources.get(f"readings.{name}"), last.get(name)
        if source is None:
            continue
        form = form_of(source.raw, value, before.form if before else None)
        since = before.since if before else None
        now = ReadingSource(name, source.rule, source.rank, source.node_path, form, since)
        if before is None or now != replace(before, since=since):
            found.append(now)
    return tuple(found)
