"""Dates in every language of CLDR: what babel formats is read correctly, or only its day; never as another date."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from babel import Locale
from babel.dates import format_datetime

from archiver.text.cldr import language_words, languages
from archiver.text.cldr_dates import date_words, hour_in, is_half_day_anywhere, month_anywhere
from archiver.text.date_words import WORDS
from archiver.text.dates import read_date

LANGUAGES = (
    "af", "am", "ar", "az", "be", "bg", "bn", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi",
    "fil", "fr", "ga", "gl", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "kk", "ko", "lt", "lv", "mk",
    "mn", "ms", "nb", "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "sw", "ta", "th", "tr", "uk", "ur",
    "uz", "vi", "zh",
)  # fmt: skip
CLOCKS = ((0, 10), (3, 55), (11, 5), (12, 10), (15, 55))
TIMES = [datetime(2022, 10, 21, hour, minute, tzinfo=UTC) for hour, minute in CLOCKS]
LATE = datetime(2022, 10, 21, 23, 5, tzinfo=UTC)
PATTERNS = [
    f"{before}{half}{after}"
    for half in ("a", "b", "B")
    for before, after in (("yyyy-MM-dd h:mm ", ""), ("yyyy-MM-dd ", " h:mm"), ("yyyy-MM-dd (h:mm ", ")"))
]
OTHERS = ("en", "de", "vi", "es", "tr", "ru", "hi", "ja", "id", "sq", "")
# The same word is a half of the day in both languages, or a month.
SHARED_WORDS = {("hu", "nl"), ("fr", "fi"), ("fr", "hu"), ("es", "hu")}


def meant(printed: str, moment: datetime, language: str) -> bool:
    """Return whether a text is read as the moment, or as its day, or not at all."""
    local = read_date(printed, language=language).local
    return local in {None, f"{moment:%Y-%m-%d}", f"{moment:%Y-%m-%d %H:%M}:00"}


def printed_by(language: str, patterns: list[str], times: list[datetime]) -> Iterator[tuple[str, datetime]]:
    for pattern in patterns:
        for moment in times:
            try:
                yield format_datetime(moment, pattern, locale=language), moment
            except ValueError:  # the locale has no word for this part of the day
                continue


@pytest.mark.parametrize("language", LANGUAGES)
def test_halves_of_the_day_are_read_or_left_out(language: str) -> None:
    wrong = [
        text for text, moment in printed_by(language, PATTERNS, [*TIMES, LATE]) if not meant(text, moment, language)
    ]
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_or_unknown_language_gives_no_wrong_time(language: str) -> None:
    others = [other for other in OTHERS if other != language and (language, other) not in SHARED_WORDS]
    texts = list(printed_by(language, PATTERNS, TIMES))
    assert not [(text, other) for text, moment in texts for other in others if not meant(text, moment, other)]


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"am", "sw", "th"}))
def test_most_of_what_a_language_prints_is_read_in_full(language: str) -> None:
    """Not in Amharic and Swahili, where hours may be counted from dawn, nor in Thai, where years are of another era."""
    locale = Locale.parse(language)
    formats = [str(locale.date_formats[size]) for size in ("medium", "long", "full")]
    times = [str(locale.datetime_skeletons.get(name, "HH:mm")) for name in ("Hm", "hm", "Hms", "hms")]
    patterns = [f"{day} {clock}" for day in formats for clock in times]
    read = [
        (text, read_date(text, language=language).local, moment)
        for text, moment in printed_by(language, patterns, [*TIMES, LATE])
    ]
    assert not [
        text for text, local, moment in read if local not in {None, f"{moment:%Y-%m-%d}", f"{moment:%Y-%m-%d %H:%M:%S}"}
    ]
    assert sum(local is not None and len(local) > 10 for _, local, _ in read) >= 0.7 * len(read)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_month_of_every_language_is_read(language: str) -> None:
    if language in {"am", "th", "zh", "ja", "ko"}:
        return
    for month in range(1, 13):
        for pattern in ("d MMMM y", "d MMM y"):
            text = format_datetime(datetime(2022, month, 21, 5, 6, tzinfo=UTC), pattern, locale=language)
            assert read_date(text, language=language).local == f"2022-{month:02}-21", text


# printed -> local, in the language named
OTHER_WORDS = {
    ("ar", "2022-10-21 3:55 م"): "2022-10-21 15:55:00",
    ("ar", "٢١ أكتوبر ٢٠٢٢، ٣:٥٥ م"): "2022-10-21 15:55:00",
    ("ar", "2022-10-21 3:55 مساء"): "2022-10-21 15:55:00",
    ("ar", "21 تشرين الأول 2022"): "2022-10-21",
    ("ar", "21 أكتوبر 2022م 8:30"): "2022-10-21",
    ("ar", "21 أكتوبر 2022 م 8:30"): "2022-10-21",
    ("ar", "21 أكتوبر 2022 م، 8:30 ص"): "2022-10-21 08:30:00",
    ("ar", "21 أكتوبر 2022م - 15:55"): "2022-10-21 15:55:00",
    ("hi", "2022-10-21 अपराह्न 3:55"): "2022-10-21",
    ("el", "2022-10-21 3:55 μ.μ."): "2022-10-21 15:55:00",
    ("el", "21 ΟΚΤΩΒΡΙΟΥ 2022 3:55 ΜΜ"): "2022-10-21 15:55:00",
    ("tr", "2022-10-21 ÖS 3:55"): "2022-10-21 15:55:00",
    ("tr", "21 KASIM 2022"): "2022-11-21",
    ("tr", "21 EKİM 2022 ikindi 3:55"): "2022-10-21",
    ("ta", "2022-10-21 பிற்பகல் 3:55"): "2022-10-21 15:55:00",
    ("ur", "2022-10-21 3:55 شام"): "2022-10-21",
    ("ur", "2022-10-21 6:55 شام"): "2022-10-21 18:55:00",
    ("he", '21 באוקטובר 2022, 4:55 אחה"צ'): "2022-10-21 16:55:00",
    ("fi", "5.7.2018 5.45 ip."): "2018-07-05 17:45:00",
    ("fi", "21. lokakuuta 2022 klo 8.30"): "2022-10-21 08:30:00",
    ("da", "21. oktober 2022 kl. 15.55"): "2022-10-21 15:55:00",
    ("cs", "21. října 2022 v 8:30"): "2022-10-21 08:30:00",
    ("cs", "21. října 2022, 3:55 hod. odpoledne"): "2022-10-21 15:55:00",
    ("hu", "2022. október 21. du. 3:55"): "2022-10-21 15:55:00",
    ("lt", "2022 m. spalio 21 d. 08:30"): "2022-10-21 08:30:00",
    ("lv", "2022. gada 21. oktobris"): "2022-10-21",
    ("eu", "2022(e)ko urriaren 21(a)"): "2022-10-21",
    ("mn", "2022 оны 10-р сарын 21"): "2022-10-21",
    ("ca", "21 d’octubre del 2022, 8:30"): "2022-10-21 08:30:00",
    ("uk", "21 жовтня 2022 р. о 08:30"): "2022-10-21 08:30:00",
    ("ru", "13 авг. 2005г. 19:13"): "2005-08-13 19:13:00",
    ("ru", "13 авг. 2005г. 9:13"): "2005-08-13 09:13:00",
    ("sv", "5 och 7 oktober 2022"): None,
    ("sv", "5 oktober - 7 oktober 2022"): None,
    ("sv", "nr 2022, 21 oktober 2023"): "2023-10-21",
    ("lv", "nr. 2022, 21. oktobris 2023"): "2023-10-21",
    ("sw", "21 Oktoba 2022 saa 3:55 asubuhi"): "2022-10-21",  # hours from dawn: this is about ten
    ("am", "21/10/2015"): None,  # the Ethiopian calendar
    ("ne", "2079-07-04"): None,  # Bikram Sambat
    ("th", "21 ตุลาคม 2565"): None,
    ("lb", "12:30 am 21. Oktober 2022"): "2022-10-21",
    ("en", "8:30 zhonk, 21 October 2022"): "2022-10-21",
    ("de", "21.10.2022, 8:30 mittags"): "2022-10-21",
    ("de", "21.10.2022, 3:55 nm."): "2022-10-21",
    ("de", "12:30 am 21.10.2022"): "2022-10-21",
    ("fr", "21 octobre 2022, 3:55 aprem"): "2022-10-21",
    ("fr", "2022-10-21 du. 3:55"): "2022-10-21",
    ("pt", "2022-10-21 3:55 em"): "2022-10-21",
    ("pt", "8h30 em 21 de outubro de 2022"): "2022-10-21 08:30:00",
    ("vi", "2022-10-21 下午 3:55"): "2022-10-21 15:55:00",
    ("vi", "Chiều nay 3:55, 21/10/2022"): "2022-10-21",
    ("zh", "2016年3月20日 21時40分"): "2016-03-20 21:40:00",
    ("zh", "2016年06月30日09时30分"): "2016-06-30 09:30:00",
    ("zh", "2016年6月30日下午3点05分"): "2016-06-30 15:05:00",
    ("zh", "下午3时55分 2022-10-21"): "2022-10-21 15:55:00",
    ("zh", "2016年06月30日09时30"): "2016-06-30",
    ("zh", "9时 2016年6月30日"): "2016-06-30 09:00:00",
    ("zh", "9时30分15秒 2016/6/30"): "2016-06-30 09:30:15",
    ("zh", "2016-06-30 09:30 来源：新华网"): "2016-06-30 09:30:00",
    ("zh", "2016年9月14日晚8:00"): "2016-09-14 20:00:00",
    ("zh", "2016年9月14日上午12:30"): "2016-09-14",
    ("zh", "2016年9月14日下午12:30"): "2016-09-14 12:30:00",
    ("zh", "2016年9月14日下午3点半"): "2016-09-14",
    ("zh", "2016年9月14日至16日"): None,
    ("zh", "农历2016年9月14日"): None,
    ("ja", "2016年3月20日(日) 午後0時10分"): "2016-03-20 12:10:00",
    ("ja", "2016年3月20日 午前12時10分"): "2016-03-20",
    ("ja", "令和4年（2022年）10月21日"): "2022-10-21",
    ("ko", "2022년 10월 21일 오전 12:10"): "2022-10-21 00:10:00",
    ("ko", "2022년 10월 21일 오후 12시 10분"): "2022-10-21 12:10:00",
    ("ko", "2022.10.21. 오후 3:55"): "2022-10-21 15:55:00",
    ("en", "[Sept] 04, 2014."): "2014-09-04",
}
UNKNOWN = {
    "2022-10-21": "2022-10-21",
    "2022-10-21T03:55:00+07:00": "2022-10-21 03:55:00",
    "2022/10/21 15:55": "2022-10-21 15:55:00",
    "2022-10-21 03:55": "2022-10-21 03:55:00",
    "2022-10-21 00:10": "2022-10-21 00:10:00",
    "2022-10-21 3:55 שם": "2022-10-21",
    "2022-10-21 15:55 xyz": "2022-10-21",
    "2022-10-21, сл.об. 3:55": "2022-10-21",
    "2022-10-21 下午3:55": "2022-10-21 15:55:00",
    "2022년 10월 21일 오후 3:55": "2022-10-21 15:55:00",
    "21. Oktober 2022": "2022-10-21",
    "21 de octubre de 2022, 15:55": "2022-10-21 15:55:00",
    "12:30 am 21. Oktober 2022": "2022-10-21",
    "21 listopada 2022": None,  # October in Croatian, November in Polish
    "05/06/2022": None,
    "Oktober 21, 2022": "2022-10-21",
    "21 Blabla 2022": None,
}


@pytest.mark.parametrize(("language", "printed"), OTHER_WORDS)
def test_words_that_babel_does_not_print(language: str, printed: str) -> None:
    assert read_date(printed, language=language).local == OTHER_WORDS[language, printed]


@pytest.mark.parametrize("language", ["", "xx", "tlh"])
@pytest.mark.parametrize("printed", UNKNOWN)
def test_without_a_language_only_what_is_certain_is_read(language: str, printed: str) -> None:
    local = read_date(printed, language=language, timezone="").local
    assert local == UNKNOWN[printed]


# printed -> (local, utc) at a site in Berlin
MACHINES = {
    "Wed Aug 05 12:00:00 2015": ("2015-08-05 12:00:00", "2015-08-05 10:00:00"),
    "Wed Aug  5 12:00:00 2015": ("2015-08-05 12:00:00", "2015-08-05 10:00:00"),
    "Fri Apr 28 19:20:36 CEST 2023": ("2023-04-28 19:20:36", "2023-04-28 17:20:36"),
    "Fri Apr 28 19:20:36 GMT+02:00 2023": ("2023-04-28 19:20:36", "2023-04-28 17:20:36"),
    "Fri Apr 28 19:20:36 UTC 2023": ("2023-04-28 21:20:36", "2023-04-28 19:20:36"),
    "Fri Apr 28 19:20:36 BRT 2023": ("2023-04-28 19:20:36", None),
    "Fri Apr 28 01:20:36 EST 2023": ("2023-04-28 01:20:36", None),
    "Fri, 28 Apr 2023 19:20:36 EST": ("2023-04-28 19:20:36", None),
    "Sat Apr 28 19:20:36 CEST 2023": (None, None),  # it was a Friday
}


@pytest.mark.parametrize("language", ["vi", "en", "tr", "ja", ""])
@pytest.mark.parametrize("printed", MACHINES)
def test_dates_of_c_and_java_are_read_in_every_language(language: str, printed: str) -> None:
    said = read_date(printed, language=language, timezone="Europe/Berlin")
    assert (said.local, said.utc) == MACHINES[printed]


def test_a_date_of_c_is_found_in_a_sentence() -> None:
    said = read_date("Cập nhật: Wed Aug 05 12:00:00 2015", language="vi")
    assert said.local == "2015-08-05 12:00:00"


@pytest.mark.parametrize(
    "printed",
    [
        "1970-01-01", "1970-01-01T00:00:00Z", "1970-01-01T07:00:00+07:00", "1969-12-31T19:00:00-05:00", "01/01/1970",
        "1 January 1970", "0001-01-01T00:00:00Z", "1900-01-01", "9999-12-31", "0000-00-00 00:00:00",
    ],
)  # fmt: skip
def test_placeholders_are_not_dates(printed: str) -> None:
    said = read_date(printed, language="en", timezone="Asia/Ho_Chi_Minh")
    assert said.local is None
    assert said.problem


def test_our_tables_have_every_month_of_cldr() -> None:
    for language in sorted(set(WORDS) - {"vi"}):
        for month in range(1, 13):
            for pattern in ("d MMMM y", "d MMM y"):
                text = format_datetime(datetime(2022, month, 21, tzinfo=UTC), pattern, locale=language)
                assert read_date(text, language=language).local == f"2022-{month:02}-21", text


def test_little_words_that_are_halves_of_the_day_elsewhere_are_known() -> None:
    """`_HALVES_ELSEWHERE` in `date_clock` lists them."""
    for language, words in WORDS.items():
        little = set(words.little.replace("(", "|").replace(")", "").replace("?", "").split("|"))
        assert {word for word in little if len(word) > 1 and is_half_day_anywhere(word)} <= {
            "am",
            "de",
            "du",
            "em",
            "del",
        }, language


def test_hours_of_parts_of_the_day() -> None:
    evening = sum(1 << hour for hour in range(18, 24))
    night = sum(1 << hour for hour in (21, 22, 23, 0, 1, 2, 3, 4, 5))
    assert [hour_in(evening, hour) for hour in (6, 8, 11, 12, 3, 20)] == [18, 20, 23, None, None, 20]
    assert [hour_in(night, hour) for hour in (10, 3, 12, 0)] == [22, 3, None, 0]
    assert [hour_in(0x000FFF, hour) for hour in (12, 3)] == [0, 3]
    assert [hour_in(0xFFF000, hour) for hour in (12, 3)] == [12, 15]


def test_months_of_one_meaning() -> None:
    assert (month_anywhere("Oktober"), month_anywhere("октября"), month_anywhere("listopad")) == (10, 10, None)


def test_every_language_has_a_scanner() -> None:
    for language in languages()[::12]:
        assert language_words(language)
        read_date("21 Oktober 2022 8:30", language=language)


def test_cldr_is_read_only_when_a_word_is_unknown() -> None:
    """A crawl of a Vietnamese, English or German portal does not open the file and never imports babel."""
    program = """
import sys
from archiver.text import cldr
from archiver.text.dates import read_date
from archiver.text.numbers import read_number
read_date("Cập nhật lúc 08:30, 05/09/2023", language="vi")
read_date("October 21, 2022 3:55 PM", language="en")
read_date("21. Oktober 2022, 8:30 Uhr", language="de")
read_date("2022-10-21T15:55:00+07:00")
read_number("375 lượt xem", language="vi")
read_number("1.2M views", language="en")
assert cldr._lines.cache_info().currsize == 0
read_date("2022-10-21 3:55 ÖS", language="tr")
assert cldr._lines.cache_info().currsize == 1
assert not {name for name in sys.modules if name.partition(".")[0] in {"babel", "dateparser"}}
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_no_word_takes_the_day_away() -> None:
    for word in ("MittagsÄß", "ÖÖÖ", "م", "下", "p", "am", "'", "..", "a.b.c", "-", "|"):
        for language in ("", "de", "tr", "ar", "zh"):
            assert (read_date(f"2022-10-21 8:30 {word}", language=language).local or "")[:10] == "2022-10-21"
    assert date_words("xx") is None
