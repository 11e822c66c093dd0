"""The articles of two made-up portals, the same whatever template prints them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_PLACES = ("An Phú", "Bến Lội", "Cầu Đất", "Đồng Xoan", "Giếng Trong", "Hàng Dừa")
_WHAT = (
    "nâng cấp đường vào trường",
    "trồng lại hàng dừa ven kênh",
    "mở lớp học bơi cho học sinh",
    "sửa mái chợ trước mùa mưa",
    "lắp đèn ở các hẻm tối",
    "nạo vét rạch sau chợ",
    "phát sách cũ cho thư viện xã",
    "dời bến đò xuống phía hạ lưu",
    "khám mắt miễn phí cho người già",
    "mở lại tuyến xe buýt số chín",
    "họp bàn giá nước sinh hoạt",
    "tổng kết vụ lúa đông xuân",
)
_SECTIONS = ("Đời sống", "Giáo dục", "Nông nghiệp")
_AUTHORS = ("Lê Thu Hà", "Trần Minh Khôi", "Nguyễn An", "Phạm Bảo Vy")
_TAGS = ("hạ tầng", "cây xanh", "trường học", "chợ", "giao thông", "sức khoẻ")
_SENTENCES = (
    "Sáng nay {place} bắt đầu {what}, công việc mà bà con đã chờ từ {n} tháng trước.",
    "Ông Sáu Nhơn, nhà ở số {n} ấp Trung, nói ai cũng sẵn lòng góp một ngày công nếu trời không đổ mưa.",
    "Theo bản dự toán dán ở trụ sở, phần việc đầu tiên cần {n} triệu đồng và khoảng {m} người làm liên tục.",
    "Tổ giám sát gồm {m} người do dân bầu ra sẽ ghi sổ mỗi chiều và đọc lại trên loa vào sáng hôm sau.",
    "Đến cuối buổi, danh sách đã có {n} gia đình ký tên; những nhà còn lại hẹn trả lời trước rằm.",
)


@dataclass
class Story:
    """An article: what people write, and what counts its readers."""

    number: int
    title: str
    slug: str
    section: str
    author: str
    lead: str
    paragraphs: list[str]
    points: list[str]
    caption: str
    tags: tuple[str, ...]
    published: datetime  # wall time at the site
    document: str
    views: int = field(default=120)

    def replace(self, old: str, new: str) -> None:
        """Edit a paragraph: exactly one of them has these words."""
        assert sum(old in each for each in self.paragraphs) == 1
        self.paragraphs = [each.replace(old, new) for each in self.paragraphs]


Surroundings = tuple[list[Story], int]
"""The articles of the sidebar, and a number that differs at each request."""


def stories(count: int = 12) -> list[Story]:
    """Return articles with different words and figures."""
    return [_story(number) for number in range(1, count + 1)]


def _story(number: int) -> Story:
    place, what = _PLACES[number % len(_PLACES)], _WHAT[number % len(_WHAT)]
    title = f"{place} {what}"
    texts = [
        each.format(place=place, what=what, n=100 + 13 * number + at, m=9 + number + at)
        for at, each in enumerate(_SENTENCES)
    ]
    second = (
        f"Riêng ở {place}, {texts[4][0].lower()}{texts[4][1:]} Chuyện {what} vì thế kéo dài sang tuần thứ {number}."
    )
    return Story(
        number,
        title,
        f"bai-so-{number}",
        _SECTIONS[number % len(_SECTIONS)],
        _AUTHORS[number % len(_AUTHORS)],
        f"Người dân {place} góp {number + 3} ngày công để {what}, xong trước tết.",
        [texts[0], f"{texts[1]} {texts[2]}", texts[3], second],
        [f"đợt một từ ngày {number}", f"đợt hai, {number + 20} người"],
        f"Bà con {place} trong buổi sáng thứ {number}.",
        (_TAGS[number % len(_TAGS)], _TAGS[(number + 2) % len(_TAGS)]),
        datetime(2022, 9, 1, 7, 5, tzinfo=UTC) + timedelta(days=number, hours=number % 9, minutes=7 * number % 50),
        f"{40 + number}/TB-UBND",
    )
