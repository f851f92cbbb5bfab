"""What the demo has seen: counts from the topics, the newest tasks, latencies, and whether the books balance."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from sluicegate.schemas import Decision, Headers, ReviewTask, ReviewTaskData, read_error_headers

__all__ = ["Figures", "Ledger", "Task", "quantile"]

#: Seconds over which rates and latencies are shown.
WINDOW = 10.0
_LATENCIES_MOST = 20_000
_TASKS_MOST = 200
_DECISION = msgspec.json.Decoder(Decision)
_TASK = msgspec.json.Decoder(ReviewTask)
_TASK_TYPE = b'"review.task"'


@dataclass(frozen=True)
class Task:
    """A task as it arrived, and when (seconds on the demo's clock)."""

    data: ReviewTaskData
    seen: float


@dataclass(frozen=True)
class Figures:
    """What the worker's metrics say.

    Attributes
    ----------
    consumed, decided, dead_lettered, in_flight
        The four counts of the books.
    tasks
        Review tasks written.
    lag_records
        Records not yet committed, over all partitions.
    """

    consumed: int = 0
    decided: int = 0
    dead_lettered: int = 0
    in_flight: int = 0
    tasks: int = 0
    lag_records: int = 0

    @property
    def balance(self) -> bool:
        """Whether consumed = decided + dead-lettered + in flight."""
        return self.consumed == self.decided + self.dead_lettered + self.in_flight


@dataclass
class Ledger:
    """Counts what was produced and what came out of it.

    Times are seconds on any clock that does not go back; all methods must be given the same one's.
    """

    produced: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    tasks: Counter[tuple[str, int]] = field(default_factory=Counter)
    withdrawals: int = 0
    repeated: int = 0
    newest: deque[Task] = field(default_factory=lambda: deque(maxlen=_TASKS_MOST))
    model: str = ""
    policy: str = ""
    first_decision: float | None = None
    figures: Figures = field(default_factory=Figures)
    _underway: dict[str, float] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _latencies: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=_LATENCIES_MOST))
    _produced_at: deque[float] = field(default_factory=deque)
    _decided_at: deque[float] = field(default_factory=deque)

    @property
    def decided(self) -> int:
        """Decisions seen."""
        return self.outcomes.total()

    @property
    def dead_lettered(self) -> int:
        """Dead letters seen."""
        return self.reasons.total()

    @property
    def underway(self) -> int:
        """Records produced of which nothing was seen yet."""
        return self.produced - self.decided - self.dead_lettered

    def produce(self, event_id: str | None, now: float) -> None:
        """Count a record that is about to be produced; ``event_id`` is None where it holds no event."""
        self.produced += 1
        self._produced_at.append(now)
        if event_id is not None:
            self._underway[event_id] = now

    def take_decision(self, value: bytes, now: float) -> None:
        """Count a record of the decisions topic."""
        decision = _DECISION.decode(value)
        if decision.id in self._seen:
            self.repeated += 1
            return
        self._seen.add(decision.id)
        data = decision.data
        self.outcomes[data.outcome] += 1
        self._decided_at.append(now)
        self.first_decision = now if self.first_decision is None else self.first_decision
        self.model = f"{data.model.name} {data.model.version}"
        self.policy = f"{data.policy.name} {data.policy.version}"
        began = self._underway.pop(data.event.id, None)
        if began is not None:
            self._latencies.append((now, now - began))

    def take_dead_letter(self, headers: Headers) -> None:
        """Count a record of the dead-letter topic."""
        letter = read_error_headers(headers)
        self.reasons[letter.reason if letter else "unknown"] += 1

    def take_review(self, value: bytes, now: float) -> None:
        """Count a record of a review topic: a task, or the withdrawal of some."""
        if _TASK_TYPE not in value:
            self.withdrawals += 1
            return
        data = _TASK.decode(value).data
        self.tasks[data.queue, data.priority.class_] += 1
        self.newest.appendleft(Task(data, now))

    def rates(self, now: float) -> tuple[float, float]:
        """Give records produced and events decided a second, over the window."""
        return _rate(self._produced_at, now), _rate(self._decided_at, now)

    def latencies(self, now: float) -> list[float]:
        """Give the seconds from production to the decision of events decided in the window, ascending."""
        return sorted(latency for seen, latency in self._latencies if seen > now - WINDOW)

    def faults(self) -> list[str]:
        """Compare what went in with what came out, in the topics and in the metrics; empty when all adds up."""
        figures = self.figures
        comparisons: Mapping[str, tuple[int, int]] = {
            "produced and decided + dead-lettered in the topics": (self.produced, self.decided + self.dead_lettered),
            "produced and consumed by the metrics": (self.produced, figures.consumed),
            "consumed and decided + dead-lettered + in flight by the metrics": (
                figures.consumed,
                figures.decided + figures.dead_lettered + figures.in_flight,
            ),
            "decisions in the topic and decided by the metrics": (self.decided, figures.decided),
            "dead letters in the topic and dead-lettered by the metrics": (self.dead_lettered, figures.dead_lettered),
            "decisions for review and tasks in the topics": (self.outcomes["review"], self.tasks.total()),
            "tasks in the topics and by the metrics": (self.tasks.total(), figures.tasks),
        }
        return [
            f"{what} differ: {left:,} and {right:,}" for what, (left, right) in comparisons.items() if left != right
        ]


def quantile(ascending: list[float], share: float) -> float | None:
    """Give the value below which ``share`` of the values lie (nearest rank); None of an empty list."""
    if not ascending:
        return None
    return ascending[min(len(ascending) - 1, int(share * len(ascending)))]


def _rate(times: deque[float], now: float) -> float:
    while times and times[0] <= now - WINDOW:
        times.popleft()
    if not times:
        return 0.0
    return len(times) / max(1.0, min(WINDOW, now - times[0]))
