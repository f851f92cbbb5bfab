"""What fuzzing found before is tried anew, on the kernels as they are installed."""

import pytest

from sluicegate.schemas.kernels import kernel
from tests.fuzz.keeping import spread
from tests.fuzz.target import CORPUS, NAMES, corpus_of, load


@pytest.mark.parametrize("name", NAMES)
def test_every_input_that_is_kept_comes_out_as_it_must(name: str) -> None:
    target = load(name)
    if not all(map(kernel, target.modules)):
        pytest.skip("a kernel is not built")
    inputs = [*target.seeds(), *corpus_of(name)]
    assert len(corpus_of(name)) > 0
    for data in inputs:
        target.one(data)


def test_inputs_are_kept_for_targets_alone_and_are_small() -> None:
    assert {folder.name for folder in CORPUS.iterdir()} == set(NAMES)
    for path in CORPUS.glob("*/*"):
        assert path.stat().st_size <= 8_192, path


def test_of_many_inputs_small_and_large_ones_are_kept() -> None:
    inputs = [b"x" * size for size in range(0, 3_000, 10)]
    chosen = spread(inputs, 5)
    assert [len(data) for data in chosen] == [0, 510, 1_020, 1_530, 2_040]
    assert spread(inputs[:3], 5) == inputs[:3]
