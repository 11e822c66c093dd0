"""The tables of an archive, as SQL, and the forward migrations that made them.

Machinery tables begin with `_` and may change with any migration; the surface is the views of
`archiver.store.views`, which are dropped and created again at each migration. Times are UTC text
`YYYY-MM-DD HH:MM:SS`. Evidence (`_visit`) and content (`_content`) are immutable by trigger.
"""

from archiver.model.outcome import sql_list
from archiver.store.claim_schema import CLAIMS
from archiver.store.compact_schema import COMPACT, CONTENT_VIEWS, FILES
from archiver.store.doubt_schema import BROKEN_RECORDS, DOUBTS
from archiver.store.edit_schema import EDITS
from archiver.store.health_schema import HEALTH
from archiver.store.listing_schema import LISTINGS
from archiver.store.mark_schema import MARKS
from archiver.store.queue_schema import BY_PAGE, QUEUED
from archiver.store.reading_schema import READINGS
from archiver.store.redaction_schema import REDACTIONS
from archiver.store.redesign_schema import REDESIGNS
from archiver.store.rendition_schema import RENDITIONS
from archiver.store.research_schema import RESEARCH
from archiver.store.small_rows import SMALL_ROWS

APPLICATION_ID = 0x41524348  # "ARCH"
VAULT_APPLICATION_ID = 0x41524356  # "ARCV"

_TABLES = """
-- who we are: archive_id ties archive.db and archive.vault.db together
CREATE TABLE _meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE _site(
  site_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, title TEXT NOT NULL, home TEXT NOT NULL,
  language TEXT NOT NULL, timezone TEXT NOT NULL) STRICT;

CREATE TABLE _run(
  run_id INTEGER PRIMARY KEY, site_id INTEGER REFERENCES _site,
  kind TEXT NOT NULL CHECK(kind IN ('capture','crawl','extract','import')),
  started_at TEXT NOT NULL, finished_at TEXT, code_version TEXT NOT NULL, command TEXT,
  visits INTEGER NOT NULL DEFAULT 0, new_pages INTEGER NOT NULL DEFAULT 0, new_versions INTEGER NOT NULL DEFAULT 0,
  changed INTEGER NOT NULL DEFAULT 0, gone INTEGER NOT NULL DEFAULT 0, back INTEGER NOT NULL DEFAULT 0,
  errors INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0,
  ended TEXT CHECK(ended IN ('done','limit','interrupted','failed'))) STRICT;
CREATE INDEX _run_site ON _run(site_id, run_id);

-- a profile (by hash and text) + the code that read captures with it; one is current for each site
CREATE TABLE _extractor(
  extractor_id INTEGER PRIMARY KEY, site_id INTEGER NOT NULL REFERENCES _site,
  profile_sha256 TEXT NOT NULL, profile TEXT NOT NULL, code_version TEXT NOT NULL, made_at TEXT NOT NULL,
  current INTEGER NOT NULL DEFAULT 0 CHECK(current IN (0,1)), current_from TEXT, current_until TEXT,
  UNIQUE(site_id, profile_sha256, code_version)) STRICT;
CREATE UNIQUE INDEX _extractor_current ON _extractor(site_id) WHERE current = 1;

-- key: identity by the profile's [url] rules; url: the address it was first seen by, canonical
CREATE TABLE _page(
  page_id INTEGER PRIMARY KEY, site_id INTEGER NOT NULL REFERENCES _site, key TEXT NOT NULL, url TEXT NOT NULL,
  kind TEXT, first_seen TEXT NOT NULL, last_visited TEXT, last_visit INTEGER,
  state TEXT NOT NULL DEFAULT 'unknown' CHECK(state IN ('live','gone','moved','blocked','unknown')),
  views INTEGER, links_digest TEXT, links_seen TEXT,
  UNIQUE(site_id, key)) STRICT;
CREATE INDEX _page_address ON _page(url);

-- other spellings and former addresses: how = 'asked' | 'redirect' | 'canonical'
CREATE TABLE _page_url(
  url TEXT NOT NULL, page_id INTEGER NOT NULL REFERENCES _page, how TEXT NOT NULL,
  seen_from TEXT NOT NULL, seen_last TEXT NOT NULL, PRIMARY KEY(url, page_id, how)) STRICT, WITHOUT ROWID;

-- what was asked of servers, beside the address: once each
CREATE TABLE _request(
  request_id INTEGER PRIMARY KEY, method TEXT NOT NULL, address TEXT NOT NULL, head BLOB NOT NULL, content BLOB NOT NULL,
  UNIQUE(method, address, head, content)) STRICT;

-- evidence: one row an attempt; chained (store/chain.py); frame_id and what a reader found may change, nothing else
CREATE TABLE _visit(
  visit_id INTEGER PRIMARY KEY, page_id INTEGER NOT NULL REFERENCES _page, run_id INTEGER REFERENCES _run,
  visited_at TEXT NOT NULL,
  asked TEXT,                               -- the exact address when it is not the page's own
  request_id INTEGER NOT NULL REFERENCES _request,
  status INTEGER, outcome TEXT NOT NULL, location TEXT, media_type TEXT, bytes INTEGER,
  sha256 BLOB,                              -- of the body; NULL when the server sent nothing
  block_sha256 BLOB, frame_id INTEGER,      -- of head + body; where the vault keeps it, NULL when pruned
  milliseconds INTEGER NOT NULL, sent TEXT, note TEXT, chain BLOB NOT NULL,
  read_outcome TEXT, read_note TEXT         -- what a reader knew better
  ) STRICT;
CREATE INDEX _visit_page ON _visit(page_id, visited_at);
CREATE INDEX _visit_failed ON _visit(visited_at) WHERE outcome NOT IN ('ok','not_modified','moved');
CREATE TRIGGER _visit_kept BEFORE DELETE ON _visit BEGIN SELECT RAISE(ABORT, 'a visit is evidence and is never deleted'); END;
CREATE TRIGGER _visit_fixed BEFORE UPDATE OF visit_id, page_id, run_id, visited_at, asked, request_id, status, outcome, location,
  media_type, bytes, sha256, block_sha256, milliseconds, sent, note, chain ON _visit
  BEGIN SELECT RAISE(ABORT, 'a visit is evidence and is never altered'); END;
CREATE TRIGGER _request_kept BEFORE DELETE ON _request BEGIN SELECT RAISE(ABORT, 'a request is evidence and is never deleted'); END;
CREATE TRIGGER _request_fixed BEFORE UPDATE ON _request BEGIN SELECT RAISE(ABORT, 'a request is evidence and is never altered'); END;

-- kept but not yet read; a reader that dies leaves its row here, and the next command reads it
CREATE TABLE _unread(visit_id INTEGER PRIMARY KEY REFERENCES _visit, tries INTEGER NOT NULL DEFAULT 0) STRICT;

-- the stable fields; lists are JSON arrays of text
CREATE TABLE _content(
  content_id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE, title TEXT, published TEXT, published_utc TEXT,
  published_raw TEXT, published_precision TEXT, section TEXT, summary TEXT, body TEXT,
  captions TEXT NOT NULL, bylines TEXT NOT NULL, tags TEXT NOT NULL, images TEXT NOT NULL, files TEXT NOT NULL,
  language TEXT, extra TEXT NOT NULL) STRICT;
CREATE TRIGGER _content_fixed BEFORE UPDATE ON _content BEGIN SELECT RAISE(ABORT, 'content is immutable'); END;
CREATE TABLE _item(
  content_id INTEGER NOT NULL REFERENCES _content, field TEXT NOT NULL, position INTEGER NOT NULL,
  text TEXT NOT NULL, url TEXT, PRIMARY KEY(content_id, field, position)) STRICT, WITHOUT ROWID;
CREATE INDEX _item_text ON _item(field, text);

CREATE TABLE _version(
  version_id INTEGER PRIMARY KEY, page_id INTEGER NOT NULL REFERENCES _page,
  extractor_id INTEGER NOT NULL REFERENCES _extractor, version INTEGER NOT NULL,
  content_id INTEGER NOT NULL REFERENCES _content, verdict TEXT NOT NULL,
  first_visit INTEGER NOT NULL REFERENCES _visit, last_visit INTEGER NOT NULL REFERENCES _visit,
  seen_from TEXT NOT NULL, seen_last TEXT NOT NULL, seen_until TEXT, recorded_at TEXT NOT NULL,
  UNIQUE(page_id, extractor_id, version)) STRICT;
CREATE INDEX _version_content ON _version(content_id);
CREATE INDEX _version_when ON _version(seen_from);

CREATE TABLE _change(
  change_id INTEGER PRIMARY KEY, page_id INTEGER NOT NULL REFERENCES _page,
  extractor_id INTEGER NOT NULL REFERENCES _extractor, version_id INTEGER NOT NULL REFERENCES _version,
  field TEXT NOT NULL, old TEXT, new TEXT, not_before TEXT NOT NULL, not_after TEXT NOT NULL,
  chars_added INTEGER NOT NULL, chars_removed INTEGER NOT NULL) STRICT;
CREATE INDEX _change_page ON _change(page_id, not_after);
CREATE INDEX _change_field ON _change(field, not_after);
CREATE INDEX _change_when ON _change(not_after);
CREATE INDEX _change_version ON _change(version_id);

CREATE TABLE _reading(
  page_id INTEGER NOT NULL REFERENCES _page, name TEXT NOT NULL, visit_id INTEGER NOT NULL REFERENCES _visit,
  read_at TEXT NOT NULL, value INTEGER NOT NULL, gained INTEGER,
  PRIMARY KEY(page_id, name, read_at, visit_id)) STRICT, WITHOUT ROWID;
CREATE INDEX _reading_when ON _reading(name, read_at, gained);
CREATE INDEX _reading_reset ON _reading(name, read_at) WHERE gained < 0;

-- a page's misses; gone_by is set when they are proof (two at different times, or one 410)
CREATE TABLE _absence(
  absence_id INTEGER PRIMARY KEY, page_id INTEGER NOT NULL REFERENCES _page, last_seen TEXT, first_miss TEXT NOT NULL,
  last_miss TEXT NOT NULL, last_run INTEGER, gone_by TEXT, back_by TEXT, misses INTEGER NOT NULL, evidence TEXT NOT NULL) STRICT;
CREATE INDEX _absence_page ON _absence(page_id, first_miss);
CREATE INDEX _absence_when ON _absence(gone_by);

-- why each value is what it is
CREATE TABLE _source(
  version_id INTEGER NOT NULL REFERENCES _version, field TEXT NOT NULL, rule TEXT NOT NULL, rank INTEGER NOT NULL,
  raw TEXT, node_path TEXT, PRIMARY KEY(version_id, field)) STRICT, WITHOUT ROWID;

CREATE TABLE _reinterpretation(
  page_id INTEGER NOT NULL REFERENCES _page, seen_from TEXT NOT NULL, field TEXT NOT NULL, was TEXT, now TEXT,
  was_by INTEGER NOT NULL REFERENCES _extractor, now_by INTEGER NOT NULL REFERENCES _extractor,
  PRIMARY KEY(page_id, was_by, now_by, seen_from, field)) STRICT, WITHOUT ROWID;

-- seen_last is NULL while the link still stands; the page's links_seen says until when that is known
CREATE TABLE _link(
  link_id INTEGER PRIMARY KEY, page_id INTEGER NOT NULL REFERENCES _page, to_url TEXT NOT NULL, text TEXT NOT NULL,
  seen_from TEXT NOT NULL, seen_last TEXT) STRICT;
CREATE INDEX _link_page ON _link(page_id) WHERE seen_last IS NULL;
CREATE INDEX _link_target ON _link(to_url);

-- what is to be visited and when; one row a page worth visiting
CREATE TABLE _frontier(
  page_id INTEGER PRIMARY KEY REFERENCES _page, site_id INTEGER NOT NULL REFERENCES _site, due_at TEXT NOT NULL,
  priority REAL NOT NULL DEFAULT 0, interval REAL NOT NULL DEFAULT 0, depth INTEGER NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL DEFAULT 0, via INTEGER, method TEXT NOT NULL DEFAULT 'GET', content BLOB,
  run_id INTEGER, reason TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX _frontier_due ON _frontier(site_id, due_at, priority);

-- when each server may be asked again, and the rules it gave us
CREATE TABLE _host(
  origin TEXT PRIMARY KEY, not_before TEXT, failures INTEGER NOT NULL DEFAULT 0,
  robots_status INTEGER, robots TEXT, robots_at TEXT) STRICT, WITHOUT ROWID;

-- full text over content; đ is folded by the view, because no tokenizer of SQLite does it
CREATE VIEW _content_plain AS SELECT content_id,
  replace(replace(title, 'đ', 'd'), 'Đ', 'D') AS title, replace(replace(summary, 'đ', 'd'), 'Đ', 'D') AS summary,
  replace(replace(body, 'đ', 'd'), 'Đ', 'D') AS body, replace(replace(captions, 'đ', 'd'), 'Đ', 'D') AS captions,
  replace(replace(bylines, 'đ', 'd'), 'Đ', 'D') AS bylines FROM _content;
CREATE VIRTUAL TABLE _words USING fts5(title, summary, body, captions, bylines, content='_content',
  content_rowid='content_id', tokenize='unicode61 remove_diacritics 0');
CREATE VIRTUAL TABLE _words_plain USING fts5(title, summary, body, captions, bylines, content='_content_plain',
  content_rowid='content_id', tokenize='unicode61 remove_diacritics 2');
CREATE TRIGGER _content_added AFTER INSERT ON _content BEGIN
  INSERT INTO _words(rowid, title, summary, body, captions, bylines)
    VALUES (new.content_id, new.title, new.summary, new.body, new.captions, new.bylines);
  INSERT INTO _words_plain(rowid, title, summary, body, captions, bylines)
    SELECT content_id, title, summary, body, captions, bylines FROM _content_plain WHERE content_id = new.content_id;
END;
CREATE TRIGGER _content_kept BEFORE DELETE ON _content BEGIN SELECT RAISE(ABORT, 'content is never deleted'); END;

CREATE TABLE _doc(view TEXT NOT NULL, column TEXT NOT NULL, meaning TEXT NOT NULL, PRIMARY KEY(view, column)) STRICT, WITHOUT ROWID;
"""

_CONDITIONAL = """
-- what a server gave with a page's last whole answer, to ask with whether it changed; unchanged: 304s since then
CREATE TABLE _validator(
  page_id INTEGER PRIMARY KEY REFERENCES _page, visit_id INTEGER NOT NULL REFERENCES _visit, origin TEXT NOT NULL,
  etag BLOB, modified BLOB, unchanged INTEGER NOT NULL DEFAULT 0) STRICT;
-- how often a page came back byte for byte under the same validator, and how often not
ALTER TABLE _host ADD COLUMN word_kept INTEGER NOT NULL DEFAULT 0;
ALTER TABLE _host ADD COLUMN word_broken INTEGER NOT NULL DEFAULT 0;
"""

_LEARNED = """
-- evidence: what a page's visits say of its rate (revisit/change_rate.py); born: when it was published, if it says so
ALTER TABLE _frontier ADD COLUMN evidence BLOB;
ALTER TABLE _frontier ADD COLUMN born TEXT;
-- what is usual of each kind of a site's pages, and when its pages are due (revisit/learner.py)
CREATE TABLE _usual(
  site_id INTEGER NOT NULL REFERENCES _site, kind TEXT NOT NULL, belief BLOB, counts TEXT,
  PRIMARY KEY(site_id, kind)) STRICT, WITHOUT ROWID;
CREATE TABLE _pace(
  site_id INTEGER PRIMARY KEY REFERENCES _site, threshold REAL NOT NULL, budget REAL, asked REAL NOT NULL, set_at TEXT NOT NULL) STRICT;
-- why a visit was made; not chained, for it says nothing of what came
ALTER TABLE _visit ADD COLUMN reason TEXT;
"""

_HINTED = """
-- the moment that a sitemap or a feed printed beside the address, when it was last told
ALTER TABLE _frontier ADD COLUMN hint TEXT;
"""

BLIND = f"coalesce({{0}}read_outcome, {{0}}outcome) IN {sql_list(lambda each: each.is_blind)}"
"""A visit that got no page because of the server, the network or the archiver, not because of the page. The index and the view must use the same text."""

_BLIND = """
-- by what a reader found, which is what people ask for
DROP INDEX _visit_failed;
CREATE INDEX _visit_blind ON _visit(visited_at) WHERE coalesce(read_outcome, outcome) NOT IN
  ('ok', 'not_modified', 'moved', 'gone', 'soft_gone', 'skipped');
"""

_FROM_FILES = """
-- files that captures were imported from, and which record of which file each came from (payload: sha1 and hex)
CREATE TABLE _warc(file_id INTEGER PRIMARY KEY, name TEXT NOT NULL, software TEXT NOT NULL, UNIQUE(name, software)) STRICT;
CREATE TABLE _imported(
  visit_id INTEGER PRIMARY KEY REFERENCES _visit, file_id INTEGER NOT NULL REFERENCES _warc, place INTEGER NOT NULL,
  record_id TEXT NOT NULL, payload TEXT NOT NULL) STRICT;
CREATE INDEX _imported_record ON _imported(record_id);
CREATE INDEX _imported_payload ON _imported(payload);
"""

MIGRATIONS: tuple[str, ...] = (
    _TABLES,
    _CONDITIONAL,
    _LEARNED,
    _HINTED,
    _BLIND,
    _FROM_FILES,
    BY_PAGE,
    QUEUED + SMALL_ROWS + COMPACT + CONTENT_VIEWS,
    DOUBTS + FILES + CONTENT_VIEWS,
    EDITS + REDESIGNS + HEALTH + CLAIMS + LISTINGS + RESEARCH + READINGS,
    REDACTIONS,
    MARKS,
    BROKEN_RECORDS,
    RENDITIONS,
)
"""Step n leads from `user_version` n to n + 1. Steps are only ever added at the end."""

_VAULT_TABLES = """
CREATE TABLE _meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
-- one zstd frame a row (store/frame_codec.py): F leans on nothing, K on keyframes, D on the visit before or the keyframe
CREATE TABLE _frame(
  frame_id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL CHECK(kind IN ('F','K','D')), size INTEGER NOT NULL, data BLOB NOT NULL,
  reference INTEGER REFERENCES _frame, base INTEGER REFERENCES _frame, tail INTEGER REFERENCES _frame,
  number INTEGER NOT NULL, depth INTEGER NOT NULL, mean INTEGER NOT NULL, swaps BLOB) STRICT;
-- F and K frames again, because many others lean on them
CREATE TABLE _mirror(
  frame_id INTEGER PRIMARY KEY, kind TEXT NOT NULL, size INTEGER NOT NULL, data BLOB NOT NULL, reference INTEGER, base INTEGER,
  tail INTEGER, number INTEGER NOT NULL, depth INTEGER NOT NULL, mean INTEGER NOT NULL, swaps BLOB) STRICT;
-- the keyframes of a site that others may lean on
CREATE TABLE _base(
  site_id INTEGER NOT NULL, frame_id INTEGER NOT NULL REFERENCES _frame, full INTEGER NOT NULL CHECK(full IN (0,1)),
  PRIMARY KEY(site_id, frame_id)) STRICT, WITHOUT ROWID;
CREATE INDEX _base_full ON _base(site_id, frame_id) WHERE full = 1;
-- large bodies, each kept once
CREATE TABLE _large(sha256 BLOB PRIMARY KEY, frame_id INTEGER NOT NULL REFERENCES _frame) STRICT, WITHOUT ROWID;
"""

VAULT_MIGRATIONS: tuple[str, ...] = (_VAULT_TABLES,)
