"""Fields that a portal prints and nowhere declares: titles, counters, captions and initials in the text, tags, updates."""

from dataclasses import replace

from archiver.extract.read import read
from archiver.learn.learn import learn_profile
from archiver.learn.samples import SamplePage, open_samples
from archiver.model.profile import Profile, SiteInfo
from archiver.model.record import Content, Record
from learn.portals import TOPICS, paragraphs, sample

TITLES = (
    "Phường 5 ra quân dọn vệ sinh các tuyến hẻm",
    "Hội Nông dân trao vốn cho hộ nghèo phường 8",
    "Trường Lê Anh Xuân khánh thành thư viện mới",
    "Công an tuyên truyền phòng cháy chữa cháy",
)


def _district(number: int, visitors: int = 37_412_003, views: int = 204) -> SamplePage:
    """Return an article of a portal whose `<title>` is the same everywhere; digits have one element each."""
    text = "".join(f"<p>{each}</p>" for each in paragraphs(number))
    digits = "".join(f"<span>{each}</span>" for each in f"{visitors}")
    return sample(
        f"http://district.example/tintuc/post.aspx?ItemID={5600 + number}",
        f"""<html lang=vi><title>Tin tức - Quận Hoa Sen</title><h1>ỦY BAN NHÂN DÂN QUẬN HOA SEN</h1>
<div class=dem>SỐ LƯỢT TRUY CẬP <div class=so>{digits}</div></div>
<div class=muc>Kinh tế</div><h3 class=tieude>{TITLES[number]}</h3><span class=ngay>{number + 10}/03/2024 08:30</span>
<div class=noidung>{text}<p class=anh>Ảnh: Buổi lễ số {number + 1} tại trụ sở</p><p>N.T.{"HKMA"[number]}</p></div>
<div class=xem>Lượt xem: <b class=soxem>{views}</b></div>""",
    )


def _learned(pages: list[SamplePage]) -> Profile:
    return learn_profile(pages, "portal").profile


def _read(profile: Profile, page: SamplePage) -> Record:
    return read(page.capture, profile)


def test_a_title_that_is_only_printed_is_found_where_title_is_that_of_the_portal() -> None:
    profile = _learned([_district(each) for each in range(3)])
    record = _read(profile, _district(3))
    assert record.content.title == TITLES[3]
    assert record.broken == ()


def test_captions_and_initials_that_are_lines_of_the_text_are_no_part_of_it() -> None:
    profile = _learned([_district(each) for each in range(3)])
    content = _read(profile, _district(3)).content
    assert content.captions == ("Buổi lễ số 4 tại trụ sở",)
    assert content.bylines == ("N.T.A",)
    assert content.body == "\n\n".join(paragraphs(3))


def test_a_counter_of_one_digit_an_element_is_one_number() -> None:
    pages = [_district(each) for each in range(3)]
    pages[0] = replace(pages[0], again=_district(0, visitors=37_412_019, views=205).capture)
    profile = _learned(pages)
    readings = dict(_read(profile, _district(3, visitors=37_500_000, views=9)).readings)
    assert sorted(readings.values()) == [9, 37_500_000]


def _news(number: int, changed: str = "") -> SamplePage:
    text = "".join(f"<p>{each}</p>" for each in paragraphs(number))
    tags = "".join(f"<li><a class=topic-link href='/tag/{each}'>{each}</a></li>" for each in (f"t{number}", "harbour"))
    changed = f"<span class=changed>Updated {changed}</span>" if changed else ""
    return sample(
        f"http://news.example/2024/03/{number + 10}/{TOPICS[number].lower().replace(' ', '-')}",
        f"""<html lang=en><title>{TOPICS[number]}</title><h1>{TOPICS[number]}</h1>
<p class=meta>By <a class=author href=/by/ann>Ann Lee</a> <time class=day>{number + 10} March 2024 08:00</time> {changed}</p>
<div class=text>{text}</div><ul class=labels>{tags}</ul>""",
    )


def test_links_to_pages_of_tags_are_tags() -> None:
    profile = _learned([_news(each) for each in range(3)])
    assert _read(profile, _news(4)).content.tags == ("t4", "harbour")


def test_the_date_of_publication_next_to_an_update_is_not_taken_for_it() -> None:
    profile = _learned([_news(0, "12 March 2024 11:00"), _news(1), _news(2, "14 March 2024 09:30")])
    record = _read(profile, _news(3, "20 March 2024 10:00"))
    assert record.modified is not None
    assert record.modified.local == "2024-03-20 10:00:00"
    assert record.content.published is not None
    assert record.content.published.local == "2024-03-13 08:00:00"
    assert _read(profile, _news(4)).modified is None


def test_a_title_that_a_sentence_of_the_text_repeats_is_no_part_of_the_text() -> None:
    first = f"On Monday people read again: {TOPICS[1]}, which is what was said."
    body = f"{first}\n\n" + "\n\n".join(paragraphs(1))
    page = sample(
        "http://a.example/1", f"<h1>{TOPICS[1]}</h1><p>{first}</p>" + "".join(f"<p>{e}</p>" for e in paragraphs(1))
    )
    known = open_samples([page], SiteInfo(name="a"), [Content(title=TOPICS[1], body=body)])[0]
    assert [run.text for run in known.runs if not run.is_body] == [TOPICS[1]]
