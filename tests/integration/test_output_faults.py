"""Outputs that the broker does not take any more end the worker, and nothing behind them is committed."""

from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import TopicAlreadyExistsError

from tests.integration.streams import Message, Stream, event
from tests.integration.worker_process import until

SPAM = "Congratulations, you won a free cash prize! Claim your money now at win-money.example, limited offer"


def one_partition(start: int, count: int, text: str = "a plain remark") -> list[Message]:
    return [event(number, text)._replace(partition=0) for number in range(start, start + count)]


def delete_topic(stream: Stream, topic: str) -> None:
    with KafkaAdminClient(bootstrap_servers=stream.bootstrap) as admin:
        admin.delete_topics([topic])


def make_with_partitions(stream: Stream, topic: str, partitions: int) -> None:
    """Delete a topic and create it again with so many partitions."""
    delete_topic(stream, topic)
    with KafkaAdminClient(bootstrap_servers=stream.bootstrap) as admin:

        def created() -> bool:
            try:
                admin.create_topics([NewTopic(topic, partitions, 1)])
            except TopicAlreadyExistsError:
                return False
            return True

        until(created, 20)


def test_a_review_topic_deleted_under_a_running_worker_ends_it_by_name_and_is_missed_at_the_next_start(
    narrow_stream: Stream,
) -> None:
    worker = narrow_stream.start_worker().wait_until_ready()
    narrow_stream.publish(one_partition(0, 10, SPAM))
    narrow_stream.wait_until_committed(10)
    (topic,) = {topic for topic in narrow_stream.review_topics() if narrow_stream.ends(topic)}
    delete_topic(narrow_stream, topic)
    narrow_stream.publish(one_partition(10, 10, SPAM))
    assert worker.wait() == 1
    assert f"ending: {topic}, partition 0, does not take what was to be written" in worker.output()
    assert sum(narrow_stream.committed().values()) == 10
    refused = narrow_stream.command("worker")
    assert refused.returncode == 1
    assert f"{topic} is missing" in refused.stderr


def test_an_output_topic_with_other_partitions_than_the_input_is_refused_at_the_start_with_how_to_mend_it(
    narrow_stream: Stream,
) -> None:
    make_with_partitions(narrow_stream, narrow_stream.decisions, 1)
    narrow_stream.publish([event(number) for number in range(20)])
    refused = narrow_stream.command("worker")
    assert refused.returncode == 1
    assert f"{narrow_stream.decisions} has 1 partition instead of 2 as the events' topic has" in refused.stderr
    assert "Traceback" not in refused.stderr
    told = narrow_stream.command("topics", "check")
    assert told.returncode == 1
    assert f"kafka-topics.sh --alter --topic {narrow_stream.decisions} --partitions 2" in told.stdout + told.stderr
    assert narrow_stream.committed() == {}
    make_with_partitions(narrow_stream, narrow_stream.decisions, 2)
    narrow_stream.start_worker()
    narrow_stream.wait_for_decisions(20)
