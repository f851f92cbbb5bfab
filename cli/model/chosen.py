"""Which bundle a command is about: the one named, or else the one that is set."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["BundleFolder", "chosen_bundle"]

BundleFolder = Annotated[
    Path | None,
    typer.Argument(metavar="BUNDLE", help="Folder of a bundle; the one that is set (or the shipped one) without."),
]


def chosen_bundle(bundle: Path | None) -> Path:
    """Give the folder that was named, or the one of the settings; of a store, that of its current version."""
    from sluicegate.cli.settings import read_settings
    from sluicegate.models.store import bundle_folder

    return bundle_folder(bundle or read_settings().bundle)
