"""Sentences in forty languages, written for the tests of charsets, and the usual encodings of each."""

import unicodedata

WESTERN = ("cp1252", "latin-1", "iso8859_15")

SENTENCES = {
    "it": (
        "Il cittadino può presentare la domanda allo sportello, perché così è più semplice.",
        "Ciò che si può fare oggi non sarà possibile lunedì: la città chiude già alle sei.",
        "Chi può, dà una mano; però nessuno può dire quando finirà la siccità.",
    ),
    "fr": (
        "L'école a fêté ses élèves dès la rentrée, malgré la pluie et les dégâts causés à la façade.",
        "Où êtes-vous passés ? La mairie a déjà reçu les papiers, même ceux que l'on croyait égarés.",
        "À Noël, le maître des forêts coupera un chêne pour la place du marché.",
    ),
    "es": (
        "El alcalde anunció ayer que las niñas y los niños tendrán un jardín junto a la estación.",
        "¿Cuándo empezará la reunión? Según el vecino, después del mediodía habrá más información.",
        "La lluvia arruinó el camino, pero mañana vendrán los obreros a arreglarlo también.",
    ),
    "pt": (
        "A câmara não aprovou a construção da nova estação, mas as obras começarão amanhã.",
        "Há três anos que os cidadãos pedem informações sobre as condições da água na região.",
        "Não é possível dizer quem pôs os anúncios à porta da igreja; ninguém os viu então.",
    ),
    "ca": (
        "L'ajuntament obrirà demà una nova plaça perquè els nens puguin jugar-hi després de l'escola.",
        "Això és més fàcil del que sembla: la direcció ja té els papers i l'acció començarà aviat.",
        "Què hi ha de nou? El camí del mas és ple d'aigua i no s'hi pot passar amb cotxe.",
    ),
    "de": (
        "Die Bürger können ihre Anträge künftig auch während der Mittagszeit im Rathaus abgeben.",
        "Für die Straße über den Fluss fehlt noch das Geld, erklärte der Bürgermeister am Donnerstag.",
        "Größere Schäden gab es nicht; die Bäume müssen jedoch überprüft werden.",
    ),
    "nl": (
        "De gemeente heeft vorige week besloten één brug te sluiten, omdat de pijlers beschadigd zijn.",
        "Het café aan de haven blijft open, zei de eigenaar, die geen reële andere kans ziet.",
        "Vóór zondag moeten de financiële stukken bij de coördinator liggen.",
    ),
    "sv": (
        "Kommunen öppnar en ny förskola på måndag, men många föräldrar är ännu oroliga för vägen.",
        "Hur går det för de små bönderna när åarna svämmar över? Ingen vågar säga något än.",
        "Större delen av sjön är nu isfri, och båtarna får läggas ut från lördag.",
    ),
    "da": (
        "Kommunen åbner en ny skole på mandag, men mange forældre er stadig bekymrede for vejen.",
        "Hvordan går det for de små bønder, når åen løber over? Ingen tør sige noget endnu.",
        "Færgen sejler først igen på lørdag, når bølgerne er blevet mindre og havnen er ryddet for træ.",
    ),
    "fi": (
        "Kaupunki avaa uuden päiväkodin ensi maanantaina, mutta työt eivät ole vielä täysin valmiita.",
        "Mitä järvelle tapahtuu, jos vesi nousee vielä metrin? Kukaan ei tiedä sitä etukäteen.",
        "Lähes kaikki asukkaat äänestivät hyvän tien puolesta, vaikka hän pyysi heitä odottamaan.",
    ),
    "is": (
        "Bæjarstjórnin samþykkti í gær að byggja nýtt íþróttahús við skólann, þó að margir væru á móti.",
        "Það er ekki víst að ferðin verði farin á morgun; veðrið á að versna þegar líður á daginn.",
        "Börnin fóru út að leika sér þrátt fyrir rigninguna og þökkuðu fyrir sig síðar.",
    ),
    "ga": (
        "Osclóidh an chomhairle páirc nua in aice leis an scoil an tseachtain seo chugainn.",
        "Tá súil ag na daoine go mbeidh an bóthar réidh roimh an Nollaig, ach níl sé cinnte fós.",
        "Dúirt an múinteoir nach bhfuil aon áit fágtha sa rang don bhliain úr.",
    ),
    "et": (
        "Linnavalitsus avas eile uue lasteaia, kuid õpetajaid on endiselt väga vähe.",
        "Mõned elanikud küsisid, miks töö nii kaua kestis, ja said lühikese vastuse.",
        "Järgmisel nädalal sõidab rong üle jõe jälle iga päev, ütles žürii esimees Šotimaalt.",
    ),
    "lv": (
        "Pašvaldība vakar atvēra jaunu bērnudārzu, bet skolotāju joprojām trūkst.",
        "Iedzīvotāji jautāja, kāpēc darbi ilga tik ļoti ilgi, un saņēma īsu atbildi.",
        "Nākamnedēļ vilciens pār upi atkal kursēs katru dienu, teica uzņēmuma vadītājs Ķekavā.",
    ),
    "lt": (
        "Savivaldybė vakar atidarė naują vaikų darželį, tačiau mokytojų vis dar trūksta.",
        "Gyventojai klausė, kodėl darbai užtruko taip ilgai, ir gavo trumpą atsakymą.",
        "Kitą savaitę traukinys per upę vėl važiuos kiekvieną dieną, pasakė įmonės vadovas iš Šiaulių.",
    ),
    "pl": (
        "Gmina otworzyła wczoraj nowe przedszkole, ale nauczycieli wciąż jest za mało.",
        "Mieszkańcy pytali, dlaczego prace trwały tak długo, i dostali krótką odpowiedź.",
        "W przyszłym tygodniu pociąg przez rzekę znów będzie jeździł codziennie, również w święta.",
    ),
    "cs": (
        "Žáci uklízeli školní zahradu a příští týden zasadí růže u cesty.",
        "Obyvatelé se ptali, proč práce trvaly tak dlouho, a dostali stručnou odpověď.",
        "Ředitel řekl, že vlak přes řeku bude od úterý opět jezdit každý den, ať prší nebo ne.",
    ),
    "sk": (
        "Žiaci upratovali školskú záhradu a budúci týždeň zasadia ruže pri ceste.",
        "Obyvatelia sa pýtali, prečo práce trvali tak dlho, a dostali stručnú odpoveď.",
        "Riaditeľ povedal, že vlak cez rieku bude opäť chodiť každý deň, aj keď prší.",
    ),
    "sl": (
        "Občina je včeraj odprla nov vrtec, vendar učiteljev še vedno primanjkuje.",
        "Prebivalci so vprašali, zakaj so dela trajala tako dolgo, in dobili kratek odgovor.",
        "Prihodnji teden bo vlak čez reko spet vozil vsak dan, je že povedal župan.",
    ),
    "hr": (
        "Općina je jučer otvorila novi vrtić, ali učitelja još uvijek nema dovoljno.",
        "Stanovnici su pitali zašto su radovi trajali tako dugo i dobili kratak odgovor.",
        "Sljedeći tjedan vlak će preko rijeke opet voziti svaki dan, rekao je načelnik iz Đurđevca.",
    ),
    "hu": (
        "Az önkormányzat tegnap új óvodát nyitott, de tanárból még mindig kevés van.",
        "A lakók azt kérdezték, miért tartott ilyen sokáig a munka, és rövid választ kaptak a jegyzőtől.",
        "Jövő héten a vonat ismét minden nap átmegy a folyón, mondta a küldöttség vezetője.",
    ),
    "ro": (
        "Primăria a deschis ieri o grădiniţă nouă, dar învăţătorii sunt încă prea puţini.",
        "Locuitorii au întrebat de ce lucrările au durat atât de mult şi au primit un răspuns scurt.",
        "Săptămâna viitoare trenul va trece iarăşi râul în fiecare zi, a spus şeful staţiei.",
    ),
    "sq": (
        "Bashkia hapi dje një kopsht të ri për fëmijët, por mësuesit janë ende shumë pak.",
        "Banorët pyetën pse punët zgjatën kaq gjatë dhe morën një përgjigje të shkurtër.",
        "Javën tjetër treni do të kalojë lumin çdo ditë, tha kryetari i fshatit.",
    ),
    "tr": (
        "Belediye dün yeni bir anaokulu açtı, ancak öğretmen sayısı hâlâ çok az.",
        "Sakinler çalışmaların neden bu kadar uzun sürdüğünü sordu ve kısa bir yanıt aldı.",
        "Gelecek hafta tren ırmağın üzerinden her gün geçecek, dedi ilçenin başkanı.",
    ),
    "mt": (
        "Il-kunsill fetaħ skola ġdida lbieraħ, iżda għalliema għad hemm ftit wisq.",
        "Ir-residenti staqsew għaliex ix-xogħol ħa daqshekk żmien u rċevew tweġiba qasira.",
        "Il-ġimgħa d-dieħla l-vapur jerġa' jaqsam il-port kuljum, qal il-kaptan.",
    ),
    "vi": (
        "Ủy ban nhân dân phường đã khai trương trường mầm non mới, nhưng giáo viên vẫn còn thiếu.",
        "Người dân hỏi vì sao công việc kéo dài như vậy và nhận được câu trả lời ngắn.",
        "Tuần tới tàu lại chạy qua sông mỗi ngày, ông trưởng ga nói với những người đứng đợi.",
    ),
    "ru": (
        "Городской совет вчера открыл новый детский сад, но воспитателей по-прежнему не хватает.",
        "Жители спросили, почему работы длились так долго, и получили короткий ответ.",
        "На следующей неделе поезд снова будет ходить через реку каждый день, сказал начальник станции.",
    ),
    "uk": (
        "Міська рада вчора відкрила новий дитячий садок, але вихователів досі не вистачає.",
        "Мешканці запитали, чому роботи тривали так довго, і отримали коротку відповідь.",
        "Наступного тижня потяг знову ходитиме через річку щодня, сказав її начальник біля ґанку.",
    ),
    "bg": (
        "Общината вчера откри нова детска градина, но учителите все още са твърде малко.",
        "Жителите попитаха защо работата продължи толкова дълго и получиха кратък отговор.",
        "Следващата седмица влакът отново ще минава през реката всеки ден, каза кметът.",
    ),
    "sr": (
        "Општина је јуче отворила нови вртић, али учитеља још увек нема довољно.",
        "Становници су питали зашто су радови трајали тако дуго и добили кратак одговор.",
        "Следеће недеље воз ће преко реке поново саобраћати сваког дана, рекао је њен начелник.",
    ),
    "el": (
        "Ο δήμος άνοιξε χθες νέο παιδικό σταθμό, αλλά οι δάσκαλοι είναι ακόμη πολύ λίγοι.",
        "Οι κάτοικοι ρώτησαν γιατί οι εργασίες κράτησαν τόσο πολύ και πήραν σύντομη απάντηση.",
        "Την επόμενη εβδομάδα το τρένο θα περνά πάλι τον ποταμό κάθε μέρα, είπε ο σταθμάρχης.",
    ),
    "he": (
        "העירייה פתחה אתמול גן ילדים חדש, אבל עדיין חסרים בו מורים.",
        "התושבים שאלו מדוע העבודות נמשכו זמן רב כל כך, וקיבלו תשובה קצרה.",
        "בשבוע הבא תעבור הרכבת שוב את הנהר בכל יום, אמר מנהל התחנה.",
    ),
    "ar": (
        "افتتحت البلدية أمس روضة جديدة للأطفال، لكن عدد المعلمين ما زال قليلا.",
        "سأل السكان لماذا استمرت الأعمال كل هذا الوقت، وتلقوا جوابا قصيرا.",
        "في الأسبوع المقبل سيعبر القطار النهر كل يوم، قال مدير المحطة.",
    ),
    "fa": (
        "شهرداري ديروز مهدکودک تازه اي باز کرد، اما شمار آموزگاران هنوز کم است.",
        "ساکنان پرسيدند چرا کار اين همه طول کشيد و پاسخ کوتاهي گرفتند.",
        "هفته آينده قطار هر روز از پل مي گذرد، رييس ايستگاه چنين گفت.",
    ),
    "th": (
        "เทศบาลเปิดโรงเรียนอนุบาลแห่งใหม่เมื่อวานนี้ แต่ครูยังมีไม่พอ",
        "ชาวบ้านถามว่าเหตุใดงานจึงใช้เวลานาน และได้รับคำตอบสั้น ๆ",
        "สัปดาห์หน้ารถไฟจะข้ามแม่น้ำทุกวันอีกครั้ง นายสถานีกล่าว",
    ),
    "ja": (
        "市は昨日、新しい保育園を開いたが、先生の数はまだ足りない。",
        "住民はなぜ工事がこれほど長く続いたのかと尋ね、短い答えを受け取った。",
        "来週からは電車が毎日また川を渡ると、駅長が話した。",
    ),
    "zh-CN": (
        "市政府昨天开办了一所新的幼儿园，但老师仍然不够。",
        "居民们问工程为什么拖了这么久，只得到了简短的回答。",
        "从下星期起，火车每天又会经过那座桥，站长这样说。",
    ),
    "zh-TW": (
        "市政府昨天開辦了一所新的幼兒園，但老師仍然不夠。",
        "居民們問工程為什麼拖了這麼久，只得到了簡短的回答。",
        "從下星期起，火車每天又會經過那座橋，站長這樣說。",
    ),
    "ko": (
        "시청은 어제 새 어린이집을 열었지만 선생님은 아직 모자란다.",
        "주민들은 공사가 왜 그렇게 오래 걸렸는지 물었고 짧은 대답을 들었다.",
        "다음 주부터 기차가 매일 다시 강을 건넌다고 역장이 말했다.",
    ),
}

ENCODINGS = {
    **dict.fromkeys(("it", "fr", "es", "pt", "ca", "de", "nl", "sv", "da", "fi", "is", "ga", "sq"), WESTERN),
    "et": ("cp1257", "cp1252", "iso8859_13", "iso8859_15"),
    **dict.fromkeys(("lv", "lt"), ("cp1257", "iso8859_13", "iso8859_4")),
    **dict.fromkeys(("pl", "cs", "sk", "sl", "hr", "hu", "ro"), ("cp1250", "iso8859_2")),
    "tr": ("cp1254", "iso8859_9"),
    "mt": ("iso8859_3",),
    "vi": ("cp1258",),
    "ru": ("cp1251", "koi8_r", "iso8859_5", "cp866"),
    "uk": ("cp1251", "koi8_u"),
    "bg": ("cp1251", "iso8859_5"),
    "sr": ("cp1251", "iso8859_5"),
    "el": ("cp1253", "iso8859_7"),
    "he": ("cp1255", "iso8859_8"),
    "ar": ("cp1256", "iso8859_6"),
    "fa": ("cp1256",),
    "th": ("cp874", "tis_620"),
    "ja": ("cp932", "euc_jp", "iso2022_jp"),
    "zh-CN": ("gbk", "gb18030"),
    "zh-TW": ("big5", "gbk"),
    "ko": ("cp949", "euc_kr"),
}


def in_1258(text: str) -> bytes:
    """Return Vietnamese in windows-1258: letters that it lacks are a letter and a combining mark."""
    written = []
    for char in unicodedata.normalize("NFC", text):
        try:
            written.append(char.encode("cp1258"))
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", char)
            tone = next(mark for mark in parts if mark in "\u0300\u0301\u0303\u0309\u0323")
            written.append(
                unicodedata.normalize("NFC", parts.replace(tone, "")).encode("cp1258") + tone.encode("cp1258")
            )
    return b"".join(written)


def encoded(text: str, encoding: str) -> bytes:
    """Return a text in one of Python's encodings."""
    return in_1258(text) if encoding == "cp1258" else text.encode(encoding)
