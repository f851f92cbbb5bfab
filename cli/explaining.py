"""Which parts of a text carried its scores: as a member of its decision."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import tee
from typing import Any, Final

import msgspec

from sluicegate.agents.pipeline import Pipeline
from sluicegate.agents.rows import Row, read_row
from sluicegate.cli.lines import ReadLine, UnreadLine
from sluicegate.cli.scoring import Decided, StoredLine, decide_lines
from sluicegate.models import Scorer
from sluicegate.schemas import TextPart

__all__ = ["Explained", "explain_lines"]

#: The strongest parts of a text for each harm, as many as a review task has.
_PARTS_MOST: Final = 3


@dataclass(frozen=True)
class Explained:
    """What became of a line.

    Attributes
    ----------
    number
        The line's number in the file, from 1.
    answer
        The decision with a member ``why`` in its data, or the error, as it is in JSON.
    text
        Of the event; empty where there is none.
    why
        The parts that carried each score, strongest first for each harm, in the model's order of harms.
    is_error
        Whether the line could not be decided.
    """

    number: int
    answer: dict[str, Any]
    text: str
    why: tuple[TextPart, ...]
    is_error: bool

    @property
    def value(self) -> bytes:
        """A line of output, without its end."""
        return msgspec.json.encode(self.answer)


def explain_lines(lines: Iterable[ReadLine | UnreadLine], pipeline: Pipeline, now: datetime) -> Iterator[Explained]:
    """Decide lines as :func:`~sluicegate.cli.scoring.decide_lines` does, and say of each what carried its scores."""
    given, kept = tee(lines)
    for line, decided in zip(kept, decide_lines(given, pipeline, now), strict=False):
        yield _explained(line, decided, pipeline.scorer)


def _explained(line: ReadLine | UnreadLine, decided: Decided, scorer: Scorer) -> Explained:
    answer: dict[str, Any] = msgspec.json.decode(decided.value)
    if isinstance(line, UnreadLine) or decided.is_error:
        return Explained(line.number, answer, "", (), True)
    row = read_row(0, StoredLine(*line.record, line.number, 0))
    # What is not scored, as deleted content, was carried by nothing.
    is_scored = isinstance(row, Row) and bool(answer["data"]["scores"])
    text = row.event.data.text or "" if isinstance(row, Row) else ""
    why = _parts(row, scorer) if isinstance(row, Row) and is_scored else ()
    answer["data"]["why"] = msgspec.to_builtins(why)
    return Explained(line.number, answer, text, why, False)


def _parts(row: Row, scorer: Scorer) -> tuple[TextPart, ...]:
    return tuple(
        TextPart(harm, row.original_offset(span.start), row.original_offset(span.end), round(span.weight, 4))
        for harm in scorer.harms
        for span in scorer.why(row.text, harm, _PARTS_MOST)
    )
