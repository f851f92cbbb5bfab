"""Models and policies compared by what was decided: a shadow, a split of the stream, or a replay of its past."""

from sluicegate.models.comparison.replay_report import ReplayReport, encode_replay_report
from sluicegate.models.comparison.replay_tally import ReplayTally
from sluicegate.models.comparison.report import Comparison, encode_comparison
from sluicegate.models.comparison.tally import Tally
from sluicegate.models.comparison.verdict import Verdict, read_verdict

__all__ = [
    "Comparison",
    "ReplayReport",
    "ReplayTally",
    "Tally",
    "Verdict",
    "encode_comparison",
    "encode_replay_report",
    "read_verdict",
]
