"""Whether a bundle gives what it states: its samples, scored by the very scorer that will serve."""

from collections.abc import Callable

import numpy as np

from sluicegate.models.bundle import Bundle, BundleError
from sluicegate.models.logit_map import map_probabilities
from sluicegate.models.samples import TOLERANCE
from sluicegate.models.scorer import Scorer
from sluicegate.models.windows import WINDOW

__all__ = ["prove"]


def _at_once() -> None:
    """Do not pause."""


def prove(bundle: Bundle, pause: Callable[[], object] = _at_once) -> Scorer:
    """Make the scorer of a bundle and hold it to the probabilities that the manifest states.

    Long samples, which are served in windows and stated as their two ends, are only held to be probabilities. What the
    bundle's first explanation costs is paid here and not by the first review after a change.

    Parameters
    ----------
    bundle
        Read, its digests and versions checked.
    pause
        Called between two samples: beside a stream, gives way to it.

    Returns
    -------
    Scorer
        To be served.

    Raises
    ------
    BundleError
        If there are no samples, or a probability differs by more than ``TOLERANCE``.
    """
    samples = sorted(bundle.manifest.parity, key=lambda sample: len(sample.text) > WINDOW)
    if not samples:
        raise BundleError(f"bundle {bundle.path} states no samples to prove it by; train it again")
    scorer = bundle.scorer()
    try:
        each = []
        for sample in samples:
            each.append(scorer.score([sample.text], [sample.signals]))
            pause()
        given = np.concatenate(each)
        scorer.why(samples[0].text, scorer.harms[0])
    except (ValueError, ArithmeticError, LookupError, TypeError) as error:
        raise BundleError(
            f"bundle {bundle.path} cannot score its own samples ({type(error).__name__}: {error}); train it again"
        ) from error
    stated = np.array([sample.probabilities for sample in samples], dtype=np.float64)
    if stated.shape != given.shape:
        raise BundleError(f"bundle {bundle.path}: its samples do not state its harms; train it again")
    expected = map_probabilities(bundle.manifest.logit_maps, scorer.harms, stated)
    short = sum(len(sample.text) <= WINDOW for sample in samples)
    largest = float(np.abs(given[:short] - expected[:short]).max(initial=0.0))
    # Written so that what is not a number is refused as well.
    if not (largest <= TOLERANCE and ((given >= 0) & (given <= 1)).all()):
        raise BundleError(
            f"bundle {bundle.path} gives other probabilities than its manifest states, by up to {largest:.2g}; "
            "restore or train it again"
        )
    return scorer
