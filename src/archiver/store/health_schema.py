"""The migration that keeps the health of each run: the shares of its fields, and its alarms."""

HEALTH = """
-- pages with a field, of those that a run read, and of the pages that were read before
CREATE TABLE _health(
  run_id INTEGER NOT NULL REFERENCES _run, kind TEXT NOT NULL, field TEXT NOT NULL, read INTEGER NOT NULL, found INTEGER NOT NULL,
  before_read INTEGER NOT NULL, before_found INTEGER NOT NULL, PRIMARY KEY(run_id, kind, field)) STRICT, WITHOUT ROWID;
CREATE TABLE _alarm(
  run_id INTEGER NOT NULL REFERENCES _run, position INTEGER NOT NULL, what TEXT NOT NULL, kind TEXT, field TEXT, since TEXT,
  problem TEXT NOT NULL, url TEXT, PRIMARY KEY(run_id, position)) STRICT, WITHOUT ROWID;
-- runs whose health is kept; a run that read nothing has no rows in the tables above
ALTER TABLE _run ADD COLUMN has_health INTEGER NOT NULL DEFAULT 0;
"""
