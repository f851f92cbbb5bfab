"""Sends events when they are due, whether or not anyone keeps up: ``python -m sluicegate.bench.load_generator LOAD``.

A process of its own on librdkafka, so that making the load costs little beside what is measured. LOAD is a file of
MessagePack; what was sent is printed as JSON.
"""

import sys
import time
from pathlib import Path
from typing import Any, Final

import msgspec
from confluent_kafka import Producer

from sluicegate.bench.load import Load, Sent

__all__ = ["send_load"]

_STEP: Final = 0.001


def send_load(load: Load, producer: Any) -> Sent:
    """Send all of a load, over and over its records."""
    records, rate, total = load.records, load.rate, int(load.rate * load.seconds)
    late: list[float] = []
    # Due times are on the wall clock, as the broker's timestamps are; the steps between them on the monotonic one.
    wall, began = time.time(), time.monotonic()
    count = 0
    while count < total:
        elapsed = time.monotonic() - began
        until = min(total, int(elapsed * rate) + 1)
        if until > count:
            late.append(elapsed - count / rate)
        for place in range(count, until):
            partition, key, value, headers = records[place % len(records)]
            while True:
                try:
                    producer.produce(load.topic, value, key, partition, headers=headers)
                    break
                except BufferError:
                    producer.poll(0.01)
        count = until
        producer.poll(0)
        time.sleep(_STEP)
    producer.flush()
    return Sent(wall, total, late)


if __name__ == "__main__":
    given = msgspec.msgpack.decode(Path(sys.argv[1]).read_bytes(), type=Load)
    settings = {
        "bootstrap.servers": given.bootstrap,
        "enable.idempotence": True,
        "linger.ms": 1,
        "queue.buffering.max.messages": 500_000,
        "delivery.report.only.error": True,
    }
    print(msgspec.json.encode(send_load(given, Producer(settings))).decode())
