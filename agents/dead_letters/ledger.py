"""The ledger of redrives: a compacted topic with a record for each original that was put back among the events.

It is written in the transaction that writes the event, so that neither is there without the other.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from sluicegate.agents.batch import StoredRecord
from sluicegate.agents.dead_letters.letter import Original
from sluicegate.agents.dead_letters.originals import Originals
from sluicegate.agents.dead_letters.reading import TopicReader
from sluicegate.agents.topics import ActualTopic
from sluicegate.schemas import Redrive

__all__ = ["LEDGER_PARTITION", "LedgerError", "ledger_record", "read_ledger", "require_kept"]

#: The only one that is written: what is in it stands in one order.
LEDGER_PARTITION: Final = 0

_PARTS: Final = 4
_JSON: Final = msgspec.json.Encoder()


class LedgerError(Exception):
    """A ledger that cannot be trusted: nothing is redriven by it. The text says why, and what to do."""


def require_kept(ledger: ActualTopic) -> None:
    """Return if what is written to the ledger stays there; a broker that does not tell is believed to keep it.

    Raises
    ------
    LedgerError
        Where it is deleted in time.
    """
    policy = (ledger.config or {}).get("cleanup.policy", "compact")
    if policy != "compact":
        raise LedgerError(
            f"{ledger.name} has cleanup.policy {policy}, so it forgets what was redriven, which would be redriven "
            f"again; run kafka-configs.sh --alter --entity-type topics --entity-name {ledger.name} --add-config "
            "cleanup.policy=compact"
        )


def ledger_record(original: Original, redrive: Redrive) -> tuple[bytes, bytes]:
    """Write that an original was redriven, as the key and the value of a record."""
    key = f"{original.topic}:{original.partition}:{original.offset}:{original.timestamp}"
    return key.encode(), _JSON.encode(redrive)


async def read_ledger(reader: TopicReader, topic: str) -> Originals:
    """Read all originals that were redriven.

    Parameters
    ----------
    reader
        Of the ledger.
    topic
        Its name, for errors.

    Raises
    ------
    LedgerError
        Where it holds anything else.
    """
    redriven = Originals()
    async for run in reader.runs(await reader.extents()):
        _add(redriven, run.records, topic)
    return redriven


def _add(redriven: Originals, records: Sequence[StoredRecord], topic: str) -> None:
    for record in records:
        try:
            name, *numbers = (record.key or b"").decode().rsplit(":", _PARTS - 1)
            partition, offset, timestamp = map(_number, numbers)
        except (UnicodeDecodeError, ValueError):
            raise LedgerError(
                f"{topic} holds a record at offset {record.offset} that no redrive wrote, so it cannot be told what "
                "was redriven; let SLUICEGATE_REDRIVES_TOPIC name a topic of its own"
            ) from None
        redriven.add(Original(name, partition, offset, timestamp))


def _number(text: str) -> int:
    number = int(text)
    if not -1 <= number < 2**63:
        raise ValueError("no number of Kafka's")
    return number
