from typing import Final

import numpy as np
from numpy.typing import NDArray

NONE: Final[int]
ASK: Final[int]

class Kernel:
    def __init__(
        self,
        next_states: NDArray[np.uint32],
        rows: NDArray[np.uint16],
        fragments: NDArray[np.int32],
        weights: NDArray[np.float32],
        priors: NDArray[np.float32],
    ) -> None: ...
    def identify(
        self,
        buffer: bytes | bytearray | memoryview | NDArray[np.uint8],
        begins: NDArray[np.int64],
        lengths: NDArray[np.int64],
        characters: NDArray[np.uint8],
        logs: NDArray[np.float32],
        languages: NDArray[np.int32],
        n_languages: int,
        sharpness: float,
        prior: float,
        worded: bool,
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]: ...
    def scores(self, encoded: bytes, logs: NDArray[np.float32]) -> NDArray[np.float32] | None: ...

def words(encoded: bytes, characters: NDArray[np.uint8]) -> bytes | None: ...
