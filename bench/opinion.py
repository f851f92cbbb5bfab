"""``python -m sluicegate.bench.opinion``: what a second opinion adds, and what it costs.

What it adds is measured on texts held out and on whole sources left out, where both the model and the opinion are
trained anew without the source. All figures are of a draw of each source, so that this takes minutes.
"""

import gzip
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import typer

from sluicegate.models import load_bundle
from sluicegate.models.bundle import Bundle
from sluicegate.models.labelled import Row, read_labelled
from sluicegate.models.opinion.bundle import load_opinion, read_encoder
from sluicegate.models.opinion.manifest import Comparison, OpinionMetrics
from sluicegate.models.opinion.second import SecondOpinion
from sluicegate.models.opinion.training import OpinionPlan, train_opinion
from sluicegate.models.recipe import Recipe, decode_recipe, shipped_recipe_path
from sluicegate.models.splits import draw
from sluicegate.models.train import Plan, train_bundle

LEFT_OUT = (
    ("threatgram", ("violence",)),
    ("edos", ("violence", "hate")),
    ("online_misogyny", ("harassment", "hate")),
    ("reddit_27_subreddits", ("self_harm",)),
    ("dyn21_en", ("hate",)),
    ("sms_spam", ("spam",)),
)
RARE = ("violence", "self_harm", "harassment", "scam")


def bench(
    encoder: Annotated[Path, typer.Option(help="Folder that `sluicegate model opinion-export` made.")],
    data: Annotated[Path, typer.Option(help="Folder of labelled files.")] = Path("../shared/data"),
    most: Annotated[int, typer.Option(min=200, help="Texts of each source at the most.")] = 1_500,
    left_out: Annotated[bool, typer.Option(help="Also leave one source out at a time.")] = True,
) -> None:
    """Train models and second opinions on draws of the data, and print what the opinions add and cost."""
    recipe = decode_recipe(shipped_recipe_path().read_bytes(), "the shipped recipe")
    with tempfile.TemporaryDirectory() as folder:
        workshop = Path(folder)
        files = [_drawn(path, workshop, most) for path in sorted(data.glob("*.jsonl.gz"))]
        first, metrics = _trained(files, workshop / "all", recipe, encoder, most)
        print("| harm | texts | alone | with opinion | texts in the band | alone | with opinion |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        for harm, found in metrics.items():
            print(f"| {harm} | {_cells(found.all)} | {_cells(found.band)} |")
        print("\n| source only measured on | harm | texts | alone | with opinion |")
        print("| --- | --- | --- | --- | --- |")
        for harm, found in metrics.items():
            for source, comparison in found.sources.items():
                if recipe.source(source).use == "measure" and comparison.first is not None:
                    print(f"| {source} | {harm} | {_cells(comparison)} |")
        _print_costs(first, workshop / "all" / "opinion", files, encoder)
        if left_out:
            print("\n| source left out | harm | texts | alone | with opinion |\n| --- | --- | --- | --- | --- |")
            for source, harms in LEFT_OUT:
                _, metrics = _trained(files, workshop / source, _without(recipe, source), encoder, most)
                for harm in harms:
                    print(f"| {source} | {harm} | {_cells(metrics[harm].sources[source])} |", flush=True)


def _drawn(path: Path, workshop: Path, most: int) -> Path:
    """Write a draw of a file, with as many of the rare positives as fit."""

    def rank(row: Row) -> tuple[bool, float]:
        return not any(row.labels.get(harm) == 1 for harm in RARE), draw(1, row.text.encode("utf-8", "replace").hex())

    rows = read_labelled(path).rows
    rare = sorted((row for row in rows if not rank(row)[0]), key=rank)[: most // 2]
    common = sorted((row for row in rows if rank(row)[0]), key=rank)[: most - len(rare)]
    out = workshop / path.name
    out.write_bytes(gzip.compress(b"".join(msgspec.json.encode(row) + b"\n" for row in [*rare, *common])))
    return out


def _trained(
    files: Sequence[Path], out: Path, recipe: Recipe, encoder: Path, most: int
) -> tuple[Bundle, dict[str, OpinionMetrics]]:
    first = train_bundle(files, out / "first", Plan("bench", "1", recipe, 1, grammar=True), _show).bundle
    plan = OpinionPlan("bench", "1", encoder, first, recipe, "of the benchmark", "see the sentence model", most)
    return first, train_opinion(files, out / "opinion", plan, _show).bundle.manifest.metrics


def _without(recipe: Recipe, source: str) -> Recipe:
    changed = msgspec.structs.replace(recipe.source(source), use="measure")
    return msgspec.structs.replace(recipe, sources={**recipe.sources, source: changed})


def _print_costs(first: Bundle, opinion: Path, files: Sequence[Path], encoder: Path) -> None:
    began = time.perf_counter()
    loaded = load_opinion(opinion)
    took = time.perf_counter() - began
    read, _ = read_encoder(encoder)
    texts = [row.text for path in files for row in read_labelled(path).rows[:60]]
    scorer = load_bundle(first.path).scorer()
    processor = time.process_time()
    lengths = [len(tokens) for tokens, _ in (read.read(text) for text in texts)]
    cutting = time.process_time() - processor
    costs = []
    for text in texts:
        processor = time.process_time()
        read.embed(read.read(text)[0])
        costs.append((time.process_time() - processor) * 1e3)
    processor = time.process_time()
    scores = scorer.score(texts)
    alone = (time.process_time() - processor) / len(texts) * 1e3
    found = SecondOpinion(loaded, scorer, 1.0, lambda: 0.0).consult(texts, scores)
    print(
        f"\nload {took:.2f} s, memory {_memory(opinion):.0f} MB, "
        f"of {len(texts)} texts (median {np.median(lengths):.0f} tokens): median {np.median(costs):.1f} ms, "
        f"95th percentile {np.percentile(costs, 95):.1f} ms, mean {np.mean(costs):.2f} ms of processor time each, "
        f"of it tokens {cutting / len(texts) * 1e3:.2f} ms; the model alone {alone:.2f} ms; "
        f"in a band {(found.changed.sum() + found.too_long) / len(texts):.1%}, "
        f"too long {found.too_long / len(texts):.1%}; ordinary texts in a band {loaded.manifest.ordinary_in_band:.1%}"
    )


def _memory(opinion: Path) -> float:
    """Load an opinion in a process of its own, embed a text of full length, and return what that took, in MB."""
    program = (
        "import sys, pathlib, psutil, numpy, sluicegate.models.bundle\n"
        "resident = lambda: psutil.Process().memory_info().rss / 2**20\n"
        "before = resident()\n"
        "from sluicegate.models.opinion.bundle import load_opinion\n"
        "encoder = load_opinion(pathlib.Path(sys.argv[1])).encoder\n"
        "encoder.embed(encoder.read('word ' * 200)[0])\n"
        "print(resident() - before)\n"
    )
    run = subprocess.run([sys.executable, "-c", program, str(opinion)], capture_output=True, text=True, check=True)
    return float(run.stdout)


def _cells(found: Comparison) -> str:
    figures = " | ".join("-" if figure is None else f"{figure:.3f}" for figure in (found.first, found.combined))
    return f"{found.positives + found.negatives:,} | {figures}"


def _show(stage: str, done: int, total: int) -> None:
    if done == total:
        print(stage, file=sys.stderr, flush=True)


if __name__ == "__main__":
    typer.run(bench)
