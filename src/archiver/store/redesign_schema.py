"""The migration that groups changes into redesigns, and finds the versions and the changes of a run."""

REDESIGNS = """
-- how a redesign changes a field of one kind of pages (change/transformation.py); position: their order
CREATE TABLE _redesign_part(
  redesign_id INTEGER NOT NULL REFERENCES _redesign, kind TEXT NOT NULL, field TEXT NOT NULL, position INTEGER NOT NULL,
  way TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
  PRIMARY KEY(redesign_id, kind, field, position)) STRICT, WITHOUT ROWID;
CREATE INDEX _change_redesign ON _change(redesign_id) WHERE redesign_id IS NOT NULL;

-- recent changes that no redesign holds; is_new: not looked at yet. The triggers see every way in which changes are written
CREATE TABLE _ungrouped(change_id INTEGER PRIMARY KEY, is_new INTEGER NOT NULL) STRICT;
INSERT INTO _ungrouped(change_id, is_new) SELECT change_id, 1 FROM _change
  WHERE not_after >= (SELECT datetime(max(not_after), '-30 days') FROM _change);
CREATE TRIGGER _change_added AFTER INSERT ON _change WHEN new.redesign_id IS NULL
  BEGIN INSERT OR REPLACE INTO _ungrouped(change_id, is_new) VALUES (new.change_id, 1); END;
CREATE TRIGGER _change_deleted AFTER DELETE ON _change
  BEGIN DELETE FROM _ungrouped WHERE change_id = old.change_id; END;

-- the run of a version's first visit, so that the versions and changes of a run can be counted at any time
ALTER TABLE _version ADD COLUMN run_id INTEGER;
UPDATE _version SET run_id = (SELECT t.run_id FROM _visit t WHERE t.visit_id = _version.first_visit);
CREATE INDEX _version_run ON _version(run_id);
CREATE TRIGGER _version_added AFTER INSERT ON _version WHEN new.run_id IS NULL
  BEGIN UPDATE _version SET run_id = (SELECT t.run_id FROM _visit t WHERE t.visit_id = new.first_visit)
    WHERE version_id = new.version_id; END;
"""
