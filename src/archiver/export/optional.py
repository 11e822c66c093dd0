"""Import a library that only some exports need, when it is needed."""

import importlib
from typing import Any

from archiver.errors import UsageError
from archiver.text.install_advice import not_installed


def needed_module(name: str, what: str, package: str) -> Any:  # noqa: ANN401
    """Return a module.

    Args:
        name: of the module.
        what: the beginning of the message when it is missing: `Parquet needs`.
        package: its name on the package index.

    Raises:
        UsageError: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        raise UsageError(f"{not_installed(what, package)} (csv needs no package)") from None
