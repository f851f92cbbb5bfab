"""Finds the live decision of each event that is decided again, by the order of both, in windows of a fixed size.

The first decisions of a partition stand in the order of its events, through every crash and rebalance. So both are
read side by side: what is found of one and not of the other yet waits, and what others have overtaken by far waits no
longer. Memory does not grow with the past.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

from sluicegate.models.comparison import ReplayTally, Verdict

__all__ = ["Decided", "PartitionJoin", "Windows"]


class Windows(NamedTuple):
    """How many decisions of a partition are held.

    Attributes
    ----------
    ahead
        Live ones that were not asked for yet.
    waiting
        New ones, of which no live one was found yet.
    passed
        Ids by which repetitions are known: after a crash as many decisions are repeated as were not committed.
    overtaken
        By how many live decisions another must be overtaken before it is not waited for any longer.
    """

    ahead: int = 50_000
    waiting: int = 20_000
    passed: int = 50_000
    overtaken: int = 10_000


_WINDOWS: Final = Windows()


class Decided(NamedTuple):
    """An event that is decided again, and the offset where it stands."""

    offset: int
    verdict: Verdict


class PartitionJoin:
    """Joins the decisions of one partition.

    Parameters
    ----------
    partition
        Its number, for examples.
    tally
        Where pairs are counted, and what has none.
    read_on
        Gives the next live decisions; none at their end.
    complete
        Whether no live decision of the stretch can have been deleted: then what is read before the first pair stands
        before the stretch, and can be dropped.
    windows
        How many are held.
    """

    def __init__(
        self,
        partition: int,
        tally: ReplayTally,
        read_on: Callable[[], Awaitable[Sequence[Verdict]]],
        *,
        complete: bool,
        windows: Windows = _WINDOWS,
    ) -> None:
        self._partition = partition
        self._tally = tally
        self._read_on = read_on
        self._complete = complete
        self._windows = windows
        self._ahead: OrderedDict[str, tuple[int, Verdict]] = OrderedDict()
        self._waiting: OrderedDict[str, Decided] = OrderedDict()
        self._passed: OrderedDict[str, None] = OrderedDict()
        #: How many live decisions were read, and which of them was the first and the last that found its pair.
        self._read = self._first_matched = self._matched = 0
        self._ended = False

    @property
    def held(self) -> int:
        """Decisions that are held now."""
        return len(self._ahead) + len(self._waiting)

    async def add(self, decided: Sequence[Decided]) -> None:
        """Take events that follow those before, and read as far in the live decisions as they need."""
        asked = set()
        for each in decided:
            if each.verdict.id in self._passed or each.verdict.id in self._waiting:
                self._tally.repeated += 1
            elif each.verdict.id in self._ahead:
                place, live = self._ahead.pop(each.verdict.id)
                self._pair(place, live, each)
            else:
                self._waiting[each.verdict.id] = each
                asked.add(each.verdict.id)
        while asked and not self._ended and self._has_room():
            await self._look(asked)
        self._drop_overtaken()
        while len(self._waiting) > self._windows.waiting:
            _, given_up = self._waiting.popitem(last=False)
            self._give_up(given_up)

    def finish(self) -> None:
        """Count what is left: nothing comes any more."""
        for given_up in self._waiting.values():
            self._give_up(given_up)
        self._waiting.clear()
        for place, _ in self._ahead.values():
            self._count_unpaired(place)
        self._ahead.clear()

    def _has_room(self) -> bool:
        if len(self._ahead) < self._windows.ahead:
            return True
        if self._matched or not self._complete:
            # The live decisions are past what is asked for: of that there is none.
            return False
        while len(self._ahead) > self._windows.ahead // 2:
            self._ahead.popitem(last=False)
        return True

    async def _look(self, asked: set[str]) -> None:
        found = await self._read_on()
        self._ended = not found
        for live in found:
            self._read += 1
            if live.id in self._waiting:
                asked.discard(live.id)
                self._pair(self._read, live, self._waiting.pop(live.id))
            elif live.id in self._passed or live.id in self._ahead:
                self._tally.live_repeated += 1
            else:
                self._ahead[live.id] = self._read, live

    def _pair(self, place: int, live: Verdict, decided: Decided) -> None:
        self._first_matched = self._first_matched or place
        self._matched = max(self._matched, place)
        self._tally.compare(live, decided.verdict, self._partition, decided.offset)
        self._pass(live.id)

    def _give_up(self, decided: Decided) -> None:
        self._tally.missing(decided.verdict)
        self._pass(decided.verdict.id)

    def _pass(self, decision_id: str) -> None:
        self._passed[decision_id] = None
        if len(self._passed) > self._windows.passed:
            self._passed.popitem(last=False)

    def _drop_overtaken(self) -> None:
        """Drop live decisions of events that are not decided now, when those behind them have found their pairs."""
        oldest = self._matched - self._windows.overtaken
        while self._ahead and next(iter(self._ahead.values()))[0] < oldest:
            _, (place, _) = self._ahead.popitem(last=False)
            self._count_unpaired(place)

    def _count_unpaired(self, place: int) -> None:
        # Those before the first pair are of events before the stretch, those behind the last of events behind it.
        self._tally.live_only += self._first_matched < place < self._matched
