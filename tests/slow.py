"""Write `slow_tests.txt`, the list of tests that only `make nightly` runs, from a report of all tests.

    pytest --junitxml=report.xml && python tests/slow.py report.xml

A test function is slow when its slowest case took at least `--least` seconds. Of each file one function stays in
`make test`, the fastest; a document that is slow as a whole is left out as a whole.
"""

import argparse
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
LIST = Path(__file__).parent / "slow_tests.txt"


def measured(report: Path) -> Iterator[tuple[str, str, float]]:
    """Yield for each case of a report the file, the name of its function with its class, and the seconds it took."""
    for case in ET.parse(report).iter("testcase"):  # noqa: S314  (our own report)
        words = case.get("classname", "").split(".")
        name = re.sub(r"\[.*", "", case.get("name", ""), flags=re.DOTALL)
        seconds = float(case.get("time", "0"))
        for cut in range(len(words), 0, -1):
            path = "/".join(words[:cut])
            if (ROOT / f"{path}.py").is_file():
                yield f"{path}.py", "::".join((*words[cut:], name)), seconds
                break
        else:
            yield "/".join(words[:-1]) + f".{words[-1]}", "", seconds


def slow_tests(report: Path, least: float) -> list[str]:
    """Return the slow tests as `tests/x/test_y.py::test_z`, and slow documents as `docs/x.md`."""
    longest: dict[str, dict[str, float]] = {}
    for path, name, seconds in measured(report):
        of_file = longest.setdefault(path, {})
        of_file[name] = of_file.get(name, 0) + seconds if not name else max(of_file.get(name, 0), seconds)
    found = []
    for path, tests in longest.items():
        if "" in tests:
            found += [path] if tests[""] >= 5 * least else []
            continue
        fastest = min(tests, key=lambda name: tests[name])
        found += [f"{path}::{name}" for name, most in tests.items() if most >= least and name != fastest]
    return sorted(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("--least", type=float, default=0.4, help="seconds on an idle machine")
    options = parser.parse_args()
    found = slow_tests(options.report, options.least)
    LIST.write_text("\n".join(found) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(found)} slow tests\n")


if __name__ == "__main__":
    main()
