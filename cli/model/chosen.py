"""Which bundle a command is about: the one named, or else the one that is set."""

from pathlib import Path
from typing import Annotated

import typer

from sluicegate.cli.errors import WRONG_USE, CommandError

__all__ = ["BundleFolder", "chosen_bundle", "source_bundle"]

BundleFolder = Annotated[
    Path | None,
    typer.Argument(metavar="BUNDLE", help="Folder of a bundle; the one that is set (or the shipped one) without."),
]


def chosen_bundle(bundle: Path | None) -> Path:
    """Give the folder that was named, or the one of the settings; of a store, that of its current version."""
    from sluicegate.cli.settings import read_settings
    from sluicegate.models.store import bundle_folder

    return bundle_folder(bundle or read_settings().bundle)


def source_bundle(bundle: Path, *, in_place: bool) -> Path:
    """Give the folder of a bundle that another one is made of, or that is replaced in place.

    Raises
    ------
    CommandError
        Where a version of a store would be replaced: what was promoted is never altered.
    """
    from sluicegate.models.store import bundle_folder, is_store

    if in_place and (is_store(bundle) or is_store(bundle.resolve().parent)):
        raise CommandError(
            f"{bundle} is kept in a store, and what was promoted is not altered; give --out, and promote what is made",
            WRONG_USE,
        )
    return bundle_folder(bundle)
