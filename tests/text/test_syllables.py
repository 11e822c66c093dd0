"""Vietnamese is proved by its syllables; no other language passes."""

import pytest

from archiver.text.charset import decode
from archiver.text.syllables import Proof, is_syllable, weigh_1258
from sentences import ENCODINGS, SENTENCES, encoded, in_1258

SYLLABLES = (
    "à ư ơ ngã nghiêng giường giết gì quyển quý quốc khuya khuỷu huỳnh người được đường phố xã hội chủ nghĩa cộng hòa hoà"
    " thủy thuỷ nguyễn trần lê phạm hoàng huệ xoong boong tuýp suýt chuyện ngoằn yên yểu ý ỷ uống ướt oách oăm quạch quần"
)
NO_SYLLABLES = (
    "đă đak lắk pleik perchè città šťastný năo vơi1 krông ngach nghách1 đt ươ ưn1 uơch bạcm ghe1 ưưư ấấ ọp1 các1 nhat"
    " các̉ cach chat quep1 tiep ắc̀"
)


def test_syllables() -> None:
    assert [word for word in SYLLABLES.split() if not is_syllable(word)] == []
    assert [word for word in NO_SYLLABLES.split() if is_syllable(word)] == []
    assert not is_syllable("")
    assert not is_syllable("ư" * 100_000)


def test_vietnamese_is_proved() -> None:
    for sentence in SENTENCES["vi"]:
        assert weigh_1258(in_1258(sentence)) is Proof.FULL
        assert weigh_1258(in_1258(sentence.upper())) is Proof.FULL
    assert weigh_1258(in_1258("Tuần tới tàu chạy mỗi ngày")) is Proof.WEAK
    assert weigh_1258(in_1258("Tuần tới tàu chạy"), hinted=True) is Proof.FULL


@pytest.mark.parametrize("language", [language for language in SENTENCES if language != "vi"])
def test_other_languages_are_not_taken_for_it(language: str) -> None:
    for encoding in ENCODINGS[language]:
        for text in (*SENTENCES[language], " ".join(SENTENCES[language])):
            assert weigh_1258(encoded(text, encoding)) is Proof.NONE
            assert weigh_1258(encoded(text, encoding), hinted=True) is not Proof.FULL


ITALIAN = (
    "<title>Chi può fare domanda</title><h1>Chi può</h1>"
    + "<p>Il cittadino può presentare la domanda allo sportello.</p>" * 6
)
SLOVAK = "<p>" + "Nový pán mestečka má dobrý vzťah k deťom; dážď nás však často prekvapí pri Dedinke. " * 9
LATVIAN = "<p>" + "Gāja viņš pāri tīrumam un redzēja, ka ļaudis jau bija atnākuši pļaut sienu pie ezera. " * 9
ICELANDIC = "<p>" + "Ný þýðing á ljóði: við bíðum þess að veðrið batni, ný ár og ný tíð, sú er von vor. " * 9
CROATIAN = "<p>" + "Đaci su našli novi put do škole, gdje ih čeka đak-domaćin; među njima i Đuro. " * 9
TURKISH = "<p>" + "Dağın altında kışın kırk yıldır kar var; ağır yağmur da dağı sarıyor, yarın sığ su. " * 9
CASES = [
    (ITALIAN, "latin-1", "iso-8859-1"), (ITALIAN, "cp1252", "windows-1252"), (SLOVAK, "cp1250", "windows-1250"),
    (SLOVAK, "iso8859_2", "iso-8859-2"), (LATVIAN, "cp1257", "windows-1257"), (LATVIAN, "iso8859_13", "iso-8859-13"),
    (ICELANDIC, "cp1252", "iso-8859-1"), (CROATIAN, "cp1250", "windows-1250"), (TURKISH, "cp1254", "iso-8859-9"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "codec", "label"), CASES)
def test_pages_with_the_same_bytes_stay_what_they_are(text: str, codec: str, label: str) -> None:
    body = text.encode(codec)
    for content_type in (
        f"text/html; charset={label}",
        "text/html; charset=utf-8",
        "text/html; charset=iso-8859-1",
        None,
    ):
        decoded = decode(body, content_type)
        assert decoded.charset != "windows-1258"
        if content_type and label in content_type:
            assert (decoded.text, decoded.notes) == (text, ())
    declared = f"<meta charset={label}>" + text
    assert decode(declared.encode(codec), "text/html").text == declared


@pytest.mark.parametrize(
    "head", ["", "<meta charset=iso-8859-1>", "<meta charset=windows-1252>", "<meta charset=utf-8>"]
)
@pytest.mark.parametrize("content_type", [None, "text/html; charset=utf-8", "text/html; charset=iso-8859-1"])
def test_vietnamese_pages_that_lie_are_found(head: str, content_type: str | None) -> None:
    news = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES["vi"])
    menu = "<ul>" + "<li><a href=/news>Latest news</a></li>" * 40 + "</ul>"
    names = "<p>Café Élysée, Müller &amp; Co., Champs-Élysées</p>"
    for text in (head + news, head + menu + news, head + news + names, f"<html lang=vi>{head}<h1>Thời sự</h1>"):
        decoded = decode(in_1258(text), content_type)
        assert decoded.text == text
        assert decoded.charset == "windows-1258"
        assert decoded.notes


def test_letters_written_as_references_are_not_of_windows_1258() -> None:
    text = "<p>" + " ".join(SENTENCES["vi"]) * 3
    body = text.encode("latin-1", "xmlcharrefreplace")
    for content_type in (None, "text/html; charset=iso-8859-1", "text/html; charset=utf-8"):
        decoded = decode(body, content_type)
        assert decoded.text == body.decode("latin-1")
        assert decoded.charset == "windows-1252"
