"""From settings to a replay: what decides is loaded as a worker loads it, and the topics are looked at."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kafka.admin import KafkaAdminClient

from sluicegate.agents.broker import admin_client
from sluicegate.agents.encoding import Topics
from sluicegate.agents.languages import LoadingIdentifier, are_identified, load_identifier
from sluicegate.agents.permissions import Need, require_permissions
from sluicegate.agents.replay.replaying import Plan, Progress, replay
from sluicegate.agents.replay.stretch import Stretch, StretchError
from sluicegate.agents.replay.targets import UNWRITTEN, Targets, prepared
from sluicegate.agents.serving import Serving
from sluicegate.agents.settings import Settings
from sluicegate.agents.topics import read_topics
from sluicegate.agents.trust import load_trust
from sluicegate.models.comparison import ReplayReport
from sluicegate.policy import Policy, load_policy

__all__ = ["Wish", "run_replay"]


@dataclass(frozen=True)
class Wish:
    """What a user wants of a replay.

    Attributes
    ----------
    stretch
        Which part of the past.
    targets
        Where to write; None to write nothing.
    policy, bundle
        In place of those that are set.
    create_topics
        Whether missing topics are created.
    rate, examples
        As in a plan.
    """

    stretch: Stretch
    targets: Targets | None
    policy: Path | None = None
    bundle: Path | None = None
    create_topics: bool = False
    rate: float | None = None
    examples: int = 3


async def run_replay(settings: Settings, wish: Wish, show: Callable[[Progress], None]) -> ReplayReport:
    """Load what decides, look at the topics, and replay.

    One model and one policy decide everything: a split, a shadow and a second opinion, whose say depends on time and
    load, are left out.

    Parameters
    ----------
    settings
        Of the running deployment.
    wish
        What is wanted.
    show
        Told how far it has come.

    Raises
    ------
    BrokerUnavailable, BundleError, LanguageError, PermissionMissing, PolicyError, StretchError, TargetError
        Where it cannot be done.
    """
    alone = {"split_bundle": None, "shadow_bundle": None, "opinion_bundle": None}
    own = settings.model_copy(
        update=alone | {"policy": wish.policy or settings.policy, "bundle": wish.bundle or settings.bundle}
    )
    trust = load_trust(own)
    policy = load_policy(own.policy, trust.keys)
    serving = Serving.load(own, policy, trust)
    identifier = LoadingIdentifier(partial(load_identifier, own, policy)) if are_identified(own) else None
    # In a thread: the admin client makes its first contact in a loop of its own.
    partitions, topics = await asyncio.to_thread(_look_at_topics, settings, wish, policy)
    plan = Plan(
        settings=own,
        stretch=wish.stretch,
        partitions=partitions,
        topics=topics,
        written=wish.targets is not None,
        rate=wish.rate,
        examples=wish.examples,
    )
    return await replay(plan, serving.pipeline(topics, None, identifier), show)


def _look_at_topics(settings: Settings, wish: Wish, policy: Policy) -> tuple[int, Topics]:
    read = (settings.events_topic, settings.decisions_topic, settings.dead_letters_topic)
    with admin_client(settings) as admin:
        require_permissions(admin, [Need("topic", name, "READ") for name in read])
        partitions = _partitions(admin, settings)
        if wish.targets is None:
            return partitions, UNWRITTEN
        return partitions, prepared(admin, settings, wish.targets, policy, partitions, create=wish.create_topics)


def _partitions(admin: KafkaAdminClient, settings: Settings) -> int:
    found = read_topics(admin, [settings.events_topic])
    if settings.events_topic not in found:
        raise StretchError(
            f"there is no topic {settings.events_topic} on {', '.join(settings.brokers)}; set SLUICEGATE_EVENTS_TOPIC"
        )
    return found[settings.events_topic].partitions
