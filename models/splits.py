"""Parts to train, calibrate and test on; no ``gid``, no ``user`` and no repeated text crosses them."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.labelled import Row
from sluicegate.models.normalise import normalise

TRAIN, CALIBRATE, TEST = 0, 1, 2
TEST_SHARE, CALIBRATION_SHARE = 0.2, 0.1


def wording(text: str) -> str:
    """Fold a text and make its white space one: texts of one wording are the same to a model."""
    return " ".join(normalise(text).split())


def _keys(row: Row, text: str) -> list[str]:
    keys = ["text:" + hashlib.sha256(text.encode()).hexdigest()]
    if row.gid is not None:
        keys.append(f"gid:{row.source}:{row.gid}")
    if row.user is not None:
        keys.append(f"user:{row.source}:{row.user}")
    return keys


def group_names(rows: Sequence[Row], texts: Sequence[str] | None = None) -> list[str]:
    """Name the group of each row: rows that share a text, a ``gid`` or a ``user``, also by way of others.

    Parameters
    ----------
    rows
        In any order.
    texts
        Their wordings, where they are known already.
    """
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        parent.setdefault(key, key)
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    first: list[str] = []
    for row, text in zip(rows, texts if texts is not None else map(wording, (row.text for row in rows)), strict=True):
        keys = _keys(row, text)
        first.append(keys[0])
        for key in keys[1:]:
            # The smaller name becomes the root, so that the order of rows does not matter.
            low, high = sorted((root(keys[0]), root(key)))
            parent[high] = low
    return [root(key) for key in first]


def draw(seed: int, name: str) -> float:
    """Return a number in [0, 1) that depends on the seed and the name alone."""
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def split(rows: Sequence[Row], seed: int) -> NDArray[np.int8]:
    """Assign each row to a part by its group: shape (n_rows,), values TRAIN, CALIBRATE or TEST."""
    return parts_of(group_names(rows), seed)


def folds_of(groups: Sequence[str], count: int, seed: int) -> NDArray[np.int8]:
    """Assign each row to one of ``count`` folds by its group: shape (n_rows,)."""
    return np.array([int(draw(seed, f"fold:{name}") * count) for name in groups], dtype=np.int8)


def parts_of(groups: Sequence[str], seed: int) -> NDArray[np.int8]:
    """Assign rows to parts by the names of their groups: shape (n_rows,), values TRAIN, CALIBRATE or TEST."""
    draws = np.array([draw(seed, name) for name in groups], dtype=np.float64)
    parts = np.full(len(groups), TRAIN, dtype=np.int8)
    parts[draws < TEST_SHARE + CALIBRATION_SHARE] = CALIBRATE
    parts[draws < TEST_SHARE] = TEST
    return parts
