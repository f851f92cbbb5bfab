"""What the shipped policy does with ordinary texts: ``python -m sluicegate.bench.false_alarms``.

Texts that the bundle was not trained on, as events without signals, through the pipeline of a worker; the share that a
person is to see, and the share that is acted on without one, by source and by language.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from sluicegate.agents.batch import RecordBatch
from sluicegate.agents.encoding import Topics
from sluicegate.agents.pipeline import Pipeline
from sluicegate.cli.scoring import StoredLine
from sluicegate.models import default_bundle_path, load_bundle
from sluicegate.models.evaluation.ordinary import exact_interval
from sluicegate.models.evaluation.reading import read_files
from sluicegate.models.labelled import Row
from sluicegate.models.recipe import is_ordinary, read_recipe, shipped_recipe_path
from sluicegate.policy import default_policy_path, load_policy

__all__ = ["outcomes_of"]

_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
_TOPICS = Topics("decisions", "dead letters", "review.", 2**24, 2**24)
_BATCH = 1_000
_NOW = datetime(2026, 11, 1, tzinfo=UTC)


def outcomes_of(rows: Sequence[Row], pipeline: Pipeline) -> list[str]:
    """Decide each text as a comment without signals, and give the outcomes."""
    outcomes: list[str] = []
    for start in range(0, len(rows), _BATCH):
        records = [_record(start + place, row) for place, row in enumerate(rows[start : start + _BATCH])]
        outcome = pipeline.process(RecordBatch("events", 0, records), _NOW)
        decisions = [output.value for output in outcome.outputs if output.topic == _TOPICS.decisions and output.value]
        outcomes += [msgspec.json.decode(value)["data"]["outcome"] for value in decisions]
    return outcomes


def bench(
    data: Annotated[Path, typer.Option(help="Folder of labelled files.")] = _DATA,
    bundle: Annotated[Path | None, typer.Option(help="Folder of a bundle; the shipped one without.")] = None,
    policy: Annotated[Path | None, typer.Option(help="A policy; the shipped one without.")] = None,
) -> None:
    """Measure the false alarms of a policy by source and language."""
    recipe = read_recipe(shipped_recipe_path())
    loaded = load_bundle(bundle or default_bundle_path())
    paths = [path for path in sorted(data.glob("*.jsonl.gz")) if path.name.split(".")[0] != "wiki_madlibs"]
    read = read_files(paths, [loaded.manifest], lambda *_: None)
    rows = [row for row in read.rows if is_ordinary(recipe, row)]
    pipeline = Pipeline(loaded.scorer(), load_policy(policy or default_policy_path()), _TOPICS)
    outcomes = outcomes_of(rows, pipeline)
    grid = Table("ordinary texts of", "texts", "to a person", "acted on", title="What the policy does with them")
    for kind, names in (("", [row.source for row in rows]), ("language ", [row.lang for row in rows])):
        for name in sorted(set(names)):
            own = Counter(outcome for outcome, its in zip(outcomes, names, strict=True) if its == name)
            grid.add_row(kind + name, f"{own.total():,}", *_shares(own, ("review", "act")))
        grid.add_section()
    grid.add_row("all", f"{len(rows):,}", *_shares(Counter(outcomes), ("review", "act")))
    Console().print(grid)


def _shares(outcomes: Counter[str], wanted: Iterable[str]) -> Iterable[str]:
    for name in wanted:
        low, high = exact_interval(outcomes[name], outcomes.total())
        yield f"{outcomes[name] / outcomes.total():.2%} ({low:.2%} to {high:.2%})"


def _record(number: int, row: Row) -> StoredLine:
    content = {
        "content_id": f"c-{number}",
        "actor_id": "a",
        "surface": "comment",
        "text": row.text,
        "language": row.lang,
    }
    event = {"specversion": "1.0", "id": f"e-{number}", "source": "/bench", "type": "content.created", "data": content}
    return StoredLine(None, msgspec.json.encode(event), (), number, 1_790_000_000_000)


if __name__ == "__main__":
    typer.run(bench)
