"""What finding changes stands on in river, whose public class is not imported by workers: both find the same."""

import numpy as np
import pytest
from river.drift import ADWIN

from sluicegate.models.drift import changes


@pytest.mark.parametrize("seed", range(8))
def test_changes_are_found_where_the_public_class_finds_them(seed: int) -> None:
    source = np.random.default_rng(seed)
    means = np.repeat(source.uniform(0.2, 0.8, 12), source.integers(5, 400, 12))
    values = np.clip(source.normal(means, 0.1), 0, 1).tolist()
    public, found, expected = ADWIN(delta=changes._DELTA, clock=1), [], []  # type: ignore[no-untyped-call]
    window = changes._adaptive_window()
    for place, value in enumerate(values):
        public.update(value)  # type: ignore[no-untyped-call]
        if public.drift_detected:
            expected.append(place)
        if window.update(value):
            found.append(place)
            window = changes._adaptive_window()
    assert found == expected
    assert found
