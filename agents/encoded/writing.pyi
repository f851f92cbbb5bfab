import numpy as np
from numpy.typing import NDArray

_Written = tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]

class Pieces:
    def __init__(self, texts: list[bytes]) -> None: ...

class Constants:
    def __init__(
        self,
        namespace: bytes,
        outcomes: Pieces,
        rules: Pieces,
        actions: Pieces,
        queues: Pieces,
        queue_names: Pieces,
        harms: Pieces,
        provenance: Pieces,
        tags: Pieces,
        moments: Pieces,
        dues: Pieces,
        warnings: Pieces,
        built_in_rules: int,
    ) -> None: ...

class Decided:
    def __init__(
        self,
        arena: NDArray[np.uint8],
        begins: NDArray[np.int64],
        lengths: NDArray[np.int64],
        records: NDArray[np.int64],
        timestamps: NDArray[np.int64],
        scores: NDArray[np.float64],
        scored: NDArray[np.uint8],
        outcomes: NDArray[np.int8],
        rules: NDArray[np.int32],
        queues: NDArray[np.int32],
        actions: NDArray[np.int32],
        values: NDArray[np.float64],
        minutes: NDArray[np.float64],
        prices: NDArray[np.float64],
        classes: NDArray[np.int8],
        watch: NDArray[np.uint8],
        tags: NDArray[np.int32],
        identified: NDArray[np.uint8],
        confidences: NDArray[np.float64],
        told: NDArray[np.int32],
    ) -> None: ...

def decisions(all: Constants, decided: Decided, rows: NDArray[np.int64]) -> _Written: ...  # noqa: A002
def tasks(
    all: Constants,  # noqa: A002
    decided: Decided,
    rows: NDArray[np.int64],
    reached_rows: NDArray[np.int64],
    reached: NDArray[np.int64],
    probabilities: NDArray[np.float64],
    part_rows: NDArray[np.int64],
    part_harms: NDArray[np.int64],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    weights: NDArray[np.float64],
    warnings: NDArray[np.int64],
) -> _Written: ...
def withdrawals(all: Constants, decided: Decided, rows: NDArray[np.int64]) -> _Written: ...  # noqa: A002
