"""The words of dates in ten languages that CLDR lacks: ranges, relative dates, half hours, phrases.

Every other language is read with the words of CLDR (`cldr_dates`).
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from archiver.text.date_form import (
    AFTERNOON,
    AM,
    EVENING,
    MORE_ZONES,
    MORNING,
    NIGHT,
    NOON,
    PM,
    SMALL_HOURS,
    ZONES,
    Words,
)  # fmt: skip

ENGLISH = Words(
    months="january,jan|february,feb|march,mar|april,apr|may|june,jun|july,jul|august,aug"
    "|september,sept,sep|october,oct|november,nov|december,dec",
    weekdays="monday,mon|tuesday,tues,tue|wednesday,weds,wed|thursday,thurs,thur,thu|friday,fri"
    "|saturday,sat|sunday,sun",
    before_month=r"(?:(?:day )?of )?",
    before_year=r"(?:of )?",
    ordinal=r"(?:st|nd|rd|th)",
    marks=AM | PM | {"noon": {12: 12}, "midnight": {12: 0, 0: 0}},
    parts={"in the morning": MORNING, "in the afternoon": AFTERNOON, "in the evening": EVENING, "at night": NIGHT},
    hints={"morning": MORNING, "afternoon": AFTERNOON, "evening": EVENING, "night": NIGHT},
    inexact_before=("to", "past", "after", "before", "till", "until", "half"),
    named={"noon": 12, "midday": 12, "midnight": 0},
    relative=r"(?:\d{1,4}\+?|an?|few|last) ?[a-z]{1,8}\.? ago|yesterday|today|tomorrow|just now|last week",
    until=r"to|until|till|through|and",
    little=r"on|at|the|of|by|updated|published|posted|year",
    zones=ZONES + "|est|mst|hst|ist|pht|et|ct|mt|pt",
)

_VI_PARTS = {
    "rạng sáng": MORNING, "sáng": MORNING, "trưa": NOON, "chiều": AFTERNOON, "tối": EVENING, "đêm": NIGHT,
    "khuya": NIGHT,
}  # fmt: skip

VIETNAMESE = Words(
    months="giêng,một,1,01|hai,2,02|ba,3,03|tư,bốn,4,04|năm,5,05|sáu,6,06|bảy,bẩy,7,07|tám,8,08|chín,9,09"
    "|mười,10|mười một,11|mười hai,12",
    weekdays="thứ hai,thứ 2,t2|thứ ba,thứ 3,t3|thứ tư,thứ 4,t4|thứ năm,thứ 5,t5|thứ sáu,thứ 6,t6"
    "|thứ bảy,thứ bẩy,thứ 7,t7|chủ nhật,chúa nhật,cn",
    before_month=r"(?:tháng|thang|thg|th)\.? ?",
    before_year=r"(?:năm |nam )?",
    hours=r"giờ|gio|h|g",
    minutes=r"phút|phut|ph|p|'",
    seconds=r"giây|giay|s",
    inexact_after=r"rưỡi|kém|rưởi",
    marks=AM | PM | {"sa": MORNING, "ch": AFTERNOON},
    parts=_VI_PARTS,
    parts_end=r"(?= ?(?:$|[,.;:|()/\d-]|(?:ngày|hôm|thứ|chủ nhật|cn|t[2-7])(?!\w)))",  # "tối ưu" is not an evening
    hints={f"{part} {day}": hours for part, hours in _VI_PARTS.items() for day in ("nay", "qua", "mai", "kia")},
    relative=r"(?:\d{1,4}|một|vài) ?(?:giây|phút|giờ|ngày|tuần|tháng|năm) ?trước|hôm (?:nay|qua|kia)"
    r"|vừa xong|mới đây|ngày mai",
    lunar=r"âm lịch|tháng chạp",
    until=r"đến hết|đến|tới|và",
    little=r"ngày|lúc|vào|hồi|buổi|giờ|đăng|tháng",
    zones=ZONES + "|est|mst",
    accents=True,
)

FRENCH = Words(
    months="janvier,janv,jan|février,févr,fév|mars|avril,avr|mai|juin|juillet,juill,juil|août|septembre,sept,sep"
    "|octobre,oct|novembre,nov|décembre,déc",
    weekdays="lundi,lun|mardi,mar|mercredi,mer|jeudi,jeu|vendredi,ven|samedi,sam|dimanche,dim",
    ordinal=r"(?:er|e)",
    hours=r"heures?|h",
    minutes=r"minutes?|min|mn",
    seconds=r"secondes?|sec|s",
    parts={"du matin": MORNING, "de l'après-midi": AFTERNOON, "de l'après midi": AFTERNOON, "du soir": EVENING},
    hints={"matin": MORNING, "après-midi": AFTERNOON, "après midi": AFTERNOON, "soir": EVENING, "nuit": NIGHT},
    inexact_after=r"et demie?|et quart|moins",
    relative=r"il y a [a-z\d]{1,8} [a-z]{1,10}|avant-hier|hier|aujourd'hui|a l'instant|demain",
    until=r"au|et|jusqu'au",
    little=r"le|a|du|de",
)

SPANISH = Words(
    months="enero,ene|febrero,feb|marzo,mar|abril,abr|mayo,may|junio,jun|julio,jul|agosto,ago"
    "|septiembre,setiembre,sept,sep,set|octubre,oct|noviembre,nov|diciembre,dic",
    weekdays="lunes,lun|martes,mar|miércoles,mié|jueves,jue|viernes,vie|sábado,sáb|domingo,dom",
    before_month=r"(?:de )?",
    before_year=r"(?:de |del )?",
    ordinal=r"[º°ª]",
    hours=r"horas?|hrs|hs|h",
    minutes=r"minutos?|min|m",
    parts={
        "de la mañana": MORNING,
        "por la mañana": MORNING,
        "de la tarde": AFTERNOON,
        "por la tarde": AFTERNOON,
        "de la noche": EVENING,
        "por la noche": EVENING,
        "de la madrugada": SMALL_HOURS,
    },
    hints={"madrugada": SMALL_HOURS, "mediodía": NOON, "tarde": AFTERNOON, "noche": EVENING},
    inexact_before=("para las",),
    inexact_after=r"y media|y cuarto|menos",
    relative=r"hace [a-z\d]{1,8} [a-z]{1,10}|anteayer|ayer|hoy|manana",
    until=r"al?|y|hasta el",
    little=r"el|a las|a la|del?|las|la",
)

GERMAN = Words(
    months="januar,jänner,jaenner,jan,jän|februar,feber,feb|märz,maerz,mär,mrz|april,apr|mai|juni,jun"
    "|juli,jul|august,aug|september,sept,sep|oktober,okt|november,nov|dezember,dez",
    weekdays="montag,mo|dienstag,di|mittwoch,mi|donnerstag,do|freitag,fr|samstag,sonnabend,sa|sonntag,so",
    hours=r"uhr|h",
    minutes=r"minuten|min",
    marks={mark: hours for mark, hours in (AM | PM).items() if mark != "am"},
    last_marks={"am": MORNING},  # "15:55 am 21. Oktober": am is a preposition
    parts={
        "morgens": MORNING,
        "am morgen": MORNING,
        "vormittags": MORNING,
        "am vormittag": MORNING,
        "nachmittags": AFTERNOON,
        "am nachmittag": AFTERNOON,
        "abends": EVENING,
        "am abend": EVENING,
        "nachts": NIGHT,
    },
    hints={"vormittag": MORNING, "nachmittag": AFTERNOON, "mittag": NOON, "abend": EVENING, "nacht": NIGHT},
    inexact_before=("halb", "viertel", "vor", "nach", "bis"),
    relative=r"vor [a-z\d]{1,8} [a-z]{1,10}|vorgestern|gestern|heute|morgen",
    until=r"bis(?: zum)?|und",
    little=r"de[nmrs]|am|um|vom",
    zones=ZONES + "|mez|mesz",
)

ITALIAN = Words(
    months="gennaio,gen|febbraio,feb|marzo,mar|aprile,apr|maggio,mag|giugno,giu|luglio,lug|agosto,ago"
    "|settembre,sett,set|ottobre,ott|novembre,nov|dicembre,dic",
    weekdays="lunedì,lun|martedì,mar|mercoledì,mer|giovedì,gio|venerdì,ven|sabato,sab|domenica,dom",
    ordinal=r"[º°]",
    hours=r"h",
    before_hours=("ore", "alle"),
    minutes=r"min",
    parts={
        "di mattina": MORNING,
        "del mattino": MORNING,
        "della mattina": MORNING,
        "del pomeriggio": AFTERNOON,
        "di sera": EVENING,
        "della sera": EVENING,
    },
    hints={"mattin": MORNING, "pomeriggio": AFTERNOON, "sera": EVENING, "notte": NIGHT},
    inexact_after=r"e mezz[ao]|e un quarto|meno",
    relative=r"\d{1,4} [a-z]{1,10} fa|l'altro ieri|ieri|oggi|domani",
    until=r"al?|e",
    little=r"il|alle ore|alle|ore|del",
)

PORTUGUESE = Words(
    months="janeiro,jan|fevereiro,fev|março,mar|abril,abr|maio,mai|junho,jun|julho,jul|agosto,ago"
    "|setembro,set|outubro,out|novembro,nov|dezembro,dez",
    weekdays="segunda-feira,segunda,seg|terça-feira,terça,ter|quarta-feira,quarta,qua"
    "|quinta-feira,quinta,qui|sexta-feira,sexta,sex|sábado,sáb|domingo,dom",
    before_month=r"(?:de )?",
    before_year=r"(?:de )?",
    ordinal=r"[º°]",
    hours=r"horas?|hrs|h",
    minutes=r"minutos?|min|m",
    parts={"da manhã": MORNING, "da tarde": AFTERNOON, "da noite": EVENING, "da madrugada": SMALL_HOURS},
    hints={"manhã": MORNING, "tarde": AFTERNOON, "noite": EVENING, "madrugada": SMALL_HOURS},
    inexact_before=("para as",),
    inexact_after=r"e meia|e um quarto|menos",
    relative=r"ha [a-z\d]{1,8} [a-z]{1,10}|\d{1,4} [a-z]{1,10} atras|anteontem|ontem|hoje|amanha",
    until=r"ate|a|e",
    little=r"em|no dia|dia|as|de",
)

DUTCH = Words(
    months="januari,jan|februari,feb|maart,mrt|april,apr|mei|juni,jun|juli,jul|augustus,aug"
    "|september,sept,sep|oktober,okt|november,nov|december,dec",
    weekdays="maandag,ma|dinsdag,di|woensdag,wo|donderdag,do|vrijdag,vr|zaterdag,za|zondag,zo",
    hours=r"uur|u",
    before_hours=("om",),
    minutes=r"minuten|min",
    parts={
        "'s ochtends": MORNING,
        "'s morgens": MORNING,
        "'s middags": AFTERNOON,
        "'s avonds": EVENING,
        "in de ochtend": MORNING,
        "in de middag": AFTERNOON,
        "in de avond": EVENING,
    },
    hints={"ochtend": MORNING, "voormiddag": MORNING, "middag": AFTERNOON, "avond": EVENING, "nacht": NIGHT},
    inexact_before=("half", "voor", "over", "tot"),
    relative=r"\d{1,4} [a-z]{1,10} geleden|eergisteren|gisteren|vandaag|morgen",
    until=r"tot en met|t/m|tot|en",
    little=r"op|om|de|van",
)

POLISH = Words(
    months="stycznia,styczeń,sty|lutego,luty,lut|marca,marzec,mar|kwietnia,kwiecień,kwi|maja,maj"
    "|czerwca,czerwiec,cze|lipca,lipiec,lip|sierpnia,sierpień,sie|września,wrzesień,wrz"
    "|października,październik,paź|listopada,listopad,lis|grudnia,grudzień,gru",
    weekdays="poniedziałek,pon,pn|wtorek,wt|środa,śr|czwartek,czw|piątek,pt|sobota,sob|niedziela,niedz,nd",
    before_hours=("godz.", "godz", "o"),
    parts={"rano": MORNING, "przed południem": MORNING, "po południu": AFTERNOON, "wieczorem": EVENING},
    hints={"południ": AFTERNOON, "wieczor": EVENING, "noc": NIGHT},
    relative=r"\d{1,4} [a-z]{1,10} temu|przedwczoraj|wczoraj|dzisiaj|dzis|jutro",
    until=r"do|i",
    little=r"o|godz|godzina|dnia|r",
    after_year=r"roku|r",
)

RUSSIAN = Words(
    months="января,январь,янв|февраля,февраль,февр,фев|марта,март,мар|апреля,апрель,апр|мая,май"
    "|июня,июнь,июн|июля,июль,июл|августа,август,авг|сентября,сентябрь,сент,сен|октября,октябрь,окт"
    "|ноября,ноябрь,нояб,ноя|декабря,декабрь,дек",
    weekdays="понедельник,пн|вторник,вт|среда,ср|четверг,чт|пятница,пт|суббота,сб|воскресенье,вс",
    hours=r"часов|часа|час|ч",
    minutes=r"минуты?|минут|мин",
    parts={
        "утра": MORNING,
        "дня": AFTERNOON,
        "пополудни": AFTERNOON,
        "после полудня": AFTERNOON,
        "вечера": EVENING,
        "ночи": NIGHT,
    },
    hints={"утр": MORNING, "полудн": AFTERNOON, "днём": AFTERNOON, "вечер": EVENING, "ноч": NIGHT},
    inexact_before=("четверти", "половина", "до"),
    inexact_after=r"с половинои|с четвертью",
    relative=r"\d{1,4} [а-я]{1,10} назад|позавчера|вчера|сегодня|завтра",
    until=r"по|до|и",
    little=r"в|года|г",
    after_year=r"года|г",
)

WORDS: Mapping[str, Words] = {
    "vi": VIETNAMESE, "en": ENGLISH, "fr": FRENCH, "es": SPANISH, "de": GERMAN, "it": ITALIAN,
    "pt": PORTUGUESE, "nl": DUTCH, "pl": POLISH, "ru": RUSSIAN,
}  # fmt: skip
ENGLISH_BY_MACHINE = replace(ENGLISH, zones=r"(?!(?:gmt|utc|z)(?![a-z]))[a-z]{2,5}")
"""For dates that programs print in English: every short word after the time is the name of a zone."""

FIGURES_ONLY = Words(
    marks={mark: hours for mark, hours in (AM | PM).items() if mark != "am"},
    last_marks={"am": MORNING},  # "12:30 am 21. Oktober": a preposition in German
    zones=MORE_ZONES,
)
"""For an unknown language: "p.m." is the same half of the day in every language that has it."""

# Whether 05/06 is the fifth or the sixth. Where both are usual (Canada, English of no country): either.
_MONTH_FIRST = frozenset({"en-us", "en-ph", "en-as", "en-gu", "en-mp", "en-pr", "en-um", "en-vi"})
_EITHER = frozenset({"en", "en-ca", "fr-ca", "es-pa", "es-pr", "es-us"})


def orders_of(language: str) -> str:
    """Return the orders in which `language` (BCP 47) prints numeric dates: "DMY", "MDY" or "DMY MDY"."""
    subtags = language.replace("_", "-").lower().split("-")
    region = next((tag for tag in subtags[1:] if re.fullmatch(r"[a-z]{2}|\d{3}", tag)), "")
    tag = f"{subtags[0]}-{region}".rstrip("-")
    if tag in _MONTH_FIRST:
        return "MDY"
    return "DMY MDY" if tag in _EITHER else "DMY"
