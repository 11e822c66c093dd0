"""The steps of reading that are slow or dangerous, which a caller may run in another process."""

from typing import NamedTuple

from archiver.extract.fallback import Guess, guess_text
from archiver.extract.file_text import ReadFile, file_text


class SlowSteps(NamedTuple):
    """The functions for the slow steps.

    Attributes:
        guess: finds the body of a page where no rule does (trafilatura, 30-40 ms).
        file_text: reads the text of a PDF or an office file. A hostile file may crash the library that reads it.
    """

    guess: Guess
    file_text: ReadFile


IN_PROCESS = SlowSteps(guess_text, file_text)
"""The slow steps in this process."""
