"""The migration that stores what listings showed at each visit, and the titles and labels of pages."""

LISTINGS = """
-- what a listing showed, one row for each visit that differed from the one before (store/editions.py). last_visit is NULL while it
-- is current: links_visit of its page is the last visit that showed it. volume: the first edition of the volume that it is in
CREATE TABLE _edition(
  page_id INTEGER NOT NULL REFERENCES _page, number INTEGER NOT NULL, volume INTEGER NOT NULL,
  first_visit INTEGER NOT NULL REFERENCES _visit, last_visit INTEGER REFERENCES _visit,
  extractor_id INTEGER NOT NULL REFERENCES _extractor, PRIMARY KEY(page_id, number)) STRICT, WITHOUT ROWID;
-- an item of the editions `first` to `last` of a volume (NULL: to its end). `place` only says the order of the items
CREATE TABLE _placed(
  page_id INTEGER NOT NULL REFERENCES _page, volume INTEGER NOT NULL, first INTEGER NOT NULL, place INTEGER NOT NULL,
  last INTEGER, target_id INTEGER NOT NULL REFERENCES _target, to_page INTEGER REFERENCES _page,
  PRIMARY KEY(page_id, volume, first, place)) STRICT, WITHOUT ROWID;
-- blocks of listings that show other old pages at each visit, and at how many visits in a row
CREATE TABLE _rotation(
  page_id INTEGER NOT NULL REFERENCES _page, block TEXT NOT NULL, turns INTEGER NOT NULL,
  PRIMARY KEY(page_id, block)) STRICT, WITHOUT ROWID;

-- title: of a listing, which has no version; label: what tells a page from others of its address
ALTER TABLE _page ADD COLUMN title TEXT;
ALTER TABLE _page ADD COLUMN label TEXT;
-- the next visit of each listing stores its first edition
UPDATE _page SET links_digest = '' WHERE kind = 'listing' AND links_digest IS NOT NULL;
"""
