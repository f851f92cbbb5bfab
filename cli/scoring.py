"""Decides the lines of a file with the worker's own pipeline, in batches, in their order."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final, NamedTuple

import msgspec

from sluicegate.agents.batch import RecordBatch
from sluicegate.agents.columnar.pipeline import ColumnPipeline, served_pipeline
from sluicegate.agents.encoding import Topics
from sluicegate.agents.pipeline import Pipeline
from sluicegate.cli.lines import ReadLine, UnreadLine
from sluicegate.models import Scorer
from sluicegate.models.language import Identifier
from sluicegate.models.opinion.consulted import Opinion
from sluicegate.policy import Policy
from sluicegate.schemas import Headers, read_error_headers

__all__ = ["Decided", "decide_lines", "file_pipeline"]

_DECISIONS: Final = "decisions"
_DEAD_LETTERS: Final = "dead letters"
# No topic takes what is written here, so that none is too small for it.
_UNLIMITED: Final = 2**62
_TOPICS: Final = Topics(_DECISIONS, _DEAD_LETTERS, "review.", _UNLIMITED, _UNLIMITED)
_BATCH: Final = 500


class Decided(NamedTuple):
    """A line of output, without its end: a decision, or why there is none."""

    value: bytes
    is_error: bool


class StoredLine(NamedTuple):
    """A line as if it had been read from a topic, its number as the offset."""

    key: bytes | None
    value: bytes | None
    headers: Headers
    offset: int
    timestamp: int


def file_pipeline(
    scorer: Scorer, policy: Policy, opinion: Opinion | None = None, identifier: Identifier | None = None
) -> Pipeline:
    """Make the pipeline that decides files."""
    return Pipeline(scorer, policy, _TOPICS, opinion, identifier=identifier)


def decide_lines(lines: Iterable[ReadLine | UnreadLine], pipeline: Pipeline, now: datetime) -> Iterator[Decided]:
    """Decide lines.

    Parameters
    ----------
    lines
        Of a file.
    pipeline
        Made by :func:`file_pipeline`.
    now
        The time of the decisions, and of events that state none.

    Yields
    ------
    Decided
        One for each line, in their order.
    """
    served = served_pipeline(pipeline, _TOPICS)
    source = iter(lines)
    while batch := list(islice(source, _BATCH)):
        decided = iter(_decide([line for line in batch if isinstance(line, ReadLine)], served, now))
        for line in batch:
            yield _error(line.number, line.reason, line.message) if isinstance(line, UnreadLine) else next(decided)


def _decide(lines: Sequence[ReadLine], pipeline: Pipeline | ColumnPipeline, now: datetime) -> list[Decided]:
    if not lines:
        return []
    timestamp = int(now.timestamp() * 1000)
    records = [StoredLine(*line.record, line.number, timestamp) for line in lines]
    outputs = pipeline.process(RecordBatch("", 0, records), now).outputs
    # Of what follows from an event exactly one record is a decision or a dead letter.
    return [
        _dead_letter(output.headers) if output.topic == _DEAD_LETTERS else Decided(output.value or b"", False)
        for output in outputs
        if output.topic in {_DECISIONS, _DEAD_LETTERS}
    ]


def _dead_letter(headers: Headers) -> Decided:
    letter = read_error_headers(headers)
    if letter is None:
        raise RuntimeError("a dead letter came without its headers")
    return _error(letter.offset, letter.reason, letter.message)


def _error(number: int, reason: str, message: str) -> Decided:
    error: dict[str, Any] = {"line": number, "error": {"reason": reason, "message": message}}
    return Decided(msgspec.json.encode(error), True)
