"""False alarms and power of drift, simulated: ``python -m sluicegate.bench.drift_alarms``."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Final

import msgspec
import numpy as np
import typer
from numpy.typing import NDArray

from sluicegate.models.drift.binning import Binning
from sluicegate.models.drift.feature import Feature
from sluicegate.models.drift.reference import Reference, score_name
from sluicegate.models.drift.stability import population_stability_index
from sluicegate.models.drift.watch import DriftWatch

__all__ = ["Alarms", "Noticed", "alarms", "noticed"]

_DAY: Final = 86_400.0
_STEP: Final = 10.0
_LOOK: Final = 600.0
_REFERENCE_TEXTS: Final = 30_000

#: Shares of the bins as bundles have them: six scores, length, languages (the last is one that the reference lacks),
#: unknown words, and a rare yes beside a no.
_TEN: Final = (0.08, 0.1, 0.11, 0.12, 0.13, 0.12, 0.11, 0.12, 0.09, 0.02)
_SHAPES: Final[tuple[tuple[float, ...], ...]] = (
    _TEN,
    _TEN[::-1],
    (0.24, 0.1, 0.14, 0.08, 0.09, 0.09, 0.14, 0.11, 0.01),
    (0.37, 0.12, 0.14, 0.14, 0.12, 0.1, 0.01),
    (0.15, 0.14, 0.19, 0.2, 0.16, 0.14, 0.02),
    (0.12, 0.11, 0.15, 0.18, 0.15, 0.19, 0.08, 0.02),
    (0.11, 0.13, 0.23, 0.39, 0.14),
    (0.7, 0.2, 0.05, 0.03, 0.01999, 0.00001),
    (0.6, 0.2, 0.1, 0.09, 0.01),
    (0.97, 0.03),
)


class Alarms(msgspec.Struct, frozen=True):
    """Days without drift: how many had a look of a level or more, or a change; looks, and those above the noise."""

    days: int
    level_1: int
    level_2: int
    changes: int
    looks: int
    above_noise: int
    highest_index: float


class Noticed(msgspec.Struct, frozen=True):
    """A shift: its index, and the hours after which it was noticed, and by which the change was dated wrongly."""

    index: float
    level_1: float | None
    level_2: float | None
    change: float | None
    dated: float | None


def alarms(per_second: float, alike: int, days: int, seed: int) -> Alarms:
    """Watch first days of workers, each of a stream like the reference, whose texts come in bursts of like ones."""
    source, binning = np.random.default_rng(seed), _binning(_SHAPES)
    shapes = [feature.shares for feature in binning.features]
    level_1 = level_2 = changed = looks = above = 0
    highest = 0.0
    for _ in range(days):
        watch = DriftWatch(binning, _DAY, 0.0)
        levels, changes = {0}, 0
        for now in _times(_DAY):
            changes += len(watch.add(_counts(source, shapes, per_second, alike), now))
            if now % _LOOK == 0:
                found = watch.findings(now)
                levels |= {one.level for one in found}
                looks += len(found)
                above += sum(one.stability_index > one.noise for one in found)
                highest = max([highest, *(one.stability_index for one in found)])
        level_1, level_2, changed = level_1 + (max(levels) > 0), level_2 + (2 in levels), changed + (changes > 0)
    return Alarms(days, level_1, level_2, changed, looks, above, highest)


def noticed(per_second: float, alike: int, times: float, seed: int) -> Noticed:
    """Watch a stream for three days, after the first of which four bins of ten are so many times as frequent."""
    source, binning = np.random.default_rng(seed), _binning(_SHAPES[:1] * 3)
    before = [feature.shares for feature in binning.features]
    moved = before[0] * np.array([1.0] * 6 + [times] * 4)
    after = [moved / moved.sum(), *before[1:]]
    watch = DriftWatch(binning, _DAY, 0.0)
    first: dict[int, float] = {}
    change: tuple[float, float] | None = None
    for now in _times(3 * _DAY):
        shapes = before if now < _DAY else after
        for name, found in watch.add(_counts(source, shapes, per_second, alike), now).items():
            if name == binning.features[0].name and change is None:
                change = (now - _DAY) / 3_600, (found.since - _DAY) / 3_600
        if now % _LOOK == 0:
            for one in watch.findings(now)[:1]:
                for level in range(1, one.level + 1):
                    first.setdefault(level, (now - _DAY) / 3_600)
    index = population_stability_index(after[0], before[0])
    return Noticed(index, first.get(1), first.get(2), *(change or (None, None)))


def _binning(shapes: Sequence[tuple[float, ...]]) -> Binning:
    features = {}
    for number, shape in enumerate(shapes):
        shares = np.array(shape) / sum(shape)
        features[number] = Feature(score_name(str(number)), np.arange(1.0, len(shape)), shares, _REFERENCE_TEXTS)
    return Binning(Reference("sha256:simulated", _REFERENCE_TEXTS, False, features, None, None, None, {}, None))


def _times(seconds: float) -> Iterator[float]:
    return iter(np.arange(0.0, seconds + _STEP, _STEP).tolist())


def _counts(
    source: np.random.Generator, shapes: Sequence[NDArray[np.float64]], per_second: float, alike: int
) -> NDArray[np.int64]:
    bursts = source.poisson(per_second * _STEP / alike)
    return np.concatenate([source.multinomial(bursts, shape) for shape in shapes]) * alike


def bench(
    seed: Annotated[int, typer.Option(help="Of all chance.")] = 1,
    days: Annotated[int, typer.Option(min=1, help="Days without drift, of each stream.")] = 30,
) -> None:
    """Simulate streams without drift, and with a shift, and print two tables in Markdown."""
    print("| texts a second | in bursts of | first days | with level 1 | with level 2 | with a change | above noise |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for per_second, alike in ((0.02, 1), (1.0, 1), (50.0, 1), (1.0, 20), (5.0, 200), (50.0, 1_000)):
        found = alarms(per_second, alike, days, seed)
        share = f"{found.above_noise / max(1, found.looks):.3%}"
        print(
            f"| {per_second:g} | {alike:,} | {days} | {found.level_1} | {found.level_2} | {found.changes} | {share} |"
        )
    print("\n| index of the shift | texts a second | in bursts of | level 1 | level 2 | change found | dated |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for times in (2.0, 4.0, 8.0):
        for per_second, alike in ((0.1, 1), (1.0, 1), (20.0, 1), (1.0, 20)):
            shift = noticed(per_second, alike, times, seed)
            hours = (shift.level_1, shift.level_2, shift.change)
            cells = " | ".join("not" if each is None else f"after {each:.1f} h" for each in hours)
            dated = "" if shift.dated is None else f"{shift.dated * 60:+.0f} min"
            print(f"| {shift.index:.2f} | {per_second:g} | {alike} | {cells} | {dated} |")


if __name__ == "__main__":
    typer.run(bench)
