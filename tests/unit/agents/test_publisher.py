"""What the publisher hands over first."""

from sluicegate.agents.log.codec import CODECS
from sluicegate.agents.outcome import Output
from sluicegate.agents.publisher import ready_by_topic


def test_decisions_are_handed_over_behind_the_tasks_of_all_events() -> None:
    topics = ["decisions", "letters", "review.0", "decisions", "review.1", "decisions", "letters"]
    ready = ready_by_topic([Output(topic, None, b"{}", ()) for topic in topics], 2**20, CODECS["snappy"])
    assert [(topic, batches[0].record_count()) for topic, batches in ready.items()] == [
        ("review.0", 1),
        ("review.1", 1),
        ("decisions", 3),
        ("letters", 2),
    ]
