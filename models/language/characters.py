"""What characters are, as the compiled words need it: a byte for each code point, looked up when a text first has it.

It follows `unicodedata` of the running Python, so that the kernel and `wording` never tell characters differently.
"""

import unicodedata
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.language.wording import JOINING, SIGNS

__all__ = ["Characters"]

# As in identifying.h.
_KNOWN: Final = 1
_SPACE: Final = 2
_LETTER: Final = 4
_PLAIN: Final = 8
_UPPER: Final = 16
_LOWER: Final = 32
_JOINING: Final = 64
_SIGN: Final = 128

_CODE_POINTS: Final = 0x110000
_BLOCK: Final = 256
#: Beyond are rare ideographs alone: texts with them are left to Python.
_END: Final = 0x20000
#: Looked up at once: Latin letters and punctuation.
_FIRST: Final = (0x00, 0x01, 0x20)
#: Vowels and finals of Korean syllables in parts join with what stands before them, though each stays as it is alone.
_PARTS_OF_SYLLABLES: Final = range(0x1100, 0x1200)
_VARIATIONS: Final = "\ufe0e\ufe0f"


class Characters:
    """Flags of characters, shape (1,114,112,); 0 for those that no text has had yet."""

    def __init__(self) -> None:
        self.flags: NDArray[np.uint8] = np.zeros(_CODE_POINTS, dtype=np.uint8)
        self._blocks: set[int] = set()
        for block in _FIRST:
            self._look_up(block)

    def learn(self, text: str) -> None:
        """Look up the characters of a text, and those near them."""
        for block in {ord(character) // _BLOCK for character in text} - self._blocks:
            self._look_up(block)

    def _look_up(self, block: int) -> None:
        begin = block * _BLOCK
        if begin < _END:
            self.flags[begin : begin + _BLOCK] = [_flags(chr(point)) for point in range(begin, begin + _BLOCK)]
        self._blocks.add(block)


def _flags(character: str) -> int:
    category = unicodedata.category(character)
    joining = character in JOINING or (not character.isascii() and category[0] == "M")
    return (
        _KNOWN
        | _SPACE * character.isspace()
        | _LETTER * character.isalpha()
        | _PLAIN * _is_plain(character, category)
        | _UPPER * (character.isupper() or character.lower() != character)
        | _LOWER * (character.islower() or category == "Lt")
        | _JOINING * joining
        | _SIGN * (character in SIGNS)
    )


def _is_plain(character: str, category: str) -> bool:
    """Say whether a text of such characters alone is sure to be in NFKC."""
    if character.isascii() or character in _VARIATIONS:
        return True
    if category[0] == "M" or ord(character) > 0xFFFF or ord(character) in _PARTS_OF_SYLLABLES:
        return False
    return not unicodedata.combining(character) and unicodedata.is_normalized("NFKC", character)
