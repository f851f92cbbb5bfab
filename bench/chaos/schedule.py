"""The faults of a run, as a pure function of a seed and a size: what falls, on whom, and after how many events.

Faults fall by how far the workers have come and not by the clock, so that the same ones fall on a slow machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Final

__all__ = ["FULL", "QUICK", "Episode", "Fault", "Kind", "Size", "schedule"]


class Kind(StrEnum):
    """What can befall."""

    KILL = "worker killed"
    STOP = "worker stopped and replaced"
    ADD = "worker added"
    REMOVE = "worker removed"
    ZOMBIE = "worker frozen beyond its session"
    BROKER_KILL = "broker killed"
    BROKER_FREEZE = "broker frozen"


class Episode(StrEnum):
    """Faults that fall together; between two episodes the stream has time to recover."""

    KILL = "a worker is killed"
    TWO_KILLS = "two workers are killed within two seconds"
    STOP = "a worker is stopped"
    STOP_AND_KILL = "a worker is stopped and another killed while it drains"
    ADD = "a worker joins"
    REMOVE = "a worker leaves"
    ZOMBIE = "a worker is frozen until its partitions have moved, and goes on"
    ZOMBIE_AND_KILL = "a worker is frozen, and another killed meanwhile"
    BROKER_KILL = "the broker is killed and comes back"
    BROKER_AND_KILL = "the broker is killed, and a worker while it is away"
    BROKER_FREEZE = "the broker stands still for a while"


#: The faults of each episode, with the seconds that one comes after the one before it, at the most.
_FAULTS: Final[Mapping[Episode, Sequence[tuple[Kind, float]]]] = {
    Episode.KILL: [(Kind.KILL, 1.0)],
    Episode.TWO_KILLS: [(Kind.KILL, 1.0), (Kind.KILL, 2.0)],
    Episode.STOP: [(Kind.STOP, 1.0)],
    Episode.STOP_AND_KILL: [(Kind.STOP, 1.0), (Kind.KILL, 0.5)],
    Episode.ADD: [(Kind.ADD, 1.0)],
    Episode.REMOVE: [(Kind.REMOVE, 1.0)],
    Episode.ZOMBIE: [(Kind.ZOMBIE, 1.0)],
    Episode.ZOMBIE_AND_KILL: [(Kind.ZOMBIE, 1.0), (Kind.KILL, 4.0)],
    Episode.BROKER_KILL: [(Kind.BROKER_KILL, 1.0)],
    Episode.BROKER_AND_KILL: [(Kind.BROKER_KILL, 1.0), (Kind.KILL, 1.0)],
    Episode.BROKER_FREEZE: [(Kind.BROKER_FREEZE, 1.0)],
}

#: Seconds that a fault lasts, from and to; of a zombie, beyond the session timeout.
_LASTS: Final[Mapping[Kind, tuple[float, float]]] = {
    Kind.ZOMBIE: (3.0, 6.0),
    Kind.BROKER_KILL: (0.5, 3.0),
    Kind.BROKER_FREEZE: (1.5, 6.0),
}

#: The part of the events that pass before the first episode, and that in which episodes fall.
_BEFORE: Final = 0.03
_WITHIN: Final = 0.9


@dataclass(frozen=True)
class Size:
    """How much is done to how many.

    Attributes
    ----------
    events
        Records published, poison among them.
    episodes
        How many of each.
    partitions, workers, actors
        Of every topic; worker processes at a time, to begin with; authors of events.
    poison
        Share of the records that cannot be read.
    session_timeout
        Of the workers, in seconds.
    spacing
        Seconds of the load from one episode to the next.
    patience
        Seconds without any progress after which a run is given up.
    """

    events: int
    episodes: Mapping[Episode, int] = field(hash=False)
    partitions: int = 6
    workers: int = 3
    actors: int = 1_000
    poison: float = 0.01
    session_timeout: float = 10.0
    spacing: float = 11.0
    patience: float = 240.0

    @property
    def rate(self) -> float:
        """Events published a second."""
        return self.events * _WITHIN / max(1, sum(self.episodes.values())) / self.spacing


FULL: Final = Size(
    events=100_000,
    episodes={
        Episode.KILL: 14,
        Episode.TWO_KILLS: 5,
        Episode.STOP: 3,
        Episode.STOP_AND_KILL: 2,
        Episode.ADD: 2,
        Episode.REMOVE: 2,
        Episode.ZOMBIE: 2,
        Episode.ZOMBIE_AND_KILL: 2,
        Episode.BROKER_KILL: 3,
        Episode.BROKER_AND_KILL: 2,
        Episode.BROKER_FREEZE: 3,
    },
)

QUICK: Final = Size(
    events=12_000,
    episodes={
        Episode.KILL: 2,
        Episode.TWO_KILLS: 1,
        Episode.STOP: 1,
        Episode.ADD: 1,
        Episode.REMOVE: 1,
        Episode.ZOMBIE: 1,
        Episode.BROKER_KILL: 1,
        Episode.BROKER_FREEZE: 1,
    },
    partitions=4,
    workers=2,
    actors=200,
    spacing=8.0,
)


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes
    ----------
    episode
        Number of the episode that it belongs to.
    at
        Events that are done when the episode begins.
    delay
        Seconds from then to the fault: where in the time between two commits it falls is chance.
    kind
        What befalls.
    victim
        Which of the workers it befalls, as a share of those that there are, below 1.
    seconds
        How long it lasts; 0 where it does not.
    """

    episode: int
    at: int
    delay: float
    kind: Kind
    victim: float
    seconds: float


def schedule(seed: int, size: Size) -> tuple[Fault, ...]:
    """Give the faults of a run, in the order in which they fall.

    Parameters
    ----------
    seed
        Of all chance.
    size
        Of the run.
    """
    random = Random(f"faults {seed}")
    episodes = [episode for episode, count in size.episodes.items() for _ in range(count)]
    random.shuffle(episodes)
    width = size.events * _WITHIN / max(1, len(episodes))
    faults = []
    for number, episode in enumerate(episodes):
        at = int(size.events * _BEFORE + width * (number + 0.2 * random.random()))
        delay = 0.0
        for kind, within in _FAULTS[episode]:
            delay += within * random.random()
            low, high = _LASTS.get(kind, (0.0, 0.0))
            seconds = random.uniform(low, high) + (size.session_timeout if kind is Kind.ZOMBIE else 0.0)
            faults.append(Fault(number, at, delay, kind, random.random(), seconds))
    return tuple(faults)
