"""Whether the check for shuffled labels is right: ``python -m sluicegate.bench.checking``.

Each label of each source is looked at as it is, and as it is when it is shuffled.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sluicegate.models import splits
from sluicegate.models.checking.corpus import CheckedRows, read_rows
from sluicegate.models.checking.shuffled import Looked, look
from sluicegate.models.labelled import Row, read_labelled
from sluicegate.models.recipe import read_recipe, shipped_recipe_path

__all__ = ["shuffled_rows"]

_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def shuffled_rows(rows: Sequence[Row], seed: int) -> tuple[Row, ...]:
    """Give rows with the labels of each source dealt out anew among its texts, each row's labels together."""
    chance = random.Random(seed)
    by_source: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        by_source.setdefault(row.source, []).append(index)
    found = list(rows)
    for indices in by_source.values():
        dealt = [rows[index].labels for index in indices]
        chance.shuffle(dealt)
        for index, labels in zip(indices, dealt, strict=True):
            found[index] = msgspec.structs.replace(rows[index], labels=labels)
    return tuple(found)


def bench(
    data: Annotated[Path, typer.Option(help="Folder of labelled files.")] = _DATA,
    times: Annotated[int, typer.Option(min=1, help="Shuffles of every source.")] = 4,
    seed: Annotated[int, typer.Option(help="Of the shuffles, and of the texts looked at.")] = 1,
) -> None:
    """Measure the AUC of labels as they are and shuffled, and how long the look takes."""
    recipe = read_recipe(shipped_recipe_path())
    files = [read_labelled(path) for path in sorted(data.glob("*.jsonl.gz"))]
    if not files:
        raise typer.BadParameter(f"{data} holds no labelled files (*.jsonl.gz); name another folder")
    started = time.process_time()
    checked = read_rows(recipe, files, seed)
    groups = splits.group_names(checked.rows, checked.texts)
    read = time.process_time() - started

    def quiet(done: int, total: int) -> None:
        """Show nothing."""

    def looked(rows: CheckedRows) -> Looked:
        return look(recipe, rows, groups, seed, quiet)

    started = time.process_time()
    true = looked(checked)
    spent = time.process_time() - started
    dealt = [looked(replace(checked, rows=shuffled_rows(checked.rows, seed + each))) for each in range(times)]
    print(f"{len(checked.rows):,} rows: {read:.0f} s of processor time to fold and group, {spent:.0f} s to look")
    for (source, name), seen in true.items():
        aucs = [shuffle[source, name].auc for shuffle in dealt if (source, name) in shuffle]
        verdict = "named" if seen.is_chance else "passed"
        named = sum(auc < seen.chance for auc in aucs)
        print(
            f"{source:22} {name:11} AUC {seen.auc:.3f} {verdict}; chance up to {seen.chance:.3f}; shuffled "
            f"{min(aucs):.3f} to {max(aucs):.3f}, {named} of {len(aucs)} named"
        )


if __name__ == "__main__":
    typer.run(bench)
