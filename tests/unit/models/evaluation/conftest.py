"""Labelled texts that the tiny bundle was not trained on, and a scorer whose probabilities a test sets."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sluicegate.models.bundle import Bundle
from sluicegate.models.evaluation.evaluation import Evaluation
from sluicegate.models.evaluation.examining import Plan, examine
from sluicegate.models.explain import Span
from sluicegate.models.imported.recorded import Served
from sluicegate.models.recipe import Derivation, Recipe, SourceRecipe
from sluicegate.models.signals import Signals

RECIPE = Recipe(
    prevalence={"spam": 0.05},
    inverse_regularisation=1.0,
    sources={
        "forum": SourceRecipe(
            "CC0-1.0", "generated", assume=("violence",), derive=(Derivation("violence", 1, {"threat": 1}),)
        ),
        "letters": SourceRecipe("CC0-1.0", "generated", ordinary={"spam": 0}),
    },
)


class SetScorer:
    """Gives each text the probability that stands at its end."""

    name, version, digest, harms = "set", "1", "sha256:0", ("spam", "violence")
    signals: tuple[str, ...] = ()
    served: Served = "weights"

    def score(self, texts: Sequence[str], signals: Signals | None = None) -> NDArray[np.float64]:
        found = [float(text.rsplit(" ", 1)[-1]) for text in texts]
        return np.array([[each, 1 - each] for each in found], dtype=np.float64).reshape(len(texts), 2)

    def why(self, text: str, harm: str, limit: int = 3) -> tuple[Span, ...]:
        return ()


def quiet(stage: str, done: int, total: int) -> None:
    assert 0 <= done <= total, stage


@pytest.fixture(scope="session")
def unseen_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of texts in three languages, one of them with too few."""
    rows: list[dict[str, object]] = []
    for number in range(40):
        rows += [
            {"text": f"Click the link now, free soup offer {number}", "labels": {"spam": 1}, "lang": "en"},
            {"text": f"We were at the park, it was lovely {number}", "labels": {"spam": 0}, "lang": "en"},
            {"text": f"I will hurt you at the market {number}", "labels": {"violence": 1}, "lang": "en"},
            {"text": f"Wir sehen uns im Park {number}", "labels": {"violence": 0, "spam": 0}, "lang": "de"},
        ]
    rows.append({"text": "Oferta grátis", "labels": {"spam": 1}, "lang": "pt"})
    path = tmp_path_factory.mktemp("unseen") / "unseen.jsonl"
    path.write_text("".join(json.dumps({**row, "source": "forum"}) + "\n" for row in rows))
    return path


@pytest.fixture(scope="session")
def identity_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return sentences that differ in whom they name, and in whether they are kind."""
    rows = [
        {"text": f"{name} is a {word} {term}", "labels": {"toxic": toxic}, "source": "templates"}
        for name in ("Ana", "Bo", "Chi", "Dov", "Eli", "Fay", "Gus", "Hal", "Ida", "Jo", "Kim", "Lu")
        for term in ("muslim", "christian", "middle aged", "young")
        for word, toxic in (("kind", 0), ("lovely", 0), ("vile", 1), ("rotten", 1))
    ]
    path = tmp_path_factory.mktemp("identity") / "templates.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="session")
def evaluation(bundle: Bundle, unseen_file: Path, identity_file: Path) -> Evaluation:
    """Return all that can be measured of the tiny bundle, compared with itself."""
    plan = Plan(RECIPE, 1, identity=identity_file, terms=("muslim", "christian", "middle aged"), against=bundle)
    return examine(bundle, [unseen_file], plan, quiet).evaluation
