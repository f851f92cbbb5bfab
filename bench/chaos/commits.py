"""Watches the committed offsets of a group during a run: evidence, and the progress that faults wait for."""

import threading
import time
from collections.abc import Mapping
from typing import Any, Final

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from sluicegate.bench.chaos.evidence import Sample

__all__ = ["CommitWatch"]

_INTERVAL: Final = 0.2
_REQUEST_MS: Final = 3_000


class CommitWatch:
    """A thread that asks for the committed offsets, over and over, also while the broker comes and goes.

    Parameters
    ----------
    bootstrap, group, topic
        Whose, and of which topic.

    Attributes
    ----------
    samples
        What was found, in the order of time; each was true by its time at the latest.
    """

    def __init__(self, bootstrap: str, group: str, topic: str) -> None:
        self.samples: list[Sample] = []
        self._bootstrap = bootstrap
        self._group = group
        self._topic = topic
        self._moved = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="commits", daemon=True)

    def __enter__(self) -> "CommitWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def done(self) -> int:
        """Records that are committed, over all partitions."""
        return sum(self.offsets.values())

    @property
    def offsets(self) -> Mapping[int, int]:
        """Those that were found last, by partition."""
        return self.samples[-1].offsets if self.samples else {}

    @property
    def still_seconds(self) -> float:
        """Seconds since they last became more."""
        return time.monotonic() - self._moved

    def look_again(self) -> None:
        """Wait until it has asked anew, and was answered."""
        wanted = len(self.samples) + 2
        while len(self.samples) < wanted and self._thread.is_alive():
            self._ended.wait(_INTERVAL)

    def _run(self) -> None:
        admin: Any = None
        while not self._ended.wait(_INTERVAL):
            try:
                if admin is None:
                    admin = KafkaAdminClient(bootstrap_servers=self._bootstrap, request_timeout_ms=_REQUEST_MS)
                found = admin.list_group_offsets(self._group)[self._group]
            except (KafkaError, OSError):
                # The broker is away, or has just come back and does not know its groups yet.
                if admin is not None:
                    admin.close()
                admin = None
                continue
            self._note({tp.partition: meta.offset for tp, meta in found.items() if tp.topic == self._topic})
        if admin is not None:
            admin.close()

    def _note(self, offsets: dict[int, int]) -> None:
        before = self.done
        # After the answer, and up to the next millisecond: the broker's timestamps are cut down to theirs.
        self.samples.append(Sample(int(time.time() * 1000) + 1, offsets))
        if self.done > before:
            self._moved = time.monotonic()
