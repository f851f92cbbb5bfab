"""A tiny labelled file and a bundle trained on it, made once."""

import json
import shutil
from pathlib import Path

import pytest

from sluicegate.models.bundle import Bundle, load_bundle
from sluicegate.models.recipe import Recipe, SourceRecipe
from sluicegate.models.train import Plan, train_bundle
from tests.bundles import make_bundle
from tests.unit.models.signing import signed

THINGS = ["soup", "bread", "bikes", "music", "gardens", "trains", "rain", "books", "cats", "chess"]
PLACES = ["park", "market", "office", "beach", "school", "station", "library", "gym"]

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
def labelled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows: list[dict[str, object]] = []
    for thing in THINGS:
        for place in PLACES:
            texts = [
                ("mail", {"spam": 1}, f"Buy cheap {thing} now, click the link, free offer at the {place}"),
                ("mail", {"spam": 0}, f"We talked about {thing} at the {place} and it was lovely"),
                ("chat", {"violence": 1}, f"I will hurt you at the {place} because of {thing}"),
                ("chat", {"violence": 0}, f"See you at the {place}, bring {thing}"),
            ]
            rows += [{"text": text, "labels": labels, "source": source} for source, labels, text in texts]
    path = tmp_path_factory.mktemp("labelled") / "tiny.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="session")
def bundle(labelled_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    out = tmp_path_factory.mktemp("bundles") / "tiny"
    return train_bundle([labelled_file], out, Plan("tiny", "3", RECIPE, 1, grammar=False), quiet).bundle


@pytest.fixture
def copied_bundle(bundle: Bundle, tmp_path: Path) -> Path:
    """Return a copy of the bundle's folder that a test may damage."""
    path = tmp_path / "copied"
    shutil.copytree(bundle.path, path)
    assert load_bundle(path).digest == bundle.digest
    return path


@pytest.fixture(scope="module")
def signed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a signed bundle, which is not to be altered."""
    return signed(make_bundle(tmp_path_factory.mktemp("signed") / "bundle").path)


@pytest.fixture
def signed_bundle(signed_once: Path, tmp_path: Path) -> Path:
    """Give the folder of a signed bundle of the test's own."""
    return Path(shutil.copytree(signed_once, tmp_path / "bundle"))
