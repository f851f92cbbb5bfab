"""What watching drift costs an event, in one thread: ``python -m sluicegate.bench.drift``."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sluicegate.bench.figures import Spread
from sluicegate.models import Bundle, default_bundle_path, load_bundle
from sluicegate.models.drift.binning import SAMPLED_EVERY, Binning
from sluicegate.models.drift.reference import Reference, with_text_features
from sluicegate.models.drift.unknown import unknown_words
from sluicegate.models.drift.watch import DriftWatch
from sluicegate.models.figures import histogram
from sluicegate.models.labelled import Row, read_labelled
from sluicegate.models.manifest import Ordinary

__all__ = ["DriftCosts", "measure_drift"]

_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
_DAY = 86_400.0


class DriftCosts(msgspec.Struct, frozen=True):
    """Microseconds of processor time of each step.

    Attributes
    ----------
    counting
        An event: its scores, length and language are put into bins.
    words
        An event: its part of what it costs to look at one text of some for unknown words.
    adding
        An event: its part of a batch's counts going into the window and to the detectors of changes.
    looking
        One comparison of the whole window with the reference, which is made every ten seconds.
    scoring
        An event, to compare with.
    """

    counting: Spread
    words: Spread
    adding: Spread
    looking: Spread
    scoring: Spread


def measure_drift(bundle: Bundle, rows: Sequence[Row], batch: int, repeats: int) -> DriftCosts:
    """Take rows through each step in batches, ``repeats`` times over; the rows are their own reference."""
    texts, languages = [row.text for row in rows], [row.lang for row in rows]
    scorer, words = bundle.scorer(), unknown_words(bundle.manifest.features, bundle.tensors)
    scores = scorer.score(texts)
    distributions = {harm: histogram(scores[:, column]) for column, harm in enumerate(scorer.harms)}
    ordinary = with_text_features(Ordinary(len(rows), {}, {}, distributions), rows, words)
    whole = Reference.of(replace(bundle, manifest=msgspec.structs.replace(bundle.manifest, ordinary=ordinary)))
    binning, quick = Binning(whole), Binning(replace(whole, unknown=None))
    watch = DriftWatch(binning, _DAY, 0.0)
    starts = range(0, len(rows), batch)
    counts = [
        binning.count(scores[start : start + batch], texts[start : start + batch], languages[start : start + batch])
        for start in starts
    ]
    now = 0.0
    took: dict[str, list[float]] = {name: [] for name in DriftCosts.__struct_fields__}
    for _ in range(repeats):
        began = now

        def counting(start: int) -> None:
            end = start + batch
            quick.count(scores[start:end], texts[start:end], languages[start:end])

        def looking_at_words(start: int) -> None:
            if words is not None:
                words.shares(texts[start : start + batch : SAMPLED_EVERY])

        def adding(start: int, began: float = began) -> None:
            # A batch every ten seconds gives the detectors as much to do as they can have.
            watch.add(counts[start // batch], began + 10.0 * (start // batch))

        took["counting"].append(_each(counting, starts) / batch)
        took["words"].append(_each(looking_at_words, starts) / batch)
        took["adding"].append(_each(adding, starts) / batch)
        now = began + 10.0 * len(starts)
        took["looking"].append(_each(lambda _, now=now: watch.findings(now), range(10)))  # type: ignore[misc]
        took["scoring"].append(_each(lambda start: scorer.score(texts[start : start + batch]), starts) / batch)
    return DriftCosts(**{name: Spread.of(values) for name, values in took.items()})


def _each(step: Callable[[int], object], places: Sequence[int]) -> float:
    """Give the mean processor time of a step, in microseconds: the machine may have other things to do."""
    started = time.thread_time()
    for place in places:
        step(place)
    return (time.thread_time() - started) / len(places) * 1e6


def bench(
    data: Annotated[Path, typer.Option(help="Folder of labelled files.")] = _DATA,
    bundle: Annotated[Path | None, typer.Option(help="The model; the shipped one without.")] = None,
    each: Annotated[int, typer.Option(min=10, help="Texts of each file.")] = 200,
    batch: Annotated[int, typer.Option(min=1, help="Texts of a batch.")] = 500,
    seed: Annotated[int, typer.Option(help="Of the choice and the order of texts.")] = 1,
    repeats: Annotated[int, typer.Option(min=1, help="Rounds.")] = 5,
) -> None:
    """Measure what drift costs on labelled texts of all sources, mixed."""
    source = random.Random(seed)
    rows: list[Row] = []
    for path in sorted(data.glob("*.jsonl.gz")):
        found = read_labelled(path).rows
        rows += source.sample(found, min(each, len(found)))
    source.shuffle(rows)
    if len(rows) < batch:
        raise typer.BadParameter(f"{data} holds too few labelled texts (*.jsonl.gz); name another folder")
    found_costs = measure_drift(load_bundle(bundle or default_bundle_path()), rows, batch, repeats)
    print(f"{len(rows):,} texts in batches of {batch}, microseconds of one thread")
    for name in DriftCosts.__struct_fields__:
        spread: Spread = getattr(found_costs, name)
        print(f"{name:9} {spread.median:>9,.2f}   ({spread.least:,.2f} to {spread.most:,.2f})")


if __name__ == "__main__":
    typer.run(bench)
