"""The migration that records what kind of edit a change is, and between which visits it was made."""

EDITS = """
-- changes of many pages in the same way: one event. kind and fields: of the changed pages, as text
CREATE TABLE _redesign(
  redesign_id INTEGER PRIMARY KEY, site_id INTEGER NOT NULL REFERENCES _site, run_id INTEGER REFERENCES _run,
  kind TEXT NOT NULL, fields TEXT NOT NULL, since TEXT NOT NULL, what TEXT NOT NULL) STRICT;
CREATE INDEX _redesign_site ON _redesign(site_id, since);

-- nature: words, figures, typography, order or media; context: the changed words with some around them
ALTER TABLE _change ADD COLUMN nature TEXT;
ALTER TABLE _change ADD COLUMN context TEXT;
ALTER TABLE _change ADD COLUMN before_visit INTEGER REFERENCES _visit;  -- the last visit with the old value
-- changes that an earlier schema stored, until describe_changes.py describes them; empty afterwards
CREATE INDEX _change_undescribed ON _change(change_id) WHERE nature IS NULL;
ALTER TABLE _change ADD COLUMN redesign_id INTEGER REFERENCES _redesign;
"""
