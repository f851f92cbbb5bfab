"""What contestants score where there is no model."""

from typing import Final

__all__ = ["PROBABILITY"]

#: Low enough that the shipped policy lets a text pass, unless its signals or its length speak against it.
PROBABILITY: Final = 0.001
