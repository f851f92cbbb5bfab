"""Sluicegate's worker with a scorer that does nothing: what remains is the stream itself.

Runs as ``python -m sluicegate.bench.contestants.silent_worker`` with a worker's settings, until SIGTERM.
"""

import asyncio
import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.health import Health
from sluicegate.agents.http import MetricsServer
from sluicegate.agents.logs import configure_logging
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.served_bundle import ServedBundle
from sluicegate.agents.serving import Serving
from sluicegate.agents.settings import load_settings
from sluicegate.agents.worker import Worker
from sluicegate.bench.contestants.constant import PROBABILITY
from sluicegate.models import Served, Signals, Span
from sluicegate.models.buffered import BufferScorer, Parts
from sluicegate.policy import load_policy
from sluicegate.schemas.columns import Spans

__all__ = ["PROBABILITY", "ConstantScorer"]


class ConstantScorer:
    """Gives every text the same probabilities.

    Parameters
    ----------
    harms
        Names of the harms that it pretends to score.
    """

    name = "constant"
    version = "1"
    digest = "sha256:" + "0" * 64

    signals: tuple[str, ...] = ()
    served: Served = "weights"

    def __init__(self, harms: tuple[str, ...]) -> None:
        self.harms = harms

    def score(self, texts: Sequence[str], signals: Signals | None = None) -> NDArray[np.float64]:  # noqa: ARG002 - the interface
        """Return the same probability everywhere: shape (n_texts, n_harms)."""
        return np.full((len(texts), len(self.harms)), PROBABILITY)

    def why(self, text: str, harm: str, limit: int = 3) -> tuple[Span, ...]:  # noqa: ARG002 - the interface
        """Return nothing: no part of a text raised anything."""
        return ()

    def buffered(self) -> BufferScorer:
        """Give the same of texts in a buffer."""
        return _ConstantInBuffers(self.harms)


class _ConstantInBuffers:
    def __init__(self, harms: tuple[str, ...]) -> None:
        self.harms = harms

    def score(self, texts: Spans) -> NDArray[np.float64]:
        return np.full((len(texts), len(self.harms)), PROBABILITY)

    def strongest(
        self,
        texts: Spans,  # noqa: ARG002 - the interface
        rows: NDArray[np.int64],  # noqa: ARG002
        columns: NDArray[np.int64],  # noqa: ARG002
        limit: int,  # noqa: ARG002
    ) -> Parts:
        none = np.zeros(0, dtype=np.int64)
        return Parts(none, none, none, np.zeros(0))


def _run() -> None:
    configure_logging()
    settings = load_settings()
    policy = load_policy(settings.policy)
    metrics, health = Metrics(), Health()
    server = MetricsServer(metrics, health, settings.metrics_host, settings.metrics_port)
    server.start()
    main = ServedBundle("main", settings.bundle, lambda _: None)
    main.scorer = ConstantScorer(tuple(policy.harms))
    serving = Serving(settings, policy, main)
    failure = asyncio.run(Worker(settings, serving, policy, metrics, health).run(lambda _: None))
    server.stop()
    # As the real command does: threads of the consumer may be in the middle of something.
    os._exit(0 if failure is None else 1)


if __name__ == "__main__":
    _run()
