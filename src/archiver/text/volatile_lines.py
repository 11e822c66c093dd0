"""Recognize lines that change at each visit though nobody edits the page: counters with a label, and relative times.

A profile reads counters as readings. Where no profile says which lines are counters, these lines are no content:
"Views: 1,204", "Lượt xem: 375", "Posted 3 hours ago". A line counts only when nothing else is printed in it.
"""

import re
from functools import lru_cache

from archiver.text.cldr import primary_of, word_key
from archiver.text.date_labels import is_label
from archiver.text.date_scan import scanner_for

LONGEST = 60
"""Characters of the longest line that is recognized."""
_LABELS: dict[str, str] = {
    "en": "views|view|page views|pageviews|hits|reads|visits|visitors|comments|comment|likes|like|shares|downloads"
    "|times viewed|times read|viewed times|read times|viewed|no comments|total views|total visits|post views"
    "|views today|number of views|number of reads|number of visits|number of comments|people read this|readers",
    "vi": "lượt xem|lượt đọc|lượt truy cập|lượt người xem|số lượt người xem|số lượt xem|số lần xem|số lần đọc|lần xem"
    "|lần đọc|đã xem|lượt|xem|đọc|bình luận|lượt thích|thích|chia sẻ|lượt tải|tổng lượt truy cập"
    "|đang truy cập|số lượt đọc|lượt chia sẻ|số bình luận|ý kiến|phản hồi|đang xem|người xem",
    "fr": "vues|vue|lectures|lecture|lu fois|consultations|visites|commentaires|commentaire|partages|nombre de vues"
    "|nombre de lectures|nombre de visites|consulte fois|vu fois|reponses",
    "es": "visitas|visita|vistas|lecturas|visualizaciones|comentarios|comentario|leido veces|visto veces"
    "|numero de visitas|compartidos|me gusta|respuestas|veces leido",
    "de": "aufrufe|aufruf|zugriffe|besuche|besucher|kommentare|kommentar|klicks|leser|gelesen|mal gelesen|mal angesehen"
    "|antworten|seitenaufrufe|ansichten",
    "it": "visualizzazioni|visite|letture|commenti|commento|condivisioni|letto volte|visto volte|numero di visite",
    "pt": "visualizacoes|visualizacao|visitas|acessos|leituras|comentarios|comentario|compartilhamentos|lido vezes"
    "|visto vezes|numero de visitas|numero de acessos",
    "nl": "keer bekeken|keer gelezen|bekeken|gelezen|weergaven|reacties|reactie|bezoeken|lezers|hits",
    "pl": "wyswietlen|wyswietlenia|wyswietlenie|odslon|odslony|komentarzy|komentarze|komentarz|czytano|razy czytano"
    "|czytan|odwiedzin|liczba wyswietlen|liczba odslon|przeczytano razy",
    "ru": "просмотров|просмотры|просмотра|просмотр|комментариев|комментарии|комментария|прочитано|прочтений"
    "|раз прочитано|прочитано раз|посещений|количество просмотров|число просмотров",
    "zh": "浏览|浏览次数|浏览量|阅读|阅读次数|阅读量|点击|点击数|点击量|点击次数|访问量|访问次数|评论|次浏览"
    "|次阅读|浏览次|阅读次|条评论|点击次|瀏覽|瀏覽次數|點閱|點閱次數|點擊|瀏覽人次|人次|點閱數",
    "ja": "閲覧数|閲覧|回閲覧|閲覧回数|アクセス数|アクセス|コメント|コメント数|件のコメント|ビュー|閲覧回|pv",
    "ko": "조회수|조회|회조회|조회회|댓글|댓글수|개댓글|댓글개|추천",
}
"""The labels of counters, by language; compared without case and accents, without the figures between their words."""
_FIGURE = re.compile(
    r"(?<![\w.,])\d[\d.,' \u00a0\u202f]{0,14}(?:\s?(?:k|m|nghìn|triệu|tys\.?|тыс\.?|mil|万|천))?(?!\w)", re.IGNORECASE
)
_LONGEST_BYLINE = 120
_DOTS = re.compile(r"\s[·•]\s")
_MARKS = re.compile(r"[\s:：()\[\]|•·,.\-–—/]+")


def without_volatile_lines(text: str, language: str = "") -> str:
    """Return a text without its volatile lines, list items and parts of bylines ("By Jane · 3 hours ago")."""
    paragraphs = (_without_volatile(paragraph, language) for paragraph in text.split("\n\n"))
    return "\n\n".join(filter(None, paragraphs))


def _without_volatile(paragraph: str, language: str) -> str:
    if not any(map(str.isdigit, paragraph)):
        return paragraph
    lines = (_without_volatile_parts(line, language) for line in paragraph.split("\n"))
    return "\n".join(filter(None, lines))


def _without_volatile_parts(line: str, language: str) -> str:
    if is_volatile_line(line.removeprefix("- "), language):
        return ""
    if len(line) > _LONGEST_BYLINE or not _DOTS.search(line):
        return line
    return " · ".join(part for part in _DOTS.split(line) if not is_volatile_line(part, language))


def is_volatile_line(text: str, language: str = "") -> bool:
    """Return whether a line is only a counter with its label, or only a relative time.

    Args:
        text: the line, in normal form.
        language: BCP 47; the labels of this language and of English count. "" means every language.
    """
    if not 0 < len(text) <= LONGEST:
        return False
    return _is_counter(text, language) or _is_relative_time(text, language)


def _is_counter(text: str, language: str) -> bool:
    parts = [key for part in _FIGURE.split(text) if (key := _key(part))]
    if not parts or not _FIGURE.search(text):
        return False
    labels = _labels(primary_of(language))
    return " ".join(parts) in labels or labels.issuperset(parts)


def _key(text: str) -> str:
    return " ".join(filter(None, (word_key(word) for word in _MARKS.split(text))))


@lru_cache(maxsize=64)
def _labels(language: str) -> frozenset[str]:
    chosen = (_LABELS[language], _LABELS["en"]) if language in _LABELS else tuple(_LABELS.values())
    return frozenset(_key(label) for labels in chosen for label in labels.split("|"))


def _is_relative_time(text: str, language: str) -> bool:
    """Return whether a line is "3 hours ago", alone or with a label of dates. "Yesterday" may be prose."""
    scanner = scanner_for(language or "en")
    folded = scanner.fold(text)
    pieces = scanner.find(folded)
    if len(pieces) != 1 or pieces[0].kind != "relative" or not any(map(str.isdigit, pieces[0].text)):
        return False
    rest = _MARKS.sub(" ", folded.replace(pieces[0].text, " ", 1)).strip()
    return not rest or is_label(rest)
