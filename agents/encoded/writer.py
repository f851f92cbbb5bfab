"""Writes the values of a batch with one model and one policy: constant parts are prepared once."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise
from types import ModuleType
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.encoded.decided import DecidedEvents, Languages, ReachedHarms, TextParts
from sluicegate.agents.moments import rfc3339
from sluicegate.policy import Policy
from sluicegate.schemas import OUTCOMES, UNDETERMINED, Provenance
from sluicegate.schemas.columns import Spans
from sluicegate.schemas.identity import NAMESPACE
from sluicegate.schemas.kernels import kernel

if TYPE_CHECKING:
    from sluicegate.agents.encoded.writing import Constants, Decided, Pieces

__all__ = ["BatchWriter", "DecisionWriter", "is_written"]

_writing = kernel("sluicegate.agents.encoded.writing")

_JSON: Final = msgspec.json.Encoder()

#: Rules that no policy names, as decisions count them: from -2 on.
#: Orders in which harms were reached that are remembered: with many harms there is no end of them.
_WARNINGS_MOST: Final = 4_096

_BUILT_IN_RULES: Final = ("deleted", "default")

_DECIMALS: Final = 6
_UNSURE: Final = 0.01
_EXACT: Final = 1e13
_TOLD_NOTHING: Final = -1
_TOLD_AS_NAMED: Final = -2


def is_written() -> bool:
    """Tell whether the kernel is there; without it only ``Encoder`` writes."""
    return _writing is not None


class DecisionWriter:
    """Writes what was decided about events that were read into columns, byte for byte as ``Encoder`` does.

    The rest is ``Encoder``'s: events that were not read into columns, and those with a second opinion or a shadow.

    Parameters
    ----------
    model
        Named in every decision.
    policy
        By which was decided.
    harms
        Of the model, in the order of the scores.

    Raises
    ------
    ImportError
        Where the kernel is not there (see :func:`is_written`).
    """

    def __init__(self, *, model: Provenance, policy: Policy, harms: tuple[str, ...]) -> None:
        self._kernel = _loaded()
        self._policy = policy
        self._harms = harms
        self._goals = tuple(timedelta(minutes=queue.goal_minutes) for queue in policy.queues)
        self._warnings: dict[tuple[int, ...], str] = {}
        queues = [queue.name for queue in policy.queues]
        reference = Provenance(policy.name, policy.version, policy.digest)
        provenance = b',"model":' + _JSON.encode(model) + b',"policy":' + _JSON.encode(reference)
        self._fixed: tuple[Pieces, ...] = (
            _strings(OUTCOMES),
            _strings([*_BUILT_IN_RULES, *(rule.name for rule in policy.rules)]),
            _strings(policy.actions),
            _strings(queues),
            self._kernel.Pieces([name.encode() for name in queues]),
            _strings(harms),
            self._kernel.Pieces([provenance]),
        )

    def batch(self, events: DecidedEvents) -> "BatchWriter":
        """Prepare what all values of a batch share.

        Raises
        ------
        ValueError
            Where the arrays are not of one length, or the scores not of the model's harms.
        """
        return BatchWriter(self, events)

    def constants(self, events: DecidedEvents, dues: Iterable[str] = (), warnings: Iterable[str] = ()) -> "Constants":
        """Give what all values of a batch share, as the kernel takes it."""
        moment = events.moment
        shared: Constants = self._kernel.Constants(
            NAMESPACE.bytes,
            *self._fixed,
            _strings(events.languages.tags),
            _strings([moment.text] if moment.as_of is None else [moment.text, moment.as_of]),
            _strings(dues),
            _strings(warnings),
            len(_BUILT_IN_RULES),
        )
        return shared

    def dues(self, events: DecidedEvents) -> list[str]:
        """Give by when each queue's tasks of a batch are to be done."""
        return [rfc3339(events.moment.now + goal) for goal in self._goals]

    def warning(self, reached: tuple[int, ...]) -> str:
        """Give what a reviewer is told before a task about these harms."""
        known = self._warnings.get(reached)
        if known is None:
            if len(self._warnings) >= _WARNINGS_MOST:
                self._warnings.clear()
            named = (self._harms[harm] for harm in reached if 0 <= harm < len(self._harms))
            warnings = (self._policy.harms[harm].warning for harm in named if harm in self._policy.harms)
            known = self._warnings[reached] = "; ".join(dict.fromkeys(warning for warning in warnings if warning))
        return known


class BatchWriter:
    """Writes the values of one batch.

    Each method takes the rows to be written, as int64 positions among the decided events; all of them must have been
    read into columns. It gives one value for each, and raises ``ValueError`` where a row was not read or an index has
    nothing to point to.

    Parameters
    ----------
    writer
        Of the model and the policy.
    events
        What was decided.
    """

    def __init__(self, writer: DecisionWriter, events: DecidedEvents) -> None:
        self._kernel = _loaded()
        self._writer = writer
        self._events = events
        self._shared = writer.constants(events)
        self._decided = _arrays(events)

    def decisions(self, rows: NDArray[np.int64]) -> Spans:
        """Write decisions."""
        return Spans(*self._kernel.decisions(self._shared, self._decided, rows))

    def tasks(self, rows: NDArray[np.int64], reached: ReachedHarms, why: TextParts) -> Spans:
        """Write review tasks.

        Parameters
        ----------
        rows
            All of them have a queue.
        reached, why
            Of the tasks; both count them by their position in ``rows``.
        """
        bounds = np.searchsorted(reached.task, np.arange(len(rows) + 1)).tolist()
        harms = reached.harm.tolist()
        texts: dict[str, int] = {}
        warnings = [
            texts.setdefault(self._writer.warning(tuple(harms[begin:end])), len(texts))
            for begin, end in pairwise(bounds)
        ]
        shared = self._writer.constants(self._events, self._writer.dues(self._events), texts)
        warned = np.array(warnings, dtype=np.int64)
        return Spans(*self._kernel.tasks(shared, self._decided, rows, *reached, *why, warned))

    def withdrawals(self, rows: NDArray[np.int64]) -> Spans:
        """Write what takes the tasks of deleted content back: for each row a value for each of the policy's queues."""
        return Spans(*self._kernel.withdrawals(self._shared, self._decided, rows))


def _loaded() -> ModuleType:
    if _writing is None:
        raise ImportError("the kernel that writes decisions was not built, or is switched off")
    return _writing


def _strings(texts: Iterable[str]) -> "Pieces":
    strings: Pieces = _loaded().Pieces([_JSON.encode(text) for text in texts])
    return strings


def _arrays(events: DecidedEvents) -> "Decided":
    decisions, languages, columns = events.decisions, events.languages, events.columns
    arrays: Decided = _loaded().Decided(
        columns.arena,
        columns.begins,
        columns.lengths,
        events.records,
        events.timestamps,
        events.scores,
        events.scored.view(np.uint8),
        decisions.outcome,
        decisions.rule,
        decisions.queue,
        decisions.action,
        _rounded(decisions.value),
        decisions.minutes,
        _rounded(decisions.price),
        decisions.class_,
        decisions.watch.view(np.uint8),
        languages.tag,
        languages.identified.view(np.uint8),
        languages.confidence,
        _told(languages),
    )
    return arrays


def _rounded(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round as Python does, whose ties are those of the exact numbers."""
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = numbers * 10.0**_DECIMALS
        whole = np.rint(scaled)
        rounded = whole / 10.0**_DECIMALS
        # Where the product, which is not exact, could be on the other side of a tie, or of too many digits.
        unsure = ~((np.abs(np.abs(scaled - whole) - 0.5) > _UNSURE) & (np.abs(scaled) < _EXACT))
    rounded[unsure] = [round(number, _DECIMALS) for number in numbers[unsure].tolist()]
    return rounded


def _told(languages: Languages) -> NDArray[np.int32]:
    """Give what a task tells of the language: the tag that was identified, or else what the event names."""
    unknown = languages.tags.index(UNDETERMINED) if UNDETERMINED in languages.tags else _TOLD_NOTHING
    named = np.where(languages.invalid, _TOLD_NOTHING, _TOLD_AS_NAMED)
    return np.where(languages.identified & (languages.tag != unknown), languages.tag, named).astype(np.int32)
