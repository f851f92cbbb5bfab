"""What the stream's client says of a missing permission is told as the permission that is missing."""

import pytest
from aiokafka.errors import TopicAuthorizationFailedError

from sluicegate.agents.permissions import explained
from sluicegate.agents.publisher import NotWrittenError
from sluicegate.agents.settings import load_settings
from sluicegate.agents.transaction_faults import told


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        (({"content.decisions"},), "Write on the topic content.decisions"),
        (({"b", "a"},), "Write on the topic a, Write on the topic b"),
        (("content.events",), "Read on the topic content.events"),
        (({"content.events"},), "Read on the topic content.events"),
        ((), "Read on the topic content.events"),
    ],
)
def test_topics_that_are_refused_are_named_with_what_is_done_to_them(
    arguments: tuple[set[str] | str, ...], missing: str
) -> None:
    refused = TopicAuthorizationFailedError(*arguments)
    for error in (refused, told(refused, "content.events", 3)):
        assert f"do not allow this user {missing};" in str(explained(error, load_settings()))


def test_a_topic_that_a_record_could_not_be_written_to_is_the_one_that_is_named() -> None:
    refused = TopicAuthorizationFailedError("content.events")
    written = NotWrittenError("review.general.1", 2, refused)
    written.__cause__ = refused
    assert "Write on the topic review.general.1" in str(explained(told(written, "content.events"), load_settings()))
