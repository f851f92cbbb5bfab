"""The readable events of a batch as arrays, and the refusals of those that are not."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.batch import StoredRecord
from sluicegate.models import Scorer
from sluicegate.policy import DELETED_TYPE, Features, comparable
from sluicegate.schemas import ContentEvent, Refusal, decode_event, primary_subtag
from sluicegate.schemas.limits import SCORED_TEXT_MAX_BYTES

__all__ = ["AGE_SIGNAL", "Row", "features_of", "is_scored", "read_row", "score_rows", "scored_part"]

#: Of a text longer than the limit, three quarters of what is scored are its head, the rest its tail.
_HEAD_BYTES: Final = SCORED_TEXT_MAX_BYTES * 3 // 4
_TAIL_BYTES: Final = SCORED_TEXT_MAX_BYTES - _HEAD_BYTES

#: Age of the content in hours, where the publisher knows it.
AGE_SIGNAL: Final = "age_hours"


@dataclass(frozen=True, slots=True)
class Row:
    """One readable event.

    Attributes
    ----------
    index
        Of its record in the batch.
    language
        Primary subtag in lower case, that of the event or else the one identified; empty where it is unknown.
    language_invalid
        Whether the event had a language that is no tag.
    text
        What is scored of the text.
    head
        Code points of ``text`` that are the head of the whole; fewer than all only where it is truncated.
    language_confidence
        How sure the language is that was identified; None where none was looked for.
    """

    index: int
    record: StoredRecord
    event: ContentEvent
    language: str
    language_invalid: bool
    text: str
    head: int
    surrogates_replaced: int
    language_confidence: float | None = None

    @property
    def truncated(self) -> bool:
        """Whether only the head and the tail of the text are scored."""
        return self.head < len(self.text)

    def original_offset(self, offset: int) -> int:
        """Give the offset into the event's text of an offset into ``text``."""
        if offset <= self.head:
            return offset
        return offset + len(self.event.data.text or "") - len(self.text)


def read_row(index: int, record: StoredRecord) -> Row | Refusal:
    """Decode one record of a batch; a refusal is returned, not raised."""
    try:
        event, replaced = decode_event(record)
    except Refusal as refusal:
        # Its traceback holds the frames of its callers, and with them all that follows from the batch, in a cycle.
        return _without_frames(refusal)
    tag = event.data.language
    language = primary_subtag(tag) if tag else ""
    text, head = scored_part(event.data.text or "")
    return Row(index, record, event, language or "", language is None, text, head, replaced)


def _without_frames(refusal: Refusal) -> Refusal:
    refusal.__cause__ = refusal.__context__ = None
    return refusal.with_traceback(None)


def is_scored(row: Row) -> bool:
    """Tell whether a model is asked about the event: not about deleted content."""
    return row.event.type != DELETED_TYPE


def score_rows(scorer: Scorer, rows: Sequence[Row]) -> NDArray[np.float64]:
    """Give the probabilities of events, with the signals that the model heeds: shape (n_rows, n_harms)."""
    signals = [row.event.data.signals for row in rows] if scorer.signals else None
    return scorer.score([row.text for row in rows], signals)


def scored_part(text: str) -> tuple[str, int]:
    """Give what is scored of a text.

    Returns
    -------
    text
        At most 64 KiB of UTF-8: head and tail of a longer text, with a line break between.
    head
        Code points of it that are the head; all of them where the text is whole.
    """
    if len(text) <= SCORED_TEXT_MAX_BYTES // 4:
        return text, len(text)
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= SCORED_TEXT_MAX_BYTES:
        return text, len(text)
    head = encoded[: _HEAD_BYTES - 1].decode("utf-8", "ignore")
    tail = encoded[-_TAIL_BYTES:].decode("utf-8", "ignore")
    return f"{head}\n{tail}", len(head)


def features_of(rows: Sequence[Row], wanted: Set[str]) -> Features:
    """Give what a policy may ask of events, as arrays of n.

    Parameters
    ----------
    rows
        The events.
    wanted
        Names of the signals that the policy asks for; no event can make others cost anything.
    """
    events = [row.event for row in rows]
    wanted = wanted | {AGE_SIGNAL}
    signals: dict[str, NDArray[np.float64]] = {}
    for index, event in enumerate(events):
        for name, number in (event.data.signals or {}).items():
            if number is not None and name in wanted:
                if name not in signals:
                    signals[name] = np.full(len(events), np.nan)
                signals[name][index] = number
    types = np.array([event.type for event in events], dtype=np.str_)
    # What was just created has no age; of an update only the publisher can say.
    age = np.where(types == "content.created", 0.0, np.nan)
    if AGE_SIGNAL in signals:
        age = np.where(np.isnan(signals[AGE_SIGNAL]), age, signals[AGE_SIGNAL])
    return Features(
        type=types,
        surface=np.array([comparable(event.data.surface) for event in events], dtype=np.str_),
        language=np.array([row.language for row in rows], dtype=np.str_),
        tenant=np.array([comparable(event.data.tenant or "") for event in events], dtype=np.str_),
        text_truncated=np.array([row.truncated for row in rows], dtype=np.bool_),
        age_hours=age,
        signals=signals,
    )
