"""The demo's settings, and the environment in which its worker finds the same ones."""

import os
from collections.abc import Mapping
from pathlib import Path

from sluicegate.agents.settings import PREFIX, Settings

__all__ = ["demo_settings", "worker_environment"]

#: Few, since each poll of the embedded broker asks for every partition of every review topic.
_PARTITIONS = 3
#: The embedded broker answers a worker that joins only after half of this time.
_SESSION_TIMEOUT = 6.0


def demo_settings(settings: Settings, brokers: str, metrics_port: int) -> Settings:
    """Give settings for the embedded broker; of the user's own only the topics, the bundle and the policy stay.

    Parameters
    ----------
    settings
        The user's.
    brokers
        Address of the embedded broker.
    metrics_port
        A free port for the worker's metrics.
    """
    topics = ("events_topic", "decisions_topic", "dead_letters_topic", "outcomes_topic", "desk_state_topic")
    return Settings.model_construct(
        brokers=(brokers,),
        metrics_port=metrics_port,
        bundle=settings.bundle.absolute(),
        policy=settings.policy.absolute(),
        partitions=_PARTITIONS,
        session_timeout=_SESSION_TIMEOUT,
        # What stands in the stream when the worker is asked to end is decided first: nothing needs replaying.
        commit_interval=0.5,
        **{name: getattr(settings, name) for name in (*topics, "review_prefix")},
    )


def worker_environment(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """Give an environment with exactly these settings, and all else as it is.

    Parameters
    ----------
    settings
        What the worker is to find.
    environment
        This process's.
    """
    ours = {name: value for name in type(settings).model_fields if (value := getattr(settings, name)) is not None}
    return {
        **{name: value for name, value in environment.items() if not name.upper().startswith(PREFIX)},
        **{PREFIX + name.upper(): _as_text(value) for name, value in ours.items()},
        # Its log goes to a file that is looked at when it has ended.
        "PYTHONUNBUFFERED": "1",
    }


def _as_text(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, Path):
        return os.fspath(value)
    return str(value)
