from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_Made = TypeVar("_Made")
_Bytes = bytes | bytearray | memoryview

class Appender:
    def __init__(self, most_bytes: int) -> None: ...
    def append(self, key: _Bytes | None, value: _Bytes | None, headers: bytes) -> None: ...
    def extend(
        self,
        key_buffer: _Bytes,
        key_begins: NDArray[np.int64],
        key_lengths: NDArray[np.int64],
        value_buffer: _Bytes,
        value_begins: NDArray[np.int64],
        value_lengths: NDArray[np.int64],
        rows: NDArray[np.int64],
        headers: bytes,
    ) -> None: ...
    def finish(self, make: Callable[[memoryview, int], _Made]) -> list[_Made]: ...
