"""The limits of what is read: public figures of the contract, each with a reason code of its own when exceeded."""

from typing import Final

__all__ = [
    "LANGUAGE_TAG_MAX_CHARACTERS",
    "MEMBER_MAX_BYTES",
    "NESTING_MAX_DEPTH",
    "RECORD_MAX_BYTES",
    "SCORED_TEXT_MAX_BYTES",
    "SIGNALS_MAX_COUNT",
]

#: A record's value, in bytes.
RECORD_MAX_BYTES: Final = 768 * 1024

#: Of a text, as many bytes of UTF-8 are scored; of longer ones the head and the tail.
SCORED_TEXT_MAX_BYTES: Final = 64 * 1024

#: Levels of objects and arrays, the outermost counted as one, unknown members included.
NESTING_MAX_DEPTH: Final = 32

#: Signals of one event.
SIGNALS_MAX_COUNT: Final = 64

#: A language tag longer than this is counted as unknown without being looked at.
LANGUAGE_TAG_MAX_CHARACTERS: Final = 64

#: Members of an event, in bytes of UTF-8; each has at least one.
MEMBER_MAX_BYTES: Final[dict[str, int]] = {
    "id": 256,
    "source": 1024,
    "content_id": 256,
    "actor_id": 256,
    "surface": 64,
    "tenant": 256,
    "content_version": 64,
    "signal name": 64,
}
