"""Deleted content is taken back from every queue, and texts and records at their limits end where the contract says."""

import json

from sluicegate.schemas import read_error_headers
from tests.integration.streams import Message, Stream, event

RECORD_MOST = 768 * 1024
TEXT_MOST = 64 * 1024


def with_size(number: int, size: int) -> Message:
    """Give an event whose value has exactly so many bytes."""
    room = size - len(event(number, "").value or b"")
    return event(number, "x" * room)._replace(partition=0)


def test_deleted_content_is_allowed_unscored_and_withdrawn_from_every_queue_once(stream: Stream) -> None:
    worker = stream.start_worker().wait_until_ready()
    stream.publish([event(1, "a plain remark"), event(2, "", type="content.deleted"), event(3, "another remark")])
    raw = stream.wait_for_decisions(3)
    (decision,) = [message for message in raw if message.json()["data"]["event"]["id"] == "2"]
    data = decision.json()["data"]
    assert (data["outcome"], data["rule"], data["scores"]) == ("allow", "deleted", {})
    topics = stream.review_topics()
    queues = {topic.removeprefix(stream.review_prefix).rpartition(".")[0] for topic in topics}
    withdrawals = {topic: stream.read(topic) for topic in topics}
    assert {topic for topic, found in withdrawals.items() if found} == {
        f"{stream.review_prefix}{queue}.0" for queue in queues
    }
    found = [message for messages in withdrawals.values() for message in messages]
    assert sorted(message.json()["data"]["queue"] for message in found) == sorted(queues)
    assert {message.json()["type"] for message in found} == {"review.task.withdrawn"}
    assert {message.json()["data"]["content_id"] for message in found} == {"c-2"}
    assert {(message.key, message.partition) for message in found} == {(decision.key, decision.partition)}
    assert len({message.json()["id"] for message in found}) == len(queues)
    assert worker.metric("sluicegate_review_tasks_withdrawn_total") == len(queues)
    assert worker.terminate()[0] == 0


def test_a_text_of_64_kib_is_scored_whole_and_one_byte_more_is_routed_to_people(stream: Stream) -> None:
    sentence = "the garden was quiet and the tea was warm. "
    text = (sentence * (TEXT_MOST // len(sentence) + 1))[:TEXT_MOST]
    stream.publish([event(1, text), event(2, text + "x"), event(3, "é" * (TEXT_MOST // 2) + "x")])
    stream.start_worker()
    raw = stream.wait_for_decisions(3)
    decisions = {message.json()["data"]["event"]["id"]: message.json()["data"] for message in raw}
    assert {number: data["text_truncated"] for number, data in decisions.items()} == {"1": False, "2": True, "3": True}
    assert {decisions[number]["outcome"] for number in ("2", "3")} == {"review"}
    tasks = {task["event"]["id"]: task for m in stream.read(*stream.review_topics()) for task in [m.json()["data"]]}
    assert tasks["2"]["text"] == text + "x"
    assert tasks["3"]["text"] == "é" * (TEXT_MOST // 2) + "x"
    assert tasks["2"]["text_truncated"] is True


def test_a_record_at_the_limit_is_decided_and_one_byte_more_is_dead_lettered_whole(stream: Stream) -> None:
    largest, larger = with_size(1, RECORD_MOST), with_size(2, RECORD_MOST + 1)
    stream.publish([largest, larger, event(3)._replace(partition=0)])
    stream.start_worker()
    raw = stream.wait_for_decisions(2)
    assert [message.json()["data"]["event"]["id"] for message in raw] == ["1", "3"]
    stream.wait_until_committed(3)
    (letter,) = stream.read(stream.dead_letters)
    told = read_error_headers(letter.headers)
    assert told is not None
    assert told.reason == "record.too_large"
    assert (letter.key, letter.value) == (larger.key, larger.value)
    (task,) = [message.json()["data"] for message in stream.read(*stream.review_topics())]
    assert task["text"] == json.loads(largest.value or b"")["data"]["text"]
