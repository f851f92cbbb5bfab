"""``sluicegate schema``: the contracts as JSON Schemas and an AsyncAPI document."""

from pathlib import Path
from typing import Annotated

import typer

from sluicegate.cli.errors import CommandError
from sluicegate.cli.examples import examples

__all__ = ["app"]

app = typer.Typer(help="The contracts as JSON Schemas and AsyncAPI.", no_args_is_help=True, rich_markup_mode="rich")


@app.callback()
def schema() -> None:
    """Write the contracts as JSON Schemas and AsyncAPI."""


@app.command(
    epilog=examples(
        "sluicegate schema export --out contracts/",
        "sluicegate schema export --out contracts/ --check  # in CI, exit 1",
    )
)
def export(
    out: Annotated[Path, typer.Option(help="The folder; made if it is not there.")],
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if a file is missing or differs.")
    ] = False,
) -> None:
    """Write the schema of every message and of a bundle's manifest, and the AsyncAPI document, to a folder."""
    from sluicegate.cli.schema_files import all_schema_files

    files = all_schema_files()
    if check:
        there = {name: _text(out / name) for name in files}
        missing = [name for name, text in there.items() if text is None]
        differing = [name for name, text in there.items() if text is not None and text != files[name]]
        kinds = (("missing from", missing), ("not current in", differing))
        faults = [f"{what} {out}: {', '.join(names)}" for what, names in kinds if names]
        if faults:
            raise CommandError(f"{'; '.join(faults)}; write them anew with: sluicegate schema export --out {out}")
        print(f"{len(files)} files in {out} are current")
        return
    out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (out / name).write_text(text, encoding="utf-8")
    print(f"{len(files)} files written to {out}")


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
