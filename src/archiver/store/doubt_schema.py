"""The table of pages whose content is in doubt, as a step of the migrations."""

DOUBTS = """
-- pages whose last visits showed a tiny text that shares nothing with their content (crawl/doubts.py): since when, and the
-- first visit with this text. exact: fingerprint of the content; mark: of its words without numbers
CREATE TABLE _doubt(
  page_id INTEGER PRIMARY KEY REFERENCES _page, site_id INTEGER NOT NULL REFERENCES _site, since TEXT NOT NULL,
  visit_id INTEGER NOT NULL REFERENCES _visit, exact TEXT NOT NULL, mark TEXT NOT NULL) STRICT;
CREATE INDEX _doubt_mark ON _doubt(site_id, mark);
"""
