"""A question of the cookbook, and its common parameters."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its answer in SQL.

    Attributes:
        name: a slug.
        asks: the question.
        sql: one statement; `params` describes the parameters `:name`.
        params: the meaning of each parameter. Times are UTC text; a day means its start.
        note: how to interpret the answer.
    """

    name: str
    asks: str
    sql: str
    params: dict[str, str] = field(default_factory=dict)
    note: str = ""


URL = {"url": "the page's address, as in the view `pages`"}
BEGIN_END = {"begin": "start of the span", "end": "end of the span (excluded)"}
PHRASE = {"words": "FTS5 query; a phrase in double quotes"}
SITE = {"site": "the site's name"}
