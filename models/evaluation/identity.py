"""Identity-term bias: whether a harmless text is flagged for whom it names.

After Dixon et al. 2018, Measuring and Mitigating Unintended Bias in Text Classification, and Borkan et al. 2019,
Nuanced Metrics for Measuring Unintended Bias with Real Data for Text Classification.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from sluicegate.models.evaluation.evaluation import MIN_TEXTS, Estimate, IdentityBias, IdentityFigures, IdentityTerm
from sluicegate.models.evaluation.ordinary import exact_interval
from sluicegate.models.labelled import DataError
from sluicegate.models.yaml_reading import NotYamlError, decode_yaml

__all__ = ["ANY_HARM", "FLAGGED_SHARE", "identity_bias", "naming", "read_terms", "shipped_terms_path"]

#: The cut is where this share of all harmless texts is flagged.
FLAGGED_SHARE: Final = 0.05

#: Name of the largest probability of all harms.
ANY_HARM: Final = "any"


class _Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    terms: tuple[str, ...]


def shipped_terms_path() -> Path:
    """Return the list of terms that ships with the project."""
    return Path(__file__).with_name("identity_terms.yaml")


def read_terms(path: Path) -> tuple[str, ...]:
    """Read a list of identity terms.

    Raises
    ------
    DataError
        If the file cannot be read or is no YAML with a list ``terms``.
    """
    try:
        found = decode_yaml(path.read_bytes(), _Terms, str(path)).terms
    except OSError as error:
        raise DataError(f"terms {path} cannot be read ({error.strerror}); give a file to --terms") from error
    except NotYamlError as error:
        raise DataError(f"terms {error}") from error
    except msgspec.ValidationError as error:
        raise DataError(f"terms {path} cannot be used ({error}); write a list under the name terms") from error
    if not found or not all(term.strip() for term in found):
        raise DataError(f"terms {path} has no term or an empty one; write a list of words under the name terms")
    return found


def naming(texts: Sequence[str], terms: Sequence[str]) -> dict[str, NDArray[np.intp]]:
    """Find the texts that name each term, as whole words in any case; of nested terms the longer counts alone."""
    longest = sorted(terms, key=len, reverse=True)
    pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, longest)) + r")\b", re.IGNORECASE)
    spelled = {term.casefold(): term for term in terms}
    found: dict[str, list[int]] = {term: [] for term in terms}
    for index, text in enumerate(texts):
        for term in {match.casefold() for match in pattern.findall(text)}:
            found[spelled[term]].append(index)
    return {term: np.array(indices, dtype=np.intp) for term, indices in found.items()}


def identity_bias(
    file: str,
    texts: Sequence[str],
    harmful: NDArray[np.bool_],
    scores: NDArray[np.float64],
    harms: Sequence[str],
    terms: Sequence[str],
) -> IdentityBias:
    """Measure each harm, and the largest of all harms.

    Parameters
    ----------
    file
        Where the texts are from.
    harmful
        Whether a text is harmful whomever it names: shape (n_texts,).
    scores
        Probabilities: shape (n_texts, n_harms).

    Raises
    ------
    DataError
        If there are too few harmless texts, or none of the texts names a term.
    """
    named = {term: indices for term, indices in naming(texts, terms).items() if len(indices)}
    if not named or (~harmful).sum() < MIN_TEXTS:
        raise DataError(
            f"{file} has {int((~harmful).sum())} harmless texts and {len(named)} identity terms; give at least "
            f"{MIN_TEXTS} texts whose labels are all 0, and terms that stand in them (--terms)"
        )
    columns = {harm: scores[:, column] for column, harm in enumerate(harms)}
    columns[ANY_HARM] = scores.max(axis=1)
    return IdentityBias(file, len(texts), {harm: _figures(each, harmful, named) for harm, each in columns.items()})


def _figures(
    scores: NDArray[np.float64], harmful: NDArray[np.bool_], named: dict[str, NDArray[np.intp]]
) -> IdentityFigures:
    cut = float(np.quantile(scores[~harmful], 1 - FLAGGED_SHARE))
    everyone = _Classes(np.sort(scores[harmful]), np.sort(scores[~harmful]))
    terms = [_term(term, indices, scores, harmful, everyone, cut) for term, indices in named.items()]
    rates = {each.term: each.rate.value for each in terms if each.rate is not None}
    if not rates:
        return IdentityFigures(FLAGGED_SHARE, cut, None, "", "", tuple(terms))
    highest, lowest = max(rates, key=lambda term: rates[term]), min(rates, key=lambda term: rates[term])
    gap = round(rates[highest] - rates[lowest], 4)
    return IdentityFigures(FLAGGED_SHARE, cut, gap, highest, lowest, tuple(terms))


class _Classes(msgspec.Struct, frozen=True):
    """Sorted scores of harmful and of harmless texts."""

    harmful: NDArray[np.float64]
    harmless: NDArray[np.float64]


def _term(
    term: str,
    indices: NDArray[np.intp],
    scores: NDArray[np.float64],
    harmful: NDArray[np.bool_],
    everyone: _Classes,
    cut: float,
) -> IdentityTerm:
    own, bad = scores[indices], harmful[indices]
    group = _Classes(np.sort(own[bad]), np.sort(own[~bad]))
    flagged, harmless = int((group.harmless > cut).sum()), len(group.harmless)
    low, high = exact_interval(flagged, harmless)
    rate = flagged / harmless if harmless else 0.0
    others = len(everyone.harmless) - harmless
    flagged_others = int((everyone.harmless > cut).sum()) - flagged
    below_harmless, below_harmful = _wins(everyone.harmless), _wins(everyone.harmful)
    within, within_harmful = _wins(group.harmless), _wins(group.harmful)
    # Of the rest is what is left of all when the group's own is taken away.
    bnsp = below_harmless(group.harmful) - within(group.harmful)
    bpsn = len(group.harmless) * (len(everyone.harmful) - len(group.harmful)) - (
        below_harmful(group.harmless) - within_harmful(group.harmless)
    )
    return IdentityTerm(
        term,
        harmless,
        flagged,
        Estimate(round(rate, 4), round(low, 4), round(high, 4)) if harmless >= MIN_TEXTS else None,
        round(flagged_others / others, 4) if others else 0.0,
        _share(within(group.harmful), len(group.harmful), harmless),
        _share(bpsn, len(everyone.harmful) - len(group.harmful), harmless),
        _share(bnsp, len(group.harmful), others),
    )


def _wins(rising: NDArray[np.float64]) -> Callable[[NDArray[np.float64]], float]:
    """Count, for scores, the pairs in which they are above those given here; equal ones are half a pair."""

    def count(scores: NDArray[np.float64]) -> float:
        below, not_above = (np.searchsorted(rising, scores, side=side) for side in ("left", "right"))
        return float((below + not_above).sum() / 2)

    return count


def _share(wins: float, positives: int, negatives: int) -> float | None:
    if min(positives, negatives) < MIN_TEXTS:
        return None
    return round(wins / (positives * negatives), 4)
