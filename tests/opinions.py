"""Second opinions with made-up weights beside any model, with the bands that training would give them."""

from pathlib import Path

import numpy as np

from sluicegate.models.bundle import Bundle, installed_libraries
from sluicegate.models.figures import log_odds
from sluicegate.models.normalise import NORMALISATION
from sluicegate.models.opinion.bundle import Head, OpinionBundle, load_opinion, read_encoder, write_opinion
from sluicegate.models.opinion.export import export_encoder
from sluicegate.models.opinion.manifest import FORMAT, Band, Combination, FirstModel, OpinionManifest, SentenceModel
from tests.sentence_models import write_sentence_model


def make_opinion(folder: Path, first: Bundle) -> OpinionBundle:
    """Write a second opinion on all harms of a model, which agrees with it more or less, into a new folder.

    In doubt is what lies from the loosest to the strictest of the model's thresholds of a harm, or .5 of log-odds
    beyond either.
    """
    write_sentence_model(folder.with_name(f"{folder.name}-sentences"))
    export_encoder(folder.with_name(f"{folder.name}-sentences"), folder.with_name(f"{folder.name}-encoder"))
    encoder, files = read_encoder(folder.with_name(f"{folder.name}-encoder"))
    harms = first.manifest.harms
    generator = np.random.default_rng(1)
    head = Head(
        generator.normal(0, 1, (encoder.size, len(harms))).astype(np.float32), np.zeros(len(harms), dtype=np.float32)
    )
    manifest = OpinionManifest(
        format=FORMAT,
        kind="opinion",
        name="made",
        version="1",
        harms=harms,
        normalisation=NORMALISATION,
        first=FirstModel(first.manifest.name, first.manifest.version, first.digest),
        sentence_model=SentenceModel("random weights", "CC0-1.0", encoder.size),
        seed=1,
        libraries=installed_libraries(),
        files={},
        training_files=(),
        recipe_sha256="0" * 64,
        sources=(),
        combination={harm: Combination(1.0, 0.5, 0.0, 0.05, 0, 0) for harm in harms},
        bands={harm: _band(first, harm) for harm in harms},
        metrics={},
        ordinary_in_band=None,
    )
    write_opinion(folder, manifest, head, files)
    return load_opinion(folder)


def _band(first: Bundle, harm: str) -> Band:
    found = log_odds(np.array([at.probability for at in first.manifest.ordinary.thresholds[harm]]))
    return Band(float(found.min()) - 0.5, float(found.max()) + 0.5)
