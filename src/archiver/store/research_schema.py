"""The migration for questions about the archive itself: what a run knew at its start, what was verified, logins."""

RESEARCH = """
-- of a crawl: the pages that were known and those that were due when it began; NULL in older rows
ALTER TABLE _run ADD COLUMN known INTEGER;
ALTER TABLE _run ADD COLUMN due INTEGER;

-- each `verify` that found the archive whole: how far the chain went, and how many bodies it read
CREATE TABLE _verification(
  verification_id INTEGER PRIMARY KEY, verified_at TEXT NOT NULL, deep INTEGER NOT NULL CHECK(deep IN (0,1)),
  visits INTEGER NOT NULL, last_visit INTEGER NOT NULL, chain TEXT NOT NULL, bodies INTEGER NOT NULL,
  bodies_read INTEGER NOT NULL) STRICT;
CREATE INDEX _verification_reach ON _verification(last_visit, verified_at);

-- few rows, so that the view `events` need not read all visits
CREATE INDEX _visit_login ON _visit(page_id, visited_at) WHERE cause = 'login';
"""
