import numpy as np
from numpy.typing import NDArray

def columns(grams: list[str], size: int) -> NDArray[np.int64]: ...

class LinearScorer:
    harms: int

    def __init__(
        self, blocks: list[tuple[bool, int, int, NDArray[np.float32]]], intercepts: NDArray[np.float64]
    ) -> None: ...
    def logits_of_folded(self, texts: list[str]) -> NDArray[np.float64]: ...
