"""A worker tells the language of texts whose events name none, and starts with no language that it cannot tell."""

import time

from tests.integration.streams import Stream, event

GERMAN = "Weiß jemand, ob der Bäcker am Markt sonntags geöffnet hat?"
ITALIAN = "Qualcuno sa se il panificio in piazza apre anche la domenica mattina?"


def test_the_language_of_each_text_is_on_its_decision_and_in_the_metrics(stream: Stream) -> None:
    worker = stream.start_worker().wait_until_ready()
    stream.publish([event(1, GERMAN), event(2, ITALIAN), event(3, GERMAN, language="nl-BE")])
    raw = stream.wait_for_decisions(3)
    found = {message.json()["data"]["event"]["id"]: message.json()["data"]["language"] for message in raw}
    assert found["1"]["tag"] == "de"
    assert found["2"]["tag"] == "und"
    assert found["3"] == {"tag": "nl", "identified": False}
    assert worker.metric("sluicegate_languages_identified_total", language="de") == 1
    assert worker.metric("sluicegate_languages_identified_total", language="und") == 1
    assert worker.terminate()[0] == 0


def test_a_start_with_a_language_that_cannot_be_identified_fails_at_once_with_one_sentence(stream: Stream) -> None:
    began = time.monotonic()
    refused = stream.command(
        "worker", SLUICEGATE_BROKERS="127.0.0.1:1", SLUICEGATE_BROKER_WAIT="60", SLUICEGATE_LANGUAGES="en,xq"
    )
    assert refused.returncode == 1
    assert time.monotonic() - began < 30
    (sentence,) = [line for line in refused.stderr.splitlines() if line.startswith("sluicegate: ")]
    assert sentence.startswith("sluicegate: SLUICEGATE_LANGUAGES: 'xq'")
    assert "Traceback" not in refused.stderr
