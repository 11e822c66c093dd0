"""Questions of the cookbook about edits, redesigns, claims, moves, front pages, and what was not observed."""

from archiver.store.cookbook_question import BEGIN_END, SITE, URL, Question

_TRUE_EDIT = "cause IS NULL AND coalesce(nature, '') <> 'typography'"

EDIT_QUESTIONS: tuple[Question, ...] = (
    Question(
        "changed-words",
        "Which words of this page changed?",
        "SELECT not_before, not_after, field, nature, context FROM changes\nWHERE url = :url AND cause IS NULL ORDER BY not_after",
        URL,
        "`[-…-]` is what was removed, `{+…+}` what was added.",
    ),
    Question(
        "figures",
        "Which edits of a month changed only figures?",
        "SELECT site, url, field, context, not_before, not_after FROM changes\n"
        "WHERE nature = 'figures' AND cause IS NULL AND not_after >= :begin AND not_after < :end ORDER BY not_after",
        BEGIN_END,
        "Prices, tolls, dates. An edit that also changes typography counts; one that changes words does not.",
    ),
    Question(
        "true-edits",
        "Every edit of a month, without typography and redesigns",
        f"SELECT site, url, field, nature, context, not_before, not_after FROM changes\nWHERE {_TRUE_EDIT} "
        "AND not_after >= :begin AND not_after < :end ORDER BY not_after",
        BEGIN_END,
    ),
    Question(
        "restyled",
        "When was a site redesigned, and how?",
        "SELECT since, pages, changes, fields, what FROM redesigns\nWHERE site = :site ORDER BY since",
        SITE,
        "The changes of one redesign: `SELECT * FROM changes WHERE redesign_id = …`.",
    ),
    Question(
        "not-owned-up",
        "Which edits of a month do the pages not own up to?",
        "SELECT site, url, claim, modified_after, field, context, not_before, not_after FROM silent_edits\n"
        f"WHERE kind = 'silent' AND claim NOT IN ('none', 'unknown') AND {_TRUE_EDIT}\n"
        "AND not_after >= :begin AND not_after < :end ORDER BY not_after",
        BEGIN_END,
        "The page says when it was last changed, and does not say that it was changed then.",
    ),
    Question(
        "claimed-only",
        "Which pages claim an edit of a month, and did not change?",
        "SELECT site, url, modified_before, modified_after, not_before, not_after FROM silent_edits\n"
        "WHERE kind = 'only_claimed' AND not_after >= :begin AND not_after < :end ORDER BY not_after",
        BEGIN_END,
    ),
    Question(
        "moved",
        "Which pages are at another address now?",
        "SELECT site, url, moved_to, how, found_at FROM moves WHERE until IS NULL ORDER BY found_at DESC",
    ),
    Question(
        "front-page",
        "What stood on the front page on a day?",
        "SELECT seen_from, seen_last, position, title, to_url, label FROM editions\n"
        "WHERE url = :listing AND seen_from <= :day || ' 23:59:59' AND coalesce(seen_until, '9999') > :day\n"
        "ORDER BY label, page_id, edition, position",
        {"listing": "the listing's address, as in the view `pages`", "day": "`YYYY-MM-DD`, in UTC"},
        "One row for each item of each edition of that day. `label` is NULL on the first page, and `page 2` or the like on pages of the same address.",
    ),
    Question(
        "on-top",
        "How long was each headline on top of a listing?",
        "SELECT title, to_url, min(seen_from) AS since, max(coalesce(seen_until, seen_last)) AS until,\n"
        "  round(sum(julianday(coalesce(seen_until, seen_last)) - julianday(seen_from)) * 24, 1) AS hours\n"
        "FROM editions WHERE url = :listing AND label IS NULL AND position = 1 AND seen_from >= :begin AND seen_from < :end\n"
        "GROUP BY to_url, title ORDER BY since",
        {"listing": "the listing's address, as in the view `pages`", **BEGIN_END},
        "`hours` is the sum of the spans in which it was first. The true end lies between `seen_last` and `seen_until`.",
    ),
    Question(
        "two-headlines",
        "Which articles have another headline than the listing gave them?",
        "SELECT e.seen_from, e.title AS on_listing, v.title AS on_article, v.url FROM editions e\n"
        "JOIN versions v ON v.page_id = e.to_page_id AND v.seen_from <= e.seen_last AND coalesce(v.seen_until, '9999') > e.seen_from\n"
        "WHERE e.url = :listing AND e.label IS NULL AND e.seen_until IS NULL AND e.title <> v.title ORDER BY e.position",
        {"listing": "the listing's address, as in the view `pages`"},
        "Of the present edition; leave out `e.seen_until IS NULL` for all editions.",
    ),
    Question(
        "not-observed",
        "When could this page have changed unseen?",
        "SELECT since, until, why, failed, outcome FROM unobserved\n"
        "WHERE page_id IN (SELECT page_id FROM pages WHERE url = :url) ORDER BY since",
        URL,
        "No row for a span, and no event in it: the page was looked at, and nothing changed.",
    ),
    Question(
        "life",
        "Everything that happened to this page",
        "SELECT kind, not_before, not_after, field, nature, context, title, visit_id FROM events\n"
        "WHERE page_id IN (SELECT page_id FROM pages WHERE url = :url) ORDER BY not_after, kind",
        URL,
    ),
    Question(
        "edits-by-month",
        "How many edits of each nature are there per month?",
        "SELECT substr(not_after, 1, 7) AS month, nature, count(*) AS edits FROM changes\n"
        "WHERE site = :site AND cause IS NULL GROUP BY 1, 2 ORDER BY 1, 2",
        SITE,
    ),
    Question(
        "edited-most",
        "Which pages of a site were edited most?",
        "SELECT url, title, edits, words FROM pages WHERE site = :site AND edits > 0\nORDER BY edits DESC, url LIMIT 20",
        SITE,
    ),
    Question(
        "length",
        "How long are the articles, by month of publication?",
        "SELECT substr(published, 1, 7) AS month, count(*) AS articles, round(avg(words)) AS words FROM pages\n"
        "WHERE site = :site AND words IS NOT NULL GROUP BY 1 ORDER BY 1",
        SITE,
    ),
    Question(
        "gone-proofs",
        "What proves that this page was gone?",
        "SELECT gone_by, proof, visited_at, status, outcome, visit_id FROM absence_proofs\nWHERE url = :url ORDER BY visited_at",
        URL,
    ),
    Question(
        "evidence",
        "Which captures of this page are there, and when were they last verified?",
        "SELECT visit_id, visited_at, outcome, sha256, chain_position, verified_at FROM visits\nWHERE url = :url ORDER BY visited_at",
        URL,
        "`verified_at` is NULL until `archiver verify` has covered the visit.",
    ),
    Question(
        "coverage",
        "How much of what was due did each crawl visit?",
        "SELECT run_id, started_at, known, due, visits, ended, cause FROM runs\n"
        "WHERE site = :site AND kind = 'crawl' ORDER BY run_id DESC LIMIT 50",
        SITE,
        "A crawl also visits pages that it discovers, so `visits` may exceed `due`.",
    ),
    Question(
        "fields-over-time",
        "In which crawl did a field become rare?",
        "SELECT run_id, started_at, kind, field, found, read FROM health\n"
        "WHERE site = :site AND before_read > 0 AND read > 4 AND found * before_read < 0.5 * before_found * read ORDER BY run_id",
        SITE,
        "Crawls in which less than half as many pages as before had the field: a redesign, or a selector that fails.",
    ),
)
