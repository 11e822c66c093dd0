"""Crawl the handbook twice and hold what the archive says against the files on disk.

The files are read here by the standard library's html.parser, which shares no code with archiver's reader.
Text is compared without white space and without the marks our normal form adds ("- " before items, " | " between
cells), so that equal means: every word of the content area, in order, and nothing else.

Run by run.sh, which serves the files: check.py --html FOLDER --base URL --work FOLDER
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import archiver

LANGUAGES = ("en-US", "vi-VN")
CONTENT = {"book", "section", "chapter", "preface", "appendix"}
BLOCKS = set(
    "address blockquote body caption center dd div dl dt fieldset form h1 h2 h3 h4 h5 h6 hr li ol p pre table tbody td tfoot th thead tr ul".split()
)
VOID = set("area base br col embed hr img input link meta source track wbr".split())


class Failed(Exception):
    """A check that does not hold."""


def check(holds, *what):
    if not holds:
        raise Failed(" ".join(str(each) for each in what))


# the files, read independently


@dataclass
class Expected:
    """What one file says. `runs`: texts between the edges of blocks, in order."""

    title: str = ""
    head_title: str = ""
    up: str = ""
    runs: list = field(default_factory=list)
    captions: list = field(default_factory=list)
    toc: list = field(default_factory=list)
    navigation: list = field(default_factory=list)
    links: list = field(default_factory=list)


class Reader(HTMLParser):
    """Texts of a Publican page by where they stand: title, content, caption, table of contents, navigation."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.page = Expected()
        self.stack = []  # (tag, where its text goes)
        self.where = None
        self.run = []
        self.kind = ""
        self.figures = []  # how deep the stack was when each open div.figure began

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        classes = (values.get("class") or "").split()
        if tag == "link" and values.get("rel") == "up":
            self.page.up = values.get("title", "")
        if tag == "a" and values.get("href"):
            self.page.links.append(values["href"])
        if tag in BLOCKS or tag == "title":
            self.end_run()
        if tag == "br":
            self.run.append("\n")
        if tag not in VOID:
            self.stack.append((tag, self.where))
            self.where = self.place(tag, classes, values.get("id"))
            if tag == "div" and "figure" in classes:
                self.figures.append(len(self.stack))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if tag in BLOCKS or tag == "title":
            self.end_run()
        opened = ""
        while self.stack and opened != tag:
            opened, self.where = self.stack.pop()
        while self.figures and self.figures[-1] > len(self.stack):
            self.figures.pop()

    def handle_data(self, data):
        self.run.append(data)

    def place(self, tag, classes, name):
        """Where the text of this element goes; else where its parent's goes."""
        if tag == "title" and self.where is None:
            return "head_title"
        if (tag == "ul" and "docnav" in classes) or name in ("banner", "title"):
            return "navigation"
        if tag == "div" and self.where is None and CONTENT & set(classes):
            self.kind = classes[0]
            return "runs"
        return self.place_inside(tag, classes) if self.where == "runs" else self.where

    def place_inside(self, tag, classes):
        if tag in ("h1", "h2") and "title" in classes and not self.page.title:
            return "title"
        if tag == "p" and "title" in classes and self.figures[-1:] == [len(self.stack) - 1]:
            return "captions"
        return "toc" if tag == "div" and "toc" in classes and self.kind != "book" else "runs"

    def end_run(self):
        text, self.run = "".join(self.run), []
        if not text.strip() or self.where is None:
            return
        if self.where in ("title", "head_title"):
            setattr(self.page, self.where, getattr(self.page, self.where) + line(text))
        else:
            getattr(self.page, self.where).append(text)


def expected_of(file):
    reader = Reader()
    reader.feed(file.read_text("utf-8"))
    reader.close()
    return reader.page


def line(text):
    return unicodedata.normalize("NFC", " ".join(text.split()))


_MARKS = re.compile(r"(?m)^[ \t]*(?:- )+|\|")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]")


def bare(text):
    """Letters only: no white space, no marks of our normal form, nothing invisible."""
    return "".join(unicodedata.normalize("NFC", _UNSEEN.sub("", _MARKS.sub("", text))).split())


def reachable(folder, pages):
    """The files that links lead to, from the two covers on."""
    known = {f"{language}/{file.name}" for language in LANGUAGES for file in (folder / language).glob("*.html")}
    waiting = [f"{language}/index.html" for language in LANGUAGES]
    found = set(waiting)
    while waiting:
        here = waiting.pop()
        pages[here] = expected_of(folder / here)
        for link in pages[here].links:
            target = urljoin(f"http://x/{here}", link).split("#")[0].split("?")[0].removeprefix("http://x/")
            if target in known and target not in found:
                found.add(target)
                waiting.append(target)
    return found, known


# the crawl


@dataclass
class Run:
    summary: dict
    visits: list
    seconds: float
    cpu: float


def crawl(work, *options):
    """One `archiver crawl` in a process of its own, with the CPU it and its children took."""
    command = [sys.executable, "-m", "archiver", "--archive", str(work / "archive.db"), "--selectors"]
    command += [str(work / "selectors"), "crawl", "handbook", "--json", *options]
    with (work / "crawl.jsonl").open("w+") as out, (work / "crawl.log").open("w+") as messages:
        begun = time.monotonic()
        process = subprocess.Popen(command, stdout=out, stderr=messages, stdin=subprocess.DEVNULL, cwd=work)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - begun
        out.seek(0)
        messages.seek(0)
        lines = [json.loads(each) for each in out]
        said = messages.read().strip()
    check(process.returncode == 0, f"archiver crawl ended with {process.returncode}:", said[-2000:])
    check(not said, "archiver crawl had something to say:", said[-2000:])
    return Run(lines[-1], lines[:-1], seconds, usage.ru_utime + usage.ru_stime)


def size(work):
    return sum(file.stat().st_size for file in work.glob("archive*.db*"))


def tell(name, run, grown):
    visits = max(1, run.summary["visits"])
    print(
        f"{name}: {run.summary['visits']} visits in {run.seconds:.1f} s: "
        f"{visits / run.summary['seconds']:.0f} pages/s, {1000 * run.cpu / visits:.1f} ms CPU a page, "
        f"the archive grew by {grown / 1e6:.2f} MB, {grown / visits:.0f} bytes a visit"
    )


# the checks


def check_visits(run, base, found):
    good = (("ok", 200), ("not_modified", 304))
    bad = [visit for visit in run.visits if (visit["outcome"], visit["status"]) not in good]
    check(not bad, len(bad), "visits that are not ok, first:", bad[:1])
    taken = Counter(visit["url"].removeprefix(base) for visit in run.visits)
    missed, needless = sorted(found - taken.keys()), sorted(taken.keys() - found)
    check(not missed, len(missed), "pages were missed:", missed[:5])
    check(not needless, len(needless), "pages were taken that no link leads to:", needless[:5])
    twice = [url for url, count in taken.items() if count > 1]
    check(not twice, len(twice), "pages were visited twice in one run:", twice[:5])


def check_summary(run, **counts):
    wanted = {"errors": 0, "refused": 0, "gone": 0, "back": 0, "changed": 0, "ended": "done", **counts}
    got = {name: run.summary[name] for name in wanted}
    check(got == wanted, "the crawl's summary is", got, "not", wanted)


def check_page(archive, base, name, expected, file):
    """One page against its file; gives the words of its body."""
    page = archive.page(base + name)
    state = page.state_at()
    content = state.content
    check(content is not None, "no content was read")
    body = page.block(state.visit_id).split(b"\r\n\r\n", 1)[1]
    check(body == file.read_bytes(), "the bytes kept are not those of the file")
    check(line(content.title or "") == expected.title, "title", repr(content.title), "not", repr(expected.title))
    check(expected.title == expected.head_title, "the file's heading and <title> differ")
    check((content.section or "") == line(expected.up), "section", repr(content.section), "not", repr(expected.up))
    check(content.language == name.split("/")[0], "language", repr(content.language))
    captions = [line(each) for each in expected.captions]
    check(list(content.captions) == captions, "captions", content.captions, "not", captions)
    check_body(content.body or "", expected)
    fallback = [rule.rule for rule in state.sources.values() if "fallback" in rule.rule]
    check(not fallback, "read by a fallback:", fallback)
    check(len(page.versions) == 1, f"{len(page.versions)} versions of a page that never changed")
    return len(content.body.split())


def check_body(body, expected):
    plain, wanted = bare(body), [bare(run) for run in expected.runs]
    missing = [run for run, each in zip(expected.runs, wanted, strict=True) if each not in plain]
    check(not missing, f"{len(missing)} paragraphs are missing in the body, first: {missing[:1]}")
    if plain != "".join(wanted):
        whole = "".join(wanted)
        at = next(
            (n for n, (a, b) in enumerate(zip(plain, whole, strict=False)) if a != b), min(len(plain), len(whole))
        )
        part = slice(max(0, at - 30), at + 40)
        check(False, f"the body differs at {at}: …{plain[part]}… not …{whole[part]}…")
    navigation = [each for each in expected.navigation if len(bare(each)) > 12 and bare(each) in plain]
    foreign = [each for each in navigation if not any(bare(each) in run for run in wanted)]
    check(not foreign, "navigation in the body:", foreign[:1])


def check_pages(archive, base, pages, folder):
    faults, words = [], 0
    for name, expected in sorted(pages.items()):
        try:
            words += check_page(archive, base, name, expected, folder / name)
        except (Failed, archiver.ArchiverError) as fault:
            faults.append(f"{name}: {fault}")
    check(not faults, f"{len(faults)} of {len(pages)} pages are wrong:\n  " + "\n  ".join(faults[:10]))
    return words


def sample(archive, base):
    for name in ("en-US/sect.apt-get.html", "vi-VN/sect.after-first-boot.html"):
        content = archive.page(base + name).state_at().content
        first = (content.body or "").split("\n\n")[0]
        print(f"  {name}\n    title    {content.title}\n    section  {content.section}")
        print(f"    body     {first[:150]}… ({len(content.body)} characters)\n    captions {content.captions[:1]}")


def real(folder, base, work):
    pages = {}
    found, known = reachable(folder, pages)
    print(f"{len(known)} files in {' and '.join(LANGUAGES)}, {len(found)} reachable by links", flush=True)
    mean = sum((folder / name).stat().st_size for name in found) / len(found)

    first = crawl(work)
    check_visits(first, base, found)
    check_summary(first, visits=len(found), new_pages=len(found), new_versions=len(found))
    after_first = size(work)
    tell("first crawl", first, after_first)

    with archiver.open(work / "archive.db", write=False) as archive:
        words = check_pages(archive, base, pages, folder)
        print(f"all {len(pages)} pages are right: bytes, title, section, language, captions, body ({words} words)")
        sample(archive, base)

    second = crawl(work, "--all")
    check_visits(second, base, found)
    check_summary(second, visits=len(found), new_pages=0, new_versions=0)
    tell("second crawl, --all", second, size(work) - after_first)
    third = crawl(work)
    check_summary(third, visits=0, new_pages=0, new_versions=0)
    print(f"third crawl: nothing is due; pages have {mean / 1000:.1f} kB on average")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--html", type=Path, required=True, help="the folder that is served")
    parser.add_argument("--base", required=True, help="where it is served, with the last slash")
    parser.add_argument("--work", type=Path, required=True, help="a folder for the archive; selectors/ is in it")
    given = parser.parse_args()
    try:
        real(given.html, given.base, given.work)
    except Failed as fault:
        print(f"real: FAILED: {fault}", file=sys.stderr)
        return 1
    print("real: ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
