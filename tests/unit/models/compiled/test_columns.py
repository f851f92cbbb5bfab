import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils import murmurhash3_32

from sluicegate.models.compiled import scoring

_SIZE = 1 << 18


def test_the_kernels_are_built() -> None:
    assert scoring is not None, "run `make install`; without a C compiler only Python serves, at a tenth of the speed"


@given(st.lists(st.text()))
def test_columns_are_those_of_scikit_learn(grams: list[str]) -> None:
    encodable = [gram.encode("utf-8", "replace").decode() for gram in grams]
    assert scoring is not None
    found = scoring.columns(encodable, _SIZE)
    expected = [abs(int(murmurhash3_32(gram))) % _SIZE for gram in encodable]
    assert found.dtype == np.int64
    assert found.tolist() == expected
