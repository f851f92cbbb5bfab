"""Texts by which two forms of a model are compared, and how far apart they are on them."""

from collections.abc import Mapping, Sequence

import numpy as np

from sluicegate.models.manifest import ParitySample
from sluicegate.models.scorer import Scorer

TOLERANCE = 1e-6

SAMPLES = (
    "",
    " \n\t",
    "a",
    "Lunch at noon? The soup place on the corner is open again.",
    "WIN a FREE phone!!! Click http://example.test/prize now, offer ends today",
    "Your account is locked. Confirm your password at http://bank.example.test within 24 hours.",
    "I will find you and I will hurt you",
    "Nobody likes you, you are worthless and everyone knows it",
    "I do not want to live any more",
    "Der Zug fällt aus, wir sehen uns später. Straße, STRASSE, straße.",
    "Je suis très content de cette soirée, merci à tous !",
    "¿Quién viene mañana al parque? ¡Qué ilusión!",
    "Amanhã não vou trabalhar, o médico mandou descansar.",
    "今天天气很好，我们去公园吧。",
    "ﬁne ＦＵＬＬ ｗｉｄｔｈ ① ﷺ",
    "👍🏽 👩‍👩‍👧 e\u0301 zero\u200bwidth \u202eright to left\u202c",
    "lone \ud800 surrogate",
    "fish &amp;amp; chips &#128514; caf\u00e9 l\u00f3d\u017a",
    "p\u0430yp\u0430l \u0412ank vi\u03b1gra \u0432\u0435\u0441\u043d\u0430 \u1d21\u026a\u0274",
    "See www.shop.test/x, bit.ly/abc, [URL]; write to some.one@mail.test, @somebody: <user> 0871-872-9755",
    "s p a m s.p.a.m k-i-l-l u r a star soooo goood",
    "h3ll0 w0rld @nd pri$e covid19 mp3 4pm 2nd $100 100k b2b wow!",
    "nice🔪🔪 🇩🇪 🇳🇴🇼 kitchen knife",
    "x" * 5_000,
    "word " * 700,
)
"""Written for this project: empty, short and long texts, several scripts, and what is folded."""


def is_encodable(text: str) -> bool:
    """Tell whether a text can stand in a manifest: a lone surrogate cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_NUMBERS = (0.0, 1.0, 3.5, 40.0, 1_000.0)


def sample_signals(names: Sequence[str], place: int) -> dict[str, float]:
    """Return signals for a sample text by its place: none, some or all of the names, with small and large numbers."""
    return {
        name: _NUMBERS[(place + number) % len(_NUMBERS)]
        for number, name in enumerate(names)
        if place % 3 and (place + number) % 4
    }


def parity_samples(
    scorer: Scorer, texts: Sequence[str], signals: Sequence[Mapping[str, float]]
) -> tuple[ParitySample, ...]:
    """Return texts with what a scorer gives them."""
    scores = scorer.score(texts, signals)
    return tuple(
        ParitySample(text, [float(value) for value in row], dict(beside))
        for text, row, beside in zip(texts, scores, signals, strict=True)
    )


def sample_difference(scorer: Scorer, samples: Sequence[ParitySample]) -> float:
    """Return how far a scorer is from what is stated of samples at the most; NaN where it gives no probability."""
    if not samples:
        return 0.0
    found = scorer.score([sample.text for sample in samples], [sample.signals for sample in samples])
    return float(np.abs(found - np.array([sample.probabilities for sample in samples])).max())
