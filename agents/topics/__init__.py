"""The topics of a deployment: which there should be, which there are, and creating what is missing."""

from sluicegate.agents.topics.cluster import TopicCreationError, apply_topics, check_topics, compare_topics, read_topics
from sluicegate.agents.topics.desired import TopicSpec, desired_topics, ledger_topic
from sluicegate.agents.topics.differences import (
    ActualTopic,
    Difference,
    Differences,
    PartitionsConflict,
    TopicsDiffer,
    plan,
)
from sluicegate.agents.topics.limits import RecordLimits, record_limits

__all__ = [
    "ActualTopic",
    "Difference",
    "Differences",
    "PartitionsConflict",
    "RecordLimits",
    "TopicCreationError",
    "TopicSpec",
    "TopicsDiffer",
    "apply_topics",
    "check_topics",
    "compare_topics",
    "desired_topics",
    "ledger_topic",
    "plan",
    "read_topics",
    "record_limits",
]
