"""Replay: a stretch of the past is decided again, by another policy or model, into topics of one's choice.

Nothing here joins a group or commits an offset.
"""

from sluicegate.agents.replay.replaying import Progress
from sluicegate.agents.replay.running import Wish, run_replay
from sluicegate.agents.replay.stretch import Stretch, StretchError
from sluicegate.agents.replay.targets import TargetError, Targets

__all__ = ["Progress", "Stretch", "StretchError", "TargetError", "Targets", "Wish", "run_replay"]
