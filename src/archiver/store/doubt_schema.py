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
-- visits of which it was decided that they show the page, though the records that this extractor reads are broken; why: alone
-- (no other page is), rare (few of the new pages are) or unfit (no page of its kind was ever read well)
CREATE TABLE _accepted(
  page_id INTEGER NOT NULL REFERENCES _page, extractor_id INTEGER NOT NULL REFERENCES _extractor, visit_id INTEGER NOT NULL REFERENCES _visit,
  accepted_at TEXT NOT NULL, why TEXT NOT NULL CHECK(why IN ('alone','rare','unfit')),
  PRIMARY KEY(page_id, extractor_id, visit_id)) STRICT, WITHOUT ROWID;
"""
