import numpy as np
from numpy.typing import NDArray

def number(
    buffer: object, begins: NDArray[np.int64], lengths: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]: ...
