"""Stock Faust as its documentation teaches it: one event at a time, JSON in, a decision out with ``topic.send``.

Runs as ``python -m sluicegate.bench.contestants.stock_faust`` with the topics of a worker's settings, until SIGTERM.
The send is awaited and the event acknowledged after it; the broker's acknowledgement is not waited for, which
would be slower by far. Nothing is scored: the decision has the constant probabilities of the silent worker.
"""

import sys
import tempfile
import uuid
from datetime import UTC, datetime
from typing import Any

import faust

from sluicegate.agents.settings import Settings, load_settings
from sluicegate.bench.contestants.silent_worker import PROBABILITY
from sluicegate.policy import load_policy

__all__ = ["create_stock_app", "decision_of"]

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://sluicegate/bench")
_MODEL = {"name": "constant", "version": "1", "digest": "sha256:" + "0" * 64}


def decision_of(event: dict[str, Any], harms: tuple[str, ...], policy: dict[str, str], now: datetime) -> dict[str, Any]:
    """Make the decision of an event, with the members that Sluicegate's has."""
    content = event["data"]
    reference = {"source": event["source"], "id": event["id"], "time": event.get("time")}
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid5(_NAMESPACE, f"{len(event['source'])}:{event['source']}:{event['id']}")),
        "source": "/bench/faust",
        "type": "content.decision",
        "time": now.isoformat(timespec="milliseconds"),
        "datacontenttype": "application/json",
        "data": {
            "event": reference,
            "content_id": content["content_id"],
            "actor_id": content["actor_id"],
            "surface": content["surface"],
            "scores": dict.fromkeys(harms, PROBABILITY),
            "outcome": "allow",
            "rule": "default",
            "watch": False,
            "text_truncated": False,
            "model": _MODEL,
            "policy": policy,
        },
    }


def create_stock_app(settings: Settings) -> faust.App:
    """Make the app, with Faust's own defaults except for what would need more topics or a port."""
    served = load_policy(settings.policy)
    harms = tuple(served.harms)
    policy = {"name": served.name, "version": served.version, "digest": served.digest}
    app = faust.App(
        settings.group,
        broker=f"kafka://{settings.brokers[0]}",
        consumer_auto_offset_reset="earliest",
        topic_disable_leader=True,
        web_enabled=False,
        store="memory://",
        datadir=tempfile.mkdtemp(prefix="bench-faust-"),
    )
    events = app.topic(settings.events_topic, key_serializer="raw", value_serializer="json")
    decisions = app.topic(settings.decisions_topic, key_serializer="raw", value_serializer="json")

    @app.agent(events)
    async def decide(stream: faust.StreamT[Any]) -> None:
        async for event in stream.events():
            value = decision_of(event.value, harms, policy, datetime.now(UTC))
            await decisions.send(key=event.key, value=value)

    return app


if __name__ == "__main__":
    stock = create_stock_app(load_settings())
    sys.argv[1:] = ["worker", "--loglevel", "warn"]
    stock.main()
