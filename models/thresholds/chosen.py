"""Thresholds of all harms from scored texts, and a manifest that states them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from sluicegate.models.manifest import Manifest
from sluicegate.models.scored import Scored
from sluicegate.models.thresholds.goals import Goal, Stream
from sluicegate.models.thresholds.recorded import GoalThreshold
from sluicegate.models.thresholds.sample import Sample, sample
from sluicegate.models.thresholds.setting import Unmet
from sluicegate.models.thresholds.trade import Point, set_threshold, trade


@dataclass(frozen=True)
class HarmThresholds:
    """One harm's stream and texts, the trade along its thresholds, the goals that were met and those that were not.

    ``unlabelled`` says that no text was labelled for it: then there is no trade and no goal is looked at.
    """

    harm: str
    stream: Stream
    sample: Sample
    points: tuple[Point, ...]
    chosen: tuple[GoalThreshold, ...]
    unmet: tuple[Unmet, ...]
    unlabelled: bool


def choose(
    harms: Sequence[str],
    labelled: Scored,
    ordinary: Scored | None,
    streams: Mapping[str, Stream],
    goals: Mapping[str, Sequence[Goal]],
    seed: int,
    progress: Callable[[int, int], None],
) -> tuple[HarmThresholds, ...]:
    """Set thresholds by the goals of each harm; ``progress`` is told how many harms are done, and of how many.

    Raises
    ------
    GoalError
        If hours are asked for and the stream does not say how many events and minutes there are.
    """
    found: list[HarmThresholds] = []
    for number, harm in enumerate(harms):
        progress(number, len(harms))
        found.append(_choose(harm, labelled, ordinary, streams[harm], goals[harm], seed))
    progress(len(harms), len(harms))
    return tuple(found)


def with_thresholds(manifest: Manifest, found: Sequence[HarmThresholds]) -> Manifest:
    """Return a manifest that states the thresholds; those of other harms and other kinds of goals stay."""
    thresholds = dict(manifest.thresholds)
    for of_harm in found:
        kinds = {threshold.goal for threshold in of_harm.chosen}
        kept = tuple(one for one in thresholds.get(of_harm.harm, ()) if one.goal not in kinds)
        if kept or of_harm.chosen:
            thresholds[of_harm.harm] = kept + of_harm.chosen
    return msgspec.structs.replace(manifest, thresholds=thresholds)


def _choose(
    harm: str, labelled: Scored, ordinary: Scored | None, stream: Stream, goals: Sequence[Goal], seed: int
) -> HarmThresholds:
    among = labelled.labelled(harm)
    scores, labels = labelled.of(harm, among)
    drawn_from = sample(scores, labels, None if ordinary is None else ordinary.free_of(harm))
    if not among.any():
        return HarmThresholds(harm, stream, drawn_from, (), (), (), unlabelled=True)
    files = labelled.files + (() if ordinary is None else ordinary.files)
    results = [set_threshold(goal, stream, drawn_from, files, seed) for goal in goals]
    return HarmThresholds(
        harm,
        stream,
        drawn_from,
        trade(stream, drawn_from, seed),
        tuple(result for result in results if isinstance(result, GoalThreshold)),
        tuple(result for result in results if isinstance(result, Unmet)),
        unlabelled=False,
    )
