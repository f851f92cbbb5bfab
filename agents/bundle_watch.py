"""Follows what is promoted: new bundles are loaded beside the stream and swapped in between two batches."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from sluicegate.agents.metrics import Metrics
from sluicegate.agents.serving import Serving

__all__ = ["BundleWatch"]

_LOG: Final = logging.getLogger("sluicegate.worker")


class BundleWatch:
    """Looks at the pointers of a worker's stores.

    Parameters
    ----------
    serving
        The bundles.
    metrics
        Told which models are served, and what is refused.
    interval
        Seconds between looks.
    """

    def __init__(self, serving: Serving, metrics: Metrics, interval: float) -> None:
        self._serving = serving
        self._metrics = metrics
        self._interval = interval
        self._shown: set[tuple[str, ...]] = set()
        # One of its own: the loop's is asked for other things, and a file system may not answer for long.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="bundles")

    async def run(self, swap: Callable[[], None]) -> None:
        """Look until cancelled.

        Parameters
        ----------
        swap
            Called in the event loop when a model has become another.
        """
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._interval)
            for bundle in self._serving:
                before = bundle.scorer
                swapped = await loop.run_in_executor(self._thread, bundle.look)
                if swapped and bundle.scorer is not None:
                    swap()
                    self._metrics.counter("sluicegate_bundle_swaps_total", bundle.role).inc()
                    scorer = bundle.scorer
                    name = f"{before.name} {before.version}" if before is not None else "none"
                    _LOG.info("%s model %s %s takes the place of %s", bundle.role, scorer.name, scorer.version, name)
            self.show()

    def show(self) -> None:
        """Put into the metrics what is served, and what is refused."""
        metrics = self._metrics
        served: set[tuple[str, ...]] = {
            (bundle.role, bundle.scorer.name, bundle.scorer.version, bundle.scorer.digest, bundle.scorer.served)
            for bundle in self._serving
            if bundle.scorer is not None
        }
        with metrics.together():
            for labels in self._shown - served:
                metrics.remove("sluicegate_model_info", *labels)
            for labels in served:
                metrics.gauge("sluicegate_model_info", *labels).set(1)
            for bundle in self._serving:
                metrics.gauge("sluicegate_bundle_refused", bundle.role).set(bool(bundle.refused))
        self._shown = served
