"""``python -m sluicegate.bench.guard``: whether this tree is slower than its base revision, by ratio in one run.

Both run the same small benchmarks in turn, each in a process of its own, and what counts is the median of the ratios
of neighbouring repetitions: what else the machine does meets both. Processor time is compared, not time that passes.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer

from sluicegate.bench.ending import run as run_bench
from sluicegate.bench.events import make_events
from sluicegate.bench.guarded import BENCHMARKS
from sluicegate.bench.revisions import NoBaseError, base_of, checked_out, named_base
from sluicegate.bench.verdicts import Comparison, compare_in_turn, slower, table_of

__all__ = ["Compared", "compare_trees"]

_REPOSITORY: Final = Path(__file__).resolve().parents[1]
_EVENTS: Final = 1_000


class GuardError(Exception):
    """Benchmarks that could not be run; the text says of which revision."""


class Compared(NamedTuple):
    """What was compared, and why other benchmarks were not."""

    comparisons: list[Comparison]
    skipped: dict[str, str]


class Revision:
    """One revision's benchmarks, in a process that is ended when the block is left.

    Parameters
    ----------
    title
        What it is called.
    tree
        Where the revision lies.
    events
        File of events, one on a line.
    """

    def __init__(self, title: str, tree: Path, events: Path) -> None:
        self._title = title
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SLUICEGATE_")}
        self._process = subprocess.Popen(
            [sys.executable, str(_REPOSITORY / "bench" / "guarded.py"), str(events)],
            # Of a scripts' folder Python makes the first entry of its path; what lies there must not hide packages.
            env={**inherited, "PYTHONPATH": str(tree / "src"), "PYTHONSAFEPATH": "1"},
            cwd=tree,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> "Revision":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def answer(self, question: str | None = None) -> str:
        """Give the next line, to a question if there is one.

        Raises
        ------
        GuardError
            Where the process has ended.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if question is not None:
            self._process.stdin.write(f"{question}\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise GuardError(f"the benchmarks of {self._title} ended early")
        return line


def compare_trees(base: Path, here: Path, repetitions: int, names: Sequence[str] | None = None) -> Compared:
    """Compare two trees by all benchmarks that both have, or some of them.

    What seems slower is measured once more with twice the repetitions, and that is what counts.
    """
    with tempfile.TemporaryDirectory() as folder:
        events = Path(folder) / "events.jsonl"
        events.write_bytes(b"\n".join(each.value for each in make_events(_EVENTS, 1)))
        with Revision("the base", base, events) as old, Revision("this tree", here, events) as new:
            skipped: dict[str, str] = {}
            for revision, tree, title in ((old, base, "the base"), (new, here, "this tree")):
                told = json.loads(revision.answer())
                if not Path(told["package"]).resolve().is_relative_to(tree.resolve()):
                    raise GuardError(f"the package of {title} was imported from {told['package']}, not from {tree}")
                skipped |= {name: f"{title}: {why}" for name, why in told["skipped"].items()}
            wanted = [name for name in BENCHMARKS if name not in skipped and (names is None or name in names)]
            runs = (lambda name: float(old.answer(name))), (lambda name: float(new.answer(name)))
            first = [compare_in_turn(name, *runs, repetitions) for name in wanted]
            doubtful = slower(first)
            again = {name: compare_in_turn(name, *runs, 2 * repetitions) for name in doubtful}
    return Compared([again.get(each.name, each) for each in first], skipped)


def guard(
    base: Annotated[
        str | None, typer.Option(envvar="SLUICEGATE_BASE", help="Revision; where main was left, or the one before.")
    ] = None,
    repetitions: Annotated[int, typer.Option(min=3, help="Of each benchmark of each revision.")] = 11,
) -> None:
    """Compare the speed of this tree with that of its base; exit 1 where it is 15 % slower."""
    try:
        commit = named_base(_REPOSITORY, base) if base else base_of(_REPOSITORY)
        with checked_out(_REPOSITORY, commit) as checkout:
            found = compare_trees(checkout.path, _REPOSITORY, repetitions)
    except NoBaseError as reason:
        print(reason)
        # Whoever names a base wants it compared.
        raise typer.Exit(2 if base else 0) from None
    except GuardError as fault:
        print(f"nothing is compared: {fault}")
        raise typer.Exit(2) from None
    print(f"Compared with {commit[:12]}{f', but {checkout.fault}' if checkout.fault else ''}; processor time, medians.")
    print(table_of(found.comparisons))
    for name, why in found.skipped.items():
        print(f"{name} is skipped: {why}")
    slow = slower(found.comparisons)
    if slow:
        print(f"{', '.join(slow)}: slower than the base by 15 % or more")
        raise typer.Exit(1)


if __name__ == "__main__":
    run_bench(guard)
