"""Decisions, review tasks and withdrawals of a batch as bytes, written from arrays without an object for each.

What they are is said by :class:`~sluicegate.agents.encoding.Encoder`, which writes the same bytes one event at a time.
"""

from sluicegate.agents.encoded.decided import DecidedEvents, Languages, ReachedHarms, TextParts
from sluicegate.agents.encoded.writer import BatchWriter, DecisionWriter, is_written

__all__ = ["BatchWriter", "DecidedEvents", "DecisionWriter", "Languages", "ReachedHarms", "TextParts", "is_written"]
