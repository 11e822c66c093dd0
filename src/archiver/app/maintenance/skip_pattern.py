"""The pattern for `skip` in a profile that keeps crawls away from one page, whichever way its address is spelled."""

import re

from archiver.model.profile import UrlRules


def skip_pattern(key: str, rules: UrlRules) -> str:
    """Return a regular expression that matches the addresses of one page.

    Args:
        key: the page's identity (`page_key`): `//host/path?parameters that count`.
        rules: the rules that it was made by. With `keep`, addresses may have any other parameters.
    """
    base, _, query = key.partition("?")
    parameters = query.split("&") if query else []
    text = ("(?i)" if rules.fold_case else "") + "^https?:" + _escaped(base)
    if not parameters:
        return text + (r"(\?|$)" if rules.keep is not None else "$")
    text += r"\?" + "".join(f"(?=(.*&)?{_escaped(each)}(&|$))" for each in parameters)
    return text if rules.keep is not None else f"{text}[^&]*" + "&[^&]*" * (len(parameters) - 1) + "$"


def toml_list(pattern: str) -> str:
    """Return a TOML array with one string."""
    if "'" in pattern:
        return '["' + pattern.replace("\\", "\\\\").replace('"', '\\"') + '"]'
    return f"['{pattern}']"


def _escaped(text: str) -> str:
    return re.sub(r"[.^$*+?{}\[\]\\|()]", r"\\\g<0>", text)
