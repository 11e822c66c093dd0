"""The tables of pages whose content is in doubt, as steps of the migrations."""

DOUBTS = """
-- pages whose last visits showed a tiny text that shares nothing with their content (crawl/doubts.py): since when, and the
-- first visit with this text. exact: fingerprint of the content; mark: of its words without numbers
CREATE TABLE _doubt(
  page_id INTEGER PRIMARY KEY REFERENCES _page, site_id INTEGER NOT NULL REFERENCES _site, since TEXT NOT NULL,
  visit_id INTEGER NOT NULL REFERENCES _visit, exact TEXT NOT NULL, mark TEXT NOT NULL) STRICT;
CREATE INDEX _doubt_mark ON _doubt(site_id, mark);
"""

BROKEN_RECORDS = """
-- the fields that the profile's rules seem to misread, with commas between (extract/broken.py); NULL: a tiny text is in doubt
ALTER TABLE _doubt ADD COLUMN fields TEXT;
-- visits of which it was decided that they show the page, though their records are broken: by the extractor that read them
CREATE TABLE _accepted(
  visit_id INTEGER NOT NULL REFERENCES _visit, extractor_id INTEGER NOT NULL REFERENCES _extractor, accepted_at TEXT NOT NULL,
  PRIMARY KEY(visit_id, extractor_id)) STRICT, WITHOUT ROWID;
"""
