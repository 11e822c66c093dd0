"""The result of a visit that just ended, as a `PageState`."""

from archiver.app.reading.browser_view import browser_view
from archiver.app.reading.state import PageState
from archiver.model.event import Visited
from archiver.store.archive import Store


def state_of(store: Store, event: Visited, requested: str) -> PageState:
    """Return the page as a visit that just ended found it."""
    known = store.pages.page(event.page_id)
    row = store.history.visit(event.visit_id)
    assert known is not None  # noqa: S101  (just written)
    assert row is not None  # noqa: S101
    version = store.history.version(event.page_id, -1) if event.decision is not None else None
    changes = event.decision.changes if event.decision else ()
    return PageState(
        url=requested,
        final_url=event.capture.url,
        visited_at=row.visited_at,
        status=row.status,
        outcome=row.outcome,
        visit_id=row.visit_id,
        sha256=row.sha256,
        bytes=row.bytes,
        page_id=event.page_id,
        site=known.site,
        kind=event.kind or known.kind,
        media_type=row.media_type,
        state=store.history.shown_state(event.page_id) or known.state,
        note=row.note,
        cause=row.cause,
        version=version.version if version else None,
        verdict=str(event.decision.verdict) if event.decision else None,
        new_version=bool(event.decision and event.decision.is_new_version),
        fields_changed=tuple(change.field for change in changes),
        content=version.content if version else None,
        readings=store.history.readings_of(event.visit_id),
        sources=store.history.sources(version.version_id) if version else {},
        seen=(version.seen_from, version.seen_last, version.seen_until) if version else None,
        browser=browser_view(store, event.page_id, event.visit_id, row.visited_at),
    )
