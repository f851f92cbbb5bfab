"""A bundle is held to the probabilities that its manifest states before it serves."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from sluicegate.models.bundle import Bundle, BundleError
from sluicegate.models.calibrating.recorded import LogitMap
from sluicegate.models.manifest import ParitySample
from sluicegate.models.proving import prove
from tests.bundles import HARMS, make_bundle


@pytest.fixture
def made(tmp_path: Path) -> Bundle:
    return make_bundle(tmp_path / "made")


def restated(bundle: Bundle, parity: tuple[ParitySample, ...]) -> Bundle:
    return Bundle(bundle.path, msgspec.structs.replace(bundle.manifest, parity=parity), bundle.digest, bundle.tensors)


def test_a_whole_bundle_gives_a_scorer_of_its_name_and_digest(made: Bundle) -> None:
    scorer = prove(made)
    assert (scorer.name, scorer.version, scorer.digest, scorer.harms) == ("made", "1", made.digest, HARMS)


def test_a_trained_bundle_gives_what_it_states(bundle: Bundle) -> None:
    assert prove(bundle).harms == bundle.manifest.harms


@pytest.mark.parametrize("off", [2e-6, -2e-6, float("nan")])
def test_a_stated_probability_that_is_off_is_refused(made: Bundle, off: float) -> None:
    first, *others = made.manifest.parity
    wrong = ParitySample(first.text, [value + off for value in first.probabilities])
    with pytest.raises(BundleError, match="gives other probabilities"):
        prove(restated(made, (wrong, *others)))


def test_weights_that_were_altered_are_refused_even_where_their_digest_was_too(made: Bundle) -> None:
    tensors = {name: np.array(tensor) for name, tensor in made.tensors.items()}
    tensors["intercepts"] = tensors["intercepts"] + 0.01
    with pytest.raises(BundleError, match="gives other probabilities"):
        prove(Bundle(made.path, made.manifest, made.digest, tensors))


def test_a_bundle_that_states_no_samples_or_not_its_harms_is_refused(made: Bundle) -> None:
    with pytest.raises(BundleError, match="states no samples"):
        prove(restated(made, ()))
    narrow = tuple(ParitySample(sample.text, sample.probabilities[:-1]) for sample in made.manifest.parity)
    with pytest.raises(BundleError, match="do not state its harms"):
        prove(restated(made, narrow))


def test_a_map_beside_the_weights_is_taken_into_account(made: Bundle) -> None:
    lines = {"spam": LogitMap(1.5, 0.25)}
    mapped = msgspec.structs.replace(made.manifest, logit_maps=lines)
    assert prove(Bundle(made.path, mapped, made.digest, made.tensors)).harms == HARMS
