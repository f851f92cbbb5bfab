"""The card of a bundle in Markdown, with the sections of Hugging Face's model cards."""

from collections.abc import Iterator, Sequence

import msgspec

from sluicegate.models.card.evaluated import evaluation_section
from sluicegate.models.card.findings import findings, trained_languages, trained_sources
from sluicegate.models.card.languages import language_name
from sluicegate.models.card.markdown import escaped, grid, points
from sluicegate.models.card.words import CardText
from sluicegate.models.evaluation.evaluation import Evaluation
from sluicegate.models.imported.recorded import Imported
from sluicegate.models.manifest import Manifest

__all__ = ["CardError", "model_card"]


class CardError(Exception):
    """A card cannot be made; the message says what, where and what to do."""


def model_card(manifest: Manifest, digest: str, evaluation: Evaluation | None, words: CardText) -> str:
    """Return the card of a bundle, front matter first.

    Parameters
    ----------
    digest
        Of the bundle.
    evaluation
        Of this very bundle; without one, the card has the figures of the manifest alone.
    words
        What only people can say.

    Raises
    ------
    CardError
        If the evaluation is about another bundle.
    """
    if evaluation and evaluation.bundle.digest != digest:
        raise CardError(
            f"the evaluation is about {evaluation.bundle.name} {evaluation.bundle.version}, "
            f"{evaluation.bundle.digest[:19]}, and not about this bundle, {digest[:19]}; measure this one with: "
            "sluicegate model evaluate BUNDLE FILES --json FILE"
        )
    sections = (
        _front_matter(manifest, evaluation, words),
        f"# Model card of {escaped(manifest.name)} {escaped(manifest.version)}",
        "<!-- Generated from the bundle's manifest and its evaluation. -->",
        *_details(manifest, digest, evaluation, words),
        *_uses(words),
        *_limits(manifest, evaluation, words),
        *_start(manifest),
        *_training(manifest),
        *evaluation_section(manifest, evaluation),
        "## Environmental Impact",
        words.environment,
        *_specifications(manifest),
        "## Citation",
        words.citation,
        "## Glossary",
        points(f"**{term}**: {meaning}" for term, meaning in _GLOSSARY.items()),
        "## Model Card Contact",
        words.contact,
    )
    return "\n\n".join(section.strip() for section in sections) + "\n"


_GLOSSARY = {
    "Harm": "a kind of content that a policy is about; the model has one probability for each.",
    "AUC": "area under the ROC curve: the chance that a harmful text scores above a harmless one. 1 is perfect, 0.5 is "
    "a coin.",
    "Average precision": "precision averaged over recall; how pure the top of the ranking is.",
    "Calibration error (ECE)": "how far probabilities are from what is found, on average over 15 bins of equal mass, "
    "with as many harmful as harmless texts (even odds).",
    "Prevalence": "the share of harmful texts among all that probabilities are meant for.",
    "Ordinary texts": "texts of sources in which the harm is all but absent.",
    "Held out": "not trained on, though from sources that were; authors and repeated texts are not split.",
    "Gap": "largest less smallest share of flagged harmless sentences over the identities they name.",
    "BPSN, BNSP": "AUC of harmful others against harmless texts that name an identity, and of harmful texts that name "
    "it against harmless others (Borkan et al. 2019).",
}


def _front_matter(manifest: Manifest, evaluation: Evaluation | None, words: CardText) -> str:
    front = {
        "language": trained_languages(manifest, evaluation) if evaluation else [],
        "license": words.license,
        "library_name": "sluicegate",
        "pipeline_tag": "text-classification",
        "tags": [
            "content-moderation",
            "trust-and-safety",
            *(["calibrated"] if manifest.calibration else []),
            *manifest.harms,
        ],
    }
    text = msgspec.yaml.encode({name: value for name, value in front.items() if value}).decode()
    return f"---\n{text}---"


def _details(manifest: Manifest, digest: str, evaluation: Evaluation | None, words: CardText) -> Iterator[str]:
    yield "## Model Details"
    harms = ", ".join(f"**{escaped(harm)}**" for harm in manifest.harms)
    blocks = ", ".join(escaped(block.name) for block in manifest.features)
    kind = f"logistic regressions over hashed {blocks}" if blocks else "an imported scikit-learn pipeline"
    how = "Calibrated, one classifier a harm" if manifest.imported is None else "As its pipeline gives it"
    yield f"Gives a text the probability of each of these harms: {harms}. {how}; it runs on a CPU."
    languages = "not measured"
    if evaluation:
        languages = ", ".join(map(language_name, trained_languages(manifest, evaluation))) or "not stated"
    yield points(
        (
            f"**Developed by:** {words.developed_by}",
            f"**Model type:** {kind}",
            f"**Languages trained on:** {languages}",
            f"**License:** {escaped(words.license)}",
            f"**Repository:** {words.repository}",
            f"**Version:** {escaped(manifest.version)}, digest `{digest}`",
        )
    )


def _uses(words: CardText) -> Iterator[str]:
    yield "## Uses"
    for title, texts in (
        ("Direct Use", words.direct_use),
        ("Downstream Use", words.downstream_use),
        ("Out-of-Scope Use", words.out_of_scope),
    ):
        yield f"### {title}"
        yield points(texts)


def _limits(manifest: Manifest, evaluation: Evaluation | None, words: CardText) -> Iterator[str]:
    yield "## Bias, Risks, and Limitations"
    yield points(words.risks)
    yield "### What may be relied on, and what not"
    if evaluation:
        yield points(findings(manifest, evaluation))
    else:
        yield "The bundle was not evaluated beyond the figures of its manifest below. Rely on nothing yet."
    yield "### What is not covered"
    yield points(_uncovered(manifest, evaluation))
    yield "### Recommendations"
    yield points(words.recommendations)


def _uncovered(manifest: Manifest, evaluation: Evaluation | None) -> Iterator[str]:
    strange = [source.name for source in manifest.sources if not source.train]
    if evaluation:
        trained = trained_languages(manifest, evaluation)
        found = {language for texts in evaluation.languages.values() for language in texts} - {"und"}
        untrained = sorted(map(language_name, found - set(trained)))
        names = ", ".join(map(language_name, trained)) or "none that is known"
        yield f"**Languages**: every language but those of labelled texts trained on ({names})."
        taught = [escaped(source.name) for source in manifest.sources if source.use == "learn"]
        if taught:
            names = ", ".join(taught)
            yield f"Texts written for the training ({names}) may be in other languages; nothing is measured on them."
        if untrained:
            yield f"Measured, and not trained on: {', '.join(untrained)}."
        for harm, languages in _harm_languages(manifest, evaluation).items():
            missing = [language_name(each) for each in trained if each not in languages]
            if missing:
                told = ", ".join(missing)
                yield f"**{escaped(harm)}** has no labelled texts in {told}, so nothing is known of it there."
        strange += [
            name for name in evaluation.languages if name not in trained_sources(manifest) and name not in strange
        ]
    if strange:
        yield f"**Sources** that were only measured on, not trained on: {', '.join(map(escaped, sorted(strange)))}."
    yield "Texts of any other platform, register or time than those of the sources below."


def _harm_languages(manifest: Manifest, evaluation: Evaluation) -> dict[str, set[str]]:
    return {
        harm: {name for name, found in evaluation.harms[harm].by_language.items() if found.positives}
        if harm in evaluation.harms
        else set()
        for harm in manifest.harms
    }


def _start(manifest: Manifest) -> Iterator[str]:
    yield "## How to Get Started with the Model"
    yield (
        "```sh\n"
        'echo \'{"text": "Win a prize, click here"}\' | SLUICEGATE_BUNDLE=BUNDLE sluicegate score\n'
        "sluicegate model inspect BUNDLE\n"
        "```"
    )
    yield f"`BUNDLE` is the folder of {escaped(manifest.name)}; without it the bundle shipped with Sluicegate is used."


def _training(manifest: Manifest) -> Iterator[str]:
    yield "## Training Details"
    if manifest.imported is not None:
        yield from _imported(manifest.imported)
        return
    yield "### Training Data"
    yield _sources(manifest, [source.name for source in manifest.sources if source.train])
    yield "### Training Procedure"
    calibrated = (
        (harm, f"{found.prevalence:.1%}", f"{found.positives:,}", f"{found.negatives:,}")
        for harm, found in manifest.calibration.items()
    )
    yield (
        "A label that a source does not have is unknown, unless the recipe says what it implies. Groups of texts (an "
        "author, a thread, a repeated text) are never split between training and measuring. Probabilities are fitted "
        "at even odds on texts held back, and then moved to a prevalence:"
    )
    yield grid(("harm", "prevalence", "harmful texts", "harmless texts"), calibrated)
    libraries = ", ".join(f"{escaped(name)} {escaped(version)}" for name, version in manifest.libraries.items())
    yield points(
        (
            f"**Folding of texts:** {escaped(manifest.normalisation)}",
            f"**Seed:** {manifest.seed}",
            *([f"**Recipe:** SHA-256 `{manifest.recipe_sha256}`"] if manifest.recipe_sha256 else ()),
            f"**Libraries:** {libraries}",
        )
    )


def _imported(imported: Imported) -> Iterator[str]:
    yield "It was trained elsewhere, and imported; what is known of that:"
    outputs = (f"**{escaped(harm)}** is {escaped(output.means)}" for harm, output in imported.outputs.items())
    reading = imported.not_lowered or "linear over n-grams"
    yield points(
        (
            f"**File:** {escaped(imported.file)}, SHA-256 `{imported.sha256}`",
            f"**Pipeline:** {escaped(imported.estimator)}",
            f"**Licence:** {escaped(imported.licence)}",
            f"**Attribution:** {escaped(imported.attribution)}",
            f"**Served from {'a pipeline' if imported.link is None else 'weights'}:** {escaped(reading)}",
            *outputs,
        )
    )


def _sources(manifest: Manifest, names: Sequence[str]) -> str:
    rows = (
        (each.name, each.licence, each.attribution, f"{each.train:,}", f"{each.calibrate:,}", f"{each.test:,}")
        for each in manifest.sources
        if each.name in names
    )
    return grid(("source", "licence", "attribution", "trained on", "calibrated on", "held out"), rows, 3)


def _specifications(manifest: Manifest) -> Iterator[str]:
    yield "## Technical Specifications"
    blocks = (
        f"{escaped(block.name)}: {block.analyzer} n-grams of {block.ngram_min} to {block.ngram_max}, hashed into "
        f"{block.size:,} columns, tf-idf, unit length"
        for block in manifest.features
    )
    files = (f"`{name}`, {found.bytes / 1e6:.1f} MB" for name, found in manifest.files.items())
    yield points((*blocks, *files))
