"""The language of a text whose event names none: a configured one or unknown, and how sure that is."""

from sluicegate.models.language.identifier import (
    Buffer,
    BufferIdentifier,
    Identified,
    Identifier,
    LanguageIdentifier,
    LanguageModel,
    reads_buffers,
)
from sluicegate.models.language.languages import LanguageError

__all__ = [
    "Buffer",
    "BufferIdentifier",
    "Identified",
    "Identifier",
    "LanguageError",
    "LanguageIdentifier",
    "LanguageModel",
    "reads_buffers",
]
