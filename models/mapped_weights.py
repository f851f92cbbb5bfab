"""Weights as views of a mapped file: nothing is read before it is needed, and workers on one host share the pages."""

import hashlib
import math
import mmap
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from sluicegate.models.regular_files import MOST, open_regular

__all__ = ["MappedWeights"]

_TYPES: Final[Mapping[str, str]] = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "U8": "|u1",
}

#: Bytes before the header, which state its length (little-endian), as the format of safetensors has it.
_PREFIX: Final = 8
#: Bytes of a header at the most; that of the shipped bundle has under a thousand.
_HEADER_MOST: Final = 2**20


class _Tensor(msgspec.Struct):
    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


class MappedWeights(Mapping[str, NDArray[np.generic]]):
    """The tensors of a safetensors file by name, read-only and without copies.

    What a file holds is checked by the safetensors library; its own numpy loader would copy every tensor. A file
    that is replaced by another of the same name stays as it was for whoever has mapped it; one that is written over
    in place does not.

    Parameters
    ----------
    path
        The file.
    private
        Its size, for it to be read instead of mapped: then nothing that becomes of the file changes what was read.

    Raises
    ------
    OSError
        If it cannot be read.
    """

    def __init__(self, path: Path, private: int | None = None) -> None:
        # Kept open until the tensors are there: by its name another file may be found then.
        self._file, self.size = open_regular(path, MOST if private is None else private)
        weakref.finalize(self, self._file.close)
        self._mapped: mmap.mmap | bytes | None = None
        if private is not None:
            self._mapped = self._file.read(self.size)
            self.size = len(self._mapped)
        elif self.size:  # an empty file cannot be mapped
            self._mapped = mmap.mmap(self._file.fileno(), self.size, access=mmap.ACCESS_READ)
        self._tensors: dict[str, NDArray[np.generic]] = {}

    def sha256(self) -> str:
        """Return the digest of the mapped bytes, in hexadecimal digits."""
        return hashlib.sha256(self._mapped if self._mapped is not None else b"").hexdigest()

    def open(self) -> None:
        """Make the tensors available.

        Raises
        ------
        SafetensorError
            If the file is none of safetensors, or holds values of a type that no bundle has.
        """
        with self._file, safe_open(f"/dev/fd/{self._file.fileno()}", framework="numpy"):
            pass
        if not self._mapped:
            raise SafetensorError("the file is empty")
        length = int.from_bytes(self._mapped[:_PREFIX], "little")
        if length > min(_HEADER_MOST, len(self._mapped) - _PREFIX):
            raise SafetensorError(f"its header has {length:,} bytes, which it cannot have")
        header = msgspec.json.decode(self._mapped[_PREFIX : _PREFIX + length], type=dict[str, msgspec.Raw])
        header.pop("__metadata__", None)
        for name, raw in header.items():
            self._tensors[name] = self._tensor(name, msgspec.json.decode(raw, type=_Tensor), _PREFIX + length)

    def _tensor(self, name: str, tensor: _Tensor, begin: int) -> NDArray[np.generic]:
        """Give the view of a tensor; it is held to the bytes that are there, whatever the library saw of the file."""
        if tensor.dtype not in _TYPES:
            raise SafetensorError(f"{name} is of the type {tensor.dtype}")
        start, end = tensor.data_offsets
        kind = np.dtype(_TYPES[tensor.dtype])
        room = len(self._mapped or b"") - begin
        size = kind.itemsize * math.prod(tensor.shape)
        if not 0 <= start <= end <= room or min(tensor.shape, default=0) < 0 or end - start != size:
            raise SafetensorError(f"{name} does not lie where its header says")
        return np.frombuffer(self._mapped or b"", kind, size // kind.itemsize, begin + start).reshape(tensor.shape)

    def forget(self) -> None:
        """Have the pages that were read no longer count as this process's memory; they are read again when needed."""
        if isinstance(self._mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            self._mapped.madvise(mmap.MADV_DONTNEED)

    def __getitem__(self, name: str) -> NDArray[np.generic]:
        return self._tensors[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)
