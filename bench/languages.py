"""How often languages are identified, how often rightly, and how fast: ``python -m sluicegate.bench.languages``.

Measured on labelled texts, and on the messages of installed programs (gettext catalogues), which come in languages that
are not configured.
"""

import gettext
import random
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Protocol

import msgspec
import numpy as np
import typer
from numpy.typing import NDArray

from sluicegate.agents.languages import DEFAULT_LANGUAGES
from sluicegate.models.labelled import read_labelled
from sluicegate.models.language import Identifier, LanguageIdentifier, LanguageModel
from sluicegate.models.language.wording import wording

__all__ = ["Confidence", "Found", "confidences", "found_by"]

_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
_CATALOGUES = Path("/usr/share/locale")

#: Bounds of what is read of a text, in letters, and of confidences.
LENGTHS = (1, 6, 12, 25, 50, 100, 300)
CONFIDENCES = (0.0, 0.3, 0.5, 0.7, 0.9, 0.99, 1.01)

#: What marks a message as more of a program than of a language.
_MARKS = frozenset("%<>{}=_\t")

#: Share of a stream that is in none of the configured languages, for what confidences are held against.
OTHERS_SHARE = 0.1

Text = tuple[str, str]
"""A language and a text in it."""


class Restricted(Identifier, Protocol):
    """An identifier that knows which languages are configured."""

    @property
    def languages(self) -> Sequence[str]:
        """Primary subtags of the configured languages."""


class Found(msgspec.Struct, frozen=True):
    """What became of some texts: how many, and the shares that were identified rightly and wrongly."""

    texts: int
    right: float
    wrong: float


class Confidence(msgspec.Struct, frozen=True):
    """Texts of similar confidence: how many, the mean confidence, and the share that is right."""

    texts: int
    claimed: float
    right: float


def found_by(identifier: Identifier, texts: Sequence[Text]) -> Found:
    """Identify texts; where a text's own language is not configured, any answer is wrong."""
    answers = identifier.identify([text for _, text in texts])
    named = [answer.tag for answer in answers]
    right = sum(tag == language for tag, (language, _) in zip(named, texts, strict=True))
    wrong = sum(tag not in ("", language) for tag, (language, _) in zip(named, texts, strict=True))
    return Found(len(texts), right / max(len(texts), 1), wrong / max(len(texts), 1))


def confidences(identifier: Restricted, texts: Sequence[Text]) -> list[Confidence]:
    """Hold confidences against what is right; each language counts alike, and those not configured ``OTHERS_SHARE``.

    The identifier must be one without a minimum.
    """
    answers = identifier.identify([text for _, text in texts])
    sure = np.array([answer.confidence for answer in answers])
    right = np.array([answer.tag == language for answer, (language, _) in zip(answers, texts, strict=True)])
    weights = _weights([language for language, _ in texts], identifier.languages)
    found = []
    for low, high in pairwise(CONFIDENCES):
        among = (sure >= low) & (sure < high)
        if among.any():
            weighed = weights[among]
            claimed, held = (float(np.average(of[among], weights=weighed)) for of in (sure, right))
            found.append(Confidence(int(among.sum()), claimed, held))
    return found


def _weights(languages: Sequence[str], configured: Sequence[str]) -> NDArray[np.float64]:
    names, places, counts = np.unique(languages, return_inverse=True, return_counts=True)
    inside = np.isin(names, configured)
    share = np.where(inside, (1 - OTHERS_SHARE) / max(inside.sum(), 1), OTHERS_SHARE / max((~inside).sum(), 1))
    return np.asarray((share / counts)[places], dtype=np.float64)


def _labelled(data: Path, each: int, source: random.Random) -> list[Text]:
    texts: list[Text] = []
    for path in sorted(data.glob("*.jsonl.gz")):
        rows = read_labelled(path).rows
        texts += [(row.lang, row.text) for row in source.sample(rows, min(each, len(rows)))]
    return texts


def _messages(catalogues: Path, each: int, source: random.Random) -> list[Text]:
    by_language: dict[str, set[str]] = {}
    for file in sorted(catalogues.glob("*/LC_MESSAGES/*.mo")):
        language = file.parent.parent.name.partition("_")[0]
        if language.isalpha():
            by_language.setdefault(language, set()).update(_sentences(file))
    texts: list[Text] = []
    for language, found in by_language.items():
        if len(found) >= each:
            texts += [(language, text) for text in source.sample(sorted(found), each)]
    return texts


def _sentences(file: Path) -> list[str]:
    try:
        with file.open("rb") as opened:
            catalogue: dict[object, str] = vars(gettext.GNUTranslations(opened))["_catalog"]
    except (UnicodeDecodeError, LookupError):
        # Some old ones say another encoding than they have, or no rule of plurals.
        return []
    return [
        " ".join(text.split())
        for original, text in catalogue.items()
        if original and text != original and len(text) >= LENGTHS[2] and not set(text) & _MARKS
    ]


def _told(name: str, found: Found) -> str:
    return f"{name:20} {found.texts:>7,} texts   right {found.right:6.1%}   wrong {found.wrong:6.2%}"


def bench(
    data: Annotated[Path, typer.Option(help="Folder of labelled files.")] = _DATA,
    catalogues: Annotated[Path, typer.Option(help="Folder of gettext catalogues.")] = _CATALOGUES,
    each: Annotated[int, typer.Option(min=10, help="Texts of each file, or messages of each language.")] = 900,
    minimum: Annotated[float, typer.Option(help="Confidence below which a language is unknown.")] = 0.7,
    seed: Annotated[int, typer.Option(help="Of the choice of texts.")] = 1,
) -> None:
    """Measure on labelled texts of all sources, and on messages in all languages that programs speak."""
    source = random.Random(seed)
    model = LanguageModel.load()
    identifier = LanguageIdentifier(model, DEFAULT_LANGUAGES, minimum)
    labelled, messages = _labelled(data, each, source), _messages(catalogues, each, source)
    if not labelled:
        raise typer.BadParameter(f"{data} holds no labelled files (*.jsonl.gz); name another folder")
    for kind, texts in (("labelled", labelled), ("messages", messages)):
        print(f"{kind}, by language")
        for language in sorted({language for language, _ in texts} & set(model.languages)):
            own = [text for text in texts if text[0] == language]
            configured = "" if language in DEFAULT_LANGUAGES else ", not configured"
            print("  " + _told(language + configured, found_by(identifier, own)))
    everything = [text for text in labelled + messages if text[0] in model.languages]
    letters = [sum(map(str.isalpha, wording(text))) for _, text in everything]
    print("configured languages, and the others, by letters read")
    for low, high in pairwise(LENGTHS):
        among = [text for text, size in zip(everything, letters, strict=True) if low <= size < high]
        inside = [text for text in among if text[0] in DEFAULT_LANGUAGES]
        outside = [text for text in among if text[0] not in DEFAULT_LANGUAGES]
        print("  " + _told(f"{low} to {high - 1}", found_by(identifier, inside)))
        print("  " + _told(f"{low} to {high - 1}, others", found_by(identifier, outside)))
    print("confidence against the share that is right")
    for bin_ in confidences(LanguageIdentifier(model, DEFAULT_LANGUAGES, 0.0), everything):
        print(f"  {bin_.texts:>7,} texts   claimed {bin_.claimed:.3f}   right {bin_.right:.3f}")
    usual = [text for _, text in labelled if 80 <= len(text) <= 140]
    started = time.process_time()
    identifier.identify(usual)
    spent = (time.process_time() - started) / len(usual)
    print(f"{spent * 1e6:.0f} us of processor time a text of {np.mean([*map(len, usual)]):.0f} characters")


if __name__ == "__main__":
    typer.run(bench)
