"""Two models compared by what was decided: under a shadow on the same events, under a split on shares of the stream."""

from sluicegate.models.comparison.report import Comparison, encode_comparison
from sluicegate.models.comparison.tally import Tally

__all__ = ["Comparison", "Tally", "encode_comparison"]
