"""Model the stack of open elements along a text, near enough to the HTML standard (13.2.6) to limit a parser's cost.

Two things are counted: how deep elements nest, and how many formatting elements are active, since the parser copies
each active one into every new block. Every operation takes constant time over a run. Where the model differs from a
parser, it counts more, never less than a sixth: `tr`, `td`, `tbody` and `caption` are not on the stack.
"""

from dataclasses import dataclass, field


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


_VOID = _names(
    "area base basefont bgsound br col embed frame hr image img input keygen link meta param source track wbr"
)
_IGNORED = _names("html head body colgroup frameset")
FORMATTING = _names("a b big code em font i nobr s small strike strong tt u")
_HEADINGS = _names("h1 h2 h3 h4 h5 h6")
_FOREIGN = {"svg": _names("foreignobject desc title"), "math": _names("mi mo mn ms mtext annotation-xml")}
"""Elements that are not HTML, each with those inside it that contain HTML again."""
_INTEGRATION = _FOREIGN["svg"] | _FOREIGN["math"]
_MARKERS = _names("applet marquee object template")
_SCOPES = _MARKERS | _INTEGRATION | {"table", "select"}
_CLOSES_P = _HEADINGS | _names(
    "address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption figure footer form "
    "header hgroup hr li listing main menu nav ol p plaintext pre search section summary table ul xmp"
)
_SPECIAL = _CLOSES_P | _SCOPES | _names("button iframe noembed noframes noscript script style textarea")
_TABLE_PARTS = _names("tr tbody thead tfoot td th caption")
_CELLS = _names("td th caption")
_RUBY = _names("rb rp rt rtc")
_IMPLIED = _RUBY | _names("dd dt li optgroup option p")
_BREAKS_OUT = _HEADINGS | _names(
    "b big blockquote body br center code dd div dl dt em embed head hr i img li listing menu meta nobr ol p pre ruby "
    "s small span strong strike sub sup table tt u ul var"
)
"""Start tags that end `svg` and `math` (13.2.6.5)."""
_THROUGH = frozenset(("address", "div", "p"))
_ITEMS = {"li": frozenset(("li",)), "dd": frozenset(("dd", "dt")), "dt": frozenset(("dd", "dt"))}
_SAME_FORMATTING = 3
"""The maximum number of equal formatting elements that the parser keeps active ("Noah's Ark clause")."""


@dataclass(slots=True)
class _Active:
    """A formatting element that the parser opens again in every new block until its end tag.

    `place` is its last position on the stack.
    """

    name: str
    attributes: str
    place: int


@dataclass(slots=True)
class _Context:
    """A table, cell or object: the position of its content on the stack, and the formatting active in it."""

    name: str
    height: int
    active: list[_Active] = field(default_factory=list)


class OpenElements:
    """The open elements after the tags read so far.

    Attributes:
        depth: the number of open elements.
    """

    def __init__(self) -> None:
        self.depth = 0
        self._stack: list[str] = []
        self._places: dict[str, list[int]] = {}
        self._barriers: dict[str, list[int]] = {"special": [], "scope": [], "li": [], "dd": [], "foreign": []}
        self._contexts = [_Context("", 0)]

    @property
    def is_foreign(self) -> bool:
        """Return whether the next tag is read by the rules of `svg` and `math`."""
        places = self._barriers["foreign"]
        return bool(places) and self._stack[places[-1]] in _FOREIGN

    @property
    def active_formatting(self) -> int:
        """Return the number of formatting elements that the parser would open again in the next block."""
        return len(self._contexts[-1].active)

    def text(self) -> None:
        """Handle text, which opens active formatting elements again."""
        if not self.is_foreign:
            self._reopen()

    def start(self, name: str, attributes: str, *, is_self_closing: bool) -> None:
        """Handle a start tag that the parser gets."""
        if self.is_foreign:
            if name not in _BREAKS_OUT:
                if not is_self_closing:
                    self._push(name)
                return
            self._leave_foreign()
        if name in _VOID or name in _IGNORED or (name in _FOREIGN and is_self_closing):
            self._reopen()
        elif name in _TABLE_PARTS:
            self._start_table_part(name)
        elif name != "form" or not self._places.get("form") or self._places.get("template"):
            self._start_element(name, attributes)

    def _start_element(self, name: str, attributes: str) -> None:
        self._close_implied(name)
        if name not in _CLOSES_P:
            self._reopen()
        if name in _MARKERS or name == "table":
            self._contexts.append(_Context(name, len(self._stack) + 1))
        if name in FORMATTING:
            self._activate(name, attributes)
        self._push(name)

    def end(self, name: str) -> None:
        """Handle an end tag."""
        if self.is_foreign and name in ("p", "br"):
            self._leave_foreign()
        if name in _TABLE_PARTS:
            self._end_table_part()
            return
        is_inside_foreign = self.is_foreign and self._last(name) >= self._barriers["foreign"][-1]
        if name in FORMATTING and not is_inside_foreign and self._end_formatting(name):
            return
        places = self._places.get(name)
        if name in _HEADINGS:
            places = max((self._places.get(each, []) for each in _HEADINGS), key=lambda each: each[-1:], default=[])
        if not places:
            return
        place = places[-1]
        if name == "form":
            self._kill(place)
        elif self._is_closed_by(name, place):
            self._pop_to(place)

    def _is_closed_by(self, name: str, place: int) -> bool:
        """Return whether an end tag closes the element at a place, with all elements open in it."""
        if name == "template" or (self.is_foreign and place >= self._barriers["foreign"][-1]):
            return True
        if name == "table":
            return place > self._last("template")
        if name == "p":
            return place > max(self._top("scope"), self._last("button"))
        if name == "li":
            return place > max(self._top("scope"), self._last("ol"), self._last("ul"))
        by_scope = name in _SPECIAL and name not in _INTEGRATION
        return place >= self._top("scope" if by_scope else "special")

    def _top(self, barrier: str) -> int:
        places = self._barriers[barrier]
        return places[-1] if places else -1

    def _last(self, name: str) -> int:
        places = self._places.get(name)
        return places[-1] if places else -1

    def _push(self, name: str) -> None:
        place = len(self._stack)
        self._stack.append(name)
        self._places.setdefault(name, []).append(place)
        self.depth += 1
        for barrier in self._barriers_of(name):
            self._barriers[barrier].append(place)

    def _barriers_of(self, name: str) -> list[str]:
        root = self._stack[self._barriers["foreign"][-1]] if self._barriers["foreign"] else ""
        found = ["foreign"] if name in _FOREIGN or name in _FOREIGN.get(root, ()) else []
        if name in _SPECIAL:
            found.append("special")
            found += ["scope"] if name in _SCOPES else []
            if name not in _THROUGH:
                found += [item for item in ("li", "dd") if name not in _ITEMS[item]]
        return found

    def _pop_to(self, place: int) -> None:
        """Close every element from a place on."""
        while len(self._stack) > place:
            name = self._stack.pop()
            if not name:
                continue
            self._places[name].pop()
            self.depth -= 1
        for places in self._barriers.values():
            while places and places[-1] >= place:
                places.pop()
        while self._contexts[-1].height > place and len(self._contexts) > 1:
            self._contexts.pop()

    def _kill(self, place: int) -> None:
        """Close one element and leave those in it open."""
        name = self._stack[place]
        if place == len(self._stack) - 1:
            self._pop_to(place)
            return
        self._stack[place] = ""
        self._places[name].pop()
        self.depth -= 1

    def _leave_foreign(self) -> None:
        """Close `svg` or `math`, up to the nearest element that is HTML or holds HTML."""
        while self.is_foreign:
            self._pop_to(self._barriers["foreign"][-1])

    def _close_implied(self, name: str) -> None:
        """Close what a start tag closes without its end tag (13.2.6.4.7)."""
        if name in _CLOSES_P and (place := self._last("p")) > max(self._top("scope"), self._last("button")):
            self._pop_to(place)
        if name in _ITEMS:
            place = max(self._last(each) for each in _ITEMS[name])
            if place > self._top("li" if name == "li" else "dd"):
                self._pop_to(place)
        elif name == "button" and (place := self._last("button")) > self._top("scope"):
            self._pop_to(place)
        elif name in ("a", "nobr") and any(each.name == name for each in self._contexts[-1].active):
            self.end(name)
        else:
            self._close_top(name)

    def _close_top(self, name: str) -> None:
        """Close the innermost element when the start tag is not allowed in it."""
        top = self._stack[-1] if self._stack else ""
        if (name in _HEADINGS and top in _HEADINGS) or (name in ("option", "optgroup") and top == "option"):
            self._pop_to(len(self._stack) - 1)
        elif name in _RUBY and self._last("ruby") > self._top("scope"):
            while self._stack[-1] in _IMPLIED:
                self._pop_to(len(self._stack) - 1)
        elif name == "table" and self._contexts[-1].name == "table":
            self._pop_to(self._last("table"))

    def _activate(self, name: str, attributes: str) -> None:
        active = self._contexts[-1].active
        same = [place for place, each in enumerate(active) if (each.name, each.attributes) == (name, attributes)]
        if len(same) >= _SAME_FORMATTING:
            del active[same[0]]
        active.append(_Active(name, attributes, len(self._stack)))

    def _reopen(self) -> None:
        """Reconstruct the active formatting elements (13.2.4.3): push those that are not on the stack."""
        active = self._contexts[-1].active
        first = len(active)
        while first and not self._is_on_stack(active[first - 1]):
            first -= 1
        for each in active[first:]:
            each.place = len(self._stack)
            self._push(each.name)

    def _is_on_stack(self, each: _Active) -> bool:
        return each.place < len(self._stack) and self._stack[each.place] == each.name

    def _end_formatting(self, name: str) -> bool:
        """Run the adoption agency algorithm (13.2.6.4.7), as far as depth and activity are concerned.

        Return False when no such element is active: the end tag is then like any other.
        """
        active = self._contexts[-1].active
        number = next((number for number in range(len(active) - 1, -1, -1) if active[number].name == name), -1)
        if number < 0:
            return False
        ended = active.pop(number)
        if self._is_on_stack(ended) and ended.place > self._top("scope"):
            if ended.place < self._top("special"):
                self._kill(ended.place)
            else:
                self._pop_to(ended.place)
        return True

    def _start_table_part(self, name: str) -> None:
        """Open a row or cell: it closes the cell before it and starts with no active formatting."""
        self._end_table_part()
        table = next((each for each in reversed(self._contexts) if each.name in ("table", "template")), None)
        if table is not None and table.name == "table":
            self._pop_to(table.height)
            if name in _CELLS:
                self._contexts.append(_Context("cell", len(self._stack)))

    def _end_table_part(self) -> None:
        """Close the open cell of the innermost table with all elements open in it."""
        for number in range(len(self._contexts) - 1, 0, -1):
            context = self._contexts[number]
            if context.name in ("table", "template"):
                return
            if context.name == "cell":
                self._pop_to(context.height)
                del self._contexts[number:]
                return
