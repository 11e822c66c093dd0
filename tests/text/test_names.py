"""Names of people and topics are recognised; addresses, identifiers and placeholders are rejected."""

import pytest

from archiver.text.names import declared_name, is_name, is_topic, person_name

NAMES = """Lê Văn A|An|AFP/Reuters|TTXVN|U.S. Department of State|B. Traven|Nguyễn Văn A - Trần B|O'Brien, Pat|3D Realms
Ban biên tập|T.S. Eliot|H.L|P.V|Đ.T|B.T.V|J.R.R. Tolkien|bell hooks|Yahoo!|50 Cent|李明|김철수|山田太郎|d'Artagnan|VTV1|VTV24
7NEWS|TP.HCM|St. John|AT&T|.NET Team|Ban biên tập 24h|CNN.com Staff|Nhóm PV 3|The Editors|R2D2""".replace(
    "\n", "|"
).split("|")

ADDRESSES = """#p1|_:b0|urn:uuid:12-3|/tac-gia/le|./a|../x|//cdn.example/y|www.facebook.com/x|facebook.com/x|https://…|http:
HTTPS://X.example|tuoitre.example|Reuters.com|a@b.vn|Lê A (a@b.vn)|an at b dot vn|an [at] b.vn|@handle|mailto:x|tel:+84
javascript:void(0)|data:text/plain,x|index.php?author=3|tac-gia.html#a|author.aspx|?author=1|fb.com/le|x.example/le-a
<a href=x>Lê</a>""".replace("\n", "|").split("|")
IDENTIFIERS = """12|12.345|21/10/2022|2022-10-21|p1|id12|author/12|author:12|author-1|Author 12|user_12|person-12|id:4
550e8400-e29b-41d4-a716-446655440000|a1b2c3d4e5f6a7b8|schema:Person|doi:10.1/2|[object Object]|{{author}}|%author%|${name}
-|.|""".replace("\n", "|").split("|")
PLACEHOLDERS = "null|undefined|NULL|None|N/A|n.a.|admin|Administrator|by|By|Tác giả|unknown author|Person|false".split(
    "|"
)


@pytest.mark.parametrize("text", NAMES)
def test_a_name(text: str) -> None:
    assert is_name(text)
    assert declared_name(f"  {text} ") == text


@pytest.mark.parametrize("text", ADDRESSES + IDENTIFIERS)
def test_an_address_or_an_identifier_is_neither_a_name_nor_a_topic(text: str) -> None:
    assert not is_name(text)
    assert not is_topic(text)


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_a_placeholder_is_not_a_name(text: str) -> None:
    assert not is_name(text)


@pytest.mark.parametrize(
    "text",
    ["G7", "G20", "U23", "F1", "f1", "5G", "Covid-19", "covid19", "MH370", "top10", "24h", "C#", "Node.js", ".NET"],
)
def test_a_topic_may_hold_figures_and_marks(text: str) -> None:
    assert is_topic(text)


@pytest.mark.parametrize("text", ["null", "undefined", "n/a", "true", "2024", "x" * 101])
def test_no_topic(text: str) -> None:
    assert not is_topic(text)


DECLARED = {
    "By Jane Doe": "Jane Doe",
    "written by Jane Doe": "Jane Doe",
    "Tác giả: Lê A": "Lê A",
    "作者：李明": "李明",
    "Jane Doe, Ph.D.": "Jane Doe, Ph.D.",
    "Anna Berg (abe)": "Anna Berg",
    "Lê A (TTXVN)": "Lê A (TTXVN)",
    "Byron Bay News": "Byron Bay News",
    "Von Neumann": "Von Neumann",
    "By 12": "",
    "By http://x.example/": "",
}


@pytest.mark.parametrize(("text", "name"), DECLARED.items())
def test_a_declared_name_loses_only_its_label(text: str, name: str) -> None:
    assert declared_name(text) == name


PRINTED = {
    "By Jane Doe": "Jane Doe",
    "By Jane Doe, Staff Writer | 5 May 2024": "Jane Doe, Staff Writer",
    "Von Anna Berg am 5. Mai 2024": "Anna Berg",
    "Par Jean Dupont le 5 mai 2024": "Jean Dupont",
    "Por Ana Pérez": "Ana Pérez",
    "Tác giả: Nguyễn Văn A": "Nguyễn Văn A",
    "Jane Doe | 5 May 2024": "Jane Doe",
    "Jane Doe @janedoe": "Jane Doe",
    "Sign in": "",
    "Read more": "",
    "By continuing you agree to our terms": "",
    "5 May 2024": "",
    "by": "",
}


@pytest.mark.parametrize(("text", "name"), PRINTED.items())
def test_a_printed_byline(text: str, name: str) -> None:
    assert person_name(text) == name
