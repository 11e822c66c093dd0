"""The migration for redactions, which delete captures for good; pruned bodies; and embargoes, which hide pages until a date."""

REDACTIONS = """
-- acts of deleting captures, each chained to the one before (store/redaction_chain.py). wanted: what was asked for, in words
CREATE TABLE _redaction(
  redaction_id INTEGER PRIMARY KEY, site_id INTEGER NOT NULL REFERENCES _site, redacted_at TEXT NOT NULL, reason TEXT NOT NULL,
  redacted_by TEXT, wanted TEXT NOT NULL, visits INTEGER NOT NULL, chain BLOB NOT NULL) STRICT;
-- their visits. frame_id: where the bytes were. mark: of a visit that showed a version without any other capture, the name of
-- the content that replaces the deleted one; equal marks are equal contents
CREATE TABLE _redacted(
  visit_id INTEGER PRIMARY KEY REFERENCES _visit, redaction_id INTEGER NOT NULL REFERENCES _redaction, frame_id INTEGER,
  mark TEXT) STRICT;
CREATE INDEX _redacted_by ON _redacted(redaction_id);
-- pages of which all captures were redacted, or those of a span of time: an import takes no capture of that span
CREATE TABLE _redacted_page(
  redaction_id INTEGER NOT NULL REFERENCES _redaction, page_id INTEGER NOT NULL REFERENCES _page, since TEXT NOT NULL,
  until TEXT NOT NULL, PRIMARY KEY(page_id, redaction_id)) STRICT, WITHOUT ROWID;
CREATE TRIGGER _redaction_kept BEFORE DELETE ON _redaction BEGIN SELECT RAISE(ABORT, 'a redaction is never deleted'); END;
CREATE TRIGGER _redaction_fixed BEFORE UPDATE ON _redaction BEGIN SELECT RAISE(ABORT, 'a redaction is never altered'); END;
CREATE TRIGGER _redacted_kept BEFORE DELETE ON _redacted BEGIN SELECT RAISE(ABORT, 'a redaction is never deleted'); END;
CREATE TRIGGER _redacted_fixed BEFORE UPDATE OF visit_id, redaction_id ON _redacted
  BEGIN SELECT RAISE(ABORT, 'a redaction is never altered'); END;
-- a redacted capture never gets bytes again
CREATE TRIGGER _visit_redacted BEFORE UPDATE OF frame_id ON _visit
  WHEN new.frame_id IS NOT NULL AND EXISTS (SELECT 1 FROM _redacted r WHERE r.visit_id = new.visit_id)
  BEGIN SELECT RAISE(ABORT, 'this capture is redacted'); END;

-- visits whose bytes `archiver prune` deleted: missing bytes without such a row, and without a redaction, are damage
CREATE TABLE _pruned(visit_id INTEGER PRIMARY KEY REFERENCES _visit) STRICT;
INSERT INTO _pruned SELECT visit_id FROM _visit WHERE frame_id IS NULL AND block_sha256 IS NOT NULL;

-- addresses that exports leave out until a time. pattern: as in robots.txt (model/embargo.py); site_id NULL: of all sites
CREATE TABLE _embargo(
  embargo_id INTEGER PRIMARY KEY, site_id INTEGER REFERENCES _site, pattern TEXT NOT NULL, until TEXT NOT NULL,
  reason TEXT NOT NULL, set_at TEXT NOT NULL, lifted_at TEXT) STRICT;
"""
