"""The bundle that ships: whole, within its size, and sensible on texts written for this test."""

import gzip
import json
import os
from pathlib import Path

import numpy as np
import pytest

from sluicegate.models import Scorer, default_bundle_path, load_bundle
from sluicegate.models.parity import check_parity
from sluicegate.models.samples import TOLERANCE

DATA = Path(os.environ.get("SLUICEGATE_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))

ORDINARY = (
    "See you at lunch, I am bringing pizza",
    "Had the best day at the lake with my kids",
    "You did a great job on the presentation",
    "The deadline is killing me, but the team is wonderful",
    "Gestern Abend war das Konzert wirklich schön",
    "Kannst du mir bitte die Unterlagen schicken?",
    "On a passé un très bon moment hier soir",
    "Peux-tu apporter les verres samedi ?",
    "Ayer vimos una película muy buena",
    "¿Puedes traer los papeles antes del mediodía?",
    "Ontem assistimos a um filme muito bom",
    "O gato dorme no sofá",
)
HARMFUL = (
    ("spam", "You have been selected, claim your free cash prize now, call this number"),
    ("scam", "Your account has been suspended, verify your password now at http://login.example.test"),
    ("violence", "I will kill you when I see you"),
    ("self_harm", "I just want to end my life tonight"),
    ("self_harm", "Je veux mourir, je pense au suicide"),
    ("self_harm", "No quiero vivir, me voy a matar"),
    ("harassment", "You are a disgusting idiot and nobody likes you"),
)


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return load_bundle(default_bundle_path()).scorer()


def test_the_shipped_bundle_is_within_its_size_and_agrees_with_its_pipeline() -> None:
    bundle = load_bundle(default_bundle_path())
    assert sum(file.stat().st_size for file in bundle.path.iterdir()) <= 25_000_000
    assert check_parity(bundle) <= TOLERANCE
    assert bundle.manifest.harms == ("spam", "scam", "hate", "harassment", "violence", "self_harm")


def test_the_shipped_bundle_was_trained_on_freely_licensed_texts_only() -> None:
    for source in load_bundle(default_bundle_path()).manifest.sources:
        free = source.licence.startswith(("CC0", "CC-BY-4.0", "PDDL", "MIT", "Apache"))
        assert free or source.train + source.calibrate == 0, source.name


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_text_is_far_from_every_harm(scorer: Scorer, text: str) -> None:
    assert scorer.score([text]).max() < 0.2


@pytest.mark.parametrize(("harm", "text"), HARMFUL)
def test_an_obvious_harm_is_likelier_than_not_and_explained(scorer: Scorer, harm: str, text: str) -> None:
    scores = dict(zip(scorer.harms, scorer.score([text])[0], strict=True))
    assert scores[harm] >= 0.5
    assert scorer.why(text, harm)


@pytest.mark.data
def test_few_ordinary_texts_are_flagged_at_the_stated_thresholds(scorer: Scorer) -> None:
    path = DATA / "tweeteval_ordinary.jsonl.gz"
    if not path.is_file():
        pytest.skip(f"the labelled texts are not at {DATA}; set SLUICEGATE_SHARED_DATA")
    with gzip.open(path) as lines:
        texts = [json.loads(line)["text"] for line in lines][:5_000]
    flagged = scorer.score(texts)
    ordinary = load_bundle(default_bundle_path()).manifest.ordinary
    for column, harm in enumerate(scorer.harms):
        cut = next(point.probability for point in ordinary.thresholds[harm] if point.false_alarm_rate == 0.01)
        assert np.mean(flagged[:, column] > cut) < 0.025, harm
