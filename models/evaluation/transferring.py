"""The report on sources left out: from files and a recipe to a document that evaluations and cards take in."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from sluicegate.models.evaluation.evaluation import IdentityBias, Transfer
from sluicegate.models.evaluation.identity import identity_bias
from sluicegate.models.fitting import Progress
from sluicegate.models.labelled import DataError, LabelledFile, Row
from sluicegate.models.recipe import Recipe
from sluicegate.models.training import assemble
from sluicegate.models.transfer import leave_sources_out

__all__ = ["TRANSFER_FORMAT", "TransferReport", "read_transfer", "transfer_report"]

TRANSFER_FORMAT: Final = 1
"""Version of the document's layout."""


class TransferReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a recipe is worth on each source left out, and whether what it trains flags texts for whom they name.

    ``means`` gives for each harm the mean AUC over its sources, and that against ordinary texts where there are any.
    """

    format: int
    seed: int
    sources: tuple[Transfer, ...]
    means: dict[str, tuple[float, float | None]]
    identity: IdentityBias | None = None


def transfer_report(
    recipe: Recipe,
    rows: Sequence[Row],
    harms: Sequence[str],
    identities: LabelledFile | None,
    terms: tuple[str, ...],
    seed: int,
    progress: Progress,
) -> TransferReport:
    """Leave each source out of training in turn, and test what is trained on all of them by identities.

    Raises
    ------
    DataError
        If a harm cannot be learned, no source states any of them, or the recipe has signals.
    """
    probes = [row.text for row in identities.rows] if identities else []
    left_out = leave_sources_out(recipe, assemble(recipe, rows, seed), harms, probes, progress)
    bias = None
    if identities:
        harmful = np.array([any(row.labels.values()) for row in identities.rows], dtype=np.bool_)
        bias = identity_bias(identities.name, probes, harmful, left_out.probes, harms, terms)
    return TransferReport(TRANSFER_FORMAT, seed, left_out.sources, _means(left_out.sources), bias)


def read_transfer(path: Path) -> tuple[Transfer, ...]:
    """Read the sources of a report that `model transfer --json` wrote.

    Raises
    ------
    DataError
        If the file cannot be read or is none.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=TransferReport).sources
    except OSError as error:
        raise DataError(f"transfer {path} cannot be read ({error.strerror}); give a file of --json") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(
            f"transfer {path} cannot be used ({error}); write it with: sluicegate model transfer --json"
        ) from error


def _means(sources: Sequence[Transfer]) -> dict[str, tuple[float, float | None]]:
    means: dict[str, tuple[float, float | None]] = {}
    for harm in dict.fromkeys(each.harm for each in sources):
        own = [each.auc for each in sources if each.harm == harm and each.auc is not None]
        free = [
            each.auc_against_ordinary for each in sources if each.harm == harm and each.auc_against_ordinary is not None
        ]
        means[harm] = (round(float(np.mean(own)), 4), round(float(np.mean(free)), 4) if free else None)
    return means
