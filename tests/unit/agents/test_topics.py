"""Which topics a deployment needs, and what lies between those and the topics that are there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.agents.settings import load_settings
from sluicegate.agents.topics import (
    ActualTopic,
    Differences,
    PartitionsConflict,
    TopicsDiffer,
    TopicSpec,
    desired_topics,
    plan,
)
from sluicegate.schemas.limits import RECORD_MAX_BYTES

REVIEW = ["review.fraud.0", "review.fraud.1", "review.fraud.2"]


def as_it_should_be(spec: TopicSpec) -> ActualTopic:
    return ActualTopic(spec.name, spec.partitions, dict(spec.config))


@pytest.fixture
def desired() -> tuple[TopicSpec, ...]:
    return desired_topics(load_settings(), REVIEW)


def changed(desired: tuple[TopicSpec, ...], name: str, **config: str) -> list[ActualTopic]:
    """Give the desired topics as they should be, but for one's configuration."""
    return [
        ActualTopic(spec.name, spec.partitions, {**spec.config, **config})
        if spec.name == name
        else as_it_should_be(spec)
        for spec in desired
    ]


def test_all_topics_of_the_contract_are_desired(desired: tuple[TopicSpec, ...]) -> None:
    assert [spec.name for spec in desired] == [
        "content.events",
        "content.decisions",
        "content.events.dlq",
        "review.outcomes",
        *REVIEW,
        "desk.state",
    ]


def test_names_partitions_and_replicas_come_from_the_settings() -> None:
    settings = load_settings(events_topic="in", desk_state_topic="eu.desk", partitions=9, replication=3)
    desired = desired_topics(settings, [])
    assert (desired[0].name, desired[0].partitions, desired[0].replication) == ("in", 9, 3)
    assert (desired[-1].name, desired[-1].partitions, desired[-1].replication) == ("eu.desk", 1, 3)


@given(partitions=st.integers(1, 10_000), events=st.none() | st.integers(1, 10_000))
def test_all_but_the_state_of_the_desk_have_as_many_partitions_as_the_events(
    partitions: int, events: int | None
) -> None:
    desired = desired_topics(load_settings(partitions=partitions), REVIEW, events_partitions=events)
    counts = {spec.name: spec.partitions for spec in desired}
    assert counts.pop("desk.state") == 1
    assert set(counts.values()) == {partitions if events is None else events}


def test_outputs_take_twice_the_size_of_the_largest_input(desired: tuple[TopicSpec, ...]) -> None:
    sizes = {spec.name: int(spec.config["max.message.bytes"]) for spec in desired}
    assert sizes["content.events"] > RECORD_MAX_BYTES
    for name in ("content.decisions", "content.events.dlq", *REVIEW):
        assert sizes[name] == 2 * sizes["content.events"]


def test_only_the_state_of_the_desk_is_compacted(desired: tuple[TopicSpec, ...]) -> None:
    assert [spec.name for spec in desired if spec.config["cleanup.policy"] == "compact"] == ["desk.state"]


def test_topics_as_they_should_be_do_not_differ(desired: tuple[TopicSpec, ...]) -> None:
    assert not plan(desired, [as_it_should_be(spec) for spec in desired])


def test_on_an_empty_cluster_all_topics_are_missing(desired: tuple[TopicSpec, ...]) -> None:
    assert plan(desired, []) == Differences(missing=desired)


def test_topics_of_others_are_left_alone(desired: tuple[TopicSpec, ...]) -> None:
    actual = [*map(as_it_should_be, desired), ActualTopic("of.others", 1, {"cleanup.policy": "compact"})]
    assert not plan(desired, actual)


def test_too_few_partitions_are_reported_with_the_command_that_adds_them(desired: tuple[TopicSpec, ...]) -> None:
    actual = [ActualTopic(spec.name, 4 if spec.name == "content.decisions" else spec.partitions) for spec in desired]
    (found,) = plan(desired, actual).differing
    assert str(found) == (
        "content.decisions has 4 partitions instead of 6 as the events' topic has; "
        "kafka-topics.sh --alter --topic content.decisions --partitions 6"
    )


def test_too_many_partitions_are_not_answered_with_a_command_that_kafka_refuses(
    desired: tuple[TopicSpec, ...],
) -> None:
    actual = [ActualTopic(spec.name, 8 if spec.name == "desk.state" else spec.partitions) for spec in desired]
    (found,) = plan(desired, actual).differing
    assert "has 8 partitions instead of 1;" in str(found)
    assert "set SLUICEGATE_DESK_STATE_TOPIC to a new name, or delete desk.state with all its records" in found.remedy


def test_an_output_with_too_many_partitions_is_answered_by_more_for_the_events_not_by_deleting_it(
    desired: tuple[TopicSpec, ...],
) -> None:
    actual = [ActualTopic(spec.name, 8 if spec.name == REVIEW[0] else spec.partitions) for spec in desired]
    (found,) = plan(desired, actual).differing
    assert "`kafka-topics.sh --alter --topic content.events --partitions 8`" in found.remedy
    assert f"whoever deletes {REVIEW[0]} deletes all its records, open reviews and decisions among them" in found.remedy


def test_events_that_would_not_fit_the_topics_that_are_there_are_a_conflict_and_not_21_differences() -> None:
    settings = load_settings(events_topic="other.events", partitions=3)
    actual = [as_it_should_be(spec) for spec in desired_topics(load_settings(), REVIEW)]
    found = plan(desired_topics(settings, REVIEW), actual)
    assert (found.conflict, found.differing) == (PartitionsConflict("other.events", 3, 6), ())
    assert found.prevents_work
    assert str(found.conflict) == (
        "other.events would get 3 partitions, and the topics that are there for its records have 6; "
        "set SLUICEGATE_PARTITIONS=6, or other names for all topics"
    )
    assert str(TopicsDiffer(found)) == f"1 topic does not fit: other.events is missing; {found.conflict}"


@pytest.mark.parametrize("partitions", [[6, 6], [], [4, 5]])
def test_events_that_fit_or_that_nothing_fits_are_no_conflict(
    desired: tuple[TopicSpec, ...], partitions: list[int]
) -> None:
    there = [ActualTopic(name, count) for name, count in zip(REVIEW, partitions, strict=False)]
    assert plan(desired, [*there, ActualTopic("desk.state", 1)]).conflict is None


def test_a_smaller_largest_record_is_reported_and_a_greater_is_not(desired: tuple[TopicSpec, ...]) -> None:
    (found,) = plan(desired, changed(desired, "content.decisions", **{"max.message.bytes": "1048588"})).differing
    assert (found.topic, found.kind) == ("content.decisions", "max.message.bytes")
    assert "--add-config max.message.bytes=2097152" in found.remedy
    assert not plan(desired, changed(desired, "content.decisions", **{"max.message.bytes": "4194304"}))


@pytest.mark.parametrize(("topic", "cleanup"), [("desk.state", "delete"), ("content.events", "compact,delete")])
def test_another_cleanup_is_reported(desired: tuple[TopicSpec, ...], topic: str, cleanup: str) -> None:
    (found,) = plan(desired, changed(desired, topic, **{"cleanup.policy": cleanup})).differing
    assert (found.topic, found.kind) == (topic, "cleanup.policy")


def test_retention_is_the_operators_to_change(desired: tuple[TopicSpec, ...]) -> None:
    assert not plan(desired, changed(desired, "content.events", **{"retention.ms": "3600000"}))


def test_where_the_broker_tells_no_configuration_only_partitions_are_compared(
    desired: tuple[TopicSpec, ...],
) -> None:
    assert not plan(desired, [ActualTopic(spec.name, spec.partitions, None) for spec in desired])


def test_only_missing_topics_and_other_partitions_keep_a_worker_from_running(
    desired: tuple[TopicSpec, ...],
) -> None:
    smaller = plan(desired, changed(desired, "content.decisions", **{"max.message.bytes": "1000"}))
    other = plan(desired, [ActualTopic(spec.name, spec.partitions + 1) for spec in desired])
    assert (smaller.prevents_work, other.prevents_work, plan(desired, []).prevents_work) == (False, True, True)


def test_a_refusal_names_the_topics_and_the_command() -> None:
    desired = desired_topics(load_settings(), REVIEW)
    actual = [
        ActualTopic(spec.name, 3 if spec.name == "content.decisions" else spec.partitions)
        for spec in desired
        if spec.name != "review.fraud.1"
    ]
    text = str(TopicsDiffer(plan(desired, actual)))
    assert "review.fraud.1 is missing" in text
    assert "content.decisions has 3 partitions instead of 6" in text
    assert "`sluicegate topics apply`" in text
    assert text.startswith("2 topics do not fit: ")


def test_a_refusal_of_many_topics_names_a_few_and_their_number() -> None:
    text = str(TopicsDiffer(plan(desired_topics(load_settings(), [f"review.q{n}.0" for n in range(18)]), [])))
    assert text == (
        "23 topics do not fit: content.events is missing, content.decisions is missing, content.events.dlq is missing "
        "and 20 more; run `sluicegate topics apply`, which creates what is missing and says how to mend the rest"
    )
