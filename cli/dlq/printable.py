"""What is in a dead letter, in words and in JSON."""

import base64
from datetime import UTC, datetime
from typing import Any

from sluicegate.agents.moments import broker_time
from sluicegate.schemas.printable import escaped

__all__ = ["as_json", "now", "quoted", "time_of"]


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
