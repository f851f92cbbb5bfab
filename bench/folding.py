"""How many posts a second are folded, beside NFKC and case folding alone: ``python -m sluicegate.bench.folding``."""

import random
import time
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sluicegate.bench.figures import Spread
from sluicegate.models.folding import fold
from sluicegate.models.labelled import read_labelled
from sluicegate.models.normalise import cut, normalise

__all__ = ["FoldingRates", "measure_folding"]

_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


class FoldingRates(msgspec.Struct, frozen=True):
    """Posts a second in one thread.

    Attributes
    ----------
    plain
        NFKC and case folding alone, which leave all disguises on.
    text
        The folded text, as scoring reads it.
    pieces
        Pieces and where they come from, as explanations read it.
    """

    posts: int
    characters: float
    plain: Spread
    text: Spread
    pieces: Spread


def measure_folding(texts: Sequence[str], repeats: int) -> FoldingRates:
    """Fold texts in turn by each way, ``repeats`` times over, another part of the texts each time.

    Words that came before are known in every round but the first, as they are to a worker.
    """
    ways: dict[str, Callable[[str], object]] = {
        "plain": _plain,
        "text": normalise,
        "pieces": lambda text: fold(cut(text)),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    size = len(texts) // (repeats + 1)
    for text in texts[:size]:
        normalise(text)
    for place in range(1, repeats + 1):
        part = texts[place * size : (place + 1) * size]
        for name, way in ways.items():
            started = time.perf_counter()
            for text in part:
                way(text)
            rates[name].append(len(part) / (time.perf_counter() - started))
    spreads = {name: Spread.of(values) for name, values in rates.items()}
    return FoldingRates(len(texts), sum(map(len, texts)) / len(texts), **spreads)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cut(text)).casefold())


def bench(
    data: Annotated[Path, typer.Option(help="Folder of labelled files.")] = _DATA,
    each: Annotated[int, typer.Option(min=10, help="Texts of each file.")] = 1_500,
    seed: Annotated[int, typer.Option(help="Of the choice and the order of texts.")] = 1,
    repeats: Annotated[int, typer.Option(min=1, help="Rounds.")] = 3,
) -> None:
    """Measure the folding on labelled texts of all sources, mixed."""
    source = random.Random(seed)
    texts: list[str] = []
    for path in sorted(data.glob("*.jsonl.gz")):
        rows = read_labelled(path).rows
        texts += [row.text for row in source.sample(rows, min(each, len(rows)))]
    source.shuffle(texts)
    if len(texts) <= repeats:
        raise typer.BadParameter(f"{data} holds no labelled files (*.jsonl.gz); name another folder")
    found = measure_folding(texts, repeats)
    print(f"{found.posts:,} posts of {found.characters:.0f} characters on average, one thread, posts a second")
    for name in ("plain", "text", "pieces"):
        spread: Spread = getattr(found, name)
        print(f"{name:7} {spread.median:>10,.0f}   ({spread.least:,.0f} to {spread.most:,.0f})")


if __name__ == "__main__":
    typer.run(bench)
