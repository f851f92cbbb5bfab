"""Counts decisions one by one, and says at the end how the models that made them compare."""

from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Final

import msgspec
import numpy as np

from sluicegate.models.comparison.intervals import difference, share
from sluicegate.models.comparison.report import (
    QUANTILES,
    Comparison,
    ModelRates,
    QueueLoad,
    QueueRate,
    RateDifference,
    ScoreDifference,
    Shadowing,
)
from sluicegate.models.evaluation.evaluation import Estimate
from sluicegate.schemas import OUTCOMES, Decision, DecisionData, Provenance, ShadowDecision

__all__ = ["Tally"]

_DECIMALS: Final = 6


@dataclass(slots=True)
class _Load:
    """Tasks and minutes of the queues."""

    tasks: Counter[str] = field(default_factory=Counter)
    minutes: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, decided: DecisionData | ShadowDecision) -> None:
        if decided.queue is not None and decided.priority is not None:
            self.tasks[decided.queue] += 1
            self.minutes[decided.queue] += decided.priority.minutes


@dataclass(slots=True)
class _Pair:
    """A model and its shadow."""

    agreed: int = 0
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    load: _Load = field(default_factory=_Load)
    shadow_load: _Load = field(default_factory=_Load)
    differences: "defaultdict[str, array[float]]" = field(default_factory=lambda: defaultdict(lambda: array("f")))

    def add(self, decided: DecisionData, shadow: ShadowDecision) -> None:
        same = (decided.outcome, decided.action, decided.queue) == (shadow.outcome, shadow.action, shadow.queue)
        self.agreed += same
        self.outcomes[decided.outcome, shadow.outcome] += 1
        self.load.add(decided)
        self.shadow_load.add(shadow)
        for harm, probability in shadow.scores.items():
            if harm in decided.scores:
                self.differences[harm].append(probability - decided.scores[harm])


@dataclass(slots=True)
class _Model:
    """A model by itself."""

    outcomes: Counter[str] = field(default_factory=Counter)
    load: _Load = field(default_factory=_Load)
    sums: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, decided: DecisionData) -> None:
        self.outcomes[decided.outcome] += 1
        self.load.add(decided)
        for harm, probability in decided.scores.items():
            self.sums[harm] += probability


class Tally:
    """Takes decisions in any number and order; of an id the first one counts."""

    def __init__(self) -> None:
        self._ids: set[bytes] = set()
        self._duplicates = self._deleted = self._unread = 0
        self._first = self._last = ""
        self._models: defaultdict[Provenance, _Model] = defaultdict(_Model)
        self._pairs: defaultdict[tuple[Provenance, Provenance], _Pair] = defaultdict(_Pair)

    def add(self, raw: bytes) -> None:
        """Count a decision, as it stands on the topic or in a line; what is none is counted as such."""
        try:
            decision = msgspec.json.decode(raw, type=Decision)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._unread += 1
            return
        # The text of an id takes three times the memory, and there may be millions.
        key = decision.id.replace("-", "").encode()
        key = bytes.fromhex(key.decode()) if _is_hex(key) else key
        if key in self._ids:
            self._duplicates += 1
            return
        self._ids.add(key)
        data = decision.data
        if not data.scores:
            self._deleted += 1
            return
        self._first = min(self._first or decision.time, decision.time)
        self._last = max(self._last, decision.time)
        self._models[data.model].add(data)
        if data.shadow is not None:
            self._pairs[data.model, data.shadow.model].add(data, data.shadow)

    def comparison(self) -> Comparison:
        """Say how the models compare."""
        pairs = sorted(
            self._pairs.items(), key=lambda item: (-item[1].outcomes.total(), item[0][0].digest, item[0][1].digest)
        )
        models = sorted(self._models.items(), key=lambda item: (-item[1].outcomes.total(), item[0].digest))
        return Comparison(
            decisions=sum(model.outcomes.total() for _, model in models),
            duplicates=self._duplicates,
            deleted=self._deleted,
            unread=self._unread,
            first=self._first,
            last=self._last,
            shadows=tuple(_shadowing(model, shadow, pair) for (model, shadow), pair in pairs),
            models=tuple(_rates(model, counted) for model, counted in models),
            differences=tuple(_difference(*one, *models[0]) for one in models[1:]),
        )


def _is_hex(key: bytes) -> bool:
    return len(key) == 32 and all(character in b"0123456789abcdef" for character in key)


def _shadowing(model: Provenance, shadow: Provenance, pair: _Pair) -> Shadowing:
    events = pair.outcomes.total()
    return Shadowing(
        model=model,
        shadow=shadow,
        events=events,
        agreement=_rounded(share(pair.agreed, events)),
        outcomes={one: {other: pair.outcomes[one, other] for other in OUTCOMES} for one in OUTCOMES},
        queues={
            queue: QueueLoad(
                pair.load.tasks[queue],
                round(pair.load.minutes[queue], 1),
                pair.shadow_load.tasks[queue],
                round(pair.shadow_load.minutes[queue], 1),
            )
            for queue in sorted({*pair.load.tasks, *pair.shadow_load.tasks})
        },
        scores={harm: _score_difference(values) for harm, values in sorted(pair.differences.items())},
    )


def _score_difference(values: "array[float]") -> ScoreDifference:
    found = np.frombuffer(values, dtype=np.float32).astype(np.float64)
    quantiles = np.quantile(found, QUANTILES).tolist()
    return ScoreDifference(
        events=len(found),
        mean=round(float(found.mean()), _DECIMALS),
        mean_absolute=round(float(np.abs(found).mean()), _DECIMALS),
        quantiles={str(name): round(value, _DECIMALS) for name, value in zip(QUANTILES, quantiles, strict=True)},
    )


def _rates(model: Provenance, counted: _Model) -> ModelRates:
    events, load = counted.outcomes.total(), counted.load
    return ModelRates(
        model=model,
        events=events,
        outcomes={outcome: _rounded(share(counted.outcomes[outcome], events)) for outcome in OUTCOMES},
        queues={
            queue: QueueRate(tasks, _rounded(share(tasks, events)), round(1_000 * load.minutes[queue] / events, 2))
            for queue, tasks in sorted(load.tasks.items())
        },
        mean_scores={harm: round(total / events, _DECIMALS) for harm, total in sorted(counted.sums.items())},
    )


def _difference(model: Provenance, counted: _Model, other: Provenance, first: _Model) -> RateDifference:
    one, two = counted.outcomes, first.outcomes
    shares = {name: difference(one[name], one.total(), two[name], two.total()) for name in OUTCOMES}
    return RateDifference(model, other, {name: _rounded(estimate) for name, estimate in shares.items()})


def _rounded(estimate: Estimate) -> Estimate:
    return Estimate(*(round(value, _DECIMALS) for value in (estimate.value, estimate.low, estimate.high)))
