"""The demo's generator: what it makes, in which proportions, and that the contract takes or refuses it."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from sluicegate.cli.demo.generator import Emission, Generator
from sluicegate.cli.demo.grammar import HARMS, load_grammars
from sluicegate.cli.demo.poison import POISONS
from sluicegate.schemas import EVENT_TYPES, Refusal, decode_event

START = datetime(2026, 11, 22, 7, tzinfo=UTC)


def emissions(seed: int, count: int, poison_share: float = 0.005) -> list[Emission]:
    generator = Generator(seed, poison_share)
    return [generator.emit(START + timedelta(milliseconds=20 * number)) for number in range(count)]


@pytest.fixture(scope="module")
def stream() -> list[Emission]:
    return emissions(seed=7, count=20_000)


def test_the_same_seed_gives_the_same_records() -> None:
    assert emissions(3, 500) == emissions(3, 500)
    assert emissions(3, 500) != emissions(4, 500)


def test_most_posts_are_ordinary_and_every_harm_is_among_them(stream: list[Emission]) -> None:
    shares = {kind: count / len(stream) for kind, count in Counter(one.kind for one in stream).items()}
    assert 0.86 < shares["ordinary"] + shares["near_miss"] < 0.91
    assert all(shares[harm] > 0.005 for harm in HARMS)
    assert 0.003 < shares["poison"] < 0.007


def test_every_readable_event_is_taken_by_the_contract(stream: list[Emission]) -> None:
    events = [decode_event(one).event for one in stream if one.poison is None]
    assert {event.type for event in events} == set(EVENT_TYPES)
    languages = Counter(event.data.language for event in events)
    assert set(languages) == {"en", "de", "fr", "es", "pt", None}
    assert all(event.data.text for event in events if event.type != "content.deleted")


@pytest.mark.parametrize("name", sorted(POISONS))
def test_poison_of_every_kind_is_refused_for_its_reason(name: str) -> None:
    poisoned = [one for one in emissions(seed=1, count=len(POISONS), poison_share=1.0) if one.poison == name]
    assert len(poisoned) == 1
    with pytest.raises(Refusal) as refused:
        decode_event(poisoned[0])
    assert refused.value.code == POISONS[name].reason


def test_records_are_keyed_by_actor_and_ids_are_unique(stream: list[Emission]) -> None:
    events = [(one.key, json.loads(one.value or b"")) for one in stream if one.poison is None]
    assert all(key.decode() == event["data"]["actor_id"] for key, event in events)
    assert len({event["id"] for _, event in events}) == len(events)


def test_changes_are_about_content_that_was_created_before(stream: list[Emission]) -> None:
    created = set()
    for one in stream:
        if one.poison is None:
            event = json.loads(one.value or b"")
            content = (event["data"]["content_id"], event["data"]["actor_id"])
            if event["type"] == "content.created":
                created.add(content)
            assert content in created


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "pt"])
def test_each_language_has_ordinary_texts_near_misses_and_every_harm(language: str) -> None:
    grammar = load_grammars()[language]
    assert set(grammar.texts) == {"ordinary", "near_miss", *HARMS}
    assert len(grammar.texts["ordinary"]) >= 5


def test_no_slot_is_left_in_any_text(stream: list[Emission]) -> None:
    texts = [json.loads(one.value or b"")["data"].get("text", "") for one in stream if one.poison is None]
    assert not [text for text in texts if "<" in text]
