"""The words next to a date tell what it is."""

import time
import unicodedata

import pytest

from archiver.text.date_labels import is_label, is_publication_label, label_language, modification_label

MODIFIED = {
    "en": "Last modified: 21 October 2022|Last updated on 21 Oct 2022 at 15:55|Page last updated|Last reviewed: May 2022",
    "vi": "Sửa đổi lần cuối: 21/10/2022|Cập nhật lần cuối lúc 15:55|Lần sửa cuối 21/10/2022|CHỈNH SỬA LẦN CUỐI",
    "de": "Zuletzt geändert am 21.10.2022|Letzte Aktualisierung: 21.10.2022|zuletzt bearbeitet",
    "fr": "Dernière modification le 21 octobre 2022|Dernière mise à jour : 21/10/2022|Modifié le 21 octobre",
    "es": "Última actualización: 21/10/2022|Modificado el 21 de octubre",
    "it": "Ultima modifica: 21/10/2022|Ultimo aggiornamento",
    "pt": "Última modificação em 21/10/2022|Última atualização",
    "nl": "Laatst gewijzigd op 21-10-2022|Laatste wijziging",
    "pl": "Ostatnia modyfikacja: 21.10.2022|Data ostatniej aktualizacji",
    "ru": "Последнее изменение: 21.10.2022|Дата последнего обновления",
    "uk": "Остання зміна: 21.10.2022|Востаннє оновлено",
    "be": "Апошняе абнаўленне 21.10.2022",
    "bg": "Последна промяна: 21.10.2022",
    "cs": "Poslední změna: 21.10.2022|Naposledy upraveno",
    "sk": "Posledná zmena 21.10.2022",
    "sl": "Zadnja sprememba: 21.10.2022",
    "hr": "Zadnja izmjena 21.10.2022",
    "sr": "Последња измена 21.10.2022|Poslednja izmena",
    "mk": "Последна промена 21.10.2022",
    "hu": "Utolsó módosítás: 2022.10.21.",
    "ro": "Ultima modificare: 21.10.2022|Ultima actualizare",
    "el": "Τελευταία ενημέρωση: 21/10/2022|ΤΕΛΕΥΤΑΙΑ ΤΡΟΠΟΠΟΙΗΣΗ",
    "sv": "Senast ändrad 2022-10-21|Senast uppdaterad",
    "da": "Sidst ændret 21. oktober 2022|Senest opdateret",
    "nb": "Sist endret 21.10.2022",
    "fi": "Viimeksi muokattu 21.10.2022",
    "et": "Viimati muudetud 21.10.2022",
    "lv": "Pēdējās izmaiņas 21.10.2022",
    "lt": "Paskutinis pakeitimas 2022-10-21",
    "ga": "An nuashonrú is déanaí: 21/10/2022",
    "mt": "L-aħħar aġġornament: 21/10/2022",
    "is": "Síðast breytt 21.10.2022",
    "sq": "Përditësimi i fundit: 21.10.2022",
    "ca": "Darrera modificació: 21/10/2022",
    "tr": "Son güncelleme: 21.10.2022|Son değişiklik",
    "ar": "آخر تحديث: 21/10/2022|آخر تعديل",
    "fa": "آخرین به‌روزرسانی: ۱۴۰۱/۷/۲۹|آخرین ویرایش",
    "he": "עודכן לאחרונה: 21/10/2022|עדכון אחרון",
    "hi": "अंतिम अद्यतन: 21/10/2022",
    "bn": "সর্বশেষ আপডেট: ২১ অক্টোবর ২০২২",
    "id": "Terakhir diperbarui 21 Oktober 2022",
    "ms": "Kemaskini terakhir: 21 Oktober 2022",
    "th": "ปรับปรุงล่าสุด 21 ตุลาคม 2565|แก้ไขล่าสุดเมื่อ",
    "ja": "最終更新日：2022年10月21日|最終更新 2022/10/21",
    "zh": "最后更新：2022-10-21|最後修改時間",
    "ko": "최종수정 2022.10.21 15:55",
    "ka": "ბოლო განახლება: 21.10.2022",
    "hy": "Վերջին թարմացումը՝ 21.10.2022",
    "kk": "Соңғы өзгеріс: 21.10.2022",
}
UPDATED = {
    "en": "Updated 21 Oct 2022|updated:",
    "vi": "Cập nhật lúc 08:30, 05/09/2023|Cập nhật: 05/09/2023|Ngày cập nhật",
    "de": "Aktualisiert am 21.10.2022|Stand: 21.10.2022",
    "fr": "Mis à jour le 21 octobre 2022 à 15h55",
    "es": "Actualizado el 21 de octubre",
    "it": "Aggiornato il 21 ottobre",
    "pt": "Atualizado em 21/10/2022",
    "pl": "Aktualizacja: 21.10.2022",
    "ru": "Обновлено 21 октября 2022 г.",
    "tr": "Güncelleme: 21.10.2022",
    "zh": "更新时间：2022-10-21 15:55|更新于",
    "ja": "更新日：2022年10月21日",
    "th": "อัปเดต 21 ต.ค.",
    "ar": "تم التحديث في 21/10/2022",
    "fi": "Päivitetty 21.10.2022",
    "cs": "Aktualizováno 21.10.2022",
    "hu": "Frissítve: 2022.10.21.",
    "id": "Diperbarui 21 Oktober 2022",
}
PUBLISHED = {
    "en": "Published 21 October 2022|Posted on 21 Oct 2022|First published",
    "vi": "Ngày đăng: 21/10/2022|Đăng lúc 15:55|Ngày xuất bản",
    "de": "Veröffentlicht am 21.10.2022|Erschienen am",
    "fr": "Publié le 21 octobre 2022|Date de publication",
    "es": "Publicado el 21 de octubre|Fecha de publicación",
    "it": "Pubblicato il 21 ottobre",
    "pt": "Publicado em 21/10/2022",
    "nl": "Gepubliceerd op 21-10-2022|Geplaatst op",
    "pl": "Opublikowano 21.10.2022|Data publikacji",
    "ru": "Опубликовано: 21.10.2022|Дата публикации",
    "uk": "Опубліковано 21.10.2022",
    "cs": "Zveřejněno 21.10.2022|Publikováno",
    "hu": "Közzétéve: 2022.10.21.|Megjelent",
    "ro": "Publicat la 21.10.2022",
    "el": "Δημοσιεύθηκε 21/10/2022",
    "sv": "Publicerad 2022-10-21",
    "da": "Offentliggjort 21. oktober 2022",
    "nb": "Publisert 21.10.2022",
    "fi": "Julkaistu 21.10.2022",
    "et": "Avaldatud 21.10.2022",
    "lv": "Publicēts 21.10.2022",
    "lt": "Paskelbta 2022-10-21",
    "tr": "Yayınlanma tarihi: 21.10.2022|Giriş: 21.10.2022",
    "ar": "تاريخ النشر: 21/10/2022|نُشر في",
    "fa": "تاریخ انتشار: ۱۴۰۱/۷/۲۹",
    "he": "פורסם בתאריך 21/10/2022",
    "hi": "प्रकाशित: 21/10/2022",
    "id": "Diterbitkan 21 Oktober 2022",
    "th": "เผยแพร่เมื่อ 21 ตุลาคม",
    "ja": "公開日：2022年10月21日|掲載 2022/10/21",
    "zh": "发布时间：2022-10-21|發佈日期",
    "ko": "입력 2022.10.21 15:55|등록일",
}
NEITHER = (
    "",
    "21/10/2022",
    "Friday, 21 October 2022",
    "Tin tức | 21/10/2022",
    "Lượt xem: 375",
    "The outstanding modifier",
    "Hôm nay",
)


def pairs(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(language, text) for language, texts in table.items() for text in texts.split("|")]


@pytest.mark.parametrize(("language", "text"), pairs(MODIFIED))
def test_labels_of_the_last_change(language: str, text: str) -> None:
    for asked in (language, ""):
        assert modification_label(text, asked) == "modified"
        assert not is_publication_label(text, asked)
    assert modification_label(unicodedata.normalize("NFD", text).upper(), language) == "modified"


@pytest.mark.parametrize(("language", "text"), pairs(UPDATED))
def test_labels_of_an_update_are_weaker(language: str, text: str) -> None:
    assert modification_label(text, language) == modification_label(text) == "updated"
    assert not is_publication_label(text, language)


@pytest.mark.parametrize(("language", "text"), pairs(PUBLISHED))
def test_labels_of_the_publication(language: str, text: str) -> None:
    for asked in (language, ""):
        assert is_publication_label(text, asked)
        assert modification_label(text, asked) == ""


@pytest.mark.parametrize("text", NEITHER)
def test_other_words_are_not_labels(text: str) -> None:
    for language in ("", "en", "vi", "xx"):
        assert modification_label(text, language) == ""
        assert not is_publication_label(text, language)


def test_english_labels_count_on_every_page_and_others_on_their_own() -> None:
    assert modification_label("Last updated: 21.10.2022", "cs") == "modified"
    assert modification_label("Zuletzt geändert: 21.10.2022", "cs") == ""
    assert modification_label("Zuletzt geändert: 21.10.2022", "xx") == "modified"
    assert modification_label("Stand up!", "en") == ""


def test_both_labels_in_one_text() -> None:
    text = "Published 21 October 2022, last updated 22 October 2022"
    assert (modification_label(text, "en"), is_publication_label(text, "en")) == ("modified", True)


def test_a_label_is_the_whole_text_here() -> None:
    assert is_label("Cập nhật")
    assert is_label("published")
    assert not is_label("published by")


def test_a_long_text_costs_little() -> None:
    before = time.process_time()
    for piece in ("last ", "updated", "最", "a b ", "| "):
        modification_label(piece * 100_000)
    assert time.process_time() - before < 0.3


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Cập nhật lúc 01/11/2026", "vi"),
        ("Zuletzt geändert 01/02/2022", "de"),
        ("Dernière mise à jour : 01/02/2022", "fr"),
        ("Actualizado: 01/02/2022", "es"),
        ("Last updated: 01/02/2022", ""),
        ("01/02/2022", ""),
        ("", ""),
    ],
)
def test_a_label_names_the_language_of_its_date(text: str, language: str) -> None:
    assert label_language(text) == language
