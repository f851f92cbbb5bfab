import numpy as np
from numpy.typing import NDArray

def crc32c(buffer: bytes | bytearray | memoryview, begin: int, end: int) -> int: ...
def crc32c_by_tables(buffer: bytes | bytearray | memoryview) -> int: ...
def columns(
    buffer: bytes | bytearray | memoryview,
    begin: int,
    end: int,
    count: int,
    base_offset: int,
    first_timestamp: int,
    append_time: int | None,
    least_offset: int,
) -> NDArray[np.int64] | None: ...
def plain_batches(
    buffer: bytes | bytearray | memoryview, begin: int, check: bool, least_offset: int
) -> tuple[NDArray[np.int64], int, int]: ...
def headers(buffer: bytes, begin: int, length: int, count: int) -> tuple[tuple[str, bytes | None], ...]: ...
