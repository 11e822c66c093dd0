"""How to install a package that archiver can use but does not need."""


def install_advice(package: str) -> str:
    """Return the commands that add a package to archiver's environment, as the end of a message."""
    return f"run `pipx inject portal-archiver {package}`, or `pip install {package}` in archiver's environment"


def not_installed(what: str, package: str) -> str:
    """Return the message for something that needs a package which is not installed.

    Args:
        what: the subject of the sentence: `signatures need`, `Parquet needs`.
        package: its name on the package index.
    """
    return f"{what} the package {package}, which is not installed; {install_advice(package)}"
