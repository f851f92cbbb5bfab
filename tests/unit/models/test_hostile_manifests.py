"""What a manifest says of n-grams can neither take for ever, nor more memory than there is, nor end a worker."""

import json
from pathlib import Path
from typing import Any

import pytest

from sluicegate.models.bundle import MANIFEST, BundleError, load_bundle
from tests.bundles import make_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundles") / "made"
    make_bundle(folder)
    return folder


@pytest.mark.parametrize(
    "changed",
    [
        *({"ngram_max": most} for most in (0, 33, 2**31, 2**32 - 1, 2**32, 2**63)),
        {"ngram_min": 9, "ngram_max": 8},
        *({"token_pattern": pattern} for pattern in ("(", "(a)(b)", r"(\w+)+$")),
    ],
    ids=str,
)
def test_a_bundle_whose_words_or_n_grams_are_out_of_bounds_is_refused(bundle: Path, changed: dict[str, Any]) -> None:
    whole = (bundle / MANIFEST).read_text(encoding="utf-8")
    document = json.loads(whole)
    for block in document["features"]:
        block.update(changed)
    (bundle / MANIFEST).write_text(json.dumps(document), encoding="utf-8")
    try:
        with pytest.raises(BundleError, match="is not a manifest"):
            load_bundle(bundle)
    finally:
        (bundle / MANIFEST).write_text(whole, encoding="utf-8")


def test_the_longest_n_grams_that_are_taken_are_scored(bundle: Path) -> None:
    whole = (bundle / MANIFEST).read_text(encoding="utf-8")
    document = json.loads(whole)
    for block in document["features"]:
        block.update(ngram_max=32)
    (bundle / MANIFEST).write_text(json.dumps(document), encoding="utf-8")
    try:
        scores = load_bundle(bundle).scorer().score(["lunch at noon " * 90, "x" * 1_500])
        assert ((scores > 0) & (scores < 1)).all()
    finally:
        (bundle / MANIFEST).write_text(whole, encoding="utf-8")
