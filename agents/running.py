"""From settings to a running worker and its exit code: what is loaded, what is served, and in which order it ends."""

import asyncio
import errno
import logging
import os
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Final, NoReturn

from sluicegate.agents.health import Health
from sluicegate.agents.http import MetricsServer, is_loopback
from sluicegate.agents.languages import LoadingIdentifier, are_identified, load_identifier
from sluicegate.agents.logs import configure_logging
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.opinion import read_opinion
from sluicegate.agents.pressure import Pressure
from sluicegate.agents.serving import Serving
from sluicegate.agents.settings import Settings
from sluicegate.agents.trust import load_trust
from sluicegate.agents.web_config import WebConfig, load_web_config
from sluicegate.agents.worker import DRAIN_SECONDS, Worker
from sluicegate.policy import load_policy
from sluicegate.schemas.kernels import SWITCH, missing_kernels

__all__ = ["run_score_worker"]

_LOG: Final = logging.getLogger("sluicegate.worker")


class MetricsAddressError(Exception):
    """Metrics cannot be served at the address that is set."""


def run_score_worker(settings: Settings, report: Callable[[BaseException], int], processes: int = 1) -> NoReturn:
    """Run a worker of the role ``score`` until SIGTERM, or until it fails, then end the process.

    Parameters
    ----------
    settings
        Of this process.
    report
        Tells the user what made a running worker fail, and gives the exit code. Nothing that was not acknowledged is
        committed then.
    processes
        How many this one is the first of: it says so where there are fewer partitions.

    Raises
    ------
    BundleError, OpinionError, LanguageError, PolicyError, MetricsAddressError, WebConfigError
        Where what it should serve cannot be used.
    SettingsError
        Where keys that are set cannot be read.
    """
    configure_logging()
    trust = load_trust(settings)
    policy = load_policy(settings.policy, trust.keys)
    wanted = are_identified(settings)
    identifier = LoadingIdentifier(partial(load_identifier, settings, policy)) if wanted else None
    serving = Serving.load(settings, policy, trust)
    scorer = serving.scorer
    pressure = Pressure(settings.pressure_after)
    serving.pressed = pressure.is_on
    opinion = read_opinion(settings, scorer, policy.severe_harms, pressure.is_on, trust)
    metrics, health = Metrics(), Health()
    server = _serve(metrics, health, settings)
    worker = Worker(settings, serving, policy, metrics, health, opinion, identifier, processes, pressure)
    worker.describe()
    _LOG.info(
        "model %s %s, policy %s %s, delivery %s, metrics on port %d",
        scorer.name,
        scorer.version,
        policy.name,
        policy.version,
        settings.delivery.replace("_", " "),
        server.port,
    )
    if missing := missing_kernels():
        _LOG.warning(
            "%d compiled kernels are missing, and Python serves in their place, at a tenth of the rate: install "
            "Sluicegate where there is a C compiler, and leave %s unset",
            len(missing),
            SWITCH,
        )
    for bundle, share in ((serving.split, settings.split_share), (serving.shadow, settings.shadow_share)):
        if bundle is not None and bundle.scorer is not None:
            _LOG.info("%s model %s %s, %g", bundle.role, bundle.scorer.name, bundle.scorer.version, share)
    for each in (bundle.scorer for bundle in serving):
        if each is not None and each.served == "pipeline":
            _LOG.warning("model %s is served as a pipeline: unpickled, slower than weights, without reasons", each.name)
    asyncio.run(_run(worker, report))


async def _run(worker: Worker, report: Callable[[BaseException], int]) -> NoReturn:
    failure = await worker.run(lambda code: _exit_after(DRAIN_SECONDS + 1, code))
    # From here: the end of the loop would give signals back their own effect, and a second SIGTERM an exit code; and
    # it would have all that a failure left behind complain.
    if failure is not None:
        _exit(report(failure))
    _LOG.info("drained")
    _exit(0)


def _exit_after(seconds: float, code: int) -> None:
    timer = threading.Timer(seconds, _exit, (code,))
    timer.daemon = True
    timer.start()


def _exit(code: int) -> NoReturn:
    # Threads of the consumer and the pipeline may be in the middle of something; all that counts is committed.
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _serve(metrics: Metrics, health: Health, settings: Settings) -> MetricsServer:
    path = settings.metrics_web_config
    config = WebConfig() if path is None else load_web_config(path)
    try:
        server = MetricsServer(metrics, health, settings.metrics_host, settings.metrics_port, config)
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            remedy = "set SLUICEGATE_METRICS_PORT to a free port, or to 0 for any"
        else:
            remedy = "set SLUICEGATE_METRICS_HOST to an address of this machine"
        raise MetricsAddressError(
            f"metrics cannot be served on {settings.metrics_host}:{settings.metrics_port} "
            f"({error.strerror or error}); {remedy}"
        ) from error
    if path is not None and path.stat().st_mode & 0o022:
        _LOG.warning("others than its owner may write to %s, and so say who may read the metrics; chmod go-w", path)
    if not config.guarded and not is_loopback(settings.metrics_host):
        _LOG.warning(
            "metrics and health are served on %s to whoever reaches it; SLUICEGATE_METRICS_WEB_CONFIG can ask for a "
            "password or a certificate",
            settings.metrics_host,
        )
    server.start()
    return server
