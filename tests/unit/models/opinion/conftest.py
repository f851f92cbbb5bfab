"""A sentence model of a few kilobytes, its encoder, and a second opinion trained with it, each made once."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sluicegate.models.bundle import Bundle
from sluicegate.models.opinion.bundle import OpinionBundle, load_opinion
from sluicegate.models.opinion.export import export_encoder
from sluicegate.models.opinion.training import OpinionPlan, train_opinion
from sluicegate.models.recipe import Recipe, SourceRecipe
from sluicegate.models.train import Plan, train_bundle
from tests.sentence_models import write_sentence_model

RECIPE = Recipe(
    prevalence={"spam": 0.05, "violence": 0.02},
    inverse_regularisation=2.0,
    sources={
        "mail": SourceRecipe("CC0-1.0", "generated", assume=("violence",), ordinary={"spam": 0}),
        "chat": SourceRecipe("CC0-1.0", "generated", assume=("spam",)),
    },
)


def quiet(stage: str, done: int, total: int) -> None:
    assert 0 <= done <= total, stage


@pytest.fixture(scope="session")
def sentence_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a BERT with random weights, as sentence-transformers lays one out."""
    folder = tmp_path_factory.mktemp("sentence") / "model"
    write_sentence_model(folder)
    return folder


@pytest.fixture(scope="session")
def encoder_folder(sentence_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of its encoder in 8 bits."""
    out = tmp_path_factory.mktemp("encoders") / "tiny"
    export_encoder(sentence_model, out)
    return out


@pytest.fixture(scope="session")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows: list[dict[str, object]] = []
    for number in range(120):
        # Letters, since a number is folded and so the same text again.
        which = "".join("abcdefghij"[int(digit)] for digit in f"{number:03}")
        texts = [
            ("mail", {"spam": 1}, f"Buy cheap {which} now, click the link, free offer"),
            ("mail", {"spam": 0}, f"We talked about {which} at the market and it was lovely"),
            ("chat", {"violence": 1}, f"I will hurt you at the park because of {which}"),
            ("chat", {"violence": 0}, f"See you at the park, bring {which}"),
        ]
        rows += [{"text": text, "labels": labels, "source": source} for source, labels, text in texts]
    path = tmp_path_factory.mktemp("texts") / "tiny.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="session")
def first(labelled: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Return the model that the second opinion is trained beside."""
    out = tmp_path_factory.mktemp("first") / "model"
    return train_bundle([labelled], out, Plan("tiny", "1", RECIPE, 1, grammar=False), quiet).bundle


@pytest.fixture(scope="session")
def make_opinion(labelled: Path, first: Bundle, encoder_folder: Path) -> Callable[[Path], OpinionBundle]:
    def make(out: Path) -> OpinionBundle:
        plan = OpinionPlan("second", "1", encoder_folder, first, RECIPE, "random weights", "CC0-1.0", 10_000)
        return train_opinion([labelled], out, plan, quiet).bundle

    return make


@pytest.fixture(scope="session")
def opinion(make_opinion: Callable[[Path], OpinionBundle], tmp_path_factory: pytest.TempPathFactory) -> OpinionBundle:
    return make_opinion(tmp_path_factory.mktemp("opinions") / "second")


@pytest.fixture
def copied_opinion(opinion: OpinionBundle, tmp_path: Path) -> Path:
    """Return a copy of its folder that a test may damage."""
    path = tmp_path / "copied"
    shutil.copytree(opinion.path, path)
    assert load_opinion(path).digest == opinion.digest
    return path
