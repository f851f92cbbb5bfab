"""Takes compressed batches apart, within a bound: a few kilobytes can be made to stand for gigabytes.

Brokers look at the size of what is compressed only, so that whoever may write to a topic could end all its readers.
"""

import gzip
import io
import struct
import zlib
from collections.abc import Callable
from types import ModuleType
from typing import Final

import cramjam
import numpy as np
from aiokafka.errors import CorruptRecordException, UnsupportedCodecError

__all__ = ["DECOMPRESSED_MOST", "decompressed"]

#: Bytes that a batch may stand for. Producers fill batches by what they hold before or after compression, of which
#: topics take a mebibyte or two; text that is written by people shrinks to a twentieth at best.
DECOMPRESSED_MOST: Final = 128 * 2**20

#: Most batches are no more than so many times as long when they are taken apart, and are done at the first try.
_USUAL_RATIO: Final = 16
_ROOM_LEAST: Final = 64 * 1024

_SNAPPY_STREAM: Final = b"\x82SNAPPY\x00"
_SNAPPY_STREAM_HEADER: Final = 16
_SNAPPY_LENGTH: Final = struct.Struct(">i")
#: What the codecs raise at bytes that are not theirs.
_NOT_THEIRS: Final = (cramjam.DecompressionError, zlib.error, struct.error, OSError, EOFError)


def decompressed(section: bytes, number: int, most: int = DECOMPRESSED_MOST) -> bytes:
    """Decompress the records of a batch.

    Parameters
    ----------
    section
        What stands behind the header of the batch.
    number
        Of the codec, as the attributes of batches have it.
    most
        Bytes that it may stand for.

    Raises
    ------
    CorruptRecordException
        Where it was not compressed by this codec, or stands for more.
    UnsupportedCodecError
        Where Kafka has no such codec.
    """
    codec = _CODECS.get(number)
    if codec is None:
        raise UnsupportedCodecError(f"Unknown compression codec {number:#04x}")
    try:
        return codec(section, most)
    except _NOT_THEIRS as error:
        raise CorruptRecordException(f"a record batch cannot be decompressed: {error}") from error


def _too_large(most: int) -> CorruptRecordException:
    return CorruptRecordException(
        f"a record batch is larger than {most:,} bytes when it is decompressed: remove it, or go on behind it"
    )


def _gzip(section: bytes, most: int) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(section)) as file:
        found = file.read(most + 1)
    if len(found) > most:
        raise _too_large(most)
    return found


def _snappy(section: bytes, most: int) -> bytes:
    """Decompress one block, or several that each have their length before them, as the Java library writes them."""
    if not section.startswith(_SNAPPY_STREAM) or len(section) <= _SNAPPY_STREAM_HEADER:
        return _snappy_block(section, most)
    blocks: list[bytes] = []
    at, room = _SNAPPY_STREAM_HEADER, most
    while at < len(section):
        (length,) = _SNAPPY_LENGTH.unpack_from(section, at)
        at += _SNAPPY_LENGTH.size
        # A negative one would lead back.
        if not 0 <= length <= len(section) - at:
            raise CorruptRecordException("a record batch cannot be decompressed: a block ends outside of it")
        blocks.append(_snappy_block(section[at : at + length], room))
        room -= len(blocks[-1])
        at += length
    return blocks[0] if len(blocks) == 1 else b"".join(blocks)


def _snappy_block(block: bytes, most: int) -> bytes:
    # It says itself how long it is, and is refused where that is not true.
    if cramjam.snappy.decompress_raw_len(block) > most:
        raise _too_large(most)
    return bytes(cramjam.snappy.decompress_raw(block))


def _by(codec: ModuleType) -> Callable[[bytes, int], bytes]:
    def decompress(section: bytes, most: int) -> bytes:
        usual = min(most, len(section) * _USUAL_RATIO + _ROOM_LEAST)
        try:
            return _into(codec, section, usual)
        except cramjam.DecompressionError:
            # There was too little room, or it is wrong in some way. Memory that is not written to is none.
            try:
                return _into(codec, section, most)
            except cramjam.DecompressionError as error:
                if "whole buffer" in str(error):
                    raise _too_large(most) from error
                raise

    return decompress


def _into(codec: ModuleType, section: bytes, room: int) -> bytes:
    buffer = np.empty(room, dtype=np.uint8)
    return buffer[: codec.decompress_into(section, buffer)].tobytes()


_CODECS: Final[dict[int, Callable[[bytes, int], bytes]]] = {
    1: _gzip,
    2: _snappy,
    3: _by(cramjam.lz4),
    4: _by(cramjam.zstd),
}
