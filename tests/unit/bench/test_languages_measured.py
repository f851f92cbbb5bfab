"""What is measured of languages: shares identified rightly and wrongly, and confidences against what is right."""

from collections.abc import Sequence

import pytest

from sluicegate.bench.languages import confidences, found_by
from sluicegate.models.language import Identified


class Stated:
    """Takes a text for what it says, as sure as it says: ``de 0.9``."""

    languages = ("de", "en")

    def identify(self, texts: Sequence[str]) -> list[Identified]:
        return [Identified(tag.strip("-"), float(sure)) for tag, sure in map(str.split, texts)]


def test_an_answer_for_a_text_in_another_language_is_wrong_and_none_is_neither() -> None:
    found = found_by(Stated(), [("de", "de 0.9"), ("de", "en 0.9"), ("it", "de 0.8"), ("it", "- 0.1")])
    assert (found.texts, found.right, found.wrong) == (4, 0.25, 0.5)


def test_each_language_counts_alike_and_those_that_are_not_configured_for_a_tenth() -> None:
    texts = [*[("de", "de 0.95")] * 3, ("en", "en 0.95"), ("it", "de 0.95"), ("fr", "de 0.95"), ("en", "en 0.1")]
    low, high = confidences(Stated(), texts)
    assert (low.texts, low.right) == (1, 1.0)
    assert high.texts == 6
    assert high.claimed == pytest.approx(0.95)
    assert high.right == pytest.approx((0.45 + 0.225) / (0.45 + 0.225 + 0.1))
