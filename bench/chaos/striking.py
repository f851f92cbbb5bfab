"""Has the faults of a schedule fall on the workers and the broker of a run, as its events are done."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sluicegate.bench.chaos.commits import CommitWatch
from sluicegate.bench.chaos.evidence import Struck
from sluicegate.bench.chaos.fleet import Fleet, WorkerProcess
from sluicegate.bench.chaos.schedule import Fault, Kind
from sluicegate.deploy.kafka.node import KafkaNode

__all__ = ["Stalled", "Striker"]

_LOOK_SECONDS: Final = 0.02
_ON_ITS_WAY_SECONDS: Final = 1.0
#: Seconds that a fault waits for a worker that has partitions: one that only starts would not notice it.
_VICTIM_SECONDS: Final = 240.0
#: What is told of when it is over, with its length; all else lasts a moment, or ends with its worker.
_LASTING: Final = frozenset({Kind.ZOMBIE, Kind.BROKER_KILL, Kind.BROKER_FREEZE})


class Stalled(Exception):
    """The workers make no progress any more."""


class Striker:
    """Strikes.

    Parameters
    ----------
    node
        The broker, where faults are to befall it.
    fleet
        The workers.
    watch
        Tells how far they have come.
    patience
        Seconds without progress after which the run is given up.
    say
        Tells the user what befalls.

    Attributes
    ----------
    struck
        What befell.
    due
        Events at which the faults that have not passed yet begin, or that are done while one waits for more of them;
        None when all have passed.
    """

    def __init__(
        self, node: KafkaNode | None, fleet: Fleet, watch: CommitWatch, patience: float, say: Callable[[str], None]
    ) -> None:
        self.struck: list[Struck] = []
        self.due: int | None = 0
        self._node = node
        self._fleet = fleet
        self._watch = watch
        self._patience = patience
        self._say = say
        self._broker = asyncio.Lock()

    async def strike_all(self, faults: Sequence[Fault]) -> None:
        """Have all faults fall, each in its time, and return when the last has passed.

        Raises
        ------
        Stalled
            Where the events at which one is to fall are never done.
        """
        for episode in sorted({fault.episode for fault in faults}):
            together = [fault for fault in faults if fault.episode == episode]
            self.due = together[0].at
            await self.wait_for(self.due)
            falling = [asyncio.create_task(self._strike(fault)) for fault in together]
            try:
                await asyncio.gather(*falling)
            finally:
                for task in falling:
                    task.cancel()
        self.due = None

    async def wait_for(self, done: int) -> None:
        """Wait until so many records are committed.

        Raises
        ------
        Stalled
            Where nothing moves for too long.
        """
        while self._watch.done < done:
            if self._watch.still_seconds > self._patience:
                raise Stalled
            await asyncio.sleep(_LOOK_SECONDS)

    async def _strike(self, fault: Fault) -> None:
        await asyncio.sleep(fault.delay)
        if fault.kind in (Kind.BROKER_KILL, Kind.BROKER_FREEZE):
            await self._strike_broker(fault)
        elif fault.kind is Kind.ADD:
            self._fleet.wanted += 1
            self._note(fault.kind, time.time())
        else:
            await self._strike_worker(fault)

    async def _strike_broker(self, fault: Fault) -> None:
        node = self._node
        if node is None:
            raise ValueError(f"{fault.kind}: this run was given no broker that it may strike")
        async with self._broker:
            began = time.time()
            if fault.kind is Kind.BROKER_KILL:
                await asyncio.to_thread(node.kill)
                await asyncio.sleep(fault.seconds)
                await asyncio.to_thread(node.start)
            else:
                node.freeze()
                await asyncio.sleep(fault.seconds)
                node.thaw()
        self._note(fault.kind, began)

    async def _strike_worker(self, fault: Fault) -> None:
        victim = await self._victim(fault.victim)
        if fault.kind is Kind.REMOVE:
            self._fleet.wanted -= 1
        began = time.time()
        match fault.kind:
            case Kind.KILL:
                self._fleet.kill(victim)
                partitions = victim.taken()
            case Kind.ZOMBIE:
                self._fleet.freeze(victim)
                # What it had sent before is there by then.
                await asyncio.sleep(_ON_ITS_WAY_SECONDS)
                partitions = victim.taken()
                before = self._watch.offsets
                await asyncio.sleep(fault.seconds)
                await self._wait_until_moved(partitions, before)
                self._fleet.thaw(victim)
            case _:
                await self._fleet.stop(victim)
                partitions = victim.taken()
        self._note(fault.kind, began, victim, partitions)

    async def _wait_until_moved(self, partitions: Sequence[int], before: Mapping[int, int]) -> None:
        """Wait until others have committed to the partitions of one that stands still, while patience lasts."""
        while not all(self._watch.offsets.get(each, 0) > before.get(each, 0) for each in partitions):
            # All that was published may be done already, and what is ahead waits for this fault to pass.
            self.due = max(self.due or 0, self._watch.done)
            if self._watch.still_seconds > self._patience:
                raise Stalled
            await asyncio.sleep(_LOOK_SECONDS)

    async def _victim(self, share: float) -> WorkerProcess:
        """Choose a worker among those that have partitions."""
        end = time.monotonic() + _VICTIM_SECONDS
        while True:
            candidates = [worker for worker in self._fleet.running() if not worker.frozen]
            told = await asyncio.gather(*(asyncio.to_thread(worker.partitions) for worker in candidates))
            # While they were asked another fault may have chosen one of them.
            having = [
                worker
                for worker, partitions in zip(candidates, told, strict=True)
                if partitions and worker.taken() and worker.alive and not worker.expected and not worker.frozen
            ]
            if having:
                return having[int(share * len(having))]
            if time.monotonic() > end:
                raise Stalled
            await asyncio.sleep(10 * _LOOK_SECONDS)

    def _note(
        self, kind: Kind, began: float, worker: WorkerProcess | None = None, partitions: Sequence[int] = ()
    ) -> None:
        name = worker.name if worker is not None else ""
        ended = time.time()
        self.struck.append(Struck(kind, began, ended, name, tuple(partitions)))
        about = f" ({name}, partitions {', '.join(map(str, partitions)) or 'none'})" if name else ""
        lasted = f", over after {ended - began:.1f} s" if kind in _LASTING else ""
        self._say(f"{self._watch.done:,} records committed: {kind}{about}{lasted}")
