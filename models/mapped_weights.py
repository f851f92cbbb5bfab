"""Weights as views of a mapped file: nothing is read before it is needed, and workers on one host share the pages."""

import hashlib
import mmap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

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

    Raises
    ------
    OSError
        If it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:
            self.size = file.seek(0, 2)
            # An empty file cannot be mapped.
            self._mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if self.size else None
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
        with safe_open(self._path, framework="numpy"):
            pass
        if self._mapped is None:
            raise SafetensorError("the file is empty")
        length = int.from_bytes(self._mapped[:_PREFIX], "little")
        header = msgspec.json.decode(self._mapped[_PREFIX : _PREFIX + length], type=dict[str, msgspec.Raw])
        header.pop("__metadata__", None)
        for name, raw in header.items():
            tensor = msgspec.json.decode(raw, type=_Tensor)
            if tensor.dtype not in _TYPES:
                raise SafetensorError(f"{name} is of the type {tensor.dtype}")
            start, end = tensor.data_offsets
            kind = np.dtype(_TYPES[tensor.dtype])
            flat = np.frombuffer(self._mapped, kind, (end - start) // kind.itemsize, _PREFIX + length + start)
            self._tensors[name] = flat.reshape(tensor.shape)

    def forget(self) -> None:
        """Have the pages that were read no longer count as this process's memory; they are read again when needed."""
        if self._mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
            self._mapped.madvise(mmap.MADV_DONTNEED)

    def __getitem__(self, name: str) -> NDArray[np.generic]:
        return self._tensors[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)
