"""What a browser made of pages, in SQL: which captures show the same."""

from archiver.model.rendition import DOM, urn

SHOWN = (
    "(coalesce((SELECT hex(dm.sha256) FROM _visit dm JOIN _page dp ON dp.page_id = dm.page_id WHERE dm.of_visit = {0}.visit_id "
    f"AND dm.made_by IS NOT NULL AND dp.url LIKE '{urn(DOM, '')}%'), '') || coalesce(hex({{0}}.sha256), ''))"
)
"""What the visit {0} shows, as hex digits: the digests of the document, if a browser opened the page, and of the body.

The shell of a script is the same for many pages: equal bodies show the same only when their documents are equal, too.
"""
