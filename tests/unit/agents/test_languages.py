"""Where an event names no language, the policy decides by that of its text, and the decision says how sure it is."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from sluicegate.agents.batch import RecordBatch
from sluicegate.agents.books import Books
from sluicegate.agents.encoding import Topics
from sluicegate.agents.languages import LoadingIdentifier, are_identified, load_identifier
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.outcome import Outcome
from sluicegate.agents.pipeline import Pipeline
from sluicegate.agents.settings import SettingsError, load_settings
from sluicegate.models import Served, Signals
from sluicegate.models.language import Identified, Identifier, LanguageError, LanguageIdentifier
from sluicegate.policy import Policy, default_policy_path, load_policy
from tests.unit.agents.batches import NOW, Record

GERMAN = "Weiß jemand, ob der Bäcker am Markt sonntags geöffnet hat?"


class AllHate:
    """A model that takes every text for hate, so that all of them are reviewed."""

    name, version, digest = "all hate", "1", "sha256:" + "1" * 64
    harms = tuple(load_policy(default_policy_path()).harms)
    signals: tuple[str, ...] = ()
    served: Served = "weights"

    def score(self, texts: Sequence[str], signals: Signals | None = None) -> NDArray[np.float64]:
        scores = np.zeros((len(texts), len(self.harms)))
        scores[:, self.harms.index("hate")] = 0.5
        scores[[position for position, text in enumerate(texts) if text == "no score"]] = np.nan
        return scores

    def why(self, text: str, harm: str, limit: int = 3) -> tuple[()]:
        return ()


class FirstWord:
    """Takes the first word of a text for its language, and is not sure of a text with a question mark."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def identify(self, texts: Sequence[str]) -> list[Identified]:
        self.asked += texts
        return [Identified("", 0.41) if "?" in text else Identified(text.split()[0], 0.93) for text in texts]


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(default_policy_path())


def outcome_of(policy: Policy, identifier: Identifier | None, *contents: dict[str, Any], most: int = 2**20) -> Outcome:
    records = []
    for number, content in enumerate(contents):
        event = {"specversion": "1.0", "id": f"e-{number}", "source": "/tests", "type": "content.created"}
        data = {"content_id": "c", "actor_id": "a", "surface": "comment", **content}
        if "text" not in content:
            event["type"] = "content.deleted"
        records.append(Record(msgspec.json.encode({**event, "data": data})))
    topics = Topics("decisions", "dead letters", "review.", most, 2**20)
    pipeline = Pipeline(AllHate(), policy, topics, identifier=identifier)
    return pipeline.process(RecordBatch("events", 0, records), NOW)


def data_of(outcome: Outcome, prefix: str) -> list[dict[str, Any]]:
    written = [output.value or b"" for output in outcome.outputs if output.topic.startswith(prefix)]
    return [msgspec.json.decode(value)["data"] for value in written]


def test_a_decision_says_which_language_was_identified_and_how_sure_that_is(policy: Policy) -> None:
    (decision,) = data_of(outcome_of(policy, FirstWord(), {"text": "en is what this is"}), "decisions")
    assert decision["language"] == {"tag": "en", "identified": True, "confidence": 0.93}


def test_a_language_that_is_not_sure_enough_is_undetermined_and_the_confidence_still_told(policy: Policy) -> None:
    outcome = outcome_of(policy, FirstWord(), {"text": "what is this?"})
    assert data_of(outcome, "decisions")[0]["language"] == {"tag": "und", "identified": True, "confidence": 0.41}
    assert "language" not in data_of(outcome, "review.")[0]


def test_a_language_that_the_event_names_stands_and_is_not_looked_for(policy: Policy) -> None:
    identifier = FirstWord()
    outcome = outcome_of(policy, identifier, {"text": "en is what this is", "language": "de-AT"})
    assert identifier.asked == []
    assert data_of(outcome, "decisions")[0]["language"] == {"tag": "de", "identified": False}
    assert data_of(outcome, "review.")[0]["language"] == "de-AT"
    assert not outcome.counts.languages


@pytest.mark.parametrize("language", ["no language at all", "und", "", None])
def test_a_language_that_is_none_is_as_if_it_were_not_named(policy: Policy, language: str | None) -> None:
    outcome = outcome_of(policy, FirstWord(), {"text": "en is what this is", "language": language})
    assert data_of(outcome, "decisions")[0]["language"]["tag"] == "en"
    assert data_of(outcome, "review.")[0]["language"] == "en"


def test_the_queue_is_that_of_the_identified_language(policy: Policy) -> None:
    outcome = outcome_of(policy, FirstWord(), {"text": "en this"}, {"text": "de das"}, {"text": "en this?"})
    assert [decision["queue"] for decision in data_of(outcome, "decisions")] == ["abuse_en", "abuse", "abuse"]


def test_without_an_identifier_nothing_is_said_of_a_language_that_is_not_named(policy: Policy) -> None:
    outcome = outcome_of(policy, None, {"text": "en this"}, {"text": "en this", "language": "en"})
    unnamed, named = data_of(outcome, "decisions")
    assert "language" not in unnamed
    assert named["language"] == {"tag": "en", "identified": False}
    assert (unnamed["queue"], named["queue"]) == ("abuse", "abuse_en")
    assert not outcome.counts.languages


def test_deleted_content_has_no_text_to_identify(policy: Policy) -> None:
    identifier = FirstWord()
    outcome = outcome_of(policy, identifier, {})
    assert identifier.asked == []
    assert "language" not in data_of(outcome, "decisions")[0]


def test_decided_events_are_counted_by_what_was_identified(policy: Policy) -> None:
    texts = ("en this", "en that", "de das", "what?", "no score")
    outcome = outcome_of(policy, FirstWord(), *({"text": text} for text in texts))
    assert outcome.counts.languages == {"en": 2, "de": 1, "und": 1}
    too_large = outcome_of(policy, FirstWord(), {"text": "en " + "this " * 2_000}, {"text": "de das"}, most=5_000)
    assert too_large.counts.languages == {"de": 1}
    assert set(outcome.stage_seconds) >= {"language"}
    metrics = Metrics()
    Books(metrics).finished(outcome, 0.1, NOW.timestamp())
    assert b'sluicegate_languages_identified_total{language="en"} 2.0' in metrics.exposition()


def test_by_itself_the_languages_of_the_shipped_model_and_of_the_queues_are_identified(
    policy: Policy, tmp_path: Path
) -> None:
    assert load_identifier(load_settings(), policy).languages == ("de", "en", "es", "fr", "pt", "zh")
    document = default_policy_path().read_text(encoding="utf-8").replace("languages: [en]", "languages: [en, it, qaa]")
    own = tmp_path / "policy.yaml"
    own.write_text(document, encoding="utf-8")
    assert load_identifier(load_settings(), load_policy(own)).languages[6:] == ("it",)


@pytest.mark.parametrize("value", ["off", "", " , "])
def test_identifying_languages_can_be_switched_off(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    assert are_identified(load_settings())
    monkeypatch.setenv("SLUICEGATE_LANGUAGES", value)
    assert not are_identified(load_settings())


@pytest.mark.parametrize("value", ["auto,it", "en,off"])
def test_a_word_in_place_of_languages_stands_alone(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SLUICEGATE_LANGUAGES", value)
    with pytest.raises(SettingsError, match=r"SLUICEGATE_LANGUAGES: (auto|off) stands alone"):
        load_settings()


def test_the_languages_and_the_confidence_that_are_set_are_used(
    monkeypatch: pytest.MonkeyPatch, policy: Policy
) -> None:
    monkeypatch.setenv("SLUICEGATE_LANGUAGES", "de, it")
    identifier = load_identifier(load_settings(), policy)
    assert identifier.languages == ("de", "it")
    assert identifier.identify([GERMAN])[0].tag == "de"
    monkeypatch.setenv("SLUICEGATE_LANGUAGE_CONFIDENCE", "1")
    assert load_identifier(load_settings(), policy).identify([GERMAN])[0].tag == ""


def test_a_text_waits_for_the_model_that_is_still_loading(monkeypatch: pytest.MonkeyPatch, policy: Policy) -> None:
    identifier = LoadingIdentifier(lambda: load_identifier(load_settings(), policy))
    assert identifier.identify([GERMAN])[0].tag == "de"


def test_what_cannot_be_loaded_is_told_to_whoever_waits_for_it() -> None:
    def fail() -> LanguageIdentifier:
        raise LanguageError("no such language")

    identifier = LoadingIdentifier(fail)
    with pytest.raises(LanguageError, match="no such language"):
        identifier.identify(["text"])
    assert isinstance(identifier.loaded.exception(), LanguageError)
