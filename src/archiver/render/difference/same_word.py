"""Tell whether two pictures show the same word, also when it stands a fraction of a pixel further right.

Browsers place letters at fractions of a pixel, so that one word has several pictures. Each pixel of the one must then
be made of the three nearest pixels of its row in the other, and the reverse.
"""

from PIL import Image, ImageChops

from archiver.render.difference.picture import Picture

_TOLERANCE = 16
"""How much darker (or lighter) than these three pixels a pixel may be, of 255."""
_MOST_COMPARISONS = 4_000
_WIDEST, _HIGHEST = 400, 60
"""Larger words, in pixels, must be equal in every pixel."""
_PAD = 2
_WIDTHS = (0, -1, 1, -2, 2)
_STEPS = (0, -1, 1)

_Shape = tuple[int, int]


class SameWords:
    """Gives words that look the same the same number. After 4000 comparisons, only equal ones.

    Attributes:
        seen: how many words were asked for.
    """

    def __init__(self) -> None:
        self._exact: dict[int, int] = {}
        self._inks: dict[_Shape, list[tuple[int, Picture]]] = {}
        self._left = _MOST_COMPARISONS
        self.seen = 0

    def number(self, word: Picture, ground: tuple[int, ...]) -> int:
        """Return the number of a word.

        Args:
            word: its picture, without margins.
            ground: the colour behind it.
        """
        self.seen += 1
        exact = hash((word.width, word.tobytes()))
        if exact not in self._exact:
            number = len(self._exact)
            if self._left > 0 and word.width <= _WIDEST and word.height <= _HIGHEST:
                number = self._number_by_looks(word, ground, number)
            self._exact[exact] = number
        return self._exact[exact]

    def _number_by_looks(self, word: Picture, ground: tuple[int, ...], number: int) -> int:
        """Return the number of a word that looks like this one, or this number."""
        ink = ImageChops.difference(word, Image.new(word.mode, word.size, ground))
        found = self._like(ink)
        if found is not None:
            return found
        self._inks.setdefault(ink.size, []).append((number, ink))
        return number

    def _like(self, ink: Picture) -> int | None:
        for more in _WIDTHS:
            for number, known in self._inks.get((ink.width + more, ink.height), ()):
                self._left -= 1
                if self._left < 0:
                    return None
                if looks_same(ink, known):
                    return number
        return None


def looks_same(one: Picture, other: Picture) -> bool:
    """Tell whether two words look the same. Both are given as the difference from what is behind them."""
    size = (max(one.width, other.width) + 2 * _PAD, one.height)
    fixed = _padded(one, size, _PAD)
    for step in _STEPS:
        moved = _padded(other, size, _PAD + step)
        if _is_made_of(fixed, moved) and _is_made_of(moved, fixed):
            return True
    return False


def _padded(picture: Picture, size: tuple[int, int], left: int) -> Picture:
    padded = Image.new(picture.mode, size)
    padded.paste(picture, (left, 0))
    return padded


def _is_made_of(one: Picture, other: Picture) -> bool:
    near = ImageChops.add(ImageChops.add(other, _shifted(other, 1)), _shifted(other, -1))
    extrema = ImageChops.subtract(one, near).getextrema()
    pairs = extrema if isinstance(extrema[0], tuple) else (extrema,)
    return all(high <= _TOLERANCE for _, high in pairs)


def _shifted(picture: Picture, by: int) -> Picture:
    """Return a picture with its pixels shifted to the right; the margin is empty, so that none is lost."""
    return ImageChops.offset(picture, by, 0)
