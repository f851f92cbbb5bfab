"""Where what is decided again goes: never into the topics of the running deployment, unless told so."""

from dataclasses import dataclass
from typing import Final

from kafka.admin import KafkaAdminClient

from sluicegate.agents.encoding import Topics
from sluicegate.agents.names import PREFIX_OF_TOPICS, TOPIC, in_words, is_like
from sluicegate.agents.permissions import Need, looking_needs
from sluicegate.agents.settings import Settings
from sluicegate.agents.topics import RecordLimits, apply_topics, desired_topics, read_topics, record_limits
from sluicegate.agents.topics.desired import OUTPUT_MAX_BYTES
from sluicegate.policy import Policy

__all__ = ["UNWRITTEN", "TargetError", "Targets", "prepared"]

_NAME_MOST: Final = 249


class TargetError(Exception):
    """Topics that a replay cannot write to; the text says which, why, and what to do."""


@dataclass(frozen=True)
class Targets:
    """Names of the topics that a replay writes to.

    Attributes
    ----------
    decisions, dead_letters
        Topics.
    review_prefix
        What the names of review topics begin with.
    into_live
        Whether they may be those of the running deployment.
    """

    decisions: str
    dead_letters: str
    review_prefix: str
    into_live: bool = False

    @classmethod
    def named(
        cls,
        settings: Settings,
        prefix: str | None = None,
        decisions: str | None = None,
        dead_letters: str | None = None,
        review_prefix: str | None = None,
        *,
        into_live: bool = False,
    ) -> "Targets":
        """Take the names that a user gave.

        Parameters
        ----------
        settings
            Of the running deployment.
        prefix
            Put before the live name of whatever is not named.
        decisions, dead_letters, review_prefix
            Names.
        into_live
            Whether live topics may be written to; those that are read never are.

        Raises
        ------
        TargetError
            Where a name is missing, is no name, or is that of a live topic.
        """
        wanted = {
            "--decisions-topic": (decisions, settings.decisions_topic),
            "--dead-letters-topic": (dead_letters, settings.dead_letters_topic),
            "--review-prefix": (review_prefix, settings.review_prefix),
        }
        missing = [option for option, (name, _) in wanted.items() if name is None]
        if prefix is None and missing:
            raise TargetError(
                f"say where to write: --out-prefix PREFIX, or {', '.join(missing)} as well; "
                "or --report-only, which writes nothing"
            )
        names = [_or_live(name, prefix or "", live) for name, live in wanted.values()]
        found = cls(names[0], names[1], names[2], into_live)
        found._check(settings)
        return found

    def _check(self, settings: Settings) -> None:
        live = {settings.decisions_topic, settings.dead_letters_topic}
        if self.decisions == self.dead_letters:
            raise TargetError(f"decisions and dead letters cannot both go to {self.decisions}")
        for name in (self.decisions, self.dead_letters):
            if len(name) > _NAME_MOST:
                raise TargetError(f"{name[:40]}... is too long for the name of a topic: it {in_words(TOPIC)}")
            if not is_like(TOPIC, name):
                raise TargetError(f"{name!r} cannot be the name of a topic: it {in_words(TOPIC)}")
            if name in _read(settings):
                raise TargetError(_is_read(name))
            if not self.into_live and (
                name in live or (settings.review_prefix and name.startswith(settings.review_prefix))
            ):
                raise TargetError(_is_live(name))
        if not is_like(PREFIX_OF_TOPICS, self.review_prefix):
            told = f"{self.review_prefix[:_NAME_MOST]!r} cannot be what the names of review topics begin with"
            raise TargetError(f"{told}: it {in_words(PREFIX_OF_TOPICS)}")
        # Also behind the live prefix: review tools may ask for all topics that begin with it.
        begins = bool(settings.review_prefix) and self.review_prefix.startswith(settings.review_prefix)
        if not self.into_live and (begins or self.review_prefix == settings.review_prefix):
            raise TargetError(_is_live(f"{self.review_prefix}*"))

    def settings(self, settings: Settings) -> Settings:
        """Give the settings of the running deployment with these topics in place of its own."""
        return settings.model_copy(
            update={
                "decisions_topic": self.decisions,
                "dead_letters_topic": self.dead_letters,
                "review_prefix": self.review_prefix,
            }
        )


def _or_live(name: str | None, prefix: str, live: str) -> str:
    """Give a name, or else the live one behind a prefix."""
    return f"{prefix}{live}" if name is None else name


def prepared(
    admin: KafkaAdminClient, settings: Settings, targets: Targets, policy: Policy, partitions: int, *, create: bool
) -> Topics:
    """Look at the topics that are to be written to, and create those that are missing where that is wanted.

    Parameters
    ----------
    admin
        A connected client.
    settings
        Of the running deployment.
    targets
        Names.
    policy
        Its queues have the review topics.
    partitions
        Of the events.
    create
        Whether missing topics are created.

    Raises
    ------
    TargetError
        Where one is missing, or has another number of partitions than the events.
    PermissionMissing
        Where one may not be looked at, or not be written to.
    """
    own = targets.settings(settings)
    reviewed = policy.review_topics(own.review_prefix)
    names = [own.decisions_topic, own.dead_letters_topic, *reviewed]
    live = {*policy.review_topics(settings.review_prefix), settings.decisions_topic, settings.dead_letters_topic}
    if named := _read(settings).intersection(names):
        raise TargetError(_is_read(min(named)))
    if not targets.into_live and (named := live.intersection(names)):
        raise TargetError(_is_live(min(named)))
    there = read_topics(admin, names, [*looking_needs(names), *(Need("topic", name, "WRITE") for name in names)])
    missing = [name for name in names if name not in there]
    if missing and not create:
        raise TargetError(
            f"missing on {', '.join(settings.brokers)}: {', '.join(missing)}; "
            "have them created with --create-topics, or write nothing with --report-only"
        )
    specs = desired_topics(own, reviewed, events_partitions=partitions)
    apply_topics(admin, [spec for spec in specs if spec.name in missing])
    there |= read_topics(admin, missing)
    for name in names:
        if there[name].partitions != partitions:
            raise TargetError(
                f"{name} has {there[name].partitions} partitions, and {settings.events_topic} has {partitions}: a "
                "decision goes to the partition of its event; name another topic"
            )
    return _topics_of(targets, record_limits({name: there[name] for name in names}, own))


def _topics_of(targets: Targets, limits: RecordLimits) -> Topics:
    """Give where a pipeline's outcomes go."""
    return Topics(targets.decisions, targets.dead_letters, targets.review_prefix, limits.output, limits.dead_letter)


#: Where the outcomes of a replay go that writes nothing: with the limits that `topics apply` gives topics.
UNWRITTEN: Final = _topics_of(
    Targets("decisions", "dead letters", "review."), RecordLimits(OUTPUT_MAX_BYTES, OUTPUT_MAX_BYTES)
)


def _read(settings: Settings) -> set[str]:
    """Give the topics that are read by a running deployment, or by those who work on it."""
    return {settings.events_topic, settings.outcomes_topic, settings.desk_state_topic, settings.redrive_ledger}


def _is_read(name: str) -> str:
    return f"{name} is read by the running deployment; write somewhere else"


def _is_live(name: str) -> str:
    return (
        f"{name} belongs to the running deployment: whoever reads it would take a replay for what was decided; "
        "choose other names with --out-prefix"
    )
