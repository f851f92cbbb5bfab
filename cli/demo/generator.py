"""An endless, seeded stream of content events: mostly ordinary posts, each harm among them, a little poison."""

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from sluicegate.cli.demo.grammar import HARMS, Grammar, load_grammars
from sluicegate.cli.demo.poison import POISONS

__all__ = ["Emission", "Generator"]

POISON_SHARE = 0.005
NEAR_MISS_SHARE = 0.03
HARM_SHARES = {
    "spam": 0.035,
    "scam": 0.02,
    "hate": 0.015,
    "harassment": 0.015,
    "violence": 0.01,
    "self_harm": 0.01,
}
LANGUAGE_SHARES = {"en": 0.7, "de": 0.09, "fr": 0.07, "es": 0.07, "pt": 0.07}
TYPE_SHARES = {"created": 0.8, "updated": 0.13, "reported": 0.05, "deleted": 0.02}
LANGUAGE_UNKNOWN_SHARE = 0.12
SIGNALS_MISSING_SHARE = 0.1
REMEMBERED = 500
ACTORS = 800

_SOURCES = {
    "chat": "/apps/chat",
    "comment": "/apps/feed",
    "post": "/apps/feed",
    "listing": "/apps/market",
    "review": "/apps/market",
    "message": "/apps/mail",
}
_CONTENT_TYPE = ("content-type", b"application/cloudevents+json; charset=UTF-8")


@dataclass(frozen=True)
class Emission:
    """One record to produce, and what it was made as.

    Attributes
    ----------
    key, value, headers
        The record.
    kind
        ``ordinary``, ``near_miss``, a harm, or ``poison``; never part of the record.
    event_id
        The event's id; None of poison.
    poison
        The kind of poison, one of :data:`~sluicegate.cli.demo.poison.POISONS`; None for a good event.
    """

    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes]]
    kind: str
    event_id: str | None = None
    poison: str | None = None


class Generator:
    """Makes events. The same seed and times give the same records.

    Parameters
    ----------
    seed
        Of the random choices.
    poison_share
        Share of records that cannot be read.
    """

    def __init__(self, seed: int = 0, poison_share: float = POISON_SHARE) -> None:
        self._random = Random(seed)  # noqa: S311 - texts for a demo, no secrets
        self._seed = seed
        self._poison_share = poison_share
        self._grammars = load_grammars()
        self._count = 0
        self._recent: deque[tuple[str, dict[str, Any]]] = deque(maxlen=REMEMBERED)
        self._poisons = self._shuffled_poisons()

    def emit(self, now: datetime) -> Emission:
        """Make the next record.

        Parameters
        ----------
        now
            The time the event states; with a zone.
        """
        self._count += 1
        if self._random.random() < self._poison_share:
            return self._poison(now)
        kind, data, change = self._content()
        event = self._envelope(data, change, now)
        value = json.dumps(event, ensure_ascii=False).encode()
        return Emission(data["actor_id"].encode(), value, [_CONTENT_TYPE], kind, event["id"])

    def _poison(self, now: datetime) -> Emission:
        name = next(self._poisons)
        poison = POISONS[name]
        data = self._new_content("ordinary")
        value = poison.spoil(self._envelope(data, "created", now))
        headers = [("content-type", poison.content_type)]
        return Emission(data["actor_id"].encode(), value, headers, "poison", poison=name)

    def _shuffled_poisons(self) -> Iterator[str]:
        """Every kind in turn, so that a short demo shows many of them."""
        names = sorted(POISONS)
        while True:
            self._random.shuffle(names)
            yield from names

    def _content(self) -> tuple[str, dict[str, Any], str]:
        change = self._weighted(TYPE_SHARES)
        if change == "created" or not self._recent:
            kind = self._kind()
            data = self._new_content(kind)
            self._recent.append((kind, data))
            return kind, data, "created"
        kind, data = self._random.choice(self._recent)
        if change == "deleted":
            self._recent.remove((kind, data))
            return kind, {name: data[name] for name in ("content_id", "actor_id", "surface")}, change
        signals = dict(data.get("signals", {}))
        if change == "reported":
            signals["reports"] = signals.get("reports", 0) + 1
        else:
            signals["views_per_hour"] = round(signals.get("views_per_hour", 10) * self._random.uniform(0.5, 3), 1)
        data["signals"] = signals
        return kind, dict(data), change

    def _kind(self) -> str:
        harm_or_not = {**HARM_SHARES, "near_miss": NEAR_MISS_SHARE}
        ordinary = 1.0 - sum(harm_or_not.values())
        return self._weighted({"ordinary": ordinary, **harm_or_not})

    def _new_content(self, kind: str) -> dict[str, Any]:
        random = self._random
        grammar: Grammar = self._grammars[self._weighted(LANGUAGE_SHARES)]
        register, text = grammar.write(kind, random)
        data: dict[str, Any] = {
            "content_id": f"c-{self._seed}-{self._count}",
            "actor_id": self._actor(kind),
            "surface": register,
            "text": text,
        }
        if random.random() >= LANGUAGE_UNKNOWN_SHARE:
            data["language"] = grammar.language
        if random.random() >= SIGNALS_MISSING_SHARE:
            # Most content is seen by few; throwaway accounts are young.
            young = kind in {"spam", "scam"} and random.random() < 0.7
            data["signals"] = {
                "views_per_hour": round(random.lognormvariate(3.0, 1.3), 1),
                "account_age_days": random.randint(0, 5) if young else round(random.expovariate(1 / 500)),
                "reports": random.randint(0, 3) if kind in HARMS else int(random.random() < 0.01),
            }
        return data

    def _actor(self, kind: str) -> str:
        # A few write much and most write little; who does harm comes from a small group of their own.
        pool = ACTORS // 10 if kind in HARMS else ACTORS
        number = int(pool * self._random.random() ** 2)
        return f"a-h{number}" if kind in HARMS and self._random.random() < 0.8 else f"a-{number}"

    def _envelope(self, data: dict[str, Any], change: str, now: datetime) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "id": f"e-{self._seed}-{self._count}",
            "source": _SOURCES[data["surface"]],
            "type": f"content.{change}",
            "time": now.isoformat(),
            "data": data,
        }

    def _weighted(self, shares: dict[str, float]) -> str:
        return self._random.choices(list(shares), list(shares.values()))[0]
