"""Takes an input of the fuzzer apart into numbers and bytes; where it ends, zeros follow."""

__all__ = ["BytesReader"]


class BytesReader:
    """Reads on in an input.

    Parameters
    ----------
    data
        The input.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        return self._at >= len(self._data)

    def number(self, size: int = 1) -> int:
        """Give a number of so many bytes."""
        return int.from_bytes(self.take(size), "little")

    def take(self, size: int) -> bytes:
        """Give so many bytes, or what is left."""
        found = self._data[self._at : self._at + size]
        self._at += len(found)
        return found

    def content(self) -> bytes | None:
        """Give bytes that say themselves how many they are, or None; a few of them stand for a long run."""
        size = self.number()
        if size == 0xFF:
            return None
        return self.take(1) * ((size - 0x80) * 40) if size >= 0x80 else self.take(size)

    def rest(self) -> bytes:
        """Give what is left."""
        return self.take(len(self._data))
