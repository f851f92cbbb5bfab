"""What a policy may ask of a batch of events, apart from the scores: one array for each question."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Features", "comparable"]


def comparable(text: str) -> str:
    """Give a string that differs in an array from all others: NumPy takes zero characters at the end for padding."""
    return text + "\N{REPLACEMENT CHARACTER}" if text.endswith("\0") else text


@dataclass(frozen=True)
class Features:
    """A batch of n events, as arrays of n.

    Parameters
    ----------
    type, surface
        Strings; ``type`` as in ``content.created``. What publishers choose is made :func:`comparable`.
    language
        Lower-case primary subtag (``en`` for ``en-GB``), ``''`` where unknown.
    tenant
        Strings, ``''`` where there is none.
    text_truncated
        Whether the text could not be scored whole.
    age_hours
        Hours since the content was created; NaN where unknown.
    signals
        Each signal's values; NaN where an event lacks it. A signal that no event has may be left out.
    """

    type: NDArray[np.str_]
    surface: NDArray[np.str_]
    language: NDArray[np.str_]
    tenant: NDArray[np.str_]
    text_truncated: NDArray[np.bool_]
    age_hours: NDArray[np.float64]
    signals: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.type)
