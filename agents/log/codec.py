"""How the records of a batch are compressed on their way out.

Measured on batches of 500 decisions of 878 bytes (one core, us an event, and how many times smaller):

========  ========  ======  ==========  =============================
codec     compress  ratio   decompress  without the interpreter lock
========  ========  ======  ==========  =============================
none      0         1       0
snappy    0.47      5.7     0.16        yes
lz4       0.48      6.6     0.14        no: only cramjam's stream writes blocks that brokers read
zstd      0.72      13.8    0.27        yes
========  ========  ======  ==========  =============================

In batches of 20 zstd takes 1.46, snappy 0.36 and lz4 0.41: zstd sets its tables up anew each time. snappy costs a
worker least; zstd (level 1) more than halves what brokers store and send.
"""

import struct
from collections.abc import Callable
from typing import Final, Literal, NamedTuple

import cramjam

__all__ = ["CODECS", "Codec", "CodecName"]

CodecName = Literal["none", "snappy", "lz4", "zstd"]

#: What snappy's stream of blocks begins with: name, version, and the version that can read it.
_SNAPPY_STREAM: Final = b"\x82SNAPPY\x00" + struct.pack(">ii", 1, 1)


class Codec(NamedTuple):
    """A codec of Kafka.

    Attributes
    ----------
    number
        By which the attributes of a batch name it.
    compress
        Gives the compressed bytes.
    """

    number: int
    compress: Callable[[bytes | memoryview], bytes | memoryview]


def _snappy(section: bytes | memoryview) -> bytes:
    # In one block, however long: readers take blocks of any length, and some of them only blocks.
    block = bytes(cramjam.snappy.compress_raw(section))
    return _SNAPPY_STREAM + struct.pack(">i", len(block)) + block


def _lz4(section: bytes | memoryview) -> bytes:
    # Brokers do not read blocks that refer to earlier ones, which `cramjam.lz4.compress` makes.
    compressor = cramjam.lz4.Compressor(level=1, content_checksum=False, block_linked=False)
    compressor.compress(bytes(section))
    return bytes(compressor.finish())


def _zstd(section: bytes | memoryview) -> bytes:
    return bytes(cramjam.zstd.compress(section, level=1))


CODECS: Final[dict[CodecName, Codec]] = {
    "none": Codec(0, lambda section: section),
    "snappy": Codec(2, _snappy),
    "lz4": Codec(3, _lz4),
    "zstd": Codec(4, _zstd),
}
