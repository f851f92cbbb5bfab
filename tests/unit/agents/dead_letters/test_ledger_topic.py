"""The topic of what was redriven: named after that of the dead letters, kept whole, and needed by no worker."""

import pytest

from sluicegate.agents.dead_letters.ledger import LedgerError, require_kept
from sluicegate.agents.dead_letters.transactions import transactional_id
from sluicegate.agents.settings import SettingsError, load_settings
from sluicegate.agents.topics import ActualTopic, desired_topics, ledger_topic, plan


def test_it_is_named_after_the_dead_letters_unless_it_is_set() -> None:
    assert load_settings(dead_letters_topic="eu.dlq").redrive_ledger == "eu.dlq.redriven"
    assert load_settings(redrives_topic="eu.redrives").redrive_ledger == "eu.redrives"


def test_it_has_one_partition_and_forgets_nothing() -> None:
    spec = ledger_topic(load_settings(partitions=9, replication=3))
    assert (spec.partitions, spec.replication, spec.config["cleanup.policy"]) == (1, 3, "compact")


def test_no_worker_needs_it() -> None:
    settings = load_settings()
    assert ledger_topic(settings) not in desired_topics(settings, [])


def test_another_number_of_partitions_is_answered_with_the_setting_that_names_it() -> None:
    settings = load_settings()
    desired = (*desired_topics(settings, []), ledger_topic(settings))
    actual = [ActualTopic(spec.name, 8 if spec == desired[-1] else spec.partitions) for spec in desired]
    (found,) = plan(desired, actual).differing
    assert "set SLUICEGATE_REDRIVES_TOPIC to a new name" in found.remedy


@pytest.mark.parametrize("name", ["content.events", "content.events.dlq", "desk.state"])
def test_it_is_a_topic_of_its_own(name: str) -> None:
    with pytest.raises(SettingsError, match="_REDRIVES_TOPIC must differ"):
        load_settings(redrives_topic=name)


def test_all_redrives_of_one_ledger_write_under_one_name() -> None:
    first, second = load_settings(), load_settings(group="another", instance="w-1")
    assert transactional_id(first) == transactional_id(second) == "sluicegate.redrive.content.events.dlq.redriven"
    assert transactional_id(load_settings(redrives_topic="other")) != transactional_id(first)


@pytest.mark.parametrize("policy", ["delete", "compact,delete"])
def test_one_that_forgets_in_time_is_refused_with_what_mends_it(policy: str) -> None:
    with pytest.raises(LedgerError, match=r"forgets what was redriven.* --entity-name redriven .*policy=compact$"):
        require_kept(ActualTopic("redriven", 1, {"cleanup.policy": policy}))


@pytest.mark.parametrize("config", [None, {}, {"cleanup.policy": "compact"}])
def test_one_that_is_kept_or_of_which_the_broker_does_not_tell_is_taken(config: dict[str, str] | None) -> None:
    require_kept(ActualTopic("redriven", 1, config))
