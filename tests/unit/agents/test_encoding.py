"""What an event or its record may hold that is no use to anybody: nothing of it stops the encoding, or goes on."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
import pytest

from sluicegate.agents.batch import RecordBatch
from sluicegate.agents.encoding import Topics
from sluicegate.agents.moments import broker_time
from sluicegate.agents.pipeline import Pipeline
from sluicegate.models import default_bundle_path, load_bundle
from sluicegate.policy import default_policy_path, load_policy
from sluicegate.schemas import Headers


class StoredEvent(NamedTuple):
    """A record of an event."""

    value: bytes
    key: bytes | None = None
    headers: Headers = ()
    offset: int = 0
    timestamp: int = 1_790_000_000_000


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    topics = Topics("decisions", "dead letters", "review.", 2**20, 2**20)
    return Pipeline(load_bundle(default_bundle_path()).scorer(), load_policy(default_policy_path()), topics)


def task_of(pipeline: Pipeline, **data: Any) -> dict[str, Any]:
    """Give the data of the review task that follows from a text too long to be scored whole."""
    event = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/tests",
        "type": "content.created",
        "data": {"content_id": "c", "actor_id": "a", "surface": "comment", "text": "a word " * 10_000, **data},
    }
    record = StoredEvent(msgspec.json.encode(event))
    outcome = pipeline.process(RecordBatch("events", 0, [record]), datetime(2026, 11, 24, tzinfo=UTC))
    (task,) = [output for output in outcome.outputs if output.topic.startswith("review.")]
    found: dict[str, Any] = msgspec.json.decode(task.value or b"")["data"]
    return found


@pytest.mark.parametrize("language", ["pt-BR", "und", "EN"])
def test_a_task_names_the_language_as_the_event_does(pipeline: Pipeline, language: str) -> None:
    assert task_of(pipeline, language=language)["language"] == language


@pytest.mark.parametrize("language", ["no language at all", "en_US\n", "x" * 50_000, ""])
def test_a_task_names_no_language_that_is_no_tag(pipeline: Pipeline, language: str) -> None:
    assert "language" not in task_of(pipeline, language=language)


@pytest.mark.parametrize(
    ("timestamp", "told"),
    [
        (-1, "1970-01-01T00:00:00.000Z"),
        (1_790_000_000_000, "2026-09-21T14:13:20.000Z"),
        (2**62, "9999-12-31T23:59:59.999Z"),
        (-(2**62), "1970-01-01T00:00:00.000Z"),
    ],
)
def test_a_timestamp_that_no_calendar_has_becomes_the_nearest_that_one_has(timestamp: int, told: str) -> None:
    assert broker_time(timestamp) == told
