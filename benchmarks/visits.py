"""Generates successive visits of the pages of a site, and counts the entropy of their differences.

A visit is a block: status line, headers, empty line, body. A page has about 110 kB, like a district portal on SharePoint.
All pages have the same template and an article each. At every visit these change: Date, session cookie, request GUID,
the site's visitor counter, the page's view counter, and a time stamp. At 30 % of the visits, one to three of the ten
headlines in the sidebar change. At 3 % of the visits the article is edited. After about 50 visits the whole site is
redesigned.

Variants: `small` (a 32-byte token), `structured` (a view state of constant payload with three changed fields and a
20-byte MAC, and a 64-byte form digest), `random` (1-8 kB of random token).

The *floor* is the sum of log2 of all random choices after the first visit, without redesigns. No encoder needs fewer
bits, even if it knows this generator.
"""

import base64
import math
import random
from collections.abc import Iterator
from typing import NamedTuple

VARIANTS = ("small", "structured", "random")
WORDS = """quận phường nhân dân công tác tổ chức hội nghị xây dựng phát triển kinh tế xã hội văn hoá giáo dục y tế đời
sống chương trình kế hoạch thực hiện triển khai năm học sinh phụ nữ thanh niên mặt trận đoàn viên khu phố vệ sinh môi
trường an toàn giao thông trật tự đô thị cải cách hành chính thủ tục tiếp nhận hồ sơ trả kết quả phục vụ người nghèo
vận động ủng hộ quà tặng gia đình chính sách thương binh liệt sĩ khen thưởng tuyên dương điển hình tiên tiến phong
trào thi đua yêu nước""".split()
SECONDS = 6 * 3600  # between two crawls


class Visit(NamedTuple):
    """The response of a server for a page at a time (seconds after the first crawl)."""

    page: int
    seconds: int
    block: bytes


class Counted(random.Random):
    """A random generator that sums the entropy of its choices in `bits`, while `counts` is true."""

    bits = 0.0
    counts = False

    def worth(self, choices: float) -> None:
        """Count one of `choices` equally probable choices."""
        if self.counts:
            self.bits += math.log2(choices)

    def below(self, most: int) -> int:
        """Return a random number from 0 to `most` - 1."""
        self.worth(most)
        return self.randrange(most)

    def token(self, size: int) -> bytes:
        """Return random bytes, as base64."""
        self.worth(256.0**size if size < 100 else 2.0)
        self.bits += 8 * size - 1 if self.counts and size >= 100 else 0
        return base64.b64encode(self.randbytes(size))

    def happens(self, share: float) -> bool:
        """Return true with the probability `share`."""
        happens = self.random() < share
        self.worth(1 / (share if happens else 1 - share))
        return happens


class Portal:
    """A simulated site that changes between visits."""

    def __init__(self, variant: str, pages: int, seed: int = 1) -> None:
        self.variant = variant
        self.chance = Counted(seed)
        self.counter = 37_000_000
        self.views = [self.chance.randrange(200, 30_000) for _ in range(pages)]
        self.articles = [[self._sentence(18) for _ in range(110)] for _ in range(pages)]
        self.titles = [self._sentence(11) for _ in range(pages)]
        self.headlines = [self._sentence(11) for _ in range(10)]
        controls = "".join(f"ctl{self.chance.randrange(999)}|{self._sentence(3)}|" for _ in range(300))
        self.states = [f"{controls}{self._sentence(40)}".encode()[-9000:] for _ in range(pages)]
        self.redesign()

    def _sentence(self, words: int) -> str:
        for _ in range(words):
            self.chance.worth(len(WORDS))
        return " ".join(self.chance.choice(WORDS) for _ in range(words)).capitalize() + "."

    def redesign(self) -> None:
        """Replace the template: names, scripts, styles, menus and their order."""
        chance, counted = self.chance, self.chance.counts
        chance.counts = False
        self.names = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(40)]
        self.menu = [(self._sentence(4), chance.choice(self.names), chance.randrange(10**6)) for _ in range(420)]
        self.head = "\n".join(
            f'<link rel="stylesheet" href="/_layouts/{chance.choice(self.names)}/{chance.randrange(10**9):x}.css?rev='
            f'{chance.randbytes(12).hex()}"/><script src="/_layouts/{chance.choice(self.names)}.js?rev={chance.randbytes(9).hex()}">'
            f"</script>"
            for _ in range(60)
        )
        self.script = "\n".join(
            f"function {chance.choice(self.names)}_{number}(a,b){{if(a<{chance.randrange(999)}){{{chance.choice(self.names)}(b);}}"
            f"return '{chance.choice(WORDS)}';}}"
            for number in range(560)
        )
        chance.counts = counted

    def crawls(self, count: int, redesigns: int) -> Iterator[list[Visit]]:
        """Yield crawls of all pages, with redesigns spread among them."""
        breaks = {round((number + 0.7) * count / (redesigns + 0.2)) for number in range(redesigns)}
        for crawl in range(count):
            self.chance.counts = crawl > 0
            if crawl in breaks:
                self.redesign()
            if crawl and self.chance.happens(0.3):
                for _ in range(1 + self.chance.below(3)):
                    self.headlines[self.chance.below(10)] = self._sentence(11)
            yield [self._visit(page, crawl) for page in range(len(self.articles))]

    def _visit(self, page: int, crawl: int) -> Visit:
        chance = self.chance
        self.counter += 50 + chance.below(2950)
        self.views[page] += chance.below(40)
        seconds = crawl * SECONDS + page * 2 + chance.below(2)
        if crawl and chance.happens(0.03):
            self.articles[page][chance.below(110)] = self._sentence(18)
        body = self._body(page, seconds).encode()
        head = (
            f"HTTP/1.1 200 OK\r\nCache-Control: private, max-age=0\r\nContent-Type: text/html; charset=utf-8\r\n"
            f"Server: Microsoft-IIS/8.5\r\nSPRequestGuid: {chance.token(16).decode()}\r\n"
            f"Set-Cookie: ASP.NET_SessionId={chance.token(15).decode()}; path=/; HttpOnly\r\nX-Powered-By: ASP.NET\r\n"
            f"Date: day {seconds // 86400}, {seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02} GMT\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return Visit(page, seconds, head.encode() + body)

    def _state(self, page: int) -> str:
        chance = self.chance
        if self.variant == "random":
            return f'<input type="hidden" id="__VIEWSTATE" value="{chance.token(1000 + chance.below(7000)).decode()}"/>'
        token = f'<input type="hidden" name="csrf" value="{chance.token(32).decode()}"/>'
        if self.variant == "small":
            return token
        fields = b"".join(b"%08d" % chance.below(10**4) for _ in range(3))
        chance.worth(2.0**160)
        state = self.states[page][:3000] + fields + self.states[page][3000:] + chance.randbytes(20)
        digest = f'<input type="hidden" name="__REQUESTDIGEST" value="{chance.token(48).decode()}"/>'
        return f'<input type="hidden" id="__VIEWSTATE" value="{base64.b64encode(state).decode()}"/>{digest}'

    def _body(self, page: int, seconds: int) -> str:
        name = iter(self.names * 5)
        menu = "\n".join(
            f'<li class="{css}"><a href="/{css}/{number}.aspx"><span class="t">{text}</span></a></li>'
            for text, css, number in self.menu
        )
        article = "\n".join(
            f'<p style="text-align:justify"><span style="font-size:12pt">{text}</span></p>'
            for text in self.articles[page]
        )
        side = "\n".join(f'<li><a class="{next(name)}" href="#">{text}</a></li>' for text in self.headlines)
        digits = "\n".join(f"<span>{digit}</span>" for digit in str(self.counter))
        return (
            f"<!DOCTYPE html><html><head><title>{self.titles[page]}</title>{self.head}<script>{self.script}</script></head>"
            f'<body class="{next(name)}"><form>{self._state(page)}<ul>{menu}</ul><div class="{next(name)}"><h3>'
            f'{self.titles[page]}</h3>{article}<span class="views">Số lượt xem: {self.views[page]}</span></div>'
            f'<div class="{next(name)}"><ul>{side}</ul>{digits}</div></form>'
            f"<!-- {seconds} rendered in {self.chance.below(400)} ms --></body></html>"
        )
