"""The view of what listings showed: `editions`."""

from archiver.store.view_sql import EVERY, IS_PAGE, JOIN_PAGE, LABEL, View

_SPAN = "s.name, e.page_id, p.url, e.number, e.first_visit, a.visited_at, u.visited_at"
"""What is the same in all rows of an edition. A filter by these columns is applied before positions are counted."""

LISTING_VIEWS: tuple[View, ...] = (
    View(
        "editions",
        "what listings (front pages, sections) showed: the items of each edition in their order. An edition lasts until a visit that "
        "showed other items, other headlines or another order",
        "SELECT s.name AS site, e.page_id, p.url, e.number AS edition, e.first_visit AS visit_id, a.visited_at AS seen_from, "
        "CASE WHEN z.visited_at > a.visited_at THEN z.visited_at ELSE a.visited_at END AS seen_last, u.visited_at AS seen_until, "
        f"row_number() OVER (PARTITION BY {_SPAN} ORDER BY l.place) AS position, k.to_url, "
        "(SELECT g.page_id FROM _page g WHERE g.page_id = coalesce(l.to_page, (SELECT min(q.page_id) FROM _page q "
        f"WHERE q.url = k.to_url AND q.site_id = p.site_id)) AND {IS_PAGE.replace('p.', 'g.')}) AS to_page_id, "
        f"k.text AS title, {LABEL} AS label FROM _edition e {JOIN_PAGE.format('e')} JOIN _visit a ON a.visit_id = e.first_visit "
        "JOIN _placed l ON l.page_id = e.page_id AND l.volume = e.volume AND l.first <= e.number "
        "AND coalesce(l.last, e.number) >= e.number JOIN _target k ON k.target_id = l.target_id "
        "LEFT JOIN _visit z ON z.visit_id = coalesce(e.last_visit, p.links_visit) "
        "LEFT JOIN _edition n ON n.page_id = e.page_id AND n.number = e.number + 1 LEFT JOIN _visit u ON u.visit_id = n.first_visit",
        {
            **EVERY,
            "page_id": "the listing",
            "url": "the listing's address",
            "edition": "1, 2, … within the listing",
            "visit_id": "the first visit that showed it",
            "seen_from": "when that was (UTC)",
            "seen_last": "last visit that showed it (UTC)",
            "seen_until": "first visit that showed another edition (UTC); NULL while it is current",
            "position": "1, 2, … from the top",
            "to_url": "the address that the item links to",
            "to_page_id": "the page of that address; NULL when it is not in the archive",
            "title": "the headline as the listing shows it",
            "label": "what tells the listing from others of its address, such as `page 2`; NULL for other listings",
        },
    ),
)
