"""The migration for marks: what an archivist has seen, holds important, or noted."""

MARKS = """
-- what people say of an event. The event is named by what lasts: its page, kind, field and proving visit; a redesign by its
-- site, run and first moment. Row numbers of versions and changes are not used, because `extract` replaces these
CREATE TABLE _mark(
  mark_id INTEGER PRIMARY KEY, site_id INTEGER NOT NULL REFERENCES _site, page_id INTEGER REFERENCES _page, kind TEXT NOT NULL,
  field TEXT, visit_id INTEGER REFERENCES _visit, run_id INTEGER REFERENCES _run, not_after TEXT NOT NULL,
  mark TEXT NOT NULL CHECK(mark IN ('seen','important','note')), note TEXT, marked_at TEXT NOT NULL, marked_by TEXT NOT NULL,
  withdrawn_at TEXT) STRICT;
CREATE INDEX _mark_page ON _mark(page_id, visit_id) WHERE withdrawn_at IS NULL;
CREATE INDEX _mark_named ON _mark(mark, not_after) WHERE withdrawn_at IS NULL;
"""
