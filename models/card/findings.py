"""What the figures mean, in plain words: what a reader may rely on and what not."""

from collections.abc import Iterator

from sluicegate.models.card.languages import language_name
from sluicegate.models.evaluation.evaluation import Evaluation, HarmFigures
from sluicegate.models.figures import shown_probability
from sluicegate.models.manifest import Manifest

__all__ = ["findings", "trained_languages", "trained_sources", "verdict"]

# From which AUC on, what may be said of a ranking.
_VERDICTS = (
    (0.95, "ranks very well"),
    (0.85, "ranks well"),
    (0.75, "is of use, with many errors"),
    (0.65, "is weak"),
    (0.60, "is poor"),
    (0.0, "is about as good as a coin: do not rely on it"),
)
_LARGE_GAP = 0.2
_COSTLY = 0.03
_POORLY_CALIBRATED = 0.1


def verdict(auc: float) -> str:
    """Say what an AUC is worth."""
    return next(words for least, words in _VERDICTS if auc >= least)


def trained_sources(manifest: Manifest) -> set[str]:
    """Return the sources that the model was trained on."""
    return {source.name for source in manifest.sources if source.train}


def trained_languages(manifest: Manifest, evaluation: Evaluation) -> list[str]:
    """Return the languages of the sources trained on, as far as they were measured; the most texts first."""
    texts: dict[str, int] = {}
    for source in trained_sources(manifest):
        for language, count in evaluation.languages.get(source, {}).items():
            if language != "und":
                texts[language] = texts.get(language, 0) + count
    return sorted(texts, key=lambda language: (-texts[language], language))


def findings(manifest: Manifest, evaluation: Evaluation) -> Iterator[str]:
    """Say, harm by harm and then of all, what the figures mean; each a sentence or two in Markdown."""
    trained = trained_sources(manifest)
    for harm in manifest.harms:
        yield f"**{harm}**: " + " ".join(_of_harm(harm, evaluation, trained))
    yield from _of_languages(manifest, evaluation)
    yield from _of_disguises(evaluation)
    yield from _of_identities(evaluation)


def _of_harm(harm: str, evaluation: Evaluation, trained: set[str]) -> Iterator[str]:
    measured = evaluation.harms.get(harm)
    if measured is None or measured.overall.auc is None:
        yield "not measured, for want of labelled texts; do not rely on it."
    else:
        own = _aucs({name: found for name, found in measured.by_source.items() if name in trained})
        if own:
            yield f"On texts held out of sources it was trained on it {verdict(_mean(own))} (AUC {_range(own)})."
        strange = _aucs({name: found for name, found in measured.by_source.items() if name not in trained})
        strange |= {each.source: each.auc for each in evaluation.transfer if each.harm == harm and each.auc is not None}
        if strange:
            worst = min(strange, key=lambda name: strange[name])
            yield (
                f"On sources it was not trained on it {verdict(_mean(strange))} (AUC {_range(strange)}; "
                f"the least on {worst})."
            )
        else:
            yield "It was not measured on any source that it was not trained on: expect less there."
        ece = measured.overall.ece_even_odds
        if ece and ece.value > _POORLY_CALIBRATED:
            yield (
                f"Over all texts measured, sources that it was not trained on among them, its probabilities are off by "
                f"{ece.value:.2f} on average: take them as ranks there, not as chances."
            )
    yield from _alarms(harm, evaluation)


def _alarms(harm: str, evaluation: Evaluation) -> Iterator[str]:
    cuts = evaluation.ordinary.get(harm, ())
    if not cuts:
        return
    strictest = max(cuts, key=lambda cut: cut.threshold.probability)
    source, worst = max(strictest.by_source.items(), key=lambda pair: pair[1].per_thousand.value)
    yield (
        f"At its strictest threshold ({shown_probability(strictest.threshold.probability)}) it flags "
        f"{strictest.overall.per_thousand.value:.1f} of 1,000 ordinary texts, {worst.per_thousand.value:.1f} of those "
        f"of {source}."
    )


def _of_languages(manifest: Manifest, evaluation: Evaluation) -> Iterator[str]:
    trained = trained_languages(manifest, evaluation)
    for harm, measured in evaluation.harms.items():
        poor = {
            language: found.auc.value
            for language, found in measured.by_language.items()
            if found.auc and found.auc.value < 0.65
        }
        for language, auc in poor.items():
            name = language_name(language)
            unseen = "" if language in trained else ", of which it was trained on no labelled text"
            yield f"In **{name}**{unseen}, {harm} {verdict(auc)} (AUC {auc:.2f})."
        silent = [language for language, found in measured.by_language.items() if found.auc is None]
        if silent:
            names = ", ".join(map(language_name, silent))
            yield f"For {harm} there were too few labelled texts in {names} to say anything."


def _of_disguises(evaluation: Evaluation) -> Iterator[str]:
    costly: dict[str, list[str]] = {}
    for name, drops in evaluation.robustness.items():
        harms = [f"{harm} by {drop.drop.value:.2f}" for harm, drop in drops.items() if drop.drop.value >= _COSTLY]
        if harms:
            costly[name.replace("_", " ")] = harms
    if costly:
        told = "; ".join(f"{name} ({', '.join(harms)})" for name, harms in costly.items())
        yield f"**Disguised texts** lower the AUC: {told}."
    elif evaluation.robustness:
        yield f"**Disguised texts**: none of {len(evaluation.robustness)} disguises lowers an AUC by {_COSTLY} or more."


def _of_identities(evaluation: Evaluation) -> Iterator[str]:
    if evaluation.identity is None:
        return
    for harm, figures in evaluation.identity.harms.items():
        if figures.gap is None:
            continue
        rates = {each.term: each.rate.value for each in figures.terms if each.rate}
        words = "" if figures.gap <= _LARGE_GAP else " That is unfair to whom it names; set thresholds with care."
        name = "all harms together" if harm == "any" else harm
        yield (
            f"**Naming an identity** ({name}): where {figures.share:.0%} of harmless sentences are flagged, it is "
            f"{rates[figures.highest]:.0%} of those that say *{figures.highest}* and {rates[figures.lowest]:.0%} of "
            f"those that say *{figures.lowest}*.{words}"
        )


def _aucs(found: dict[str, HarmFigures]) -> dict[str, float]:
    return {name: figures.auc.value for name, figures in found.items() if figures.auc}


def _mean(aucs: dict[str, float]) -> float:
    return sum(aucs.values()) / len(aucs)


def _range(aucs: dict[str, float]) -> str:
    low, high = min(aucs.values()), max(aucs.values())
    sources = "1 source" if len(aucs) == 1 else f"{len(aucs)} sources"
    return f"{high:.2f}, {sources}" if len(aucs) == 1 else f"{low:.2f} to {high:.2f}, {sources}"
