"""Names of figures, one for each place where they are shown."""

from collections.abc import Sequence

__all__ = ["names_of_figures"]


def names_of_figures(bases: Sequence[str]) -> list[str]:
    """Name what `harm_statistics` returns, in its order."""
    at = [f"{figure} at {basis}" for figure in ("precision", "recall", "F1") for basis in bases]
    return ["AUC", "average precision", "calibration error at even odds", *at]
