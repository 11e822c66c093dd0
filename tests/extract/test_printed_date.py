"""The date of publication of a page without a profile: declared, else printed near the heading."""

import pytest

from pages_as_read import jsonld, record_of

BODY = "<p>" + "Sáng nay bà con ra quân dọn phố, trồng cây và nhặt rác. " * 6 + "</p>"
HEADING = "<h1>Ra quân dọn phố</h1>"


def published(html: str, language: str = "vi", head: str = "") -> str | None:
    lang = f" lang={language}" if language else ""
    moment = record_of(f"<html{lang}><title>Ra quân dọn phố</title>{head}<body>{html}").content.published
    return moment.local[:16] if moment and moment.local else None


LABELS = {
    "vi": ("Sửa đổi lần cuối", "Ngày đăng"),
    "de": ("Zuletzt geändert", "Veröffentlicht"),
    "en": ("Last modified", "Published"),
    "fr": ("Dernière modification", "Publié le"),
    "es": ("Última modificación", "Publicado el"),
    "it": ("Ultima modifica", "Pubblicato il"),
    "pt": ("Última modificação", "Publicado em"),
    "ru": ("Последнее изменение", "Опубликовано"),
    "uk": ("Остання зміна", "Опубліковано"),
    "pl": ("Ostatnia modyfikacja", "Opublikowano"),
    "cs": ("Poslední změna", "Publikováno"),
    "nl": ("Laatst gewijzigd", "Gepubliceerd"),
    "sv": ("Senast ändrad", "Publicerad"),
    "tr": ("Son güncelleme", "Yayınlanma tarihi"),
    "id": ("Terakhir diubah", "Diterbitkan"),
    "ja": ("最終更新日", "公開日"),
    "zh": ("最后修改", "发布时间"),
    "ko": ("최종 수정", "등록"),
}
LAYOUTS = (
    "<p>{}: {}</p>",
    "<p><span>{}</span> <span>{}</span></p>",
    "<div>{}</div><div>{}</div>",
    "<dl><dt>{}<dd>{}</dl>",
)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("language", LABELS)
def test_the_label_of_a_change_is_never_a_publication(language: str, layout: str) -> None:
    changed, first = LABELS[language]
    assert published(HEADING + layout.format(changed, "2022-10-21") + BODY, language) is None
    assert published(HEADING + layout.format(first, "2022-10-21") + BODY, language) == "2022-10-21"


@pytest.mark.parametrize("language", LABELS)
def test_of_two_dates_the_publication_is_taken(language: str) -> None:
    changed, first = LABELS[language]
    one, other = f"{changed}: 2022-10-21", f"{first}: 2022-10-19"
    for line in (f"<p>{one}</p><p>{other}</p>", f"<p>{one} | {other}</p>", f"<p>{other} | {one}</p>"):
        assert published(HEADING + line + BODY, language) == "2022-10-19"


PRINTED: dict[str, tuple[str, str | None]] = {
    "after the heading": ("<h1>A</h1><p>21/10/2022 08:15</p>", "2022-10-21 08:15"),
    "before the heading": ("<p>21/10/2022</p><h1>A</h1>", "2022-10-21"),
    "with a day of the week": ("<h1>A</h1><p>Thứ Sáu, ngày 21/10/2022</p>", "2022-10-21"),
    "behind a name": ("<h1>A</h1><p>Lê Văn A | 21/10/2022</p>", "2022-10-21"),
    "before a counter": ("<h1>A</h1><p>21/10/2022 08:15 | 123 lượt xem</p>", "2022-10-21 08:15"),
    "updated, the only date": ("<h1>A</h1><p>Cập nhật: 21/10/2022 08:00</p>", "2022-10-21 08:00"),
    "marked": ("<h1>A</h1><span itemprop=datePublished content=2022-10-21>x</span>", "2022-10-21"),
    "in a footer next to the heading": (
        "<article><h1>A</h1><footer><p>21/10/2022</p></footer></article>",
        "2022-10-21",
    ),
    "in a layout with a sidebar": ("<div class='sidebar page'><h1>A</h1><p>21/10/2022</p></div>", "2022-10-21"),
    "in the footer": (f"<h1>A</h1>{BODY}<footer>21/10/2022</footer>", None),
    "in an aside": (f"<h1>A</h1>{BODY}<aside>21/10/2022</aside>", None),
    "of a comment": (f"<h1>A</h1>{BODY}<div class=comments><p>Mai Hoa</p><p>21/10/2022</p></div>", None),
    "of a comment, marked": (f"<h1>A</h1>{BODY}<div class=comment><time datetime=2022-10-21></time></div>", None),
    "of a related article": (f"<h1>A</h1>{BODY}<ul class=related><li>Tin khác 21/10/2022</ul>", None),
    "of a related article before the text": ("<h1>A</h1><div class=related><a href=/x>Tin</a> 21/10/2022</div>", None),
    "in a long sentence": (
        "<h1>A</h1><p>Ngày 21/10/2022, bà con trong phường đã ra quân dọn dẹp vệ sinh khu phố rất đông vui.</p>",
        None,
    ),
    "in a short sentence": ("<h1>A</h1><p>Hội chợ mở cửa ngày 21/10/2022.</p>", None),
    "of an event": ("<h1>A</h1><p>Thời gian: 21/10/2022</p>", None),
    "a deadline": ("<h1>A</h1><p>Hạn nộp: 21/10/2022</p>", None),
    "before there was a web": ("<h1>A</h1><p>21/10/1922</p>", None),
    "two days": ("<h1>A</h1><p>21/10/2022 - 25/10/2022</p>", None),
    "marked as changed": ("<h1>A</h1><span itemprop=dateModified content=2022-10-21>21/10/2022</span>", None),
    "of a class for changes": ("<h1>A</h1><time class=updated datetime=2022-10-21>21/10/2022</time>", None),
    "hidden": ("<h1>A</h1><p hidden>21/10/2022</p>", None),
    "the number of a law": ("<h1>A</h1><p>Số: 12/2022/QĐ-UBND</p>", None),
}


@pytest.mark.parametrize(("html", "local"), PRINTED.values(), ids=PRINTED.keys())
def test_a_printed_date(html: str, local: str | None) -> None:
    assert published(html + BODY) == local


UTC = "<meta property=article:published_time content='2022-10-21T19:00:00Z'>"
DECLARED: dict[str, tuple[str, str, str | None]] = {
    "before a printed one": (
        "<meta property=article:published_time content='2022-10-21T08:00:00+07:00'>",
        "<p>20/10/2022</p>",
        "2022-10-21 08:00",
    ),
    "an instant on the printed local day": (UTC, "<p>22/10/2022 02:00</p>", "2022-10-22 02:00"),
    "an instant alone": (UTC, "", "2022-10-21 19:00"),
    "an instant, and the day of something else": (UTC, "<p>Hạn nộp: 22/10/2022</p>", "2022-10-21 19:00"),
    "an instant, and the day of a change": (UTC, "<p>Sửa đổi lần cuối: 22/10/2022</p>", "2022-10-21 19:00"),
    "only a change": ("<meta property=article:modified_time content='2022-10-21'>", "", None),
    "only a change, in JSON-LD": (jsonld({"@type": "NewsArticle", "dateModified": "2022-10-21"}), "", None),
    "the first second of 1970": ("<meta property=article:published_time content='1970-01-01T00:00:00Z'>", "", None),
    "the year one": ("<meta property=article:published_time content='0001-01-01T00:00:00'>", "", None),
}


@pytest.mark.parametrize(("head", "html", "local"), DECLARED.values(), ids=DECLARED.keys())
def test_a_declared_date(head: str, html: str, local: str | None) -> None:
    assert published(HEADING + html + BODY, head=head) == local


LANGUAGES: dict[str, tuple[str, str, str, str | None]] = {
    "lang": ("en-GB", "", "05/06/2022", "2022-06-05"),
    "lang of another order": ("en-US", "", "05/06/2022", "2022-05-06"),
    "a lang that leaves the order open": ("en", "", "05/06/2022", None),
    "http-equiv": ("", "<meta http-equiv=content-language content=de>", "05.06.2022", "2022-06-05"),
    "og:locale": ("", "<meta property=og:locale content=fr_FR>", "5 juin 2022", "2022-06-05"),
    "detected": ("", "", "5. Juni 2022", "2022-06-05"),
}


@pytest.mark.parametrize(("language", "head", "date", "local"), LANGUAGES.values(), ids=LANGUAGES.keys())
def test_a_date_is_read_in_the_language_of_the_page(language: str, head: str, date: str, local: str | None) -> None:
    text = "Die Nachbarn räumen heute gemeinsam die Straße auf und pflanzen Bäume. " * 6
    assert published(f"{HEADING}<p>{date}</p><p>{text}</p>", language, head) == local
