"""What cannot be decided goes to the dead letters byte for byte, and the events around it are decided."""

import json
from typing import Any

import pytest

from sluicegate.schemas import read_error_headers
from tests.integration.streams import Message, Stream, event
from tests.integration.worker_process import WorkerProcess, until

GOOD: dict[str, Any] = {
    "specversion": "1.0",
    "id": "poison",
    "source": "/tests",
    "type": "content.created",
    "data": {"content_id": "c", "actor_id": "a", "surface": "comment", "text": "fine"},
}


def altered(**changes: Any) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


def altered_data(**changes: Any) -> bytes:
    return altered(data={**GOOD["data"], **changes})


POISON: list[tuple[str, bytes | None]] = [
    ("record.null", None),
    ("record.empty", b""),
    ("record.empty", b" \n"),
    ("record.too_large", altered_data(text="x" * (768 * 1024))),
    ("encoding.byte_order_mark", b"\xef\xbb\xbf" + altered()),
    ("encoding.utf16", altered().decode().encode("utf-16")),
    ("encoding.not_utf8", altered().replace(b"fine", b"\xff")),
    ("json.invalid", b"{"),
    ("json.invalid", altered_data(signals={"views": float("nan")})),
    ("json.too_deep", altered(extra=None).replace(b"null", b"[" * 40 + b"]" * 40)),
    ("json.not_an_object", b"[1, 2]"),
    ("event.content_type", altered(datacontenttype="text/xml")),
    ("event.data_base64", altered(data_base64="eA==")),
    ("event.unknown_version", altered(specversion="0.3")),
    ("event.unknown_type", altered(type="content.liked")),
    ("event.missing_field", altered(id=None)),
    ("event.missing_field", altered_data(text=None)),
    ("event.wrong_type", altered_data(text=7)),
    ("event.wrong_type", altered_data(signals={"views": "many"})),
    ("event.field_length", altered_data(surface="")),
    ("event.invalid_time", altered(time="2026-11-22T07:00:00")),
    ("event.not_finite", altered_data(signals={"views": 0}).replace(b'"views": 0', b'"views": 1e999')),
    ("event.too_many_signals", altered_data(signals={f"s{number}": 1 for number in range(65)})),
    ("event.lone_surrogate", altered(id="\ud800")),
]


def test_poison_of_every_kind_is_dead_lettered_byte_for_byte_and_what_is_around_it_decided(stream: Stream) -> None:
    headers = [("trace", b"\x00\xff"), ("trace", b"again")]
    messages: list[Message] = []
    for number, (_, value) in enumerate(POISON):
        messages.append(event(number, actor=1)._replace(partition=1))
        messages.append(Message(b"key-%d" % number, value, headers, partition=1))
    messages.append(Message(None, None, partition=1))
    messages.append(event(len(POISON), actor=1)._replace(partition=1))
    stream.publish(messages)
    worker = stream.start_worker()
    raw = stream.wait_for_decisions(len(POISON) + 1)
    assert [int(message.json()["data"]["event"]["id"]) for message in raw] == list(range(len(POISON) + 1))
    stream.wait_until_committed(len(messages))

    letters = stream.read(stream.dead_letters)
    assert [(letter.key, letter.value) for letter in letters] == [
        *((b"key-%d" % number, value) for number, (_, value) in enumerate(POISON)),
        (None, None),
    ]
    for index, ((reason, _), letter) in enumerate(zip(POISON, letters, strict=False)):
        assert list(letter.headers[:2]) == headers
        told = read_error_headers(letter.headers)
        assert told is not None
        assert (told.topic, told.partition, told.offset) == (stream.events, 1, 2 * index + 1)
        assert told.reason == reason
        assert letter.partition == 1
    assert worker.metric("sluicegate_events_dead_lettered_total") == len(POISON) + 1
    assert worker.metric("sluicegate_events_decided_total") == len(POISON) + 1
    assert "key-1" not in worker.output()


@pytest.mark.parametrize("compression", ["gzip", "snappy", "lz4", "zstd"])
def test_records_compressed_with_any_codec_are_decided(stream: Stream, compression: str) -> None:
    stream.publish([event(number) for number in range(100)], compression)
    stream.start_worker()
    assert len(stream.wait_for_decisions(100)) == 100


FLOODED = {
    "SLUICEGATE_DEAD_LETTER_WINDOW": "1",
    "SLUICEGATE_DEAD_LETTER_MINIMUM": "50",
    "SLUICEGATE_BATCH_MAX": "10",
}


def flood(stream: Stream, worker: WorkerProcess) -> int:
    """Publish what cannot be read until the worker has had enough; give how many records that took."""
    published = 0
    while worker.is_ready():
        stream.publish([Message(b"k", b"not json") for _ in range(50)])
        published += 50
        assert published < 20_000
    return published


def test_a_flood_of_dead_letters_stops_the_worker_loudly_and_is_not_written_on(stream: Stream) -> None:
    worker = stream.start_worker(**FLOODED).wait_until_ready()
    flood(stream, worker)
    status, why = worker.get("/readyz")
    assert status == 503
    assert "dead letters" in why
    assert worker.get("/healthz")[0] == 200
    until(lambda: worker.metric("sluicegate_worker_halted") == 1, 5, worker)
    written = len(stream.read(stream.dead_letters))
    stream.publish([Message(b"k", b"not json") for _ in range(200)])
    until(lambda: worker.metric("sluicegate_lag_records") >= 200, 10, worker)
    assert len(stream.read(stream.dead_letters)) == written
    assert "CRITICAL" in worker.output()
    assert worker.terminate()[0] == 0
    assert sum(stream.committed().values()) == written


def test_after_a_flood_a_restarted_worker_decides_what_is_good_again_and_stops_again_only_at_another_flood(
    stream: Stream,
) -> None:
    first = stream.start_worker(**FLOODED).wait_until_ready()
    poison = flood(stream, first)
    assert first.terminate()[0] == 0
    stream.publish([event(number) for number in range(1000)])
    second = stream.start_worker(**FLOODED).wait_until_ready()
    assert len(stream.wait_for_decisions(1000)) == 1000
    stream.wait_until_committed(poison + 1000)
    assert len(stream.read(stream.dead_letters)) == poison
    assert second.is_ready()
    poison += flood(stream, second)
    assert "dead letters" in second.get("/readyz")[1]
    assert second.terminate()[0] == 0
    written = len(stream.read(stream.dead_letters))
    assert sum(stream.committed().values()) == written + 1000 <= poison + 1000
