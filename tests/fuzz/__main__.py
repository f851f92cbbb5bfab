"""`make fuzz`: fuzzes all targets, or those that are named, and prints what was tried and found."""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.fuzz.running import Budget, Found, fuzz
from tests.fuzz.sanitized import Missing, build, install_fuzzer
from tests.fuzz.target import NAMES, load

#: In CI the inputs are the same each time, so that only a change can make it fail.
_CI_SEED = 20_261_126


def main() -> int:
    """Give 0 where nothing was found, 1 where something was, 2 where it could not be run."""
    given = _arguments()
    try:
        install_fuzzer()
        build()
    except Missing as missing:
        print(f"fuzz: {missing}", file=sys.stderr)
        return 2
    names = given.target or list(NAMES)
    with ThreadPoolExecutor(given.jobs) as pool:
        found = []
        for each in pool.map(lambda name: fuzz(name, _budget(name, given, len(names))), names):
            found.append(each)
            print(
                f"fuzz: {each.name}, {each.inputs:,} inputs, {each.seconds} s{', FOUND' * each.failed}", file=sys.stderr
            )
    _print(found)
    return int(any(each.failed for each in found))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--target", action="append", choices=NAMES, help="only this one; may be given more than once")
    parser.add_argument("--seconds", type=int, help="of all targets together (600)")
    parser.add_argument("--inputs", type=int, help="of each target, in place of --seconds")
    parser.add_argument("--seed", type=int, help="of the fuzzer's chance")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time (1)")
    parser.add_argument("--ci", action="store_true", help="a stated number of inputs, the same each time")
    return parser.parse_args()


def _budget(name: str, given: argparse.Namespace, targets: int) -> Budget:
    if given.ci:
        return Budget(inputs=load(name).inputs, seed=_CI_SEED, fresh=True)
    if given.inputs:
        return Budget(inputs=given.inputs, seed=given.seed)
    return Budget(seconds=max(1, (given.seconds or 600) * given.jobs // targets), seed=given.seed)


def _print(found: Sequence[Found]) -> None:
    table = Table(box=None, pad_edge=False)
    for title in ("target", "inputs", "seconds", "edges", "features", "kept", "MB", "slowest", "found"):
        table.add_column(title, justify="left" if title in ("target", "found") else "right")
    for each in found:
        reached = (each.edges, each.features, each.kept, each.megabytes)
        figures = (
            f"{each.inputs:,}",
            f"{each.seconds:.1f}",
            *(f"{figure:,}" for figure in reached),
            f"{each.slowest} s",
        )
        table.add_row(each.name, *figures, "1" if each.failed else "-")
    console = Console(width=110, highlight=False, markup=False)
    console.print(table)
    console.print(f"{sum(each.inputs for each in found):,} inputs")
    for each in found:
        if each.failed:
            where = f" by {_shown(each.input)}" if each.input else ""
            console.print(f"{each.name}: {each.what}{where}; all of it: {_shown(each.log)}", soft_wrap=True)


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    sys.exit(main())
