import numpy as np
from numpy.typing import NDArray

def read(
    buffer: object,
    begins: NDArray[np.int64],
    lengths: NDArray[np.int64],
    candidates: NDArray[np.uint8],
    limits: NDArray[np.int64],
    names: bytes,
    ends: NDArray[np.int64],
) -> tuple[
    NDArray[np.uint8],
    NDArray[np.bool_],
    NDArray[np.int8],
    NDArray[np.int64],
    NDArray[np.int64],
    NDArray[np.int64],
    NDArray[np.float64],
]: ...
