"""The migration that makes the rows of links, readings and visits small: what repeats is stored once."""

SMALL_ROWS = """
DROP VIEW IF EXISTS visits;
DROP VIEW IF EXISTS readings;
DROP VIEW IF EXISTS links;
DELETE FROM _meta WHERE key = 'views';

-- why visits were made, each reason once; not chained, and a visit whose reason is lost stays valid
CREATE TABLE _reason(reason_id INTEGER PRIMARY KEY, code TEXT, reason TEXT NOT NULL, UNIQUE(code, reason)) STRICT;
INSERT INTO _reason(code, reason) SELECT DISTINCT reason_code, reason FROM _visit WHERE reason IS NOT NULL;
ALTER TABLE _visit ADD COLUMN reason_id INTEGER;
UPDATE _visit SET reason_id = (SELECT o.reason_id FROM _reason o WHERE o.code IS _visit.reason_code AND o.reason = _visit.reason)
  WHERE reason IS NOT NULL;
ALTER TABLE _visit DROP COLUMN reason;
ALTER TABLE _visit DROP COLUMN reason_code;

-- counters in the order of their visits; page and time are those of the visit
CREATE TABLE _reading_name(name_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
INSERT INTO _reading_name(name) SELECT DISTINCT name FROM _reading ORDER BY name;
DROP INDEX _reading_when;
DROP INDEX _reading_reset;
ALTER TABLE _reading RENAME TO _reading_before;
CREATE TABLE _reading(
  visit_id INTEGER NOT NULL REFERENCES _visit, name_id INTEGER NOT NULL REFERENCES _reading_name, value INTEGER NOT NULL,
  gained INTEGER, PRIMARY KEY(visit_id, name_id)) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO _reading(visit_id, name_id, value, gained) SELECT r.visit_id, n.name_id, r.value, r.gained
  FROM _reading_before r JOIN _reading_name n ON n.name = r.name ORDER BY r.visit_id, n.name_id;
DROP TABLE _reading_before;
CREATE INDEX _reading_reset ON _reading(name_id, visit_id) WHERE gained < 0;
CREATE INDEX _visit_when ON _visit(visited_at, page_id);  -- the page, too: the view `readings` needs nothing else of a visit

-- links of contents and listings: addresses and texts once each, spans by their first and last visit. last_visit is NULL
-- while the link is present; links_visit of its page is the last visit that is known to have shown it
CREATE TABLE _target(target_id INTEGER PRIMARY KEY, to_url TEXT NOT NULL, text TEXT NOT NULL) STRICT;
CREATE INDEX _target_address ON _target(to_url);
DROP INDEX _link_page;
DROP INDEX _link_target;
ALTER TABLE _link RENAME TO _link_before;
INSERT INTO _target(to_url, text) SELECT DISTINCT to_url, text FROM _link_before;
CREATE TABLE _link(
  page_id INTEGER NOT NULL REFERENCES _page, target_id INTEGER NOT NULL REFERENCES _target,
  first_visit INTEGER NOT NULL REFERENCES _visit, last_visit INTEGER REFERENCES _visit,
  PRIMARY KEY(page_id, target_id, first_visit)) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO _link(page_id, target_id, first_visit, last_visit) SELECT page_id, target_id, first,
  iif(seen_last IS NULL, NULL, coalesce((SELECT min(t.visit_id) FROM _visit t WHERE t.page_id = q.page_id AND t.visited_at = seen_last), first))
  FROM (SELECT l.page_id, k.target_id, l.seen_last,
    (SELECT min(t.visit_id) FROM _visit t WHERE t.page_id = l.page_id AND t.visited_at = l.seen_from) AS first
    FROM _link_before l JOIN _target k ON k.to_url = l.to_url AND k.text = l.text) q;
DROP TABLE _link_before;
CREATE INDEX _link_target ON _link(target_id);
CREATE INDEX _link_present ON _link(page_id) WHERE last_visit IS NULL;
ALTER TABLE _page ADD COLUMN links_visit INTEGER;
UPDATE _page SET links_visit = (SELECT min(t.visit_id) FROM _visit t WHERE t.page_id = _page.page_id AND t.visited_at = links_seen)
  WHERE links_seen IS NOT NULL;
"""
