"""What is asked of a second opinion, and what comes of it; free of the libraries that one needs to be made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

#: Why a text within a band was not asked about.
WhySkipped = Literal["pressure", "over_budget"]


@dataclass(frozen=True)
class Consulted:
    """What became of a batch.

    Attributes
    ----------
    scores
        With the opinions, where there are any; shape (n_texts, n_harms).
    changed
        Which texts have one; shape (n_texts,).
    over_budget, too_long, failed
        Texts within a band that kept their first scores: for want of time, because the encoder reads less than all of
        them, and because it failed.
    under_pressure
        Texts within a band that kept their first scores because the worker is behind.
    skipped
        Why a text within a band was not asked about, by its row.
    """

    scores: NDArray[np.float64]
    changed: NDArray[np.bool_]
    over_budget: int
    too_long: int
    failed: int
    under_pressure: int = 0
    skipped: Mapping[int, WhySkipped] = field(default_factory=dict)


class Opinion(Protocol):
    """Scores again what a model is unsure of. To be asked by one thread at a time."""

    @property
    def name(self) -> str:
        """Name of the opinion."""

    @property
    def version(self) -> str:
        """Version of the opinion."""

    @property
    def digest(self) -> str:
        """Digest of its bundle, as ``sha256:`` and hexadecimal digits."""

    @property
    def first_digest(self) -> str:
        """Digest of the model that it was trained beside, and speaks of alone."""

    def consult(self, texts: Sequence[str], scores: NDArray[np.float64]) -> Consulted:
        """Score again what lies within a band, as far as time allows; never raises because of a text.

        Parameters
        ----------
        texts
            Of a batch.
        scores
            What the model gave, calibrated probabilities: shape (n_texts, n_harms).
        """
