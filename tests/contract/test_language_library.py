"""What identifying languages stands on in py3langid: an upgrade that changes it fails here."""

import numpy as np
import pytest
from py3langid.langid import MODEL_FILE
from py3langid.langid import LanguageIdentifier as Library

from sluicegate.models.language import LanguageModel

TEXTS = (
    "Is the pool open on Sunday?",
    "Wer kommt morgen mit ins Kino?",
    "A lot of it",
    "Кто пойдёт завтра в кино?",
    "星期天开门吗",
)


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.from_model_file(MODEL_FILE)


@pytest.mark.parametrize("text", TEXTS)
def test_scores_are_those_of_the_library(library: Library, text: str) -> None:
    model = LanguageModel.load()
    scores = model.scores(text.encode())
    assert scores is not None
    best: dict[str, float] = {}
    for label, score in zip(model.labels.tolist(), scores.tolist(), strict=True):
        best[label] = max(score, best.get(label, -np.inf))
    expected = dict(library.rank(text))
    assert best.keys() == expected.keys()
    assert np.allclose([best[label] for label in best], [expected[label] for label in best], rtol=1e-3, atol=0.05)
