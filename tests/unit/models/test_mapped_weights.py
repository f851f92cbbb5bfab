"""Weights that are mapped are those that were saved, read-only, and stay as they were when the file is replaced."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from safetensors import SafetensorError
from safetensors.numpy import load, save

from sluicegate.models.mapped_weights import MappedWeights

tensors = st.dictionaries(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(lambda name: name != "__metadata__"),
    st.sampled_from([np.float64, np.float32, np.float16, np.int64, np.int32, np.uint8]).flatmap(
        lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    ),
    max_size=4,
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("weights") / "weights.safetensors"


@given(tensors)
def test_they_are_what_the_library_reads(file: Path, saved: dict[str, np.ndarray]) -> None:
    file.unlink(missing_ok=True)
    file.write_bytes(save(saved))
    mapped = MappedWeights(file)
    mapped.open()
    assert (mapped.size, mapped.sha256()) == (file.stat().st_size, hashlib.sha256(file.read_bytes()).hexdigest())
    expected = load(file.read_bytes())
    assert set(mapped) == set(expected)
    for name, tensor in expected.items():
        assert mapped[name].dtype == tensor.dtype
        assert mapped[name].shape == tensor.shape
        assert mapped[name].tobytes() == tensor.tobytes()
        assert not mapped[name].flags.writeable
        assert not mapped[name].flags.owndata


def test_they_stay_as_they_were_when_the_file_is_replaced_and_forgotten(tmp_path: Path) -> None:
    file, other = tmp_path / "weights.safetensors", tmp_path / "other"
    file.write_bytes(save({"a": np.arange(100_000.0)}))
    mapped = MappedWeights(file)
    mapped.open()
    other.write_bytes(save({"a": np.zeros(100_000)}))
    other.rename(file)
    mapped.forget()
    np.testing.assert_array_equal(mapped["a"], np.arange(100_000.0))


def header(**members: object) -> bytes:
    raw = json.dumps(members).encode()
    return len(raw).to_bytes(8, "little") + raw


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"12345678",
        b"\xff" * 100,
        header(a={"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}),
        header(a={"dtype": "F32", "shape": [4], "data_offsets": [0, 8]}) + bytes(8),
        header(a={"dtype": "F32", "shape": [1], "data_offsets": [8, 4]}) + bytes(8),
        header(a={"dtype": "BOOL", "shape": [1], "data_offsets": [0, 1]}) + bytes(1),
        save({"a": np.arange(3.0)})[:-1],
    ],
)
def test_what_is_no_file_of_weights_is_refused(tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "weights.safetensors"
    file.write_bytes(raw)
    with pytest.raises(SafetensorError):
        MappedWeights(file).open()
