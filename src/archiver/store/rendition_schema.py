"""The columns of what a browser made of pages, as a step of the migrations."""

RENDITIONS = """
-- via: browser, when a page in a browser made the request, or a browser made the rendition; NULL: the archiver asked for itself
-- of_visit: the visit of the page that a browser opened. made_by: how a rendition was made (JSON); NULL for answers of servers
-- All three are in the chain when they are not NULL (store/chain.py).
ALTER TABLE _visit ADD COLUMN via TEXT;
ALTER TABLE _visit ADD COLUMN of_visit INTEGER REFERENCES _visit;
ALTER TABLE _visit ADD COLUMN made_by TEXT;
CREATE INDEX _visit_of ON _visit(of_visit) WHERE of_visit IS NOT NULL;
CREATE TRIGGER _visit_rendered BEFORE UPDATE OF via, of_visit, made_by ON _visit
  BEGIN SELECT RAISE(ABORT, 'a visit is evidence and is never altered'); END;
-- whether the content was read from a browser's document, and not from the body that the server sent
ALTER TABLE _version ADD COLUMN rendered INTEGER NOT NULL DEFAULT 0 CHECK(rendered IN (0,1));
"""
