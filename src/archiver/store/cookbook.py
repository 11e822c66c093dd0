"""Common questions about an archive, each with a short SQL query over the views.

They are the source of docs/reference/cookbook.md, of Datasette's stored queries, and of their tests and benchmark.
"""

from archiver.store.cookbook_edits import EDIT_QUESTIONS
from archiver.store.cookbook_question import BEGIN_END, PHRASE, SITE, URL, Question

__all__ = ["COOKBOOK", "Question", "question"]

COOKBOOK: tuple[Question, ...] = (
    Question(
        "on-a-day",
        "What did this page say on a day?",
        "SELECT state, since, until, version, title, bylines, body, evidence FROM timeline\n"
        "WHERE url = :url AND since <= :day || ' 23:59:59' AND :day < until ORDER BY since",
        {**URL, "day": "`YYYY-MM-DD`, in UTC"},
        "One row for each version of that day, and for each absence. No row: before the first visit.",
    ),
    Question(
        "edits",
        "Every edit of this page",
        "SELECT not_before, not_after, field, old, new FROM changes\nWHERE url = :url ORDER BY not_after",
        URL,
        "The time of an edit is a span: it was made after `not_before` and before `not_after`.",
    ),
    Question(
        "headlines",
        "Which headlines were rewritten in a month?",
        "SELECT site, url, old, new, not_before, not_after FROM changes\n"
        "WHERE field = 'title' AND not_after >= :begin AND not_after < :end ORDER BY not_after",
        BEGIN_END,
    ),
    Question(
        "vanished",
        "What vanished, and stayed away?",
        "SELECT site, url, last_seen, gone_by, evidence FROM absences\n"
        "WHERE back_by IS NULL AND last_seen IS NOT NULL ORDER BY gone_by DESC",
        note="A page is gone after two 404s at different times, or one 410; a failing server is no proof.",
    ),
    Question(
        "back-different",
        "What came back different?",
        "SELECT a.url, a.gone_by, a.back_by, c.field, c.old, c.new FROM absences a\n"
        "JOIN changes c ON c.page_id = a.page_id AND c.not_after = a.back_by ORDER BY a.back_by",
    ),
    Question(
        "most-viewed",
        "What was viewed most in a week?",
        "SELECT min(url) AS url, sum(gained) AS gained FROM readings\n"
        "WHERE name = 'views' AND gained > 0 AND read_at >= :begin AND read_at < :end\n"
        "GROUP BY page_id ORDER BY gained DESC LIMIT 10",
        BEGIN_END,
        "This sums the gains of the counters. Maximum minus minimum would rank pages first whose counter was reset.",
    ),
    Question(
        "backwards",
        "Which counters ran backwards?",
        "SELECT url, read_at, value, gained FROM readings\nWHERE name = 'views' AND gained < 0 ORDER BY read_at",
    ),
    Question(
        "phrase",
        "When did a phrase enter each page, and when did it leave?",
        "SELECT url, min(seen_from) AS entered, max(seen_last) AS last_stood,\n"
        "  CASE WHEN count(*) = count(seen_until) THEN max(seen_until) END AS left_by\n"
        "FROM found WHERE words MATCH :words GROUP BY page_id ORDER BY entered",
        PHRASE,
        "`left_by` is NULL while the phrase is present. `archiver search --biography` shows which edit removed it.",
    ),
    Question(
        "plain",
        "The same, typed without accents",
        "SELECT url, title, context, seen_from, seen_until FROM found_plain\n"
        "WHERE words MATCH :words ORDER BY content_id DESC LIMIT 20",
        {"words": "FTS5 query without accents, d for đ"},
    ),
    Question(
        "how-late",
        "How long after publication are texts edited, by field?",
        "SELECT c.site, c.field, count(*) AS edits,\n"
        "  round(avg(julianday(c.not_after) - julianday(coalesce(v.published_utc, v.published))), 1) AS days\n"
        "FROM changes c JOIN versions v ON v.version_id = c.version_id GROUP BY c.site, c.field",
        note="For a page that states only a day, the start of the day counts.",
    ),
    Question(
        "source",
        "Where did a value come from?",
        "SELECT field, rule, rank, raw, node_path, profile_sha256, code_version, recorded_at FROM sources\n"
        "WHERE version_id = :version_id",
        {"version_id": "of the view `versions`"},
        "Rank 1 is the profile's first rule for the field, 0 a fallback.",
    ),
    Question(
        "only-ours",
        "Which differences come only from the extractor?",
        "SELECT url, seen_from, field, was, now, was_by, now_by FROM reinterpretations ORDER BY url, seen_from",
        note="The page did not change; another profile or another version of archiver read it differently. Never in `changes`.",
    ),
    Question(
        "when-blind",
        "When could the archive not see the pages?",
        "SELECT site, url, visited_at, outcome, note FROM blind\n"
        "WHERE visited_at >= :begin AND visited_at < :end ORDER BY visited_at",
        BEGIN_END,
        "Visits without a page: changes at that time are unknown.",
    ),
    Question(
        "who-signs",
        "Who signs what, per month?",
        "SELECT substr(p.published, 1, 7) AS month, b.name, count(*) AS articles FROM pages p\n"
        "JOIN bylines b ON b.version_id = p.version_id WHERE p.site = :site GROUP BY 1, 2 ORDER BY 1, 3 DESC",
        SITE,
    ),
    *EDIT_QUESTIONS,
)


def question(name: str) -> Question:
    """Return one question by its slug.

    Raises:
        KeyError: there is no question of this name.
    """
    return {one.name: one for one in COOKBOOK}[name]
