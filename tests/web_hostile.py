"""An archive of hostile texts: scripts, control characters, turned directions and long texts in every field."""

from datetime import timedelta
from pathlib import Path

from archiver.model.profile import SiteInfo
from archiver.model.record import Content
from archiver.store.archive import Store
from archiver.text.url import canonical
from made import START, Bench

TEXTS = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(2)> \"'><svg onload=alert(3)>",
    "controls": "Tin\x00 \x07bad\x1b[31m\x7f\x85\u2028 chuông",
    "turned": "Tin \u202egnp.exe\u202d \u2067xa\u2069 ngược",
    "long": "dài " * 2_500,
    "one word": "a" * 10_000,
    "markup": "{{ 7 * 7 }} {% raw %} &lt;b&gt; <!-- --> ]]> `code` [-a-]{+b+}",
    "nothing": "",
    "wide": "\u0301\u0302\u0303" * 500 + "Z\ufeff\ufffe\ud7ff\U0001f9d1\u200d\U0001f680",
}


def make(path: Path) -> Path:
    """Make the archive: a page for each text, seen, edited to the next text, gone, and seen again."""
    with Store.open(path) as store:
        info = SiteInfo(
            "hostile", f"Cổng {TEXTS['script']}{TEXTS['turned']}", "http://hostile.example/", "vi", "Asia/Ho_Chi_Minh"
        )
        site = store.pages.put_site(info)
        extractor = store.pages.put_extractor(
            site, "a" * 64, "[site]\nname = '<script>alert(4)</script>'\n", "test", "2022-10-21 09:00:00"
        )
        store.pages.make_current(site, extractor.extractor_id, "2022-10-21 09:00:00")
        run = store.runs.begin("crawl", site, "2022-10-21 09:00:00", code_version="test", command="<script>")
        bench = Bench(store, site, extractor.extractor_id, START)
        texts = list(TEXTS.values())
        for number, text in enumerate(texts):
            url = canonical(f"http://hostile.example/{number}?q=<script>alert(5)</script>&<b>'\"=\u202e{{{{7*7}}}}")
            for turn in (0, 1):
                shown = texts[(number + turn) % len(texts)]
                bench.visit(_content(shown, text), readings=(("views", 900 - 100 * turn),), url=url, run=run)
            bench.visit(None, status=404, url=url, run=run)
            bench.visit(None, status=404, url=url, run=run)
            if number % 2:
                bench.visit(_content(text, text), url=url, run=run)
        store.runs.end(run, (bench.now + timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S"), "done")
    return path


def _content(shown: str, text: str) -> Content:
    return Content(
        title=shown or None,
        section=text[:200] or None,
        summary=shown or None,
        body=f"{shown}\n\n{text}\n\nĐoạn cuối." if shown or text else None,
        captions=(shown,) if shown else (),
        bylines=(text[:50],) if text else (),
        tags=(text[:50],) if text else (),
        language="vi",
        extra=(("so_hieu", shown[:100]),) if shown else (),
    )
