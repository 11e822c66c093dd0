"""The migration that stores edited bodies as pieces, changes as references to two contents, and rules of sources once; and the views of whole contents."""

from archiver.store.body_pieces import joined_body
from archiver.store.content_columns import SEARCHED, STORED

_HELD = """CASE field WHEN 'title' THEN nullif(c.title, '') WHEN 'published' THEN nullif(c.published, '')
    WHEN 'section' THEN nullif(c.section, '') WHEN 'summary' THEN nullif(c.summary, '') WHEN 'body' THEN nullif(c.body, '')
    WHEN 'language' THEN nullif(c.language, '') WHEN 'captions' THEN nullif(c.captions, '[]')
    WHEN 'bylines' THEN nullif(c.bylines, '[]') WHEN 'tags' THEN nullif(c.tags, '[]') WHEN 'images' THEN nullif(c.images, '[]') END"""
# the text of a field of a change, by the columns that contents have at this step

COMPACT = f"""
-- a body that differs little from its base holds only its own text, and cuts (store/body_pieces.py); the view `_content` joins them
DROP TRIGGER _content_added;
DROP TRIGGER _content_fixed;
DROP TRIGGER _content_kept;
DROP VIEW _content_plain;
ALTER TABLE _content RENAME TO _stored_content;
ALTER TABLE _stored_content ADD COLUMN base INTEGER REFERENCES _stored_content;
ALTER TABLE _stored_content ADD COLUMN cuts TEXT;
CREATE TRIGGER _content_fixed BEFORE UPDATE ON _stored_content BEGIN SELECT RAISE(ABORT, 'content is immutable'); END;
CREATE TRIGGER _content_kept BEFORE DELETE ON _stored_content BEGIN SELECT RAISE(ABORT, 'content is never deleted'); END;

-- a change refers to the contents before and after it; old and new are for fields that are no column of content: extra.NAME, files
ALTER TABLE _change ADD COLUMN old_content INTEGER REFERENCES _stored_content;
ALTER TABLE _change ADD COLUMN new_content INTEGER REFERENCES _stored_content;
UPDATE _change SET (old_content, new_content) = (SELECT b.content_id, v.content_id FROM _version v JOIN _version b
  ON b.page_id = v.page_id AND b.extractor_id = v.extractor_id AND b.version = v.version - 1 WHERE v.version_id = _change.version_id);
UPDATE _change SET old_content = NULL, new_content = NULL WHERE coalesce(old, new) IS NULL
  OR old IS NOT (SELECT {_HELD} FROM _stored_content c WHERE c.content_id = old_content)
  OR new IS NOT (SELECT {_HELD} FROM _stored_content c WHERE c.content_id = new_content);
UPDATE _change SET old = NULL, new = NULL WHERE old_content IS NOT NULL;

-- each pair of a rule and a place in the page once; rows of earlier schemas hold both themselves
CREATE TABLE _origin(origin_id INTEGER PRIMARY KEY, rule TEXT NOT NULL, node_path TEXT NOT NULL, UNIQUE(rule, node_path)) STRICT;
ALTER TABLE _source ADD COLUMN origin_id INTEGER REFERENCES _origin;
"""

BODY = (
    f"CASE WHEN c.base IS NULL THEN c.body ELSE (SELECT {joined_body('c', 'b')} FROM _stored_content b "
    "WHERE b.content_id = c.base) END AS body"
)
_WHOLE = ", ".join(BODY if name == "body" else f"c.{name}" for name in ("content_id", "fingerprint", *STORED))
_PLAIN = ", ".join(f"replace(replace({each.name}, 'đ', 'd'), 'Đ', 'D') AS {each.name}" for each in SEARCHED)
CONTENT_VIEWS = f"""
DROP VIEW IF EXISTS _content;
CREATE VIEW _content AS SELECT {_WHOLE} FROM _stored_content c;
-- đ is folded by the view, because no tokenizer of SQLite does it
DROP VIEW IF EXISTS _content_plain;
CREATE VIEW _content_plain AS SELECT content_id, {_PLAIN} FROM _content;
"""
"""The views of whole contents, which the full-text indexes refer to. A migration that adds a content field creates them again."""

FILES = """
-- of a page that is a file: the digest and the size of its bytes
ALTER TABLE _stored_content ADD COLUMN file TEXT;
"""
