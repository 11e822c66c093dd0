"""The peer of render.py: Playwright opens each page, and keeps its document, a screenshot, and every answer.

    python playwright_pages.py FOLDER each|one ADDRESS…

`each`: one browser a page, as browser crawlers do that start a fresh browser for each page. `one`: one browser for all, with
one context a page. It obeys no robots.txt and keeps no history.
"""

import hashlib
import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, Error, Response, sync_playwright

CHROMIUM = os.environ.get("ARCHIVER_CHROMIUM", "/usr/bin/chromium")
OPTIONS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]


def keep(browser: Browser, url: str, folder: Path, number: int) -> None:
    """Open a page, and write what it became and what it got."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, reduced_motion="reduce")
    page = context.new_page()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108  (it sets an attribute)
    page.goto(url, wait_until="networkidle")
    page.wait_for_selector(".tieude")
    (folder / f"{number}.html").write_text(page.content(), "utf-8")
    (folder / f"{number}.png").write_bytes(page.screenshot(full_page=True))
    for answer in answers:
        try:
            body = answer.body()
        except Error:  # a redirect has none
            continue
        head = "".join(f"{each['name']}: {each['value']}\r\n" for each in answer.headers_array())
        (folder / f"{number}-{hashlib.sha256(answer.url.encode()).hexdigest()[:16]}").write_bytes(head.encode() + body)
    context.close()


def main() -> None:
    """Keep the pages that were named."""
    folder, manner, urls = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    with sync_playwright() as playwright:
        browser = None
        for number, url in enumerate(urls):
            if browser is None or manner == "each":
                if browser is not None:
                    browser.close()
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS, chromium_sandbox=False)
            keep(browser, url, folder, number)
        if browser is not None:
            browser.close()


if __name__ == "__main__":
    main()
