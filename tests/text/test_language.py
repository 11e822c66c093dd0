"""The language of a text is detected, and language tags have one form."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.text.language import LOOK, detect_language, normal_language

SENTENCES = {
    "af": "Die inwoners van die buurt het gister die strate skoongemaak. Hulle sê dat dit nog nie klaar is nie, maar dat almal sal help om die park aan te lê.",
    "ar": "نظف سكان الحي الشوارع أمس في إطار حملة كبيرة. وقال رئيس البلدية إن هذا العمل سيستمر حتى نهاية الشهر مع مشاركة المدارس التي أعلنت عن ذلك.",
    "az": "Məhəllə sakinləri dünən küçələri təmizlədilər. Bələdiyyə sədri bildirib ki, bu iş ayın sonuna qədər davam edəcək və daha çox məktəb iştirak edəcək.",
    "be": "Жыхары раёна ўчора прыбралі вуліцы. Старшыня сказаў, што гэта праца будзе працягвацца да канца месяца, а таксама што яны запрасілі школы.",
    "bg": "Жителите на квартала почистиха улиците вчера. Кметът каза, че тази работа ще продължи до края на месеца и че в нея ще участват и училищата.",
    "bn": "পাড়ার বাসিন্দারা গতকাল রাস্তা পরিষ্কার করেছেন। মেয়র বলেছেন এই কাজ মাসের শেষ পর্যন্ত চলবে।",
    "ca": "Els veïns del barri van netejar ahir els carrers amb l'ajuda de l'escola. L'alcalde va dir que la feina també continuarà fins a final de mes.",
    "cs": "Obyvatelé čtvrti včera uklidili ulice, které byly po bouřce plné větví. Starosta řekl, že práce budou pokračovat až do konce měsíce a že se zapojí také školy.",
    "cy": "Roedd y trigolion wedi glanhau'r strydoedd ddoe. Dywedodd y maer fod y gwaith yn parhau hyd at ddiwedd y mis ac y bydd yr ysgolion hefyd yn helpu.",
    "da": "Beboerne i kvarteret gjorde gaderne rene i går efter stormen. Borgmesteren siger, at arbejdet skal fortsætte, og at skolerne også vil hjælpe, hvis de kan.",
    "de": "Die Bewohner des Viertels haben gestern die Straßen gereinigt. Der Bürgermeister sagte, dass die Arbeit bis zum Ende des Monats dauern wird und auch die Schulen helfen.",
    "el": "Οι κάτοικοι της γειτονιάς καθάρισαν χθες τους δρόμους. Ο δήμαρχος είπε ότι η δουλειά θα συνεχιστεί.",
    "en": "The residents of the quarter cleaned the streets yesterday. The mayor said that the work will go on until the end of the month and that schools have offered their help.",
    "es": "Los vecinos del barrio limpiaron ayer las calles. El alcalde dijo que los trabajos seguirán hasta el final del mes y que también ayudarán las escuelas.",
    "et": "Linnaosa elanikud koristasid eile tänavaid. Linnapea ütles, et töö kestab kuu lõpuni ja et ka koolid on lubanud aidata, kuid see ei ole veel kindel.",
    "eu": "Auzoko bizilagunek kaleak garbitu zituzten atzo. Alkateak esan du lanak hilaren amaiera arte iraungo duela eta ikastetxeek ere lagunduko dutela, baina oraindik ez dago dena eginda.",
    "fa": "ساکنان محله دیروز خیابان‌ها را تمیز کردند. شهردار گفت که این کار تا پایان ماه ادامه دارد و مدارس نیز در آن شرکت می کنند.",
    "fi": "Alueen asukkaat siivosivat eilen kadut. Kaupunginjohtaja sanoi, että työ jatkuu kuun loppuun asti ja että myös koulut ovat mukana, mutta se ei ole vielä varmaa.",
    "fil": "Nilinis ng mga residente ang mga kalye kahapon. Sinabi ng alkalde na magpapatuloy ito hanggang sa katapusan ng buwan at tutulong din ang mga paaralan.",
    "fr": "Les habitants du quartier ont nettoyé hier les rues avec les enfants. Le maire a dit que le travail se poursuivra jusqu'à la fin du mois et que les écoles y seront aussi.",
    "ga": "Ghlan muintir na háite na sráideanna inné agus dúirt an méara go mbeidh an obair ar siúl go dtí deireadh na míosa. Tá na scoileanna ag cabhrú leis an obair seo.",
    "gl": "Os veciños do barrio limparon onte as rúas. O alcalde dixo que os traballos van seguir ata o final do mes e que tamén axudarán as escolas, pero non todas.",
    "he": "תושבי השכונה ניקו אתמול את הרחובות. ראש העיר אמר כי העבודה תימשך עד סוף החודש וגם בתי הספר יעזרו, אבל לא כל התלמידים.",
    "hi": "मोहल्ले के लोगों ने कल सड़कों की सफाई की। महापौर ने कहा कि यह काम महीने के अंत तक चलेगा और स्कूल भी इस में मदद कर रहे हैं।",
    "hr": "Stanovnici četvrti jučer su očistili ulice. Gradonačelnik je rekao da će posao trajati do kraja mjeseca, nakon čega će i škole pomoći gdje god mogu, što je prije najavio.",
    "hu": "A negyed lakói tegnap kitakarították az utcákat. A polgármester azt mondta, hogy a munka a hónap végéig tart, és az iskolák is segítenek, ha kell.",
    "hy": "Թաղամասի բնակիչները երեկ մաքրել են փողոցները։ Քաղաքապետն ասել է, որ աշխատանքը կշարունակվի։",
    "id": "Warga kampung membersihkan jalan kemarin karena hujan. Wali kota mengatakan bahwa pekerjaan ini akan berlangsung sampai akhir bulan dan sekolah juga bisa membantu, tetapi belum semua harus ikut.",
    "is": "Íbúar hverfisins hreinsuðu göturnar í gær. Borgarstjórinn sagði að verkinu yrði haldið áfram til loka mánaðarins og að skólarnir myndu einnig hjálpa, en það er ekki víst.",
    "it": "Gli abitanti del quartiere hanno pulito ieri le strade con i bambini. Il sindaco ha detto che il lavoro continuerà fino alla fine del mese e che anche le scuole sono pronte.",
    "ja": "町の住民は昨日、通りを掃除しました。市長は月末まで作業を続けると話しています。",
    "ka": "უბნის მცხოვრებლებმა გუშინ ქუჩები დაასუფთავეს. მერმა თქვა, რომ სამუშაო გაგრძელდება.",
    "kk": "Аудан тұрғындары кеше көшелерді тазалады. Әкім бұл жұмыс ай соңына дейін жалғасады деп айтты және мектептер де көмектеседі, бірақ ол үшін уақыт керек.",
    "ko": "동네 주민들이 어제 거리를 청소했다. 시장은 이번 달 말까지 작업을 계속하겠다고 말했다.",
    "lt": "Rajono gyventojai vakar sutvarkė gatves. Meras sakė, kad darbai tęsis iki mėnesio pabaigos ir kad prie jų prisidės mokyklos, bet tai dar nėra aišku.",
    "lv": "Rajona iedzīvotāji vakar sakopa ielas. Mērs teica, ka darbi turpināsies līdz mēneša beigām un ka arī skolas palīdzēs, bet tas vēl nav zināms.",
    "mk": "Жителите на населбата вчера ги исчистија улиците. Градоначалникот рече дека работата ќе продолжи до крајот на месецот и дека ќе помогнат и училиштата, но тоа не е сè.",
    "ms": "Penduduk kampung membersihkan jalan semalam kerana hujan. Datuk bandar berkata beliau ialah orang pertama yang datang dan kerja itu akan diteruskan, manakala sekolah boleh membantu daripada esok.",
    "nb": "Beboerne i bydelen ryddet gatene i går etter stormen. Ordføreren sier at arbeidet må fortsette ut måneden, og at skolene også kan hjelpe hvis de har mye tid.",
    "nl": "De bewoners van de wijk hebben gisteren de straten schoongemaakt. De burgemeester zei dat het werk tot het einde van de maand duurt en dat ook de scholen zullen helpen.",
    "pl": "Mieszkańcy dzielnicy posprzątali wczoraj ulice. Burmistrz powiedział, że prace potrwają do końca miesiąca i że także szkoły się do tego przyłączą, ale nie od razu.",
    "pt": "Os moradores do bairro limparam ontem as ruas com os filhos. O prefeito disse que o trabalho não vai parar até o fim do mês e que as escolas também vão ajudar.",
    "ro": "Locuitorii cartierului au curățat ieri străzile. Primarul a spus că lucrările vor continua până la sfârșitul lunii și că școlile vor ajuta, dar nu toate.",
    "ru": "Жители района вчера убрали улицы. Глава города сказал, что работа продолжится до конца месяца и что школы также помогут, но это ещё не всё.",
    "sk": "Obyvatelia štvrte včera upratali ulice, ktoré boli po búrke plné konárov. Starosta povedal, že práce budú pokračovať do konca mesiaca a že sa pridajú aj školy.",
    "sl": "Prebivalci četrti so včeraj očistili ulice. Župan je povedal, da bo delo trajalo do konca meseca in da bodo pomagale tudi šole, ki pa še niso odgovorile.",
    "sq": "Banorët e lagjes pastruan dje rrugët. Kryetari tha se puna do të vazhdojë deri në fund të muajit dhe se shkollat do të ndihmojnë, por nuk janë gati.",
    "sr": "Становници насеља су јуче очистили улице. Градоначелник је рекао да ће посао трајати до краја месеца и да ће школе помоћи, али није рекао како.",
    "sv": "De boende i stadsdelen städade gatorna i går efter stormen. Borgmästaren säger att arbetet ska fortsätta och att skolorna också hjälper till, men det är inte säkert.",
    "sw": "Wakazi wa mtaa huo walisafisha barabara jana. Meya alisema kuwa kazi hiyo itaendelea hadi mwisho wa mwezi na kwamba shule pia zitasaidia katika siku hizo.",
    "ta": "அந்தப் பகுதி மக்கள் நேற்று தெருக்களைச் சுத்தம் செய்தனர். இந்தப் பணி மாத இறுதி வரை தொடரும்.",
    "th": "ชาวบ้านช่วยกันทำความสะอาดถนนเมื่อวานนี้ นายกเทศมนตรีกล่าวว่างานนี้จะดำเนินต่อไปจนถึงสิ้นเดือน",
    "tr": "Mahalle sakinleri dün sokakları temizledi. Belediye başkanı, çalışmanın ay sonuna kadar süreceğini ve okulların da yardım edeceğini söyledi; bu iş için daha çok kişi var.",
    "uk": "Мешканці району вчора прибрали вулиці. Голова міста сказав, що робота триватиме до кінця місяця, а також що школи допоможуть, але це ще не все.",
    "ur": "محلے کے لوگوں نے کل سڑکوں کی صفائی کی۔ میئر نے کہا کہ یہ کام مہینے کے آخر تک جاری رہے گا اور اسکول بھی اس میں مدد کر رہے ہیں۔",
    "vi": "Người dân trong phường đã dọn sạch các tuyến phố hôm qua. Chủ tịch phường nói rằng công việc sẽ tiếp tục đến cuối tháng và các trường học cũng tham gia.",
    "zh": "街道居民昨天清扫了道路。区长表示，这项工作将持续到月底，学校也会参加。",
}
UNSURE = (
    "", " ", "123 456", "OK", "Facebook Twitter YouTube", "iPhone 15 Pro Max 256 GB", "a b c d e f g h i j k",
    "lorem ipsum dolor", "x" * 500, "Home News Contact", "Ööö äää üüü", "的", "12:30",
)  # fmt: skip


@pytest.mark.parametrize("language", SENTENCES)
def test_two_sentences_show_their_language(language: str) -> None:
    assert detect_language(SENTENCES[language]) == language


@pytest.mark.parametrize("text", UNSURE)
def test_too_little_text_has_no_answer(text: str) -> None:
    assert detect_language(text) == ""


@pytest.mark.parametrize("language", sorted(SENTENCES))
def test_one_sentence_is_never_taken_for_another_language(language: str) -> None:
    for sentence in SENTENCES[language].split(". "):
        assert detect_language(sentence) in {"", language}
        assert detect_language(sentence.upper()) in {"", language}


def test_a_text_of_two_languages_has_none_or_the_longer() -> None:
    assert detect_language(SENTENCES["de"] + SENTENCES["fr"]) in {"", "de", "fr"}
    assert detect_language(SENTENCES["ru"] + SENTENCES["ja"]) == ""
    assert detect_language(SENTENCES["vi"] * 3 + SENTENCES["en"]) == "vi"
    assert detect_language("Serbian, Latin: stanovnici su očistili ulice. Šta je rekao gradonačelnik?") in {
        "",
        "sr",
        "hr",
    }


def test_only_the_beginning_is_read_and_it_costs_little() -> None:
    before = time.process_time()
    for piece in ("а", "a ", "đ", "的", "ơ ", "\u0301", "a'" * 10):
        detect_language(piece * (400_000 // len(piece)))
    assert time.process_time() - before < 0.5
    assert detect_language(SENTENCES["vi"] * 40 + SENTENCES["en"] * 4000) == "vi"
    assert len(SENTENCES["vi"]) * 40 > LOOK


TAGS = {
    "vi": "vi", "vi_VN": "vi-VN", "VI-vn": "vi-VN", "en_US.UTF-8": "en-US", "vietnamese": "vi", "Tiếng Việt": "vi",
    "tiếng việt": "vi", "English": "en", "English (US)": "en", "Deutsch": "de", "русский": "ru", "日本語": "ja", "中文": "zh",
    "zh-hans-cn": "zh-Hans-CN", "zh_Hant": "zh-Hant", "sr_RS@latin": "sr-RS", "en-UK": "en-GB", "es-419": "es-419",
    "eng": "en", "vie": "vi", "ger": "de", "fre": "fr", "vn": "vi", "jp": "ja", "cz": "cs", "iw": "he", "in": "id",
    "tl": "fil", "de-DE-1996": "de-DE", "en-US-u-ca-buddhist": "en-US", "en, fr": "en", "vi-VN;q=0.9": "vi-VN", " vi ": "vi",
    "en us": "en-US", "fil": "fil", "ast": "ast", "nb_NO": "nb-NO", "vi-": "vi",
}  # fmt: skip
NO_TAGS = (
    "", " ", "-", "_", "x-default", "und", "zxx", "mul", "mis", "C", "POSIX", "xx", "lang", "html", "utf-8", "{{lang}}",
    "i-klingon", "e", "null", "undefined", "en1", "a" * 1000, "\n",
)  # fmt: skip


@pytest.mark.parametrize("tag", TAGS)
def test_tags_have_one_form(tag: str) -> None:
    assert normal_language(tag) == TAGS[tag]
    assert normal_language(normal_language(tag)) == TAGS[tag]


@pytest.mark.parametrize("tag", NO_TAGS)
def test_an_invalid_language_has_no_tag(tag: str) -> None:
    assert normal_language(tag) == ""


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    assert detect_language(text) in {"", detect_language(text)}
    tag = normal_language(text)
    assert normal_language(tag) == tag
