"""The migrations to schema 7 and 8: codes, readings by page, and the queues of the frontier."""

BY_PAGE = """
-- each page has its own newest extractor. current: 1 = the views show the version; 2 = a newer reading replaced its
-- content, and its change stands; 3 = being replaced, within one transaction; 0 = an older reading
ALTER TABLE _version ADD COLUMN current INTEGER NOT NULL DEFAULT 1 CHECK(current IN (0,1,2,3));
UPDATE _version SET current = 0 WHERE extractor_id NOT IN (SELECT extractor_id FROM _extractor WHERE current = 1);
CREATE INDEX _version_current ON _version(page_id, version) WHERE current = 1;

-- codes beside the texts that are made from them (model/reason.py, model/outcome.py); neither is chained
ALTER TABLE _visit ADD COLUMN reason_code TEXT;
ALTER TABLE _visit ADD COLUMN cause TEXT;
ALTER TABLE _frontier ADD COLUMN reason_code TEXT NOT NULL DEFAULT '';
UPDATE _frontier SET reason_code = CASE reason WHEN 'start' THEN 'start' WHEN 'link' THEN 'link'
  WHEN 'next page' THEN 'next_page' WHEN 'linked file' THEN 'linked_file' WHEN 'paging form' THEN 'paging_form'
  WHEN 'redirect' THEN 'redirect' WHEN 'sitemap' THEN 'sitemap' WHEN 'feed' THEN 'feed' WHEN 'a page names it' THEN 'named_by_page'
  WHEN 'the profile names it' THEN 'named_by_profile' WHEN 'robots.txt names it' THEN 'named_by_robots'
  WHEN 'a sitemap index lists it' THEN 'in_sitemap_index' WHEN 'where sitemaps usually are' THEN 'guessed_sitemap'
  WHEN 'gone: seldom' THEN 'gone' WHEN 'missing once: a second proof is needed' THEN 'missing_once' WHEN 'moved: seldom' THEN 'moved'
  ELSE CASE
  WHEN reason LIKE 'hint: %' THEN 'hint' WHEN reason LIKE 'not seen for %' THEN 'ceiling' WHEN reason LIKE '%: later' THEN 'failed'
  ELSE 'rate' END END;
DROP INDEX _visit_blind;  -- it is made with the views, from the table of outcomes

-- a capture that no reader could read stays on the list: why, and which version of the reader failed
ALTER TABLE _unread ADD COLUMN cause TEXT;
ALTER TABLE _unread ADD COLUMN failed_by TEXT;
UPDATE _unread SET tries = 0;  -- they counted interrupted runs; from now on, only workers that died
-- what was written down as a fault of the page, and was one of the reader's, is read again
INSERT OR IGNORE INTO _unread(visit_id) SELECT visit_id FROM _visit WHERE read_outcome = 'unreadable' AND frame_id IS NOT NULL
  AND (read_note LIKE 'could not be read (%' OR read_note LIKE 'could not be written down (%'
  OR read_note LIKE 'its reader was cut off%' OR read_note LIKE '%took its reader down (%');
UPDATE _visit SET read_outcome = NULL, read_note = NULL WHERE read_outcome = 'unreadable' AND visit_id IN (SELECT visit_id FROM _unread);

DROP VIEW IF EXISTS runs;
DELETE FROM _meta WHERE key = 'views';
-- a run that left pages undone is `stopped`, and says why
ALTER TABLE _run ADD COLUMN ended_as TEXT CHECK(ended_as IN ('done','limit','interrupted','stopped','failed'));
UPDATE _run SET ended_as = ended;
ALTER TABLE _run DROP COLUMN ended;
ALTER TABLE _run RENAME COLUMN ended_as TO ended;
ALTER TABLE _run ADD COLUMN unread INTEGER NOT NULL DEFAULT 0;
ALTER TABLE _run ADD COLUMN cause TEXT;
"""

QUEUED = """
-- the frontier is read as queues, one for each priority and each range of intervals (store/due_queues.py)
UPDATE _frontier SET priority = priority + 0.5 WHERE depth = 0;  -- start pages come first within a priority
ALTER TABLE _frontier ADD COLUMN queue INTEGER AS (CAST(-20 * priority AS INTEGER) + CASE
  WHEN interval = 0 THEN 0 WHEN interval < 3600 THEN 1 WHEN interval < 14400 THEN 2 WHEN interval < 57600 THEN 3
  WHEN interval < 230400 THEN 4 WHEN interval < 921600 THEN 5 WHEN interval < 3686400 THEN 6 ELSE 7 END) VIRTUAL;
DROP INDEX _frontier_due;
CREATE INDEX _frontier_queue ON _frontier(site_id, queue, due_at, run_id);
-- which part of a large site the next refit reads (crawl/revisit_schedule.py)
ALTER TABLE _pace ADD COLUMN next_part INTEGER NOT NULL DEFAULT 0;

-- what missing pages of a site look like: its three newest answers 404 or 410, and its newest probe
CREATE TABLE _sample(
  site_id INTEGER NOT NULL REFERENCES _site, is_probe INTEGER NOT NULL CHECK(is_probe IN (0,1)),
  visit_id INTEGER NOT NULL REFERENCES _visit, PRIMARY KEY(site_id, is_probe, visit_id)) STRICT, WITHOUT ROWID;
INSERT INTO _sample SELECT site_id, is_probe, visit_id FROM (
  SELECT p.site_id, p.kind IS 'probe' AS is_probe, t.visit_id,
    row_number() OVER (PARTITION BY p.site_id, p.kind IS 'probe' ORDER BY t.visited_at DESC, t.visit_id DESC) AS place
  FROM _visit t JOIN _page p ON p.page_id = t.page_id
  WHERE iif(p.kind IS 'probe', t.status IS NOT NULL, t.outcome = 'gone' AND t.frame_id IS NOT NULL AND t.bytes > 0))
  WHERE place <= iif(is_probe, 1, 3);
"""
