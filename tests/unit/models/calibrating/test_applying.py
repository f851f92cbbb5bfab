"""A bundle that is calibrated anew is whole, serves the mapped log-odds, and says what was done."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np
import pytest

from sluicegate.models.bundle import Bundle, BundleError, load_bundle
from sluicegate.models.calibrating.applying import apply, fold, is_folded, kept_beside, moved_manifest
from sluicegate.models.calibrating.recalibrating import recalibrate
from sluicegate.models.calibrating.recorded import LogitMap, Recalibration
from sluicegate.models.figures import log_odds
from sluicegate.models.logit_map import mapped
from sluicegate.models.parity import check_parity
from sluicegate.models.rewriting import rewrite_manifest
from sluicegate.models.thresholds.recorded import Estimate, Gives, GoalThreshold

TEXTS = ["Buy cheap soup now, click the link", "See you at the park, bring bread", ""]


def change(slope: float, intercept: float) -> Recalibration:
    return Recalibration(LogitMap(slope, intercept), 0.05, 0.02, None, None, 0, 0, (), 1)


def served(bundle: Bundle, harm: str) -> np.ndarray:
    return log_odds(bundle.scorer().score(TEXTS)[:, bundle.manifest.harms.index(harm)])


def apply_to(bundle: Bundle, changes: Mapping[str, Recalibration], out: Path) -> Bundle:
    return apply(bundle, changes, {}, None, out)


def test_the_line_is_folded_into_weights_pipeline_and_samples(bundle: Bundle, tmp_path: Path) -> None:
    made = apply_to(bundle, {"spam": change(1.5, -0.7)}, tmp_path / "made")
    assert check_parity(made) < 1e-6
    assert made.manifest.logit_maps == {}
    assert made.manifest.recalibration["spam"].map == LogitMap(1.5, -0.7)
    # Coefficients are of half precision, and are rounded anew.
    np.testing.assert_allclose(served(made, "spam"), 1.5 * served(bundle, "spam") - 0.7, atol=5e-3)
    np.testing.assert_array_equal(served(made, "violence"), served(bundle, "violence"))


def test_another_prevalence_alone_leaves_the_coefficients_as_they_are(bundle: Bundle, tmp_path: Path) -> None:
    found = recalibrate(bundle.manifest, None, {"spam": 0.01}, 1, force=False)
    made = apply(bundle, found.changes, found.calibration, None, tmp_path / "made")
    for name, tensor in bundle.tensors.items():
        assert name == "intercepts" or np.array_equal(made.tensors[name], tensor)
    moved = log_odds(np.array([0.01]))[0] - log_odds(np.array([0.05]))[0]
    np.testing.assert_allclose(served(made, "spam"), served(bundle, "spam") + moved, rtol=1e-9)
    assert made.manifest.calibration["spam"].prevalence == 0.01
    assert made.manifest.calibration["spam"].slope == bundle.manifest.calibration["spam"].slope


def test_what_is_stated_in_probabilities_moves_along(bundle: Bundle) -> None:
    line = LogitMap(1.5, -0.7)
    gives = Gives(None, None, None, None, None)
    goal = GoalThreshold("recall", 0.8, Estimate(0.3, 0.2, 0.4), gives, 0.05, None, None, 50, 50, (), 1)
    before = msgspec.structs.replace(bundle.manifest, thresholds={"spam": (goal,), "violence": (goal,)})
    after = moved_manifest(before, {"spam": line})
    for old, new in zip(before.ordinary.thresholds["spam"], after.ordinary.thresholds["spam"], strict=True):
        assert new.probability == pytest.approx(mapped(line, np.array([old.probability]))[0])
        assert (new.recall, new.by_source) == (old.recall, old.by_source)
    assert after.ordinary.reference["spam"].counts == before.ordinary.reference["spam"].counts
    assert after.ordinary.reference["spam"].edges[0] == pytest.approx(-15.7)
    assert after.thresholds["spam"][0].probability.low == pytest.approx(mapped(line, np.array([0.2]))[0])
    assert after.metrics["spam"].ece_even_odds is None
    assert after.metrics["violence"] == before.metrics["violence"]
    assert after.thresholds["violence"] == before.thresholds["violence"]


def test_weights_of_another_kind_are_not_folded(bundle: Bundle) -> None:
    manifest = msgspec.structs.replace(bundle.manifest, normalisation="none")
    assert is_folded(bundle)
    assert not is_folded(Bundle(bundle.path, manifest, bundle.digest, bundle.tensors))


def test_lines_beside_the_model_add_up_and_are_served(bundle: Bundle, tmp_path: Path) -> None:
    first = kept_beside(bundle.manifest, {"spam": LogitMap(2.0, 1.0)})
    made = rewrite_manifest(bundle, kept_beside(first, {"spam": LogitMap(0.5, -1.0)}), tmp_path / "made")
    np.testing.assert_allclose(served(made, "spam"), served(bundle, "spam") - 0.5, rtol=1e-9)
    np.testing.assert_array_equal(served(made, "violence"), served(bundle, "violence"))


def test_a_slope_too_steep_for_the_weights_is_refused(bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="cannot be stretched"):
        fold(bundle, {"spam": LogitMap(1e9, 0.0)})


def test_a_bundle_is_replaced_where_it_stands(copied_bundle: Path) -> None:
    old = load_bundle(copied_bundle)
    made = apply(old, {"spam": change(1.2, 0.0)}, {}, None, None)
    assert made.path == copied_bundle
    assert load_bundle(copied_bundle).digest == made.digest != old.digest


def test_a_place_that_is_taken_is_refused_before_anything_is_made(bundle: Bundle, copied_bundle: Path) -> None:
    with pytest.raises(BundleError, match="is there already"):
        apply_to(bundle, {"spam": change(1.2, 0.0)}, copied_bundle)
