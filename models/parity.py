"""Checks that a bundle's weights and its scikit-learn pipeline give the same probabilities."""

import io

import joblib
import numpy as np

from sluicegate.models.bundle import PIPELINE, Bundle, BundleError, checked_bytes
from sluicegate.models.proving import TOLERANCE
from sluicegate.models.scorer import HashedLinearScorer

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


def check_parity(bundle: Bundle) -> float:
    """Compare weights, pipeline and the probabilities in the manifest; return the largest difference.

    The pipeline is unpickled, after its digest was checked: only for bundles from a source that is trusted.

    Raises
    ------
    BundleError
        If the bundle has no pipeline or the two differ by more than ``TOLERANCE``.
    """
    if PIPELINE not in bundle.manifest.files:
        raise BundleError(f"bundle {bundle.path} has no {PIPELINE} to compare with; train it again")
    estimator = joblib.load(io.BytesIO(checked_bytes(bundle, PIPELINE)))
    texts = [sample.text for sample in bundle.manifest.parity]
    texts += [text for text in SAMPLES if text not in texts]
    # The pipeline reads head and tail of long texts; that is compared, not the windows around it.
    served = HashedLinearScorer(bundle.manifest, bundle.digest, bundle.tensors).score(texts)
    stated = np.array([sample.probabilities for sample in bundle.manifest.parity])
    # Of one harm alone, the pipeline gives its absence as well, in a column before it.
    trained = estimator.predict_proba(texts)[:, -len(bundle.manifest.harms) :]
    largest = float(np.abs(served - trained).max())
    if len(stated):
        largest = max(largest, float(np.abs(served[: len(stated)] - stated).max()))
    if largest > TOLERANCE:
        raise BundleError(
            f"bundle {bundle.path}: weights, {PIPELINE} and stated samples differ by {largest:.2g}, "
            f"more than {TOLERANCE:g}; train it again"
        )
    return largest
