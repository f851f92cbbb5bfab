"""What names in Kafka, and digests, must look like: as patterns, and in words for those who wrote another."""

import re
from typing import Final

__all__ = ["DIGEST", "GROUP", "PREFIX_OF_TOPICS", "TOPIC", "in_words", "is_like"]

_CHARACTERS: Final = "[A-Za-z0-9._-]"

TOPIC: Final = rf"^{_CHARACTERS}{{1,249}}$"
GROUP: Final = rf"^{_CHARACTERS}{{1,200}}$"
#: Leaves room for what stands behind it: the name of a queue, and a class.
PREFIX_OF_TOPICS: Final = rf"^{_CHARACTERS}{{0,150}}$"
DIGEST: Final = r"^sha256:[0-9a-f]{64}$"

_LETTERS: Final = "made of letters (a to z, A to Z), digits, dots, underscores and hyphens"
_WORDS: Final = {
    TOPIC: f"must be {_LETTERS}, 1 to 249 of them",
    GROUP: f"must be {_LETTERS}, 1 to 200 of them",
    PREFIX_OF_TOPICS: f"must be {_LETTERS}, at most 150 of them",
    DIGEST: "must be sha256: and 64 hexadecimal digits, in small letters",
}


def in_words(pattern: str) -> str:
    """Say what a pattern of this module asks for, to follow what is to be so."""
    return _WORDS[pattern]


def is_like(pattern: str, name: str) -> bool:
    """Say whether a name has a pattern's form."""
    return re.fullmatch(pattern.removeprefix("^").removesuffix("$"), name) is not None
