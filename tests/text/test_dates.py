"""Dates: every printed form is read correctly, and nothing is guessed."""

import inspect
import time
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as dtime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.text import cldr, cldr_dates, date_clock, date_other, date_rewrite, date_scan, date_words, dates
from archiver.text.date_words import WORDS
from archiver.text.dates import PrintedDate, read_date

SAIGON = "Asia/Ho_Chi_Minh"

# printed -> local, None for no value
VIETNAMESE = {
    "21 Tháng Mười 2022 3:55:00 CH": "2022-10-21 15:55:00",
    "Hoạt động Đảng - Đoàn thể 21 Tháng Mười 2022 3:55:00 CH": "2022-10-21 15:55:00",
    "21 Tháng Mười, 2022": "2022-10-21",
    "21 THÁNG MƯỜI 2022": "2022-10-21",
    "21\u00a0Tháng\n  Mười\u200b\t2022 3:55:00\u00a0CH": "2022-10-21 15:55:00",
    "21 Tháng Mười Một 2022 12:10:00 SA": "2022-11-21 00:10:00",
    "21 Tháng Mười Hai 2022 12:10:00 CH": "2022-12-21 12:10:00",
    "5 Tháng Giêng 2023": "2023-01-05",
    "5 Tháng Tư 2023": "2023-04-05",
    "Tháng Mười 21, 2022": "2022-10-21",
    "21 tháng năm năm 2022": "2022-05-21",
    "Hà Nội, ngày 18 tháng 5 năm 2021": "2021-05-18",
    "Hà Nội, ngày 08 tháng 05 năm 2021": "2021-05-08",
    "21 thg 10, 2022": "2022-10-21",
    "21 Th10 2022": "2022-10-21",
    "Thứ sáu, 21/10/2022 15:55 (GMT+7)": "2022-10-21 15:55:00",
    "21/10/2022 10:55 (GMT+2)": "2022-10-21 15:55:00",
    "15:55 21/10/2022 (GMT+7)": "2022-10-21 15:55:00",
    "21/10/2022 08:55 UTC": "2022-10-21 15:55:00",
    "Thứ Sáu, ngày 21/10/2022": "2022-10-21",
    "T6, 21/10/2022": "2022-10-21",
    "CN, 03/09/2023": "2023-09-03",
    "Chủ nhật, 03/09/2023": "2023-09-03",
    "Cập nhật lúc 08:30, 05/09/2023": "2023-09-05 08:30:00",
    "Ngày đăng: 05/09/2023 08:30": "2023-09-05 08:30:00",
    "Ngày đăng:05/09/2023 - Lượt xem: 375": "2023-09-05",
    "Đăng ngày 5-9-2023": "2023-09-05",
    "21-10-2022": "2022-10-21",
    "21.10.2022": "2022-10-21",
    "21 / 10 / 2022": "2022-10-21",
    "07-03-2026 - 13:01 PM": "2026-03-07 13:01:00",
    "8h30 ngày 05/09/2023": "2023-09-05 08:30:00",
    "8g30, 05/09/2023": "2023-09-05 08:30:00",
    "8 giờ 05/09/2023": "2023-09-05 08:00:00",
    "8 giờ 30 - 05/09/2023": "2023-09-05 08:30:00",
    "8 giờ sáng ngày 05/09/2023": "2023-09-05 08:00:00",
    "8h30 tối 05/09/2023": "2023-09-05 20:30:00",
    "3 giờ 15 phút chiều, 05/09/2023": "2023-09-05 15:15:00",
    "1:05 trưa 05/09/2023": "2023-09-05 13:05:00",
    "3:55 chiều T6, 21/10/2022": "2022-10-21 15:55:00",
    "21/10/2022 15:55 Tối ưu hóa": "2022-10-21 15:55:00",
    "11:30 đêm 05/09/2023": "2023-09-05 23:30:00",
    "Chiều 21/10/2022, 3:55": "2022-10-21 15:55:00",
    "12 giờ 30 phút, ngày 21/10/2022": "2022-10-21 12:30:00",
    "12 giờ 30 phút 15 giây, ngày 21/10/2022": "2022-10-21 12:30:15",
    "05/09/2023 | 08:30": "2023-09-05 08:30:00",
    "05-09-2023 08:30:15": "2023-09-05 08:30:15",
    "05/09/2023,08:30": "2023-09-05 08:30:00",
    "lúc08:30 -05/09/2023": "2023-09-05 08:30:00",
    "05/09/2023 (05/09/2023 08:30)": "2023-09-05 08:30:00",
    "Hôm nay, 21/10/2022 15:55": "2022-10-21 15:55:00",
    "Quận 11, ngày 21/10/2022": "2022-10-21",
    "COVID-19 - 21/10/2022": "2022-10-21",
    "Khoa học sáng tạo 21/10/2022 15:55": "2022-10-21 15:55:00",
    "Nghị định 12/2022/NĐ-CP ngày 21/10/2022": "2022-10-21",
}
REFUSED = {
    "15 Tháng Chạp 2022": "lunar",
    "15 tháng 7 năm 2022 (âm lịch)": "lunar",
    "07-03-2026 - 13:01 SA": "impossible time",
    "Sáng 21/10/2022 15:55": "impossible time",
    "12 giờ đêm 05/09/2023": "impossible time",
    "3:55 chiều tại Hà Nội, 05/09/2023": "ambiguous",
    "21/10/2022 8:55 Tối ưu hóa": "ambiguous",
    "05/09/2023 25:10": "impossible time",
    "21/10/2022 15:55 (GMT+15)": "impossible offset",
    "Chủ nhật, 04/09/2023": "the weekday contradicts",
    "Tháng 10/2022": "no date found",
    "Tháng Mười 2022": "no date found",
    "08:30": "no date found",
    "": "no date found",
    "Nghị định 12/2022/NĐ-CP": "no date found",
    "Quyết định 15/2022/QĐ": "no date found",
    "Quyết định 15/12/2022/QĐ-UBND": "no date found",
    "0912.345.678": "no date found",
    "028-39-10-2022": "no date found",
    "192.10.10.2022": "no date found",
    "5-7/9/2023": "no date found",
    "05/09/23": "ambiguous: a year of two digits",
    "31/02/2022": "impossible date",
    "10/21/2022": "impossible date",
    "14/07/1789": "impossible date",
    "Đăng 05/09/2023, cập nhật 06/09/2023": "ambiguous: two different dates",
    "05/09/2023 08:30, 05/09/2023 09:30": "ambiguous: two different times",
    "8h30-9h30, 05/09/2023": "ambiguous: two different times",
    "08:30-10:30 05/09/2023": "ambiguous: two different times",
    "5 - 7/9/2023": "ambiguous",
    "từ 05/09 đến 07/09/2023": "ambiguous",
    "từ ngày 5 đến ngày 7/9/2023": "ambiguous",
    "05/09/2023 - 07/09": "ambiguous",
    "ngày 12, 13/10/2022": "ambiguous",
    "2 giờ trước": "relative date",
    "5 phút trước": "relative date",
    "hôm qua": "relative date",
    "Hôm qua lúc 15:55": "relative date",
}
# (language, printed) -> local
OTHERS = {
    ("en", "October 21, 2022 3:55 PM"): "2022-10-21 15:55:00",
    ("en", "Oct. 21st, 2022 at 3:55 p.m."): "2022-10-21 15:55:00",
    ("en", "21 October 2022"): "2022-10-21",
    ("en", "21st of October 2022"): "2022-10-21",
    ("en", "Fri, Oct 21 2022"): "2022-10-21",
    ("en", "The Sun reported on 21 October 2022"): "2022-10-21",
    ("en", "21-Oct-2022"): "2022-10-21",
    ("en", "Sept 5, 2023, noon"): "2023-09-05 12:00:00",
    ("en", "12 noon, Sept 5, 2023"): "2023-09-05 12:00:00",
    ("en", "midnight, 5 Sept 2023"): "2023-09-05 00:00:00",
    ("en", "5 Sept 2023 12:00 am"): "2023-09-05 00:00:00",
    ("en", "3pm on 5 October 2022"): "2022-10-05 15:00:00",
    ("en", "3.55pm 5 Oct 2022"): "2022-10-05 15:55:00",
    ("en", "at 3:55 in the afternoon on 5 October 2022"): "2022-10-05 15:55:00",
    ("en", "25/06/2022"): "2022-06-25",
    ("en", "06/25/2022"): "2022-06-25",
    ("en", "05/05/2022"): "2022-05-05",
    ("en", "05/06/2022 (5 June 2022)"): "2022-06-05",
    ("en", "2022/10/21 15:55"): "2022-10-21 15:55:00",
    ("en", "05/06/2022"): None,
    ("en-CA", "05/06/2022"): None,
    ("en-US", "05/06/2022"): "2022-05-06",
    ("en_US", "05/06/2022"): "2022-05-06",
    ("en-Latn-US", "05/06/2022"): "2022-05-06",
    ("en-US", "25/06/2022"): None,
    ("en-GB", "05/06/2022"): "2022-06-05",
    ("en-NZ", "05/06/2022"): "2022-06-05",
    ("en", "October 5-7, 2022"): None,
    ("en", "5 to 7 October 2022"): None,
    ("en", "Oct 5, 2022 - Nov 7"): None,
    ("en", "Thursday 5 - Saturday 7 May 2022"): None,
    ("en", "Friday, Saturday 7 May 2022"): None,
    ("en", "5 October 20 2022"): None,
    ("en", "2 hours ago"): None,
    ("en", "yesterday at 15:55"): None,
    ("fr", "1er janvier 2022"): "2022-01-01",
    ("fr", "21 octobre 2022 à 15h55"): "2022-10-21 15:55:00",
    ("fr", "Publié le vendredi 21 octobre 2022 à 15 h 55"): "2022-10-21 15:55:00",
    ("fr", "3 août 2022"): "2022-08-03",
    ("fr", "3 AOUT 2022"): "2022-08-03",
    ("fr", "mar. 18 oct. 2022"): "2022-10-18",
    ("fr", "05/06/2022"): "2022-06-05",
    ("fr", "il y a 2 heures"): None,
    ("es", "21 de octubre de 2022, 15:55"): "2022-10-21 15:55:00",
    ("es", "viernes, 21 de octubre de 2022 a las 15:55 h"): "2022-10-21 15:55:00",
    ("es", "21 de octubre del 2022 3:55 p. m."): "2022-10-21 15:55:00",
    ("es", "hace 3 horas"): None,
    ("de", "21. Oktober 2022, 15:55 Uhr"): "2022-10-21 15:55:00",
    ("de", "15:55 am 21. Oktober 2022"): "2022-10-21 15:55:00",
    ("de", "15.55 Uhr, 3. März 2022"): "2022-03-03 15:55:00",
    ("de", "1. Jänner 2022"): "2022-01-01",
    ("de", "3. Maerz 2022"): "2022-03-03",
    ("de", "Fr., 21.10.2022, 15 Uhr"): "2022-10-21 15:00:00",
    ("de", "vor 2 Stunden"): None,
    ("it", "venerdì 21 ottobre 2022, ore 15.55"): "2022-10-21 15:55:00",
    ("it", "1° gennaio 2022"): "2022-01-01",
    ("pt", "sexta-feira, 21 de outubro de 2022 às 15h55"): "2022-10-21 15:55:00",
    ("nl", "21 oktober 2022 om 15.55 uur"): "2022-10-21 15:55:00",
    ("pl", "21 października 2022, godz. 15:55"): "2022-10-21 15:55:00",
    ("ru", "21 октября 2022 г. в 15:55"): "2022-10-21 15:55:00",
    ("ru", "21 октября 2022, 3:55 дня"): "2022-10-21 15:55:00",
    ("nl", "21 oktober 2022 om 8.30 uur 's avonds"): "2022-10-21 20:30:00",
    ("tr", "21 Ekim 2022 15:55"): "2022-10-21 15:55:00",
    ("cs", "21. října 2022"): "2022-10-21",
    ("ko", "2022년 10월 21일 오후 3:55"): "2022-10-21 15:55:00",
    ("ar", "٢١ أكتوبر ٢٠٢٢"): "2022-10-21",
    ("tr", "2 saat önce"): None,
    ("tr", "21 Ekim"): None,
    ("tr", "05.09.23"): None,
    ("th", "21 ตุลาคม 2565"): None,
    ("xx", "2022-10-21"): "2022-10-21",
    ("xx", "21/10/2022"): "2022-10-21",
    ("xx", "05/06/2022"): None,
}
MACHINES = {
    "2022-10-21T15:55:00+07:00": "second",
    "2022-10-21T15:55:00.123456+07:00": "second",
    "2022-10-21T08:55:00Z": "second",
    "2022-10-21t08:55:00,5z": "second",
    "2022-10-21T15:55+0700": "minute",
    "2022-10-21T04:55-04:00": "minute",
    "2022-10-21 15:55:00": "second",
    "20221021T085500Z": "second",
    "2022-10-21 08:55:00+00": "second",
    "Fri, 21 Oct 2022 15:55:00 +0700": "second",
    "21 Oct 2022 04:55 -0400": "minute",
    "2022-10-21 04:55 -04:00": "minute",
    "2022-10-21 15:55 +07:00": "minute",
    "2022-10-21 04:55:00 -04:00": "second",
    "Fri, 21 Oct 2022 08:55:00 GMT": "second",
    "Fri Oct 21 2022 15:55:00 GMT+0700 (Indochina Time)": "second",
}
# A time next to a word for another half of the day: the correct time, or only the day, or nothing.
DAY_PARTS = {
    ("en", "8:30 this evening, 21 October 2022"): "2022-10-21",
    ("en", "8:30 tonight, 21 October 2022"): "2022-10-21",
    ("en", "Tonight, 21 October 2022, 8:30"): "2022-10-21",
    ("en", "21 October 2022, 8:30 (PM)"): "2022-10-21",
    ("en", "8:30 local time, in the evening of the match, 21 October 2022"): "2022-10-21",
    ("en", "quarter to 4 pm, 21 October 2022"): "2022-10-21",
    ("en", "half past 8 pm, 21 October 2022"): "2022-10-21",
    ("en", "21 October 2022, from 2 to 4 pm"): "2022-10-21",
    ("en", "21 October 2022, 2:30 to 3:55 pm"): None,
    ("en", "8:30 this morning, 21 October 2022"): "2022-10-21 08:30:00",
    ("en", "12:30 this morning, 21 October 2022"): "2022-10-21",
    ("en", "8:30 PM tonight, 21 October 2022"): "2022-10-21 20:30:00",
    ("en", "20:30 tonight, 21 October 2022"): "2022-10-21 20:30:00",
    ("en", "Evening Standard 21 October 2022 8:30"): "2022-10-21 08:30:00",
    ("fr", "21 octobre 2022, 3h de l'après midi"): "2022-10-21 15:00:00",
    ("fr", "21 octobre 2022 à 8h30 ce soir"): "2022-10-21",
    ("fr", "21 octobre 2022, 8h30 du soir"): "2022-10-21 20:30:00",
    ("fr", "21 octobre 2022, 8 heures et demie du soir"): "2022-10-21",
    ("fr", "21 octobre 2022, 9 heures moins le quart"): "2022-10-21",
    ("fr", "21 octobre 2022, de 8 heures et demie à 10 heures"): None,
    ("fr", "21 octobre 2022 à 8h30 ce matin"): "2022-10-21 08:30:00",
    ("fr", "Le Soir, 21 octobre 2022 à 8h30"): "2022-10-21",
    ("es", "21 de octubre de 2022, 8:30 por la noche"): "2022-10-21 20:30:00",
    ("es", "21 de octubre de 2022, 3:55 por la tarde"): "2022-10-21 15:55:00",
    ("es", "21 de octubre de 2022, 12:30 de la madrugada"): "2022-10-21 00:30:00",
    ("es", "21 de octubre de 2022, 8:30 esta noche"): "2022-10-21",
    ("es", "21 de octubre de 2022, 8 horas y media"): "2022-10-21",
    ("de", "21.10.2022, 8 Uhr am Abend"): "2022-10-21 20:00:00",
    ("de", "21.10.2022, 3:30 Uhr am Nachmittag"): "2022-10-21 15:30:00",
    ("de", "21.10.2022, 12:30 Uhr nachts"): None,
    ("de", "21.10.2022, 2:30 Uhr nachts"): "2022-10-21 02:30:00",
    ("de", "21.10.2022, halb 9 Uhr"): "2022-10-21",
    ("de", "21.10.2022, Viertel vor 9 Uhr"): "2022-10-21",
    ("de", "Freitagabend, 21.10.2022, 8 Uhr"): "2022-10-21",
    ("de", "21.10.2022, 8 Uhr am Freitagvormittag"): "2022-10-21 08:00:00",
    ("de", "21.10.2022 3:55 PM"): "2022-10-21 15:55:00",
    ("de", "21.10.2022 12:30 AM"): "2022-10-21 00:30:00",
    ("de", "12:30 am 21. Oktober 2022"): "2022-10-21 12:30:00",
    ("nl", "21 oktober 2022, half 9 uur"): "2022-10-21",
    ("nl", "21 oktober 2022, 8:30 in de avond"): "2022-10-21 20:30:00",
    ("nl", "21 oktober 2022, vanavond 8:30"): "2022-10-21",
    ("it", "21 ottobre 2022, 8:30 della sera"): "2022-10-21 20:30:00",
    ("it", "21 ottobre 2022, 8:30 stasera"): "2022-10-21",
    ("pt", "21 de outubro de 2022, 8h30 à noite"): "2022-10-21",
    ("pt", "21 de outubro de 2022, 12:30 da madrugada"): "2022-10-21 00:30:00",
    ("pt", "21 de outubro de 2022, 8 horas e meia"): "2022-10-21",
    ("pl", "21 października 2022, 8:30 w nocy"): "2022-10-21",
    ("pl", "21 października 2022, 2:30 w nocy"): "2022-10-21 02:30:00",
    ("pl", "21 października 2022, 3:55 popołudniu"): "2022-10-21",
    ("ru", "21 октября 2022, 3 часа пополудни"): "2022-10-21 15:00:00",
    ("ru", "21 октября 2022, 8:30 вечером"): "2022-10-21",
    ("vi", "tối qua, 8h30 21/10/2022"): "2022-10-21",
    ("vi", "đêm qua, 8h30 21/10/2022"): "2022-10-21",
    ("vi", "sáng nay, 8h30 21/10/2022"): "2022-10-21 08:30:00",
    ("vi", "8h30 sáng nay, 21/10/2022"): "2022-10-21 08:30:00",
    ("vi", "8h30 tối nay, 21/10/2022"): None,
    ("vi", "8 giờ rưỡi 21/10/2022"): "2022-10-21",
    ("vi", "9 giờ kém mười lăm, 21/10/2022"): "2022-10-21",
    ("vi", "tối qua"): None,
    ("de", "21.10.2022 12:30 a.m."): "2022-10-21 00:30:00",
    ("es", "la tarde del 21 de octubre de 2022, 3:55"): "2022-10-21",
    ("zh", "2022-10-21 下午3:55"): "2022-10-21 15:55:00",
    ("zh", "2022年10月21日 下午3:55"): "2022-10-21 15:55:00",
    ("cs", "21. října 2022 8:30 večer"): "2022-10-21 20:30:00",
    ("cs", "2022-10-21 8:30 večer"): "2022-10-21 20:30:00",
    ("cs", "2022-10-21 9:30 dopoledne"): "2022-10-21 09:30:00",
    ("cs", "2022-10-21 8:30 dopoledne"): "2022-10-21",
}
GERMAN_RANGES = (
    "5. bis 7. Mai 2022", "5.-7. Mai 2022", "5.–7. Mai 2022", "5. - 7. Mai 2022", "5./6. Mai 2022",
    "5. und 6. Mai 2022", "vom 5. bis zum 7. Mai 2022", "5.-7.5.2022", "5. – 7.5.2022", "5. Mai bis 7. Mai 2022",
    "5. Mai 2022 bis 7. Juni", "29. April - 7. Mai 2022",
)  # fmt: skip
DAY_FIRST = ("vi", "en-GB", "fr", "es", "de", "it", "pt", "nl", "pl", "ru")
PLACEHOLDERS = {date(1969, 12, 31), date(1970, 1, 1)}
days = st.dates(date(1900, 1, 2), date(2100, 12, 30)).filter(lambda day: day not in PLACEHOLDERS)
clocks = st.times().map(lambda clock: clock.replace(microsecond=0))
fast = settings(max_examples=60, deadline=None)


def read_vietnamese(text: str, *, day_only: bool = False) -> PrintedDate:
    return read_date(text, language="vi", timezone=SAIGON, day_only=day_only)


def words_of(language: str, table: str) -> list[str]:
    """Return the first word of each month or weekday."""
    return [group.split(",")[0] for group in getattr(WORDS[language[:2]], table).split("|")]


def print_day(language: str, day: date) -> Iterator[str]:
    """Return a day in every form of the language."""
    month = words_of(language, "months")[day.month - 1]
    join = {"vi": " tháng ", "es": " de ", "pt": " de "}.get(language[:2], " ")
    yield f"{day.day}{join}{month} {day.year}"
    yield f"{day.day}{join}{month}, {day.year}".upper()
    yield f"{words_of(language, 'weekdays')[day.weekday()]}, {day.day:02}{join}{month} {day.year}"
    for mark in "/-.":
        yield f"{day.day}{mark}{day.month}{mark}{day.year}"
        yield f"{day.day:02}{mark}{day.month:02}{mark}{day.year}"
        yield f"{day.year}{mark}{day.month:02}{mark}{day.day:02}"


@pytest.mark.parametrize(("printed", "local"), VIETNAMESE.items())
def test_vietnamese_dates_are_read(printed: str, local: str) -> None:
    said = read_vietnamese(printed)
    assert (said.local, said.problem) == (local, "")
    assert (said.utc is None) == (said.precision == "day") == (len(local) == 10)
    assert said.raw == " ".join(printed.split())


@pytest.mark.parametrize("printed", VIETNAMESE)
def test_decomposed_and_upper_case_text_gives_the_same(printed: str) -> None:
    expected = VIETNAMESE[printed]
    assert read_vietnamese(unicodedata.normalize("NFD", printed)).local == expected
    assert read_vietnamese(printed.upper()).local == expected
    assert read_vietnamese(printed, day_only=True).local == expected[:10]


@pytest.mark.parametrize(("printed", "problem"), REFUSED.items())
def test_what_is_unsure_is_refused_with_its_reason(printed: str, problem: str) -> None:
    said = read_vietnamese(printed)
    assert (said.local, said.utc, said.precision) == (None, None, None)
    assert said.problem.startswith(problem) or problem in said.problem


@pytest.mark.parametrize(("language", "printed"), OTHERS)
def test_other_languages_are_read(language: str, printed: str) -> None:
    said = read_date(printed, language=language)
    assert said.local == OTHERS[language, printed]
    assert bool(said.problem) == (said.local is None)


@pytest.mark.parametrize(("language", "printed"), DAY_PARTS)
def test_a_part_of_the_day_never_leaves_a_time_twelve_hours_off(language: str, printed: str) -> None:
    assert read_date(printed, language=language).local == DAY_PARTS[language, printed]


@pytest.mark.parametrize("language", ["de", "fr", "id", "ko", "vi"])
def test_english_months_are_read_in_every_language(language: str) -> None:
    assert read_date("Hanoi, October 23, 2024, 3:48", language=language).local == "2024-10-23 03:48:00"
    assert read_date("In May 2021", language=language).local is None


@pytest.mark.parametrize("printed", GERMAN_RANGES)
def test_the_end_of_a_german_range_is_not_a_date(printed: str) -> None:
    said = read_date(printed, language="de")
    assert said.local is None
    assert said.problem.startswith("ambiguous")


def test_minutes_after_a_space_are_an_offset_only_behind_an_iso_date() -> None:
    said = read_date("2022-10-21 15:55 -05:00", timezone="UTC")
    assert (said.local, said.utc) == ("2022-10-21 20:55:00", "2022-10-21 20:55:00")
    assert read_date("2022-10-21 15:55 -03:30").utc == "2022-10-21 19:25:00"
    for text in ("2022-10-21 08:30 -10:30", "2022-10-21 08:30 - 10:00", "2022-10-21 08:30-10:00"):
        assert read_date(text).problem == "ambiguous: two different times"
    assert read_vietnamese("05/09/2023 08:30 -10:00").problem == "ambiguous: two different times"


@pytest.mark.parametrize("language", ["vi", "en", "de", "tr", "xx"])
@pytest.mark.parametrize("printed", MACHINES)
def test_what_machines_print_is_read_in_every_language(language: str, printed: str) -> None:
    said = read_date(printed, language=language, timezone=SAIGON)
    assert (said.local, said.utc) == ("2022-10-21 15:55:00", "2022-10-21 08:55:00")
    assert said.precision == MACHINES[printed]


def test_a_foreign_offset_moves_the_day_of_the_site() -> None:
    assert read_vietnamese("2022-10-21T20:00:00Z").local == "2022-10-22 03:00:00"
    assert read_vietnamese("2022-10-21T20:00:00Z", day_only=True).local == "2022-10-22"


def test_only_the_day_is_asked_so_an_unsure_time_does_no_harm() -> None:
    assert read_vietnamese("8h30-9h30, 05/09/2023", day_only=True).local == "2023-09-05"


def test_a_zone_known_by_name_only_gives_no_instant() -> None:
    said = read_date("October 21, 2022 3:55 PM EST", language="en")
    assert (said.local, said.utc, said.precision) == ("2022-10-21 15:55:00", None, "minute")
    assert said.problem == "the time zone est is a name, not an offset"
    assert read_date("21 Oktober 2022, 15:55 WIB", language="id").utc is None
    assert read_vietnamese("21/10/2022 15:55 EST").utc is None


def test_the_name_of_the_site_s_own_zone_is_known() -> None:
    said = read_date("October 21, 2022 3:55 PM EDT", language="en", timezone="America/New_York")
    assert (said.utc, said.problem) == ("2022-10-21 19:55:00", "")
    assert read_date("October 21, 2022 3:55 PM EST", language="en", timezone="America/New_York").utc is None
    german = read_date("21.10.2022 15:55 MESZ", language="de", timezone="Europe/Berlin")
    assert german.utc == "2022-10-21 13:55:00"


def test_a_skipped_wall_time_has_no_instant_and_a_repeated_one_is_the_earlier() -> None:
    skipped = read_date("2022-03-27 02:30", timezone="Europe/Berlin")
    assert (skipped.local, skipped.utc) == ("2022-03-27 02:30:00", None)
    assert skipped.problem == "clocks in Europe/Berlin skipped this time"
    assert read_date("2022-10-30 02:30", timezone="Europe/Berlin").utc == "2022-10-30 00:30:00"


def test_a_given_format_alone_is_used() -> None:
    said = read_date("10/21/22 15:55 +0900", language="vi", timezone=SAIGON, format="%m/%d/%y %H:%M %z")
    assert (said.local, said.utc, said.precision) == ("2022-10-21 13:55:00", "2022-10-21 06:55:00", "minute")
    assert read_date("20221021", format="%Y%m%d").precision == "day"
    assert read_date("20221021155500", format="%Y%m%d%H%M%S").precision == "second"
    assert read_date("20221021 1555", format="%Y%m%d %H%M", day_only=True).local == "2022-10-21"
    assert read_date("2022-10-21", format="%d/%m/%Y").problem == "the text does not follow the format '%d/%m/%Y'"
    assert read_date("1022-10-21", format="%Y-%m-%d").problem.startswith("impossible date")
    with pytest.raises(ValueError, match="has no year"):
        read_date("21/10", format="%d/%m")


def test_where_the_zone_of_the_site_is_not_known_the_wall_time_is_that_of_the_offset() -> None:
    said = read_date("2024-02-04T10:00:00+01:00", timezone="")
    assert (said.local, said.utc) == ("2024-02-04 10:00:00", "2024-02-04 09:00:00")
    assert read_date("2024-02-04T10:00:00+01:00", timezone="UTC").local == "2024-02-04 09:00:00"


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "Asia", "GMT+7\0"])
def test_an_unknown_zone_is_an_error_of_the_profile(name: str) -> None:
    with pytest.raises(ValueError, match="unknown time zone"):
        read_date("2022-10-21", timezone=name)


@pytest.mark.parametrize("language", sorted(WORDS))
def test_every_word_of_the_tables_is_read(language: str) -> None:
    before = {"vi": "tháng ", "es": "de ", "pt": "de "}.get(language, "")
    for index, words in enumerate(WORDS[language].months.split("|"), start=1):
        for word in words.split(","):
            for form in (f"5 {before}{word} 2022", f"{before}{word} 5, 2022"):
                assert read_date(form, language=language).local == f"2022-{index:02}-05", form
    for index, words in enumerate(WORDS[language].weekdays.split("|")):
        for word in words.split(","):
            right, wrong = date(2022, 10, 17 + index), date(2022, 10, 18 + index)
            assert read_date(f"{word}, {right}", language=language).local == str(right), word
            assert "weekday" in read_date(f"{word} {wrong}", language=language).problem, word


@pytest.mark.parametrize("language", DAY_FIRST)
@fast
@given(day=days)
def test_a_printed_day_is_read_back(language: str, day: date) -> None:
    for printed in print_day(language, day):
        said = read_date(printed, language=language)
        assert (said.local, said.problem) == (day.isoformat(), ""), printed


@fast
@given(day=days, clock=clocks)
def test_a_printed_time_is_read_back_in_every_form(day: date, clock: dtime) -> None:
    mark = "SA" if clock.hour < 12 else "CH"
    hour = clock.hour % 12 or 12
    exact, whole = f"{day} {clock:%H:%M:%S}", f"{day} {clock:%H:%M}:00"
    vietnamese = f"{day.day} Tháng {words_of('vi', 'months')[day.month - 1].title()} {day.year}"
    forms = {
        f"{vietnamese} {hour}:{clock:%M:%S} {mark}": exact,
        f"{clock:%H:%M:%S} {mark}, {vietnamese}": exact,
        f"{clock.hour}h{clock:%M} ngày {day:%d/%m/}{day.year:04}": whole,
        f"{clock.hour} giờ {clock.minute} phút, {day:%d-%m-}{day.year:04}": whole,
        f"{day}T{clock}": exact,
    }
    for printed, local in forms.items():
        assert read_vietnamese(printed).local == local, printed


@fast
@given(day=days, clock=st.sampled_from([(0, "12:00 AM", "midnight"), (12, "12:00 PM", "noon")]))
def test_noon_and_midnight(day: date, clock: tuple[int, str, str]) -> None:
    hour, figures, word = clock
    for said in (figures, word):
        printed = f"{words_of('en', 'months')[day.month - 1]} {day.day}, {day.year} {said}"
        assert read_date(printed, language="en").local == f"{day} {hour:02}:00:00"


@fast
@given(
    moment=st.builds(datetime.combine, st.dates(date(1971, 1, 1), date(2099, 12, 31)), clocks),
    minutes=st.integers(-14 * 60, 14 * 60),
    zone=st.sampled_from([SAIGON, "Europe/Berlin", "America/New_York", "UTC"]),
)
def test_an_offset_fixes_the_instant(moment: datetime, minutes: int, zone: str) -> None:
    sign, size = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    instant = (moment - timedelta(minutes=minutes)).replace(tzinfo=UTC)
    said = read_date(f"{moment.isoformat()}{sign}{size[0]:02}:{size[1]:02}", timezone=zone)
    assert said.utc == f"{instant:%Y-%m-%d %H:%M:%S}"
    assert said.local == f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"


@fast
@given(first=days, second=days)
def test_two_dates_or_an_unsure_order_are_refused(first: date, second: date) -> None:
    both = read_vietnamese(f"{first:%d/%m/}{first.year} – {second:%d/%m/}{second.year}")
    assert (both.local is None) == (first != second)
    english = read_date(f"{first.month}/{first.day}/{first.year}", language="en").local
    assert (english is None) == (first.day <= 12 and first.day != first.month)


@settings(max_examples=200, deadline=None)
@given(
    text=st.text(max_size=80) | st.text("0123456789/-.: ,hAPMTZ+tháng mườiOct", max_size=60),
    language=st.sampled_from(["vi", "en", "de", "fr", "xx", "", "-"]),
    day_only=st.booleans(),
)
def test_no_text_raises(text: str, language: str, *, day_only: bool) -> None:
    said = read_date(text, language=language, timezone=SAIGON, day_only=day_only)
    assert (said.local is None) == (said.precision is None)
    assert said.local is not None or said.problem


@settings(max_examples=25, deadline=None)
@given(text=st.text(max_size=40) | st.text("0123456789/. :Ekim", max_size=20))
def test_no_text_raises_through_dateparser(text: str) -> None:
    read_date(text, language="tr")


@pytest.mark.parametrize(
    "piece",
    ["1", " ", "1 ", "12/", "1.", "tháng ", "21 tháng 10 ", "8h", "-", "05/09/2023 ", "à ", "8 giờ 05 - 09 "],
)
def test_hostile_text_costs_little(piece: str) -> None:
    before = time.process_time()
    for language in ("vi", "fr", "tr"):
        read_date(piece * (200_000 // len(piece)), language=language)
    assert time.process_time() - before < 0.5


def test_a_long_text_is_read_at_its_start_only() -> None:
    filler = ", bài viết" * 200
    assert read_vietnamese("05/09/2023 08:30" + filler).local == "2023-09-05 08:30:00"
    assert len(read_vietnamese("05/09/2023" + filler).raw) == dates.LOOK
    cut_short = "x" * (dates.LOOK - len(" 05/09/2023 3:55:00")) + " 05/09/2023 3:55:00 CH"
    assert read_vietnamese(cut_short).problem == "the text is too long: a date is cut"


def test_no_clock_is_read() -> None:
    for module in (cldr, cldr_dates, date_clock, date_other, date_rewrite, date_scan, date_words, dates):
        source = inspect.getsource(module)
        assert not any(clock in source for clock in ("now(", "today(", "time.time", "localtime"))
