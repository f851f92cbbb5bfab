"""Tables of the folding, as :mod:`sluicegate.models.folding.making` wrote them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

__all__ = ["BASE_LETTERS", "EMOJI", "LOOK_ALIKES"]

_TABLES: Final = json.loads(Path(__file__).with_name("tables.json").read_text(encoding="ascii"))

#: Letter with a stroke, small capital or letter in a filled shape, to the letter itself.
BASE_LETTERS: Final[Mapping[str, str]] = _TABLES["base_letters"]

#: Letter to the Latin letters that it looks like.
LOOK_ALIKES: Final[Mapping[str, str]] = _TABLES["look_alikes"]

#: Emoji of one character, or flag of two, to the words of its name.
EMOJI: Final[Mapping[str, tuple[str, ...]]] = {sign: tuple(name.split()) for sign, name in _TABLES["emoji"].items()}
