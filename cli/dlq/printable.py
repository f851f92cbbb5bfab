"""Bytes of strangers as text that a terminal can be given: nothing in it moves the cursor or turns the line around."""

import base64
from datetime import UTC, datetime
from typing import Any, Final

from sluicegate.agents.moments import broker_time

__all__ = ["as_json", "escaped", "now", "quoted", "time_of"]

_BYTE: Final = 0x100
_BASIC: Final = 0x10000


def escaped(content: str | bytes, most: int | None = None) -> str:
    """Give text with everything escaped that does not print.

    Parameters
    ----------
    content
        Whatever was in the record.
    most
        Characters that are shown; None for all.
    """
    text = content.decode("utf-8", "backslashreplace") if isinstance(content, bytes) else content
    shown = text if most is None else text[:most]
    more = f"... ({len(text):,} characters)" if len(shown) < len(text) else ""
    return "".join(map(_escaped, shown)) + more


def quoted(content: bytes | None, most: int | None = None) -> str:
    """Give what is there in quotes, escaped; null where nothing is."""
    return "null" if content is None else f'"{escaped(content, most)}"'


def as_json(name: str, content: bytes | None) -> dict[str, Any]:
    """Give bytes as a member of a JSON object: as text, or in base64 where they are none."""
    try:
        return {name: None if content is None else content.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(content or b"").decode()}


def time_of(timestamp: int) -> str:
    """Write a timestamp, in milliseconds since the epoch; a dash where the record has none."""
    return broker_time(timestamp) if timestamp >= 0 else "-"


def now() -> datetime:
    """Give the time."""
    return datetime.now(UTC)


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < _BYTE else f"\\u{code:04x}" if code < _BASIC else f"\\U{code:08x}"
