"""Takes over into the corpus some of what the last runs kept, small and large, and everything that found something."""

import hashlib
import sys
from collections.abc import Sequence
from typing import Final

from tests.fuzz.sanitized import CACHE
from tests.fuzz.target import CORPUS, NAMES

__all__ = ["keep", "spread"]

#: Inputs of a target that are taken, and bytes of the largest.
_MOST: Final = 24
_BYTES_MOST: Final = 2_048


def keep(name: str) -> int:
    """Take over inputs of a target; give how many are there now."""
    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    grown = [path.read_bytes() for path in sorted((CACHE / "grown" / name).glob("*"))]
    for data in spread(grown, _MOST):
        (folder / _name(data)).write_bytes(data)
    for path in (CACHE / "findings" / name).glob("*"):
        (folder / f"found-{_name(path.read_bytes())}").write_bytes(path.read_bytes())
    return len(list(folder.iterdir()))


def spread(inputs: Sequence[bytes], most: int) -> list[bytes]:
    """Give some of the inputs, from the smallest to the largest that is small enough."""
    small = sorted((data for data in inputs if len(data) <= _BYTES_MOST), key=lambda data: (len(data), data))
    if len(small) <= most:
        return small
    return [small[place * (len(small) - 1) // (most - 1)] for place in range(most)]


def _name(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def main(names: Sequence[str]) -> None:
    """Take over inputs of the named targets, or of all."""
    for name in names or NAMES:
        sys.stdout.write(f"{name}: {keep(name)} inputs\n")


if __name__ == "__main__":
    main(sys.argv[1:])
