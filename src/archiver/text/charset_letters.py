"""Tables for guessing an encoding: languages with their letters, frequent words and usual encodings.

Language codes are primary subtags of BCP 47; Chinese is `zh` or `zh-hant`.
"""

from functools import lru_cache
from typing import NamedTuple

from archiver.text.charset_names import table


class Language(NamedTuple):
    """A language that can be recognised.

    Attributes:
        letters: its letters beyond ASCII, lower case.
        words: frequent words of ASCII letters; empty for languages that are not written in Latin letters.
        usual: the letters that make up more than half of any text; "" for languages written in Latin letters.
        charsets: the encodings in which it was written, the most usual first.
    """

    letters: str
    words: frozenset[bytes]
    usual: str
    charsets: tuple[str, ...]


WESTERN = ("windows-1252", "iso-8859-15")
_CENTRAL = ("windows-1250", "iso-8859-2")
_BALTIC = ("windows-1257", "iso-8859-13", "iso-8859-4")
_TURKISH = ("windows-1254",)
_CYRILLIC = ("windows-1251", "koi8-r", "iso-8859-5", "ibm866")
_UKRAINIAN = ("windows-1251", "koi8-u", "iso-8859-5", "ibm866")

_LATIN = {
    "en": (WESTERN, "éèêëàâçñöïüôûæœ", "the of and to in is for that on with was by"),
    "de": (WESTERN, "äöüßéà", "der die und den von das mit ist des im ein nicht auch dem"),
    "fr": (WESTERN, "éèêëàâçîïôûùüÿœæ", "le la les de des et du en un une est que dans pour qui sur"),
    "it": (WESTERN, "àèéìòùîíóú", "il la di che e del non un una per con sono alla le i si"),
    "es": (WESTERN, "áéíóúñüçªº", "el la los de que en las un por con una se del su y"),
    "pt": (WESTERN, "áâãàçéêíóôõúüªº", "de que o a os as do da em um para com uma no na e"),
    "ca": (WESTERN, "àçéèíïóòúüñ·", "el la de que els i les a per un amb una del es no"),
    "nl": (WESTERN, "éëïóöüèêáíúñçà", "de het een van en in is dat op te zijn met die niet"),
    "sv": (WESTERN, "åäöéàüè", "och att det som en av den med inte ett om han i"),
    "da": (WESTERN, "æøåéóôòèêàäöü", "og i at det er en af av den til som med ikke de"),
    "fi": (WESTERN, "äöåéšž", "ja on ei se oli mutta joka ovat kun niin"),
    "is": (WESTERN, "áðéíóúýþæöø", "og er sem ekki til um var en hann af"),
    "fo": (WESTERN, "áðíóúýæøéöå", "og er sum ikki til um var hann eru av"),
    "ga": (WESTERN, "áéíóúàèìòù", "an na agus ar go sa le ag is ach a i"),
    "cy": (("iso-8859-14", *WESTERN), "âêîôûŵŷàèìòùäëïöüáéíóúẁẃẅỳýÿ", "y yr yn a ac o i ar mae oedd bod gan"),
    "sq": (("windows-1252", "windows-1250"), "ëçâé", "dhe i e nga me se ka ishte kjo por do"),
    "mt": (("iso-8859-3",), "ċġħżàèìòùîé", "il li ta u minn fuq din kien hija id l"),
    "eo": (("iso-8859-3",), "ĉĝĥĵŝŭ", "la de kaj en estas al por ke kiu ne"),
    "et": (("windows-1257", "iso-8859-13", *WESTERN, "iso-8859-4"), "äõöüšžé", "ja on ei et see kui oli mis ka ning"),
    "lv": (_BALTIC, "āčēģīķļņšūžŗō", "un ir ar no par uz bet tas lai ka kas"),
    "lt": (_BALTIC, "ąčęėįšųūž", "ir kad yra su bet tai buvo kaip nuo per"),
    "pl": (_CENTRAL, "ąćęłńóśźżéäöü", "i w na z nie do jest od za ale po przez"),
    "cs": (_CENTRAL, "áčďéěíňóřšťúůýžäöü", "a v na se je ale z do to si jako by o"),
    "sk": (_CENTRAL, "áäčďéíĺľňóôŕšťúýžöüěř", "a v na sa je ale z do to si ako aby o"),
    "sl": (_CENTRAL, "čšžćđáéíóúöü", "in je na se za da ki so pa ter bo"),
    "hr": (_CENTRAL, "čćđšžéöü", "i je u na se za da su ali od kako bi"),
    "hu": (_CENTRAL, "áéíóöőúüűä", "a az hogy nem is egy meg volt csak ha"),
    "ro": (_CENTRAL, "ăâîşţșțéáö", "de la a cu nu pe din care au mai este un"),
    "tr": (_TURKISH, "çğıöşüâîûé", "ve bir bu da de ile olarak daha ne sonra"),
}  # fmt: skip

_RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
_OTHERS = {
    "ru": (_CYRILLIC, _RUSSIAN + "ё", "оеаинтсрвлкмд"),
    "uk": (_UKRAINIAN, "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", "оаниівтерслкд"),
    "be": (_UKRAINIAN, "абвгдеёжзійклмнопрстуўфхцчшыьэюя", "аінеорытсклдзў"),
    "bg": (_CYRILLIC, "абвгдежзийклмнопрстуфхцчшщъьюя", "аиоетнрсвлкпд"),
    "sr": (("windows-1251", "iso-8859-5"), "абвгдђежзијклљмнњопрстћуфхцчџш", "аоиенсрјтукдвм"),
    "mk": (("windows-1251", "iso-8859-5"), "абвгдѓежзѕијклљмнњопрстќуфхцчџшѐѝ", "аоиетнрсвкдјлм"),
    "el": (("windows-1253", "iso-8859-7"), "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰ", "αοιετνσρηυκςόίάέπμ"),
    "he": (("windows-1255", "iso-8859-8"), "אבגדהוזחטיכלמנסעפצקרשתךםןףץ", "יוהלאתרבמשםנח"),
    "ar": (("windows-1256", "iso-8859-6"), "ءآأؤإئابةتثجحخدذرزسشصضطظعغـفقكلمنهوىيًٌٍَُِّْپچژگ", "الينموترةبعدس"),
    "fa": (("windows-1256",), "ءآأؤئابپتثجچحخدذرزژسشصضطظعغفقکكگلمنهويیى", "ايینردهمتوبشسكک"),
    "ur": (("windows-1256",), "ءآأؤئابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکكگلمنںوہھهيیىےۓ", "ايیےنرہهکكوتسمبں"),
    "th": (("windows-874",), "".join(map(chr, (*range(0xE01, 0xE3B), *range(0xE40, 0xE4F)))), "านรอกเงมยลวดท่้สตะปบคหัแีิไ"),
}  # fmt: skip

LANGUAGES = {
    code: Language(letters, frozenset(words.encode().split()), "", charsets)
    for code, (charsets, letters, words) in _LATIN.items()
} | {
    code: Language(letters, frozenset(), usual, charsets) for code, (charsets, letters, usual) in _OTHERS.items()
}  # fmt: skip
_RARE = frozenset(("iso-8859-14",))
MULTIBYTE_OF = {
    "ja": ("shift_jis", "euc-jp", "iso-2022-jp"),
    "zh": ("gb18030", "big5"),
    "zh-hant": ("big5", "gb18030"),
    "ko": ("euc-kr",),
}
_ALIASES = {
    "nb": "da", "nn": "da", "no": "da", "kl": "da", "gl": "es", "eu": "es", "ast": "es", "oc": "ca", "af": "nl",
    "fy": "nl", "lb": "de", "gd": "ga", "bs": "hr", "sh": "hr", "sr-latn": "hr", "iw": "he", "yi": "he", "az": "tr",
    "mo": "ro", "hsb": "pl", "zh-tw": "zh-hant", "zh-hk": "zh-hant", "zh-mo": "zh-hant",
}  # fmt: skip
_WITHIN = "\xa0’‘–—·…“”"
_AROUND = _WITHIN + "«»„•©®™°§€£"
_ODD_WITHIN = "\xad\u200c\u200d\u200e\u200f«»´"
_ODD = _ODD_WITHIN + "‚‹›¡¿ªº№½¼¾¹²³×÷±µ¶¥¢¦¨¯¸¬ƒ†‡‰ˆ˜،؛؟"
"""Signs that are usual within words and around them, and signs that are possible there."""
_FOREIGN = {"en": "àâäáãåæçèéêëìíîïðñòóôõöøùúûüýþÿßœšžÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞŒŠŽ"}
"""Letters of foreign names: possible in a language, but no evidence for it."""


class Places(NamedTuple):
    """The bytes of an encoding that may occur in one position, in a text of one language.

    Attributes:
        right: letters of the language, and usual signs.
        possible: those, and signs that are possible there.
    """

    right: bytes
    possible: bytes


class Bytes(NamedTuple):
    """The bytes of an encoding that a language uses, by position; see `charset_fit.ByteRuns`.

    Attributes:
        within_lower: after a small ASCII letter and before a letter.
        after_lower: after a small ASCII letter, at the end of a word.
        within: after another letter and before a letter.
        edge: at the beginning or the end of a word.
        alone: without an adjacent letter.
        letters: the letters of the language.
        lower: its lower-case letters.
        usual: the letters that make up more than half of any text.
    """

    within_lower: Places
    after_lower: Places
    within: Places
    edge: Places
    alone: Places
    letters: bytes
    lower: bytes
    usual: bytes


@lru_cache(maxsize=256)
def bytes_of(charset: str, code: str) -> Bytes:
    """Return the bytes of a single-byte encoding that a language uses."""
    language, chars = LANGUAGES[code], table(charset)
    lower = language.letters
    both = lower + lower.upper() + ("İ" if code == "tr" else "")

    def bytes_for(wanted: str) -> bytes:
        return bytes(byte for byte in range(0x80, 0x100) if chars[byte] in wanted)

    foreign = _FOREIGN.get(code, "")
    odd_within, odd = _ODD_WITHIN + foreign, _ODD + foreign
    places = (
        (lower + _WITHIN, odd_within),
        (lower + _AROUND, odd),
        (both + _WITHIN, odd_within),
        (both + _AROUND, odd),
        (_AROUND, both + odd),
    )
    usual = language.usual + language.usual.upper()
    within_lower, after_lower, within, edge, alone = (
        Places(bytes_for(right), bytes_for(right + possible)) for right, possible in places
    )
    return Bytes(within_lower, after_lower, within, edge, alone, *map(bytes_for, (both, lower, usual)))


def known_language(tag: str) -> str | None:
    """Return the code of a language tag in these tables (`zh-hant` for `zh-TW`, `pl` for `pl-PL`), or None."""
    subtags = tag.strip().lower().replace("_", "-").split("-")
    for size in (2, 1):
        name = "-".join(subtags[:size])
        name = _ALIASES.get(name, name)
        if name in LANGUAGES or name in MULTIBYTE_OF:
            return name
    return None


_PAIRS = tuple(dict.fromkeys((charset, code) for code, each in LANGUAGES.items() for charset in each.charsets))


@lru_cache(maxsize=64)
def tried(language: str | None) -> tuple[tuple[str, str], ...]:
    """Return the pairs of a single-byte encoding and a language to try; rare ones only for the language given."""
    return tuple(pair for pair in _PAIRS if pair[0] not in _RARE or pair[1] == language)
