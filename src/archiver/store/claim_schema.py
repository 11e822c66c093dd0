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
-- the permanent redirects that ended a version; moves with the same content are found by archiver extract
INSERT INTO _move(page_id, to_page, to_url, how, visit_id, until)
SELECT p.page_id, coalesce(
    (SELECT q.page_id FROM _page q WHERE q.site_id = p.site_id AND q.url = t.location),
    (SELECT u.page_id FROM _page_url u JOIN _page q ON q.page_id = u.page_id WHERE u.url = coalesce(t.asked, p.url)
     AND u.how = 'redirect' AND q.site_id = p.site_id AND u.page_id <> p.page_id AND t.visited_at BETWEEN u.seen_from AND u.seen_last)),
  t.location, 'redirect', min(t.visit_id),
  (SELECT min(n.seen_from) FROM _version n WHERE n.page_id = v.page_id AND n.current = 1 AND n.version > v.version)
FROM _version v CROSS JOIN _visit t CROSS JOIN _page p
WHERE v.current = 1 AND v.seen_until IS NOT NULL AND t.page_id = v.page_id AND t.visited_at = v.seen_until
  AND t.outcome = 'moved' AND t.status IN (301, 308) AND t.location IS NOT NULL AND p.page_id = v.page_id
GROUP BY v.version_id;
CREATE INDEX _content_title ON _stored_content(title) WHERE title IS NOT NULL;
"""
