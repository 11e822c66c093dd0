"""The migration for questions about the archive itself: what a run knew at its start, what was verified, words of contents, logins."""

from archiver.store.compact_schema import BODY

# words are separated by one space or line break, and paragraphs by two line breaks, because the reader cleans texts
_SPACED = "replace(replace(c.body, '\n\n', ' '), '\n', ' ')"
COUNTED = f"length({_SPACED}) - length(replace({_SPACED}, ' ', '')) + CASE c.body WHEN '' THEN 0 ELSE 1 END"
"""The number of words of the body of the content c, which is not NULL."""
WORDS = f"coalesce((SELECT o.words FROM _content_words o WHERE o.content_id = c.content_id), {COUNTED})"
"""The number of words of the body of the content c; it is counted only if it is not stored."""

RESEARCH = f"""
-- of a crawl: the pages that were known and those that were due when it began; NULL in older rows
ALTER TABLE _run ADD COLUMN known INTEGER;
ALTER TABLE _run ADD COLUMN due INTEGER;

-- each `verify` that found the archive whole: how far the chain went, and how many bodies it read
CREATE TABLE _verification(
  verification_id INTEGER PRIMARY KEY, verified_at TEXT NOT NULL, deep INTEGER NOT NULL CHECK(deep IN (0,1)),
  visits INTEGER NOT NULL, last_visit INTEGER NOT NULL, chain TEXT NOT NULL, bodies INTEGER NOT NULL,
  bodies_read INTEGER NOT NULL) STRICT;
CREATE INDEX _verification_reach ON _verification(last_visit, verified_at);

-- in the row of a view: its key, how it joins others, an example of SQL
ALTER TABLE _doc ADD COLUMN keys TEXT;
ALTER TABLE _doc ADD COLUMN joins TEXT;
ALTER TABLE _doc ADD COLUMN example TEXT;

-- the number of words of a content's body
CREATE TABLE _content_words(content_id INTEGER PRIMARY KEY REFERENCES _stored_content, words INTEGER NOT NULL) STRICT;
INSERT INTO _content_words SELECT c.content_id, {COUNTED}
  FROM (SELECT c.content_id, {BODY} FROM _stored_content c) c WHERE c.body IS NOT NULL;

-- few rows, so that the view `events` need not read all visits
CREATE INDEX _visit_login ON _visit(page_id, visited_at) WHERE cause = 'login';
"""


def word_count(text: str) -> int:
    """Return the number of words of a text, as `WORDS` counts them."""
    return len(text.replace("\n\n", " ").replace("\n", " ").split(" ")) if text else 0
