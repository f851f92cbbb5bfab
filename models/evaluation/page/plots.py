"""The plots of an evaluation, each a pure function of it."""

from collections.abc import Iterable

from matplotlib.axes import Axes

from sluicegate.models.evaluation.evaluation import Estimate, Evaluation, HarmEvaluation, IdentityFigures
from sluicegate.models.evaluation.page.drawing import FAINT, INK, LINES, Plot, dots, panels, plot
from sluicegate.models.figures import shown_probability

__all__ = ["alarm_plot", "curve_plot", "identity_plot", "reliability_plot", "robustness_plot"]

_DASHES = ("-", "--", "-.", ":")


def reliability_plot(evaluation: Evaluation) -> Plot | None:
    """Draw, for each harm, the share that was harmful against the probability that was said."""
    harms = {harm: found for harm, found in evaluation.harms.items() if found.reliability}
    if not harms:
        return None
    figure, axes = panels(list(harms), 2.6)
    for each, found in zip(axes, harms.values(), strict=False):
        each.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=":")
        said, so = [part.said for part in found.reliability], [part.found for part in found.reliability]
        each.plot(said, so, "o-", color=LINES[0], markersize=3.5, linewidth=1.2)
        each.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel="probability said", ylabel="share harmful")
    worst = _ranked((harm, found.overall.ece_even_odds) for harm, found in harms.items())
    return plot(
        figure,
        "reliability",
        "Probability said against share found harmful in 15 bins at even odds, one panel a harm; on the dotted "
        f"diagonal both agree. Furthest from it: {worst}.",
    )


def curve_plot(evaluation: Evaluation) -> Plot | None:
    """Draw the ROC and the precision-recall curve of each harm."""
    harms = {harm: found for harm, found in evaluation.harms.items() if found.curve}
    if not harms:
        return None
    figure, (roc, recall, *_) = panels(["ROC", "Precision and recall"], 4.0, 2)
    for number, (harm, found) in enumerate(harms.items()):
        line = {"color": LINES[number % len(LINES)], "linestyle": _DASHES[number % len(_DASHES)], "linewidth": 1.4}
        if found.curve:
            roc.plot(found.curve.false_positive_rate, found.curve.recall, label=harm, **line)  # type: ignore[arg-type]
            recall.plot(found.curve.recall, found.curve.precision, **line)  # type: ignore[arg-type]
    roc.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=":")
    roc.set(xlabel="share of harmless flagged", ylabel="share of harmful flagged (recall)", ylim=(0, 1.02))
    recall.set(xlabel="recall", ylabel="precision", ylim=(0, 1.02))
    roc.legend(loc="lower right", frameon=False, labelcolor=INK)
    best = ", ".join(f"{harm} {_auc(found)}" for harm, found in harms.items())
    return plot(figure, "curves", f"ROC and precision-recall curves, one line a harm. Areas under the ROC: {best}.")


def alarm_plot(evaluation: Evaluation) -> Plot | None:
    """Draw false alarms per thousand ordinary texts by source, at the first threshold of each harm."""
    harms = {harm: cuts[0] for harm, cuts in evaluation.ordinary.items() if cuts}
    if not harms:
        return None
    sources = max(len(cut.by_source) for cut in harms.values())
    figure, axes = panels(list(harms), 0.9 + 0.19 * sources)
    for each, cut in zip(axes, harms.values(), strict=False):
        rates = [alarms.per_thousand for alarms in cut.by_source.values()]
        _estimates(each, cut.by_source, rates)
        each.axvline(cut.overall.per_thousand.value, color=INK, linewidth=0.8, linestyle=":")
        each.set_xlim(left=0, right=max(5.0, 1.4 * max(rate.value for rate in rates)))
        each.set_xlabel(f"per thousand, cut {shown_probability(cut.threshold.probability)}")
    worst = ", ".join(
        f"{harm} {max(alarms.per_thousand.value for alarms in cut.by_source.values()):.0f}"
        for harm, cut in harms.items()
    )
    return plot(
        figure,
        "alarms",
        "Ordinary texts flagged per thousand by source at the first cut of each harm, with exact intervals; the dotted "
        f"line is that of all sources. The most at any source: {worst}.",
    )


def robustness_plot(evaluation: Evaluation) -> Plot | None:
    """Draw what each disguise takes from the AUC of each harm."""
    harms = list(dict.fromkeys(harm for drops in evaluation.robustness.values() for harm in drops))
    if not harms:
        return None
    figure, axes = panels(harms, 0.9 + 0.19 * len(evaluation.robustness))
    for each, harm in zip(axes, harms, strict=False):
        drops = {name: drops[harm].drop for name, drops in evaluation.robustness.items()}
        _bars(each, {name.replace("_", " "): drop for name, drop in drops.items()})
        each.axvline(0, color=INK, linewidth=0.8)
        each.set_xlabel("AUC falls by")
    worst = ", ".join(f"{harm} {_costliest(evaluation, harm)}" for harm in harms)
    return plot(
        figure, "robustness", f"By how much the AUC falls under each disguise, one panel a harm. Costliest: {worst}."
    )


def identity_plot(figures: IdentityFigures, harm: str) -> Plot | None:
    """Draw the share of harmless texts that is flagged, for each identity term of one harm."""
    rates = {each.term: each.rate for each in figures.terms if each.rate}
    if not rates:
        return None
    ranked = dict(sorted(rates.items(), key=lambda pair: -pair[1].value))
    figure, (axes, *_) = panels([harm], 0.9 + 0.17 * len(ranked), 1)
    _estimates(axes, ranked, list(ranked.values()))
    axes.axvline(figures.share, color=INK, linewidth=0.8, linestyle=":")
    axes.set_xlim(left=0)
    axes.set_xlabel("share of harmless texts flagged")
    return plot(
        figure,
        f"identity-{harm}",
        f"Share of harmless texts flagged for {harm} by the identity they name, from {figures.highest} "
        f"({ranked[figures.highest].value:.1%}) to {figures.lowest} ({ranked[figures.lowest].value:.1%}); the dotted "
        f"line is that of all, {figures.share:.0%}.",
    )


def _estimates(axes: Axes, names: Iterable[str], found: list[Estimate]) -> None:
    dots(axes, list(names), *([getattr(each, part) for each in found] for part in ("value", "low", "high")))


def _bars(axes: Axes, found: dict[str, Estimate]) -> None:
    places = list(range(len(found)))
    axes.barh(places, [each.value for each in found.values()], color=FAINT, height=0.7)
    _estimates(axes, found, list(found.values()))


def _auc(found: HarmEvaluation) -> str:
    return f"{found.overall.auc.value:.3f}" if found.overall.auc else "too few"


def _ranked(found: Iterable[tuple[str, Estimate | None]]) -> str:
    known = sorted(((each.value, harm) for harm, each in found if each), reverse=True)
    return ", ".join(f"{harm} ({value:.3f})" for value, harm in known[:2])


def _costliest(evaluation: Evaluation, harm: str) -> str:
    name, drops = max(evaluation.robustness.items(), key=lambda pair: pair[1][harm].drop.value)
    return f"{name.replace('_', ' ')} ({drops[harm].drop.value:+.3f})"
