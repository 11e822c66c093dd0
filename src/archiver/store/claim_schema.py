"""The migration that stores what pages claim about their latest change, and where pages moved to."""

CLAIMS = """
-- when a page claims to have been changed last: a row for each visit whose claim differs from the one before; value NULL:
-- it claims nothing any more. No row is written for other visits. only_since: the last visit that saw the claim before,
-- when only the claim changed
CREATE TABLE _modified(
  page_id INTEGER NOT NULL REFERENCES _page, seen_from TEXT NOT NULL, visit_id INTEGER NOT NULL REFERENCES _visit,
  extractor_id INTEGER NOT NULL REFERENCES _extractor, value TEXT, utc TEXT, raw TEXT, only_since TEXT,
  PRIMARY KEY(page_id, seen_from)) STRICT, WITHOUT ROWID;
CREATE INDEX _modified_only ON _modified(seen_from) WHERE only_since IS NOT NULL;

-- pages whose content moved to another address; to_page is NULL while the archive has no such page. until: the first
-- visit after which the move does not stand any more, because the page is back or moved on; at most one stands
CREATE TABLE _move(
  page_id INTEGER NOT NULL REFERENCES _page, to_page INTEGER REFERENCES _page, to_url TEXT NOT NULL,
  how TEXT NOT NULL CHECK(how IN ('redirect','same_content','near')), visit_id INTEGER NOT NULL REFERENCES _visit,
  until TEXT, PRIMARY KEY(page_id, visit_id)) STRICT, WITHOUT ROWID;
CREATE INDEX _move_target ON _move(to_page);
CREATE INDEX _content_title ON _stored_content(title) WHERE title IS NOT NULL;
"""
