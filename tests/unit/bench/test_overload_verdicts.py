"""What an overload and a soak must show, and that each of it can fail."""

from typing import Any

import msgspec
import pytest

from sluicegate.bench.overload import Overloaded, verdicts
from sluicegate.bench.sampling import BOUNDS, Trend
from sluicegate.bench.soak import Life, Soaked, flat, lives_of

FLAT = Trend(200.0, 210.0, 1.0, -1.0, 3.0, 0.5, 10.0, True)
GROWING = Trend(200.0, 290.0, 90.0, 80.0, 95.0, 45.0, 10.0, False)
SHORT = Trend(200.0, 290.0, 0.0, 0.0, 0.0, 0.0, 10.0, None)
GOOD = Overloaded(
    measured_at="2026-01-01",
    cores=2,
    compiled=False,
    capacity=1_000.0,
    rate=3_000.0,
    seconds=600.0,
    events=1_800_000,
    done_meanwhile=900.0,
    lag_most=1_260_000,
    catch_up_seconds=1_300.0,
    undecided=0,
    repeated=0,
    rebalances=1,
    pressure_seconds=1_800.0,
    during={"memory_mb": FLAT},
    afterwards={"memory_mb": FLAT},
)
LIFE = Life(0, 0.0, 900.0, False, {"memory_mb": FLAT, "handles": FLAT, "threads": FLAT})
SOAKED = Soaked(
    measured_at="2026-01-01",
    cores=2,
    workers=2,
    capacity=20_000.0,
    rate=14_000.0,
    minutes=30.0,
    events=25_200_000,
    kills=1,
    recovered=[11.0],
    decided=25_210_000,
    repeated=10_000,
    undecided=0,
    lag=FLAT,
    lives=[LIFE, msgspec.structs.replace(LIFE, worker=1, killed=True)],
    bounds=dict(BOUNDS),
)


def failing(judged: dict[str, bool]) -> int:
    return sum(not so for so in judged.values())


@pytest.mark.parametrize(
    "change",
    [
        {"rate": 1_000.0},
        {"during": {"memory_mb": GROWING}},
        {"during": {"memory_mb": SHORT}},
        {"rebalances": 2},
        {"undecided": 1},
        {"repeated": 1},
        {"pressure_seconds": 0.0},
    ],
)
def test_an_overload_fails_for_each_thing_that_is_not_so(change: dict[str, Any]) -> None:
    assert failing(verdicts(GOOD)) == 0
    assert failing(verdicts(msgspec.structs.replace(GOOD, **change))) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"lives": [LIFE, msgspec.structs.replace(LIFE, trends={**LIFE.trends, "handles": GROWING})]},
        {"lag": GROWING},
        {"lag": None},
        {"undecided": 1},
        {"recovered": []},
    ],
)
def test_a_soak_fails_for_each_thing_that_is_not_so(change: dict[str, Any]) -> None:
    assert failing(flat(SOAKED)) == 0
    assert failing(flat(msgspec.structs.replace(SOAKED, **change))) == 1


def test_a_soak_of_lives_too_short_for_a_slope_fails() -> None:
    short = msgspec.structs.replace(LIFE, trends={})
    assert failing(flat(msgspec.structs.replace(SOAKED, lives=[short]))) == 3
    assert len(lives_of(SOAKED)) == 2 * 5
