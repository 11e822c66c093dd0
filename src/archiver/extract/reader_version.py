"""The version of the reader: captures are only compared when the same reader has read them."""

from collections.abc import Callable
from functools import cache
from importlib import metadata

from archiver.extract.fallback import is_installed

CODE_VERSION = "10"
"""The version of reading: raised whenever the same capture and profile would give another record."""
_PACKAGES = (
    "charset-normalizer", "dateparser", "justext", "lxml", "odfdo", "pypdfium2", "python-calamine", "python-docx",
    "regex", "selectolax", "trafilatura", "tzdata", "w3lib",
)  # fmt: skip
"""Packages that take part in reading: another version of one may read another value from the same bytes."""


def reader_version() -> str:
    """Return the version of the reader: of its code, and of every package that takes part in reading.

    `10 (charset-normalizer 3.4.4, dateparser 1.2.2, …)`. Packages that are not installed are left out, so a reader
    without the last fallback is another reader: it finds fewer bodies. Captures are only compared when the same reader
    has read them.
    """
    packages = [package for package in _PACKAGES if package != "trafilatura" or is_installed()]
    return (
        f"{CODE_VERSION} ({', '.join(filter(None, (_installed(package, metadata.version) for package in packages)))})"
    )


@cache
def _installed(package: str, version: Callable[[str], str]) -> str:
    """Return the name and version of a package; looking it up takes 2 ms."""
    try:
        return f"{package} {version(package)}"
    except metadata.PackageNotFoundError:
        return ""
