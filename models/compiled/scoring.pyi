import numpy as np
from numpy.typing import NDArray

_Parts = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]

def marked_shares(texts: list[str], marked: NDArray[np.uint8]) -> NDArray[np.float64]: ...
def columns(grams: list[str], size: int) -> NDArray[np.int64]: ...

class LinearScorer:
    harms: int

    def __init__(
        self, blocks: list[tuple[bool, int, int, NDArray[np.float32]]], intercepts: NDArray[np.float64]
    ) -> None: ...
    def logits(self, texts: list[str]) -> NDArray[np.float64]: ...
    def logits_in(
        self, buffer: object, begins: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> NDArray[np.float64]: ...
    def strongest(self, texts: list[str], rows: NDArray[np.int64], harms: NDArray[np.int64], limit: int) -> _Parts: ...
    def strongest_in(
        self,
        buffer: object,
        begins: NDArray[np.int64],
        lengths: NDArray[np.int64],
        rows: NDArray[np.int64],
        harms: NDArray[np.int64],
        limit: int,
    ) -> _Parts: ...
