"""District news from a small grammar: Vietnamese sentences, the same for the same seed."""

import random

PLACES = [
    "phường Bình Minh", "phường Hoa Sen", "phường Tân Lập", "khu phố 3", "khu phố 7", "Trường Tiểu học Hướng Dương",
    "Trường THCS Nguyễn Trãi", "Nhà Văn hóa quận", "Trung tâm Y tế quận", "chợ Tân Lập", "công viên Sao Mai", "rạch Cầu Đỏ",
]  # fmt: skip
PEOPLE = [
    "ông Lê Văn Thuận", "bà Trần Thị Mai", "ông Phạm Quốc Hưng", "bà Nguyễn Thị Lan", "ông Võ Thành Đạt", "bà Đỗ Thu Hà",
    "ông Huỳnh Minh Khoa", "bà Bùi Ngọc Diệp",
]  # fmt: skip
ROLES = [
    "Chủ tịch Ủy ban nhân dân quận", "Phó Chủ tịch Ủy ban nhân dân quận", "Bí thư Đoàn Thanh niên quận",
    "Chủ tịch Hội Liên hiệp Phụ nữ quận", "Trưởng phòng Giáo dục và Đào tạo", "Giám đốc Trung tâm Y tế quận",
]  # fmt: skip
BODIES = [
    "Ủy ban nhân dân quận", "Hội Chữ thập đỏ quận", "Đoàn Thanh niên quận", "Phòng Văn hóa và Thông tin",
    "Hội Cựu chiến binh quận", "Ủy ban Mặt trận Tổ quốc quận", "Phòng Tài nguyên và Môi trường",
]  # fmt: skip
TOPICS = {
    "Văn hóa - Xã hội": [
        "ra quân dọn vệ sinh tuyến đường kiểu mẫu", "tổ chức ngày hội hiến máu tình nguyện", "trao quà cho các hộ khó khăn",
        "khai mạc hội thi văn nghệ quần chúng", "tổ chức giải bóng đá thiếu niên", "khánh thành tủ sách cộng đồng",
    ],
    "Y tế - Giáo dục": [
        "tiêm vắc xin cho trẻ từ 5 đến 12 tuổi", "tổng kết phong trào dạy tốt, học tốt", "khám bệnh miễn phí cho người cao tuổi",
        "phát động tháng an toàn thực phẩm", "khai giảng lớp học bơi phòng chống đuối nước", "kiểm tra phòng, chống sốt xuất huyết",
    ],
    "Kinh tế - Đô thị": [
        "khởi công nâng cấp hẻm thoát nước", "kiểm tra tiến độ cải tạo chợ truyền thống", "đối thoại với doanh nghiệp nhỏ",
        "lấy ý kiến về quy hoạch công viên ven rạch", "ra mắt tuyến phố đi bộ cuối tuần", "thu gom rác thải điện tử",
    ],
    "Hoạt động Đảng - Đoàn thể": [
        "ký kết chương trình phối hợp công tác năm", "tổ chức hội nghị học tập chuyên đề", "gặp mặt cán bộ hưu trí",
        "sơ kết công tác dân vận quý III", "tuyên dương gương người tốt, việc tốt", "tập huấn kỹ năng cho cán bộ cơ sở",
    ],
}  # fmt: skip
_GOALS = [
    "nhằm nâng cao ý thức của người dân về giữ gìn cảnh quan chung", "góp phần chăm lo đời sống của các gia đình trên địa bàn",
    "hướng đến xây dựng khu phố xanh, sạch và an toàn", "giúp học sinh có thêm sân chơi lành mạnh sau giờ học",
    "để kịp thời tháo gỡ khó khăn cho bà con tiểu thương", "thiết thực chào mừng các ngày lễ lớn trong năm",
]  # fmt: skip
_DETAILS = [
    "Ban tổ chức đã huy động {n} tình nguyện viên tham gia từ sáng sớm",
    "Tổng kinh phí thực hiện là {n} triệu đồng, trong đó vận động xã hội hóa chiếm một nửa",
    "Đến nay đã có {n} hộ dân đăng ký tham gia, vượt kế hoạch đề ra",
    "Đoàn đã đến thăm và trao {n} phần quà, mỗi phần gồm gạo, sữa và sách vở",
    "Trong {n} ngày triển khai, các tổ công tác đã đi từng nhà, vận động từng người",
    "Công trình dài {n} mét, dự kiến hoàn thành trước mùa mưa năm sau",
    "Có {n} em học sinh của các trường trên địa bàn đến tham dự cùng phụ huynh",
]
_QUOTES = [
    "“Kết quả hôm nay là công sức của bà con và của từng tổ dân phố”",
    "“Chúng tôi sẽ tiếp tục lắng nghe ý kiến của người dân để làm tốt hơn”",
    "“Điều quan trọng là giữ được nền nếp sau khi phong trào kết thúc”",
    "“Mỗi gia đình góp một việc nhỏ thì cả khu phố sẽ đổi thay”",
]
_CLOSINGS = [
    "Kết thúc buổi lễ, {body} đề nghị các phường tiếp tục duy trì hoạt động này hằng tháng và báo cáo kết quả trước ngày {day}.",
    "Dịp này, {body} cũng tặng giấy khen cho {n} tập thể và cá nhân có thành tích xuất sắc trong năm.",
    "Theo kế hoạch, đợt tiếp theo sẽ diễn ra tại {place} vào ngày {day} tới.",
]
_FIRST = ["tại {place}, {body} đã {topic}", "{body} phối hợp với {place} đã {topic}", "{body} vừa {topic} tại {place}"]
SIGNS = ["BTQ", "NTH", "HML", "ĐVT", "PKD", "TTN"]
SECTIONS = list(TOPICS)


def person(chance: random.Random) -> str:
    """Return a person with an office."""
    return f"{chance.choice(PEOPLE)}, {chance.choice(ROLES)}"


def headline(chance: random.Random, section: str, number: int) -> str:
    """Return a title, made unique by its place and number."""
    topic = chance.choice(TOPICS[section])
    return f"{chance.choice(BODIES)} {topic} lần thứ {number} tại {chance.choice(PLACES)}"


def lead(chance: random.Random, section: str, day: int, month: int) -> str:
    """Return the first sentences."""
    opening = chance.choice(_FIRST).format(
        place=chance.choice(PLACES), body=chance.choice(BODIES), topic=chance.choice(TOPICS[section])
    )
    return f"Ngày {day}/{month}, {opening}, {chance.choice(_GOALS)}. Đến dự có {person(chance)}; {person(chance)}."


def paragraph(chance: random.Random) -> str:
    """Return a paragraph of two to four sentences."""
    sentences = [f"{chance.choice(_DETAILS).format(n=chance.randint(12, 980))}, {chance.choice(_GOALS)}."]
    sentences += [f"{chance.choice(_DETAILS).format(n=chance.randint(12, 980))}." for _ in range(chance.randint(1, 3))]
    if chance.random() < 0.5:  # noqa: PLR2004
        sentences.append(f"{chance.choice(_QUOTES)}, {person(chance)} cho biết.")
    return " ".join(sentences)


def closing(chance: random.Random) -> str:
    """Return the last paragraph."""
    return chance.choice(_CLOSINGS).format(
        body=chance.choice(BODIES), place=chance.choice(PLACES), n=chance.randint(3, 40), day=chance.randint(1, 28)
    )


def caption(chance: random.Random) -> str:
    """Return the caption of a picture."""
    return f"{person(chance)} phát biểu tại {chance.choice(PLACES)}"
