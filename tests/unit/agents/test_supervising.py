"""Processes under a supervisor differ in what must differ, and how one ended is told in words."""

import asyncio
import os
import signal

import pytest

from sluicegate.agents.settings import SettingsError, load_settings
from sluicegate.agents.supervising import available_cores, how_it_ended, overriding_settings, send


def test_each_process_serves_metrics_on_a_port_of_its_own() -> None:
    found = overriding_settings(load_settings(metrics_port=9464), 3)
    assert found == [{"SLUICEGATE_METRICS_PORT": str(port)} for port in (9464, 9465, 9466)]


def test_with_port_0_each_process_takes_any() -> None:
    found = overriding_settings(load_settings(metrics_port=0), 2)
    assert found == [{"SLUICEGATE_METRICS_PORT": "0"}] * 2


def test_each_process_has_a_name_of_its_own_in_the_group() -> None:
    found = overriding_settings(load_settings(metrics_port=0, instance="east-1"), 2)
    assert [own["SLUICEGATE_INSTANCE"] for own in found] == ["east-1-0", "east-1-1"]


def test_too_few_ports_are_a_setting_that_cannot_be_used() -> None:
    with pytest.raises(SettingsError, match="METRICS_PORT: 3 processes"):
        overriding_settings(load_settings(metrics_port=65_534), 3)
    assert len(overriding_settings(load_settings(metrics_port=65_534), 2)) == 2


def test_a_name_that_becomes_too_long_is_a_setting_that_cannot_be_used() -> None:
    with pytest.raises(SettingsError, match="INSTANCE: with the number"):
        overriding_settings(load_settings(instance="n" * 199), 2)
    assert len(overriding_settings(load_settings(instance="n" * 198), 2)) == 2


@pytest.mark.parametrize(
    ("code", "told", "how"),
    [
        (0, True, None),
        (0, False, "ended though this process had not told it to"),
        (-15, True, None),
        (-15, False, "ended though this process had not told it to"),
        (1, False, "failed with exit code 1, for the reason told above"),
        (1, True, "failed with exit code 1, for the reason told above"),
        (-9, False, "was killed by SIGKILL, as when memory runs out"),
        (-11, False, "was killed by SIGSEGV"),
        (-63, False, "was killed by signal 63"),
    ],
)
def test_how_a_process_ended_is_told_in_words(code: int, told: bool, how: str | None) -> None:
    assert how_it_ended(code, told=told) == how


def test_as_many_cores_as_this_process_may_use() -> None:
    kept = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(kept)})
        assert available_cores() == 1
    finally:
        os.sched_setaffinity(0, kept)
    assert available_cores() == len(kept)


def test_a_process_that_ends_while_it_is_told_to_keeps_its_exit_code() -> None:
    async def code() -> int:
        # It ignores what it is told, and ends by itself in the midst of it.
        process = await asyncio.create_subprocess_exec(
            "sh", "-c", "trap '' TERM; echo; exit 7", stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        await process.stdout.readline()
        while process.returncode is None:
            send(process, signal.SIGTERM)
            await asyncio.sleep(0)
        send(process, signal.SIGTERM)
        return await process.wait()

    async def codes() -> set[int]:
        return {await code() for _ in range(20)}

    assert asyncio.run(codes()) == {7}
