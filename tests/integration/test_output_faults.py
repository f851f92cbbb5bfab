"""Outputs that the broker does not take any more end the worker, and nothing behind them is committed."""

from kafka.admin import KafkaAdminClient

from tests.integration.streams import Message, Stream, event, until

SPAM = "Congratulations, you won a free cash prize! Claim your money now at win-money.example, limited offer"


def one_partition(start: int, count: int, text: str = "a plain remark") -> list[Message]:
    return [event(number, text)._replace(partition=0) for number in range(start, start + count)]


def delete_topic(stream: Stream, topic: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=stream.bootstrap)
    try:
        admin.delete_topics([topic])
    finally:
        admin.close()


def test_a_review_topic_deleted_under_a_running_worker_ends_it_and_is_named_at_the_next_start(
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
    assert narrow_stream.command("topics", "apply").returncode == 0
    narrow_stream.start_worker()
    narrow_stream.wait_for_decisions(20)
    until(lambda: narrow_stream.ends(topic) == 10, 10)
