"""Each language in each encoding usual for it: a correct declaration is used, other encodings are found or noted."""

import itertools

import pytest

from archiver.text.charset import decode
from archiver.text.clean import nfc
from sentences import ENCODINGS, SENTENCES, encoded

NAMES = {
    "cp1250": "windows-1250", "cp1251": "windows-1251", "cp1252": "windows-1252", "cp1253": "windows-1253",
    "cp1254": "windows-1254", "cp1255": "windows-1255", "cp1256": "windows-1256", "cp1257": "windows-1257",
    "cp1258": "windows-1258", "latin-1": "iso-8859-1", "iso8859_15": "iso-8859-15", "iso8859_13": "iso-8859-13",
    "iso8859_2": "iso-8859-2", "iso8859_3": "iso-8859-3", "iso8859_4": "iso-8859-4", "iso8859_5": "iso-8859-5",
    "iso8859_6": "iso-8859-6", "iso8859_7": "iso-8859-7", "iso8859_8": "iso-8859-8", "iso8859_9": "iso-8859-9",
    "koi8_r": "koi8-r", "koi8_u": "koi8-u", "cp866": "ibm866", "cp874": "windows-874", "tis_620": "tis-620",
    "cp932": "shift_jis", "euc_jp": "euc-jp", "iso2022_jp": "iso-2022-jp", "gbk": "gbk", "gb18030": "gb18030",
    "big5": "big5", "cp949": "ks_c_5601-1987", "euc_kr": "euc-kr",
}  # fmt: skip
CASES = [(language, encoding) for language in SENTENCES for encoding in ENCODINGS[language]]


def page(language: str, head: str = "", *, lang: str = "", sentences: int = 3) -> str:
    texts = SENTENCES[language][:sentences]
    body = "".join(f'<p class="text">{text}</p>\n' for text in texts)
    return f"<html{lang}><head>{head}<title>{texts[0]}</title></head><body><h1>News</h1>\n{body}</body></html>"


@pytest.mark.parametrize(("language", "encoding"), CASES)
def test_what_is_declared_rightly_is_believed(language: str, encoding: str) -> None:
    for sentences in (1, 3):
        _check_declared(language, encoding, sentences)


def _check_declared(language: str, encoding: str, sentences: int) -> None:
    name = NAMES[encoding]
    plain = page(language, sentences=sentences)
    meta = page(language, f'<meta charset="{name}">', sentences=sentences)
    pragma = page(language, f'<meta http-equiv=content-type content="text/html; charset={name}">', sentences=sentences)
    xml = f'<?xml version="1.0" encoding="{name}"?>' + plain
    for text, content_type, how in (
        (plain, f"text/html; charset={name}", "header"),
        (meta, "text/html", "meta"),
        (meta, f"text/html; charset={name}", "header"),
        (pragma, None, "meta"),
        (xml, "application/xhtml+xml", "xml"),
        (xml, "text/html", "xml"),
    ):
        decoded = decode(encoded(text, encoding), content_type)
        assert decoded.text == nfc(text)
        assert (decoded.how, decoded.notes, decoded.is_text) == (how, (), True)


def is_doubtful(notes: tuple[str, ...]) -> bool:
    return any("is a guess" in note for note in notes)


@pytest.mark.parametrize(("language", "encoding"), CASES)
def test_what_is_not_declared_is_found(language: str, encoding: str) -> None:
    langs = ("", f' lang="{language}"', ' lang="en"', ' lang="en-US" xml:lang="en"')
    said_by_server = (None, "text/html", "text/html; charset=utf-8")
    for said, lang, sentences in itertools.product(said_by_server, langs, (1, 3)):
        text = page(language, lang=lang, sentences=sentences)
        decoded = decode(encoded(text, encoding), said)
        case = (said, lang, sentences, decoded.notes)
        assert (decoded.is_text, decoded.how) == (True, "guess"), case
        assert decoded.text == nfc(text), case
        assert len(decoded.notes) == 1, case


@pytest.mark.parametrize(("language", "encoding"), CASES)
def test_a_sentence_is_found_or_doubted(language: str, encoding: str) -> None:
    for sentence, hint in itertools.product(SENTENCES[language], (None, language, "en")):
        body = encoded(sentence, encoding)
        decoded = decode(body, None, hint)
        assert decoded.is_text
        assert decoded.text == nfc(sentence) or is_doubtful(decoded.notes), decoded.notes


LANGUAGES_OF_LATIN_1 = [language for language in SENTENCES if "cp1252" in ENCODINGS[language]]


@pytest.mark.parametrize(("language", "encoding"), CASES)
def test_latin_1_is_disproved_or_kept(language: str, encoding: str) -> None:
    for lang in (f' lang="{language}"', ""):
        _check_latin_1(language, encoding, lang)


def _check_latin_1(language: str, encoding: str, lang: str) -> None:
    text = page(language, lang=lang)
    body = encoded(text, encoding)
    decoded = decode(body, "text/html; charset=iso-8859-1")
    if decoded.charset == "windows-1252":
        is_it = language in LANGUAGES_OF_LATIN_1 or (language, encoding) == ("zh-TW", "gbk")
        assert is_it
        assert decoded.notes == ()
    else:
        assert decoded.text == nfc(text)
        assert "declared windows-1252 (header), but the bytes look like" in decoded.notes[0]


OTHERS = {
    "fo": "Tað er ikki lætt at siga, nær skúlin verður liðugur, men børnini gleða seg til nýggju høllina og síðani árið.",
    "br": "Setu ur skol nevez evit ar vugale : digoret e vo a-benn miz Gwengolo, met n'eus ket trawalc'h a gelennerien, emezañ.",
    "gl": "O concello abriu onte unha nova escola, pero aínda non hai mestres dabondo; así llo dixo a veciñanza á alcaldía.",
    "eu": "Udalak atzo ikastetxe berri bat ireki zuen, baina irakasle gutxi daude oraindik, esan zuen señoreak piñudian.",
    "lb": "D'Gemeng huet gëschter eng nei Schoul opgemaach, awer et feelen nach ëmmer Enseignanten, sot de Buergermeeschter op der Plëss.",
    "af": "Die raad het gister 'n nuwe skool geopen, maar daar is nog te min onderwysers; môre sê die burgemeester hoë koste is die rede.",
    "nn": "Kommunen opna ein ny skule i går, men lærarane er framleis for få; på måndag får borna koma, sa ordføraren på Træna.",
    "cy": "Agorodd y cyngor ysgol newydd ddoe, ond mae athrawon yn brin o hyd; dechreuir y gwaith cyn hir, meddai'r maer am y tŷ".replace(
        "ŷ", "ý"
    ),
    "gd": "Dh'fhosgail a' chomhairle sgoil ùr an-dè, ach chan eil luchd-teagaisg gu leòr ann fhathast, thuirt am probhaist rè na h-ùine.",
    "kl": "Kommuni ippassaq atuarfimmik nutaamik ammaavoq, kisianni ilinniartitsisut suli amigaatigineqarput, borgmesteri oqarpoq på åen.",
    "id": "Pemerintah kota membuka sekolah baru kemarin — “gurunya masih kurang”, kata wali kota; harganya 5 € lebih.",
    "sw": "Halmashauri ilifungua shule mpya jana – lakini walimu bado ni wachache, alisema meya wa mji… “tutaona”.",
    "oc": "La comuna dobriguèt ièr una escòla novèla, mas los regents mancan encara; l'òbra començarà lèu, çò ditz lo cònsol.",
    "rm": "La vischnanca ha avert ier ina nova scola, ma i mancan anc magisters; quai è stà in grond problem, ha ditg il president suenter.",
}


@pytest.mark.parametrize(("language", "text"), OTHERS.items())
@pytest.mark.parametrize("times", [1, 5])
def test_other_languages_of_latin_1_stay_what_they_are_declared(language: str, text: str, times: int) -> None:
    text = f"<html lang={language}><p>{text * times}</p></html>"
    assert decode(text.encode("cp1252"), "text/html; charset=iso-8859-1").text == text
    assert decode(text.encode("cp1252"), "text/html").text == text
    plain = text.replace(f" lang={language}", "")
    assert decode(plain.encode("cp1252"), "text/html; charset=windows-1252").text == plain


def test_a_language_given_helps_where_the_page_names_none() -> None:
    sentence = SENTENCES["sl"][0]
    body = sentence.encode("cp1250")
    assert decode(body, None, "sl").text == sentence
    assert decode(b"<html lang=sl>" + body, None).text.endswith(sentence)
    assert decode(body, None, "no language").is_text


def test_a_single_euro_sign_distinguishes_two_encodings() -> None:
    text = f"<p>{' '.join(SENTENCES['fr'])}</p><p>Prix : 5 €</p>"
    assert decode(text.encode("cp1252"), None).text == text
    assert decode(text.encode("iso8859_15"), None).text == text


def test_signs_alone_are_western() -> None:
    text = "<p>“Never”, he said — it’s £5 or 5\xa0%…</p>"
    decoded = decode(text.encode("cp1252"), None)
    assert decoded.text == text
    assert decoded.notes == ("no charset declared; read as windows-1252",)
    spaces = "<p>" + "\xa0" * 9 + "text</p>" * 20
    assert decode(spaces.encode("cp1252"), None).text == spaces


KEPT = {
    "prices": "<p>It’s ¥500 (that’s ¥50 a day) at Tokyo’s best — ¥900 with tax, ¥1,200 for two; the guide’s price is ¥80.</p>",
    "units": "<p>The room has 30 m², ±2 °C, 50 µm and costs £70, or ½ of that; see §5 and ¶2 of the lease.</p>",
    "apostrophes": "<p>Software · midnight´n´blue, geht´s, die vertrauenswürdige App auswählt</p>",
    "names": "<p>The poets Þórbergur, Ángel, João, Åse and Dörte met at the café in the old town of that name.</p>",
    "all of it": f"<p>{bytes(range(0xA1, 0x100)).decode('cp1252')}</p>",
    "one of each": "".join(f"<td>{bytes([byte]).decode('cp1252')}</td>" for byte in range(0xA0, 0x100)),
    "spaces": "<pre>" + "\xa0" * 20 + "if (x) {\n" + "\xa0" * 30 + "return;</pre>",
    "languages": "<p>Français Español Português Íslenska Føroyskt Gàidhlig Català Türkçe</p>",
}


@pytest.mark.parametrize("kind", KEPT)
@pytest.mark.parametrize("times", [1, 9])
@pytest.mark.parametrize("lang", ["", "<html lang=en>", "<html lang=de>", "<html lang=vi>"])
def test_western_text_of_any_kind_stays_what_it_is_declared(kind: str, times: int, lang: str) -> None:
    text = lang + KEPT[kind] * times
    for label in ("iso-8859-1", "windows-1252", "us-ascii"):
        decoded = decode(text.encode("cp1252"), f"text/html; charset={label}")
        assert (decoded.text, decoded.notes) == (text, ())


SHORT = [
    ("<title>Chi può</title><h1>Chi può</h1>" + "<p>Il cittadino può presentare la domanda.</p>" * 6, "latin-1", True),
    ("<p>Nový pán mestečka má dobrý vzťah k deťom.</p>" * 4, "cp1250", True),
    ("<p>Gāja viņš pāri tīrumam un redzēja ezeru.</p>" * 4, "cp1257", True),
    ("<p>Kışın dağlarda kar yağıyor, yağmur da sık sık düşüyor; hava ılık.</p>" * 3, "cp1254", True),
    ("<p>Őszi erdők fölött repülő gólyák; tűz és víz között élő emberek.</p>" * 3, "cp1250", True),
    ("<p>Ο δήμος άνοιξε χθες νέο παιδικό σταθμό.</p>" * 3, "cp1253", True),
    ("<title>Thông báo</title><p>Ngày mai trường nghỉ học.</p>", "cp1258", True),
    ("<title>THÔNG BÁO CỦA ỦY BAN NHÂN DÂN PHƯỜNG VỀ ĐƯỜNG SẮT VÀ ĐIỆN NƯỚC</title>", "cp1258", True),
    ("<title>Новости района</title>", "cp1251", False),
    ("<title>Новости района</title>", "koi8_r", False),
    ("<title>НОВОСТИ РАЙОНА И ГОРОДА</title>", "koi8_r", False),
    ("<title>市民が道を掃除した</title>", "cp932", False),
    ("<title>市民が道を掃除した</title>", "euc_jp", False),
    ("<html lang=ja><title>市民道路掃除開始</title>", "euc_jp", False),
    ("<html lang=zh-CN><title>新闻</title>", "gbk", False),
    ("<title>市民打扫街道</title>", "gbk", False),
    ("<title>市民打掃街道</title>", "big5", False),
    ("<title>시민들이 거리를 청소했다</title>", "cp949", False),
    ("<html lang=mt><p>Il-ġurnata kienet sabiħa ħafna; żewġ ċwievet u l-bieb.</p>", "iso8859_3", False),
    ("<html lang=vi><p>Thông báo</p><p>trường</p>", "cp1258", False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "encoding", "is_proof"), SHORT)
def test_short_pages(text: str, encoding: str, is_proof: bool) -> None:
    body = encoded(text, encoding)
    assert decode(body, None).text == text
    assert decode(body, "text/html; charset=utf-8").text == text
    if is_proof:  # enough even against a declaration
        assert decode(body, "text/html; charset=iso-8859-1").text == text
