"""Counts how events are decided now beside how they were; memory does not grow with their number."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.comparison.replay_report import (
    DEAD_LETTER,
    NO_DECISION,
    ChangedExample,
    ReplayReport,
    Served,
)
from sluicegate.models.comparison.report import QUANTILES, ScoreDifference
from sluicegate.models.comparison.verdict import Verdict
from sluicegate.schemas import OUTCOMES, Provenance

__all__ = ["ReplayTally"]

_DECIMALS: Final = 6
#: Differences of probabilities are counted in steps of a thousandth, from -1 to 1.
_STEPS: Final = 1_000
#: Differences that are gathered before they are counted together.
_GATHERED: Final = 4_096

Changes = Counter[tuple[str, str]]


class ReplayTally:
    """Takes what a replay decides, and what was decided then.

    Parameters
    ----------
    examples
        Of each change, how many are kept.

    Attributes
    ----------
    repeated, live_repeated, live_only
        As in a report.
    dead_lettered
        By reason.
    """

    def __init__(self, examples: int = 3) -> None:
        self.events = self.repeated = self.live_repeated = self.live_only = 0
        self.dead_lettered: Counter[str] = Counter()
        self._examples_most = examples
        self._compared = self._same = self._opinions = 0
        self._outcomes: Changes = Counter()
        self._changed: dict[str, Changes] = {name: Counter() for name in ("actions", "queues", "classes", "rules")}
        self._scores: defaultdict[str, _Differences] = defaultdict(_Differences)
        self._live: Counter[tuple[Provenance, Provenance]] = Counter()
        self._replayed: Counter[tuple[Provenance, Provenance]] = Counter()
        self._examples: defaultdict[tuple[str, str], list[ChangedExample]] = defaultdict(list)

    def compare(self, live: Verdict, replayed: Verdict, partition: int, offset: int) -> None:
        """Count an event that was decided and is decided again."""
        self._compared += 1
        self._opinions += live.opinion
        self._outcomes[live.outcome, replayed.outcome] += 1
        self._live[live.model, live.policy] += 1
        self._replayed[replayed.model, replayed.policy] += 1
        for name, before, now in (
            ("actions", live.action, replayed.action),
            ("queues", live.queue, replayed.queue),
            ("classes", live.class_, replayed.class_),
            ("rules", live.rule, replayed.rule),
        ):
            if before != now:
                self._changed[name][_named(before), _named(now)] += 1
        before, now = _told(live), _told(replayed)
        self._same += (before, live.class_) == (now, replayed.class_)
        kept = self._examples[before, now] if before != now else []
        if before != now and len(kept) < self._examples_most:
            kept.append(ChangedExample(replayed.id, partition, offset, before, now, live.rule, replayed.rule))
        self._add_scores(live, replayed)

    def missing(self, replayed: Verdict) -> None:
        """Count an event that is decided now, and of which nothing was found."""
        self._outcomes[NO_DECISION, replayed.outcome] += 1

    def was_dead_letter(self, replayed: Verdict) -> None:
        """Count an event that is decided now and was a dead letter."""
        self._outcomes[DEAD_LETTER, replayed.outcome] += 1

    def is_dead_letter(self, *, was: bool) -> None:
        """Count an event that is a dead letter now, and maybe was one."""
        self._outcomes[DEAD_LETTER if was else NO_DECISION, DEAD_LETTER] += 1

    def _add_scores(self, live: Verdict, replayed: Verdict) -> None:
        if live.harms == replayed.harms:
            for harm, before, now in zip(live.harms, live.scores, replayed.scores, strict=True):
                self._scores[harm].add(now - before)
            return
        earlier = dict(zip(live.harms, live.scores, strict=True))
        for harm, now in zip(replayed.harms, replayed.scores, strict=True):
            if harm in earlier:
                self._scores[harm].add(now - earlier[harm])

    def report(self) -> ReplayReport:
        """Say what was found so far."""
        rows, columns = (*OUTCOMES, DEAD_LETTER, NO_DECISION), (*OUTCOMES, DEAD_LETTER)
        missing = sum(self._outcomes[NO_DECISION, outcome] for outcome in OUTCOMES)
        dead = sum(self._outcomes[DEAD_LETTER, outcome] for outcome in OUTCOMES)
        return ReplayReport(
            events=self.events,
            decided=self._compared + missing + dead + self.repeated,
            dead_lettered=dict(sorted(self.dead_lettered.items())),
            repeated=self.repeated,
            compared=self._compared,
            same=self._same,
            live_missing=missing,
            live_repeated=self.live_repeated,
            live_only=self.live_only,
            opinions=self._opinions,
            outcomes={row: {column: self._outcomes[row, column] for column in columns} for row in rows},
            actions=_nested(self._changed["actions"]),
            queues=_nested(self._changed["queues"]),
            classes=_nested(self._changed["classes"]),
            rules=_nested(self._changed["rules"]),
            scores={harm: each.summary() for harm, each in sorted(self._scores.items())},
            live=_served(self._live),
            replayed=_served(self._replayed),
            examples=tuple(example for _, kept in sorted(self._examples.items()) for example in kept),
        )


class _Differences:
    """Differences of probabilities, counted."""

    def __init__(self) -> None:
        self._gathered: list[float] = []
        self._counts: NDArray[np.int64] = np.zeros(2 * _STEPS + 1, dtype=np.int64)
        self._sum = self._absolute = 0.0

    def add(self, difference: float) -> None:
        self._gathered.append(difference)
        if len(self._gathered) == _GATHERED:
            self._count()

    def _count(self) -> None:
        found = np.array(self._gathered)
        self._gathered = []
        places = np.clip(np.rint(found * _STEPS).astype(np.int64) + _STEPS, 0, 2 * _STEPS)
        self._counts += np.bincount(places, minlength=2 * _STEPS + 1)
        self._sum += float(found.sum())
        self._absolute += float(np.abs(found).sum())

    def summary(self) -> ScoreDifference:
        self._count()
        events = int(self._counts.sum())
        ends = np.cumsum(self._counts)
        places = {share: int(np.searchsorted(ends, share * events, side="left")) for share in QUANTILES}
        return ScoreDifference(
            events=events,
            mean=round(self._sum / events, _DECIMALS),
            mean_absolute=round(self._absolute / events, _DECIMALS),
            quantiles={str(share): (place - _STEPS) / _STEPS for share, place in places.items()},
        )


def _told(verdict: Verdict) -> str:
    """Give the outcome with its action or queue."""
    where = verdict.action or verdict.queue
    return f"{verdict.outcome} {where}" if where else verdict.outcome


def _named(value: str | int | None) -> str:
    return NO_DECISION if value is None else str(value)


def _nested(changes: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = {}
    for (before, now), count in sorted(changes.items()):
        nested.setdefault(before, {})[now] = count
    return nested


def _served(counted: Counter[tuple[Provenance, Provenance]]) -> tuple[Served, ...]:
    return tuple(Served(model, policy, decisions) for (model, policy), decisions in counted.most_common())
