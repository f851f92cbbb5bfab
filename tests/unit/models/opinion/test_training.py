"""A second opinion learns on what the model beside it learned on."""

from dataclasses import replace
from pathlib import Path

import msgspec

from sluicegate.models.bundle import Bundle
from sluicegate.models.manifest import Source
from sluicegate.models.opinion.training import OpinionPlan, train_opinion
from tests.unit.models.opinion.conftest import RECIPE, quiet


def sources_of(first: Bundle, labelled: Path, encoder: Path, out: Path, most: int) -> dict[str, int]:
    """Train beside a model, and return how many texts were used of each source."""
    plan = OpinionPlan("second", "1", encoder, first, RECIPE, "random weights", "CC0-1.0", most)
    return {source.name: source.rows for source in train_opinion([labelled], out, plan, quiet).bundle.manifest.sources}


def test_no_source_gives_more_than_it_may(first: Bundle, labelled: Path, encoder_folder: Path, tmp_path: Path) -> None:
    assert sources_of(first, labelled, encoder_folder, tmp_path / "out", most=200) == {"chat": 200, "mail": 200}


def test_it_learns_on_the_seed_texts_if_the_model_did(
    first: Bundle, labelled: Path, encoder_folder: Path, tmp_path: Path
) -> None:
    seed = Source("seed", "train", "Apache-2.0", "written for this project", 1, 1, 0, 0)
    manifest = msgspec.structs.replace(first.manifest, sources=(*first.manifest.sources, seed))
    taught = replace(first, manifest=manifest)
    assert sources_of(taught, labelled, encoder_folder, tmp_path / "out", most=300)["seed"] == 300
