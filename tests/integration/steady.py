"""Events that come all the time, beside whatever a test does to the workers."""

import asyncio
import threading
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaProducer

from tests.integration.streams import Stream, event

_STEP = 0.02


class SteadyLoad:
    """Publishes numbered events, a few every step, until the block is left.

    Parameters
    ----------
    stream
        Whose events they are.
    at_a_time
        Events of a step; there are fifty steps a second where there is time for them.

    Attributes
    ----------
    count
        Events that were published, from 0 on, when the block is left.
    """

    def __init__(self, stream: Stream, at_a_time: int = 5) -> None:
        self.count = 0
        self._stream = stream
        self._at_a_time = at_a_time
        self._enough = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._enough.set()
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            asyncio.run(self._publish())
        except Exception as failure:  # noqa: BLE001 - raised where the block is left
            self._failure = failure

    async def _publish(self) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self._stream.bootstrap, enable_idempotence=True)
        await producer.start()
        try:
            while not self._enough.is_set():
                messages = [event(number) for number in range(self.count, self.count + self._at_a_time)]
                sent = [await producer.send(self._stream.events, each.value, each.key) for each in messages]
                await asyncio.gather(*sent)
                self.count += self._at_a_time
                await asyncio.sleep(_STEP)
        finally:
            await producer.stop()
