"""The reference is in the manifest, of training and of plain traffic, and texts are counted as it was."""

import dataclasses
import json

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.models.bundle import Bundle
from sluicegate.models.calibrating.plain import read_plain
from sluicegate.models.drift.binning import SAMPLED_EVERY, Binning
from sluicegate.models.drift.feature import Feature
from sluicegate.models.drift.reference import Reference, with_text_features
from sluicegate.models.drift.unknown import unknown_words
from sluicegate.models.labelled import LabelledFile, Row
from sluicegate.models.manifest import Ordinary, decode, encode
from sluicegate.models.scored import score_files

ROWS = [
    Row(f"{opening} {thing} at the {place}" + " and it was lovely" * (number % 7), {}, "forum", language)
    for number, (opening, thing, place, language) in enumerate(
        (opening, thing, place, language)
        for opening in ("We talked about", "Buy cheap", "I will hurt you because of", "Click the link for free")
        for thing in ("soup", "bread", "chess", "perkele")
        for place in ("park", "market", "gym", "satama")
        for language in ("en", "en-GB", "fi", "und", "", "not a tag")
    )
] * 5


@pytest.fixture(scope="module")
def calibrated(bundle: Bundle) -> Bundle:
    """Return the bundle with the references of plain traffic."""
    scored = score_files([LabelledFile("traffic.jsonl", "0" * 64, tuple(ROWS), ())], bundle.scorer(), lambda *_: None)
    words = unknown_words(bundle.manifest.features, bundle.tensors)
    ordinary = read_plain(scored, None, bundle.manifest.ordinary, words)
    return dataclasses.replace(bundle, manifest=msgspec.structs.replace(bundle.manifest, ordinary=ordinary))


def names(features: tuple[Feature, ...]) -> list[str]:
    return [feature.name for feature in features]


def test_a_training_leaves_references_of_ordinary_texts(bundle: Bundle) -> None:
    ordinary = bundle.manifest.ordinary
    assert ordinary.lengths is not None
    assert ordinary.unknown is not None
    assert sum(ordinary.lengths.counts) == sum(ordinary.unknown.counts) == ordinary.rows > 0
    # The rows name no language.
    assert ordinary.languages == {}
    reference = Reference.of(bundle)
    assert (reference.digest, reference.texts, reference.own_traffic) == (bundle.digest, ordinary.rows, False)
    assert reference.language is None


def test_plain_traffic_takes_the_place_of_the_training(calibrated: Bundle) -> None:
    ordinary = calibrated.manifest.ordinary
    assert ordinary.languages == {"en": 640, "fi": 320}
    assert ordinary.lengths is not None
    assert sum(ordinary.lengths.counts) == len(ROWS)
    reference = Reference.of(calibrated)
    assert reference.own_traffic
    assert names(reference.features) == ["score:spam", "score:violence", "length", "language", "unknown_words"]
    assert reference.languages == {"en": 0, "fi": 1}


def test_a_manifest_without_text_references_still_loads_and_watches_scores(calibrated: Bundle) -> None:
    document = json.loads(encode(calibrated.manifest))
    for name in ("lengths", "unknown", "languages"):
        del document["ordinary"][name]
    older = dataclasses.replace(calibrated, manifest=decode(json.dumps(document).encode()))
    assert names(Reference.of(older).features) == ["score:spam", "score:violence"]


def test_a_bundle_that_states_nothing_is_watched_for_nothing(bundle: Bundle) -> None:
    manifest = msgspec.structs.replace(bundle.manifest, ordinary=Ordinary(0, {}, {}, {}))
    binning = Binning(Reference.of(dataclasses.replace(bundle, manifest=manifest)))
    assert binning.features == ()
    assert binning.count(np.zeros((1, 2)), ["text"], ["en"]).tolist() == []


def test_texts_of_the_reference_are_counted_as_the_reference_was(calibrated: Bundle) -> None:
    binning = Binning(Reference.of(calibrated))
    scores = calibrated.scorer().score([row.text for row in ROWS])
    languages = [row.lang.partition("-")[0] if row.lang in ("en", "en-GB", "fi") else "" for row in ROWS]
    totals = np.zeros(binning.size)
    for start in range(SAMPLED_EVERY):
        # Beginning one later each time, every text is looked at for unknown words once.
        totals += binning.count(scores[start:], [row.text for row in ROWS][start:], languages[start:])
    firsts = [*binning.starts.tolist(), binning.size]
    for number, feature in enumerate(binning.features):
        counts = totals[firsts[number] : firsts[number + 1]]
        assert counts / counts.sum() == pytest.approx(feature.shares, abs=0.01), feature.name


@given(st.lists(st.tuples(*[st.integers(0, 10**6).map(lambda millionths: millionths / 10**6)] * 2), max_size=40))
def test_scores_of_all_harms_are_counted_at_once_as_each_would_be_alone(rows: list[tuple[float, float]]) -> None:
    edges = np.array([[0.1, 0.5, 0.9], [0.2, 0.2, 1.0]])
    features = {place: Feature(f"score:{place}", edges[place], np.full(4, 0.25), 100) for place in range(2)}
    reference = Reference("sha256:0", 100, False, features, None, None, None, {}, None)
    values = np.array(rows, dtype=np.float64).reshape(-1, 2)
    expected = [np.bincount((values[:, [c]] >= edges[c]).sum(axis=1), minlength=4).tolist() for c in range(2)]
    found = Binning(reference).count(values, [""] * len(rows), [""] * len(rows))
    assert found.tolist() == expected[0] + expected[1]


def test_languages_outside_the_reference_are_others_and_unknown_ones_are_left_out(calibrated: Bundle) -> None:
    binning = Binning(Reference.of(calibrated))
    place = names(binning.features).index("language")
    first = int(binning.starts[place])
    counts = binning.count(np.zeros((5, 2)), ["text"] * 5, ["fi", "", "sv", "en", "xx"])
    assert counts[first : first + 3].tolist() == [1, 1, 2]


def test_references_of_no_texts_are_empty() -> None:
    ordinary = with_text_features(Ordinary(0, {}, {}, {}), [], None)
    assert ordinary.lengths is not None
    assert sum(ordinary.lengths.counts) == 0
    assert ordinary.unknown is None
