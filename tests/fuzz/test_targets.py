"""Properties of everything that reads untrusted bytes, over inputs that are made of nothing or of damaged good ones."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sluicegate.schemas.kernels import kernel
from tests.fuzz.target import NAMES, Target, load


@st.composite
def damaged(draw: st.DrawFn, target: Target, seeds: Sequence[bytes]) -> bytes:
    """Give a good input of which parts were left out, repeated, overwritten, or put in from a list of words."""
    made = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 4))):
        begin = draw(st.integers(0, len(made)))
        end = min(len(made), begin + draw(st.sampled_from([0, 1, 2, 4, 8, 64])))
        put = st.binary(max_size=8) | st.sampled_from(target.words) | st.just(bytes(made[begin:end]) * 2)
        made[begin:end] = draw(put)
    return bytes(made[: target.longest])


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_bytes_and_any_damage_come_out_as_they_must(name: str, data: st.DataObject) -> None:
    target = load(name)
    if not all(map(kernel, target.modules)):
        pytest.skip("a kernel is not built")
    target.one(data.draw(st.binary(max_size=200) | damaged(target, target.seeds())))
