"""Write how a browser opens pages as the keys of a `[[page]]` table: `render`, `wait` and so on."""

from collections.abc import Sequence

from archiver.extract.open_page import parse_capture
from archiver.extract.shell import is_shell
from archiver.learn.likely_more import more_button
from archiver.learn.samples import Sample
from archiver.learn.toml_text import quoted, quoted_list
from archiver.model.profile import Action, RenderRules

_PLAIN = RenderRules("always")
_CLICKS = 20


def render_keys(rules: RenderRules | None) -> list[str]:
    """Return the keys as lines of TOML; none for pages that no browser opens."""
    if rules is None:
        return []
    lines = [f'render = "{rules.when}"']
    lines += [f"wait = {quoted(rules.wait)}"] if rules.wait else []
    lines += [f"actions = [{quoted_list(map(_action, rules.actions))}]"] if rules.actions else []
    lines += [f'viewport = "{rules.viewport[0]}x{rules.viewport[1]}"'] if rules.viewport != _PLAIN.viewport else []
    lines += [f"block = [{quoted_list(rules.block)}]"] if rules.block else []
    return lines if rules.screenshot == _PLAIN.screenshot else [*lines, f'screenshot = "{rules.screenshot}"']


def _action(action: Action) -> str:
    text = f"{action.kind}:{action.argument}" if action.argument else action.kind
    return f"{text}*{action.most}" if action.most > 1 or action.kind == "scroll" else text


def render_of(samples: Sequence[Sample], wait: Sequence[str] = ()) -> RenderRules | None:
    """Return how a browser is to open pages like some samples; None when they were read from what the server sent.

    Args:
        samples: the pages.
        wait: selectors of what only the complete page has; the first that all documents have is waited for.
    """
    captures = [sample.given.capture for sample in samples]
    rendered = [sample for sample in samples if (dom := sample.given.capture.dom) is not None and dom.body]
    if not rendered:
        return None
    waited = next((each for each in wait if all(sample.css(each) for sample in rendered)), "")
    is_mixed = len(rendered) < len(captures)
    are_shells = all(is_shell(parse_capture(each.given.capture, None)[0]) for each in rendered)
    return RenderRules("when-empty" if is_mixed and are_shells else "always", waited)


def listing_rendering(listings: Sequence[Sample], articles: Sequence[Sample]) -> list[str]:
    """Return the keys for pages that are no articles. A button that loads more is only proposed: it costs requests."""
    lines = render_keys(render_of(listings or articles))
    button = next(filter(None, (more_button(each.page) for each in listings)), "") if lines else ""
    if button:
        proposed = f"actions = [{quoted(f'click:{button}*{_CLICKS}')}]"
        lines.append(f"# {proposed}  # it loads more of the list: for a crawl that is to reach older articles")
    return lines
