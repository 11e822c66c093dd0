"""Counts in every language of CLDR: what babel shortens is read as its value, or not at all; never as another value."""

import pytest
from babel.numbers import format_compact_decimal

from archiver.text.cldr import languages
from archiver.text.cldr_numbers import may_multiply, multiplies, power_of
from archiver.text.numbers import read_number

# 'vec' is left out: babel has "1" for its thousand.
LANGUAGES = [*sorted(set(languages()) - {"vec"}), "zh_Hant", "en_IN", "sr_Latn", "pt_PT", "es_MX", "de_CH"]
COUNTS = ((1000, 2), (1200, 1), (12000, 2), (1200000, 1), (5000000, 0), (12000000, 2), (1500000000, 1))
OTHERS = ("en", "de", "vi", "es", "tr", "ru", "hi", "ja", "id", "cs", "sw", "")
# The same word multiplies by another power in the language of the page, or every language has it.
SHARED_WORDS = {"B", "K", "M", "k", "m", "mil", "mil.", "mille", "milioni", "करोड"}


def shortened(language: str) -> list[tuple[str, int]]:
    found = []
    for count, digits in COUNTS:
        for size in ("short", "long"):
            try:
                text = format_compact_decimal(count, locale=language, format_type=size, fraction_digits=digits)
            except KeyError:  # the locale has no such format
                continue
            found += [(text, count), (f"{text} xem", count), (f"({text})", count)]
    return found


def test_shortened_counts_are_right_or_refused() -> None:
    read = [
        (language, text, read_number(text, language=language.replace("_", "-")), count)
        for language in LANGUAGES
        for text, count in shortened(language)
    ]
    assert [each for each in read if each[2] not in {None, each[3]}] == []
    assert len(read) > 8000


def test_a_wrong_or_unknown_language_gives_no_wrong_count() -> None:
    wrong = []
    for language in LANGUAGES:
        for text, count in shortened(language):
            unit = text.strip("0123456789.,() \u00a0\u202f\u200f").removesuffix(" xem")
            others = OTHERS if unit not in SHARED_WORDS else ()
            read = [(language, text, other, read_number(text, language=other)) for other in others]
            wrong += [each for each in read if each[3] not in {None, count}]
    assert wrong == []


def test_most_languages_are_read_and_not_only_refused() -> None:
    main = "en de fr es it pt nl pl ru uk cs sk ro hu tr sv da nb fi el hr sr sl bg lt lv et id ar fa he hi th zh ja ko".split()
    for language in main:
        read = [read_number(text, language=language) == count for text, count in shortened(language)]
        assert sum(read) >= 0.4 * len(read), language


# (language, printed) -> value
OTHER_WORDS = {
    ("tr", "12 bin"): 12000,
    ("tr", "12 bin görüntülenme"): 12000,
    ("tr", "12 binlik"): None,
    ("de", "12 bin"): None,
    ("ar", "12 ألف"): 12000,
    ("ar", "١٢ الف"): 12000,
    ("he", "12 אלף"): 12000,
    ("hi", "12 हज़ार"): 12000,
    ("hi", "12 हजार"): 12000,
    ("hi", "12,34,567"): 1234567,
    ("hi", "१२,३४,५६७"): 1234567,
    ("ro", "12 mii"): 12000,
    ("ms", "12 ribu"): 12000,
    ("fi", "12 t."): None,  # a thousand in Finnish and in Danish, 10^12 elsewhere
    ("fi", "12 tuhatta"): 12000,
    ("pl", "12 tys."): 12000,
    ("pl", "12 tys"): 12000,
    ("vi", "12 tys."): None,
    ("", "12 tys."): None,
    ("en", "1.2 k"): None,
    ("", "1.2K"): 1200,
    ("to", "1.2k"): None,
    ("vi", "3 tr"): None,
    ("en", "5 lakh"): 500000,
    ("en", "2 crore"): 20000000,
    ("hi", "5 लाख"): 500000,
    ("id", "12 rb"): 12000,
    ("id", "12 jt tayangan"): 12000000,
    ("id", "1,2 M"): None,  # a milliard there
    ("en", "12 rb"): None,
    ("cs", "1,2 tis."): 1200,
    ("cs", "1,2 mil."): None,  # a million, but a thousand in Spanish
    ("es", "12 mil."): None,
    ("es", "12 mil"): 12000,
    ("el", "12 χιλ."): 12000,
    ("ru", "12 тыс"): 12000,
    ("bg", "12 хил."): 12000,
    ("ko", "12천"): 12000,
    ("ko", "1.2만 회"): 12000,
    ("zh", "1.2万"): 12000,
    ("zh", "12千克"): None,
    ("ja", "12百万"): None,
    ("th", "12 ล้าน"): 12000000,
    ("th", "12 พันธุ์"): None,  # twelve species
    ("ca", "3 milers de milions"): 3000000000,
    ("hu", "12 ezer"): 12000,
    ("sw", "elfu 12"): None,
    ("si", "ද12"): None,
    ("vi", "12 chục"): None,
    ("vi", "12 trăm"): None,
    ("en", "12 dozen"): None,
    ("de", "12 Dutzend"): None,
    ("pt", "1,2 bi"): None,  # 10^9 in Brazil, 10^12 in Portugal
    ("uk", "12 тис. переглядів"): 12000,
    ("fr", "12 milliers de vues"): None,
    ("vi", "12 triệu triệu triệu"): None,
}
COUNTED = {
    "vi": "lượt xem|lượt|bình luận|người|lần|trả lời|bài|tin|thành viên|năm|chủ đề",
    "en": "views|comments|likes|shares|replies|readers|people|hours|votes",
    "de": "Aufrufe|Kommentare|Leser|Mal|Personen|Stimmen",
    "fr": "vues|commentaires|lectures|fois|avis",
    "es": "visitas|comentarios|veces|lecturas",
    "it": "visualizzazioni|commenti|letture|volte",
    "pt": "visualizações|comentários|vezes|acessos",
    "nl": "keer bekeken|reacties|lezers",
    "pl": "wyświetleń|komentarzy|razy|osób",
    "ru": "просмотров|комментариев|раз|человек",
    "uk": "переглядів|коментарів|разів",
    "tr": "görüntülenme|okunma|yorum|kez|kişi",
    "cs": "zobrazení|komentářů|krát",
    "hu": "megtekintés|hozzászólás|alkalommal",
    "ro": "vizualizări|comentarii|citiri",
    "sv": "visningar|kommentarer|läsare",
    "fi": "katselukertaa|kommenttia|kertaa",
    "el": "προβολές|σχόλια|φορές",
    "id": "kali dilihat|komentar|orang",
    "ar": "مشاهدة|تعليق|مرة",
    "fa": "بازدید|نظر|بار",
    "he": "צפיות|תגובות",
    "hi": "बार देखा गया|टिप्पणियाँ",
    "th": "ครั้ง|วิว|คน",
    "ja": "回|件|人|回閲覧",
    "zh": "次|人|条评论",
    "ko": "회|명|건|댓글",
    "": "xem",
}


@pytest.mark.parametrize(("language", "printed"), OTHER_WORDS)
def test_words_behind_a_figure(language: str, printed: str) -> None:
    assert read_number(printed, language=language) == OTHER_WORDS[language, printed]


@pytest.mark.parametrize("language", COUNTED)
def test_what_is_counted_does_not_take_the_count_away(language: str) -> None:
    for thing in COUNTED[language].split("|"):
        assert read_number(f"375 {thing}", language=language) == 375, thing
        assert read_number(f"({thing}: 12)", language=language) == 12, thing


def test_marks_of_other_scripts() -> None:
    assert read_number("١٬٢٣٤") == 1234
    assert read_number("١،٢٣٤") == 1234
    assert read_number("𞥑⹁𞥒𞥓𞥔") == 1234  # Adlam
    assert read_number("1,23") is None


def test_a_word_multiplies_only_in_its_language() -> None:
    assert (power_of("bin", "tr"), power_of("bin", "de"), power_of("B", "tr")) == (3, None, 0)
    assert may_multiply("bin", "de")
    assert may_multiply("tys.", "")
    assert not may_multiply("Aufrufe", "de")
    assert not multiplies("")
