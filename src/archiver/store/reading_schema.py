"""The migration that stores where readings come from, and the nodes of the items of lists."""

READINGS = """
-- how counters are printed (text/printed_number.py), each form once
CREATE TABLE _form(
  form_id INTEGER PRIMARY KEY, before TEXT NOT NULL, mark TEXT NOT NULL, after TEXT NOT NULL, UNIQUE(before, mark, after)) STRICT;
-- where a counter of a page comes from, from a visit on until the next row
CREATE TABLE _reading_source(
  page_id INTEGER NOT NULL REFERENCES _page, name_id INTEGER NOT NULL REFERENCES _reading_name,
  visit_id INTEGER NOT NULL REFERENCES _visit, origin_id INTEGER NOT NULL REFERENCES _origin, rank INTEGER NOT NULL,
  form_id INTEGER NOT NULL REFERENCES _form, PRIMARY KEY(page_id, name_id, visit_id)) STRICT, WITHOUT ROWID;
"""
