"""Texts that are to score alike do, and nothing else is moved more than it must be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from sluicegate.models.levelling import level

numbers = st.integers(0, 2**16)


def texts(seed: int, count: int = 12, features: int = 20) -> tuple[NDArray[np.float64], csr_matrix]:
    random = np.random.default_rng(seed)
    return random.normal(size=features), csr_matrix(random.normal(size=(count, features)))


def spread(coefficients: NDArray[np.float64], matrix: csr_matrix, groups: list[str]) -> float:
    scores, names = matrix @ coefficients, np.array(groups)
    return float(sum(((scores[names == name] - scores[names == name].mean()) ** 2).sum() for name in set(groups)))


@given(numbers, st.floats(0.01, 100))
def test_levelling_is_the_least_of_what_it_says_it_minimises(seed: int, strength: float) -> None:
    coefficients, matrix = texts(seed)
    groups = [f"g{place % 3}" for place in range(12)]
    centred = matrix.toarray()
    for group in range(3):
        centred[group::3] -= centred[group::3].mean(axis=0)
    exact = np.linalg.solve(np.eye(20) + strength * centred.T @ centred, coefficients)
    found = level(coefficients, matrix, groups, np.full(12, strength))
    assert found == pytest.approx(exact, abs=1e-3)


@given(numbers)
def test_the_stronger_the_more_alike(seed: int) -> None:
    coefficients, matrix = texts(seed)
    groups = ["a", "b"] * 6
    spreads = [spread(level(coefficients, matrix, groups, np.full(12, s)), matrix, groups) for s in (0.01, 1, 100)]
    assert spread(coefficients, matrix, groups) > spreads[0] > spreads[1] > spreads[2]


def test_what_differs_between_groups_alone_is_left_as_it_is() -> None:
    matrix = csr_matrix(np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]))
    found = level(np.array([2.0, 0.0, 3.0]), matrix, ["harmless", "harmless", "other", "other"], np.full(4, 1e6))
    assert found == pytest.approx([1, 1, 3], abs=1e-3)


def test_without_texts_nothing_changes() -> None:
    coefficients, matrix = texts(1)
    assert level(coefficients, matrix[:0], [], np.zeros(0)) is coefficients
