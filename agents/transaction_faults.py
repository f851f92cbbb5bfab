"""What ends a worker that writes in transactions, in sentences: who has taken over, what was not committed, and why."""

import asyncio
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import IllegalOperation, InvalidProducerEpoch, InvalidProducerIdMapping, KafkaError, ProducerFenced

from sluicegate.agents.publisher import NotWrittenError

__all__ = ["TIMEOUT_MS", "FencedError", "TransactionError", "fault_of", "told"]

#: Milliseconds after which the broker ends a transaction whose worker has gone, if no other has taken its partition by
#: then: so long may consumers of committed records have to wait for those behind it.
TIMEOUT_MS: Final = 60_000
_FENCED: Final = (ProducerFenced, InvalidProducerEpoch)


class FencedError(Exception):
    """The brokers take nothing of a partition from this worker any more: another has it, or it was silent too long."""


class TransactionError(Exception):
    """A transaction could not be committed: nothing of it is seen by who reads committed records."""


def fault_of(producer: AIOKafkaProducer, error: Exception) -> BaseException:
    """Give what ended a producer's transaction, where all that it says is that it is in none any more."""
    if not isinstance(error, IllegalOperation):
        return error
    ended: asyncio.Future[None] = producer._txn_manager.wait_for_transaction_end()
    return (ended.exception() if ended.done() else None) or error


def told(error: BaseException, topic: str, partition: int = -1) -> Exception:
    """Give what ends the worker, and says why.

    Parameters
    ----------
    error
        Of the client, or of what hands records over to it.
    topic, partition
        Of the events whose transaction it was.

    Returns
    -------
    Exception
        With the client's own error as its cause; the error itself where it says enough.
    """
    said = _said(error, topic, partition)
    if said is not error:
        said.__cause__ = error.__cause__ or error
    return said


def _said(error: BaseException, topic: str, partition: int) -> Exception:
    cause = error.__cause__ if isinstance(error, NotWrittenError) else error
    where = error.partition if isinstance(error, NotWrittenError) else partition
    # What aiokafka does not expect it calls unexpected, and what it was stands behind that.
    causes = cause, getattr(cause, "__cause__", None)
    if any(isinstance(each, InvalidProducerIdMapping) for each in causes):
        return FencedError(
            f"the brokers have forgotten the transactional id for partition {where} of {topic}, as they do "
            "where it was not used for a week (transactional.id.expiration.ms); nothing that was not committed "
            "counts, and the worker can be started again"
        )
    if isinstance(cause, _FENCED):
        return FencedError(
            f"another worker has taken over partition {where} of {topic}, as happens where this one is "
            "silent for longer than SLUICEGATE_SESSION_TIMEOUT, or the brokers have ended a transaction that was "
            f"open for {TIMEOUT_MS // 1000} s, as where they cannot be reached; nothing that it had not committed "
            "counts, and it can be started again"
        )
    if isinstance(error, KafkaError):
        return TransactionError(
            f"the transaction of {topic}, partition {where}, could not be committed "
            f"({type(error).__name__}: {error}); nothing of it counts, and the worker's next start writes it"
        )
    return error if isinstance(error, Exception) else TransactionError("the transaction was broken off")
