"""Which thresholds are measured: those that a bundle states, or those that were given."""

import difflib
from collections.abc import Mapping, Sequence

from sluicegate.models.evaluation.evaluation import Threshold
from sluicegate.models.labelled import DataError
from sluicegate.models.manifest import Manifest

__all__ = ["chosen_thresholds", "given_thresholds", "stated_thresholds"]


def stated_thresholds(manifest: Manifest) -> dict[str, tuple[Threshold, ...]]:
    """Return the thresholds of each harm that the manifest states."""
    return {
        harm: tuple(
            Threshold(f"{point.false_alarm_rate * 100:.3g}% of ordinary", point.probability)
            for point in manifest.ordinary.thresholds.get(harm, [])
        )
        for harm in manifest.harms
    }


def given_thresholds(given: Sequence[str], harms: Sequence[str]) -> dict[str, tuple[Threshold, ...]]:
    """Read thresholds written as ``HARM=PROBABILITY``, several of a harm allowed.

    Raises
    ------
    DataError
        If one is of another form, names a harm that the bundle does not have, or is not between 0 and 1.
    """
    found: dict[str, tuple[Threshold, ...]] = {}
    for text in given:
        harm, _, number = text.partition("=")
        if harm not in harms:
            close = difflib.get_close_matches(harm, harms, n=1)
            meant = f"did you mean {close[0]}?" if close else f"its harms are {', '.join(harms)}"
            raise DataError(f"threshold {text!r} names a harm that the bundle does not have; {meant}")
        try:
            probability = float(number)
        except ValueError:
            probability = -1.0
        if not 0 <= probability <= 1:
            raise DataError(f"threshold {text!r} is not a probability; write {harm}=0.4, with a number from 0 to 1")
        found[harm] = (*found.get(harm, ()), Threshold("given", probability))
    return found


def chosen_thresholds(
    stated: Mapping[str, tuple[Threshold, ...]], given: Mapping[str, tuple[Threshold, ...]]
) -> dict[str, tuple[Threshold, ...]]:
    """Give for each harm the thresholds that were given, and where none were, the stated ones."""
    return {**stated, **given}
