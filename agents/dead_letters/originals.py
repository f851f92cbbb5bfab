"""A set of originals, of which a million take 16 MB: sorted arrays, and a small set of those that came last."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.dead_letters.letter import Original

__all__ = ["Originals"]

#: How many are kept as objects until they are merged into the arrays.
_RECENT_MOST: Final = 16_384


class Originals:
    """Originals that can be added and asked for."""

    def __init__(self) -> None:
        self._by_partition: dict[tuple[str, int], _Places] = {}

    def __len__(self) -> int:
        return sum(len(places) for places in self._by_partition.values())

    def __contains__(self, original: Original) -> bool:
        places = self._by_partition.get((original.topic, original.partition))
        return places is not None and (original.offset, original.timestamp) in places

    def add(self, original: Original) -> None:
        """Add one; nothing changes where it is there."""
        place = original.topic, original.partition
        if place not in self._by_partition:
            self._by_partition[place] = _Places()
        self._by_partition[place].add((original.offset, original.timestamp))


class _Places:
    """Pairs of an offset and a timestamp: those merged are sorted by offset."""

    def __init__(self) -> None:
        self._offsets: NDArray[np.int64] = np.empty(0, np.int64)
        self._timestamps: NDArray[np.int64] = np.empty(0, np.int64)
        self._recent: set[tuple[int, int]] = set()

    def __len__(self) -> int:
        return len(self._offsets) + len(self._recent)

    def __contains__(self, place: tuple[int, int]) -> bool:
        return place in self._recent or self._is_merged(place)

    def add(self, place: tuple[int, int]) -> None:
        if self._is_merged(place):
            return
        self._recent.add(place)
        if len(self._recent) >= _RECENT_MOST:
            self._merge()

    def _is_merged(self, place: tuple[int, int]) -> bool:
        offset, timestamp = place
        # Of one offset there are several only where the topic was made anew.
        begin = int(np.searchsorted(self._offsets, offset))
        while begin < len(self._offsets) and self._offsets[begin] == offset:
            if self._timestamps[begin] == timestamp:
                return True
            begin += 1
        return False

    def _merge(self) -> None:
        recent = np.array(sorted(self._recent), np.int64)
        offsets = np.concatenate([self._offsets, recent[:, 0]])
        timestamps = np.concatenate([self._timestamps, recent[:, 1]])
        order = np.argsort(offsets, kind="stable")
        self._offsets, self._timestamps, self._recent = offsets[order], timestamps[order], set()
